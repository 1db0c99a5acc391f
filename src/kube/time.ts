import { civilDateOf, daysOfCivilDate, isoTime } from '../base/civil-date.js';
import { toUnixSeconds, type UnixSeconds } from '../base/clock.js';

/** Microseconds since 1970-01-01T00:00:00Z: the precision of meta/v1 MicroTime. */
export type UnixMicros = number;

/** What reading a time gives: the time, or the reason in the words of Go's `time.Parse`. */
export type TimeResult =
  | { readonly kind: 'time'; readonly seconds: UnixSeconds; readonly micros: UnixMicros }
  | { readonly kind: 'invalid'; readonly detail: string };

/** 0001-01-01T00:00:00Z: Go's zero time, which the API reads and writes as "no time". */
export const ZERO_TIME: UnixSeconds = toUnixSeconds(-62_135_596_800);

const DAY = 86_400;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** `2026-11-23T16:58:39Z`: meta/v1 Time as JSON carries it. */
export function formatTime(time: UnixSeconds): string {
  return isoTime(time);
}

/** A time of RFC 3339, with any offset; a fraction is dropped. Undefined where it is none. */
export function parseTime(text: string): UnixSeconds | undefined {
  const result = readTime(text);
  return result.kind === 'time' ? result.seconds : undefined;
}

/** `2026-11-23T16:58:39.000001Z`: meta/v1 MicroTime as JSON carries it. */
export function formatMicroTime(time: UnixMicros): string {
  const seconds = Math.floor(time / 1e6);
  return `${isoTime(seconds).slice(0, -1)}.${String(time - seconds * 1e6).padStart(6, '0')}Z`;
}

/** A time of RFC 3339 with exactly six digits of a second, as MicroTime wants it. Undefined where it is none. */
export function parseMicroTime(text: string): UnixMicros | undefined {
  const result = readMicroTime(text);
  return result.kind === 'time' ? result.micros : undefined;
}

/** Reads what `parseTime` takes, and says what is wrong. */
export function readTime(text: string): TimeResult {
  return read(text, '2006-01-02T15:04:05Z07:00', false);
}

/** Reads what `parseMicroTime` takes, and says what is wrong. */
export function readMicroTime(text: string): TimeResult {
  return read(text, '2006-01-02T15:04:05.000000Z07:00', true);
}

const WEEKDAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `Mon, 23 Nov 2026 16:58:39 GMT`: the form of dates in HTTP headers (RFC 9110 §5.6.7). */
export function formatHttpDate(time: UnixSeconds): string {
  const days = Math.floor(time / DAY);
  const { year, month, day } = civilDateOf(days);
  const weekday = WEEKDAYS[((days % 7) + 7) % 7] ?? '';
  const clock = isoTime(time).slice(-9, -1);
  return `${weekday}, ${pad(day)} ${MONTHS[month - 1] ?? ''} ${pad(year, 4)} ${clock} GMT`;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}

/** A reader's place in the text, and what it has found wrong. */
class TimeReader {
  readonly #text: string;
  readonly #layout: string;
  #at = 0;
  #detail = '';

  constructor(text: string, layout: string) {
    this.#text = text;
    this.#layout = layout;
  }

  get failed(): boolean {
    return this.#detail !== '';
  }

  get detail(): string {
    return this.#detail;
  }

  get next(): string {
    return this.#text.charAt(this.#at);
  }

  get done(): boolean {
    return this.#at === this.#text.length;
  }

  /** A piece of the layout is not there. */
  missing(piece: string): number {
    const rest = JSON.stringify(this.#text.slice(this.#at));
    this.#fail(
      `parsing time ${JSON.stringify(this.#text)} as ${JSON.stringify(this.#layout)}: cannot parse ${rest} as ${JSON.stringify(piece)}`,
    );
    return 0;
  }

  outOfRange(what: string): void {
    this.#fail(`parsing time ${JSON.stringify(this.#text)}: ${what} out of range`);
  }

  extra(): void {
    this.#fail(`parsing time ${JSON.stringify(this.#text)}: extra text: ${JSON.stringify(this.#text.slice(this.#at))}`);
  }

  literal(piece: string): void {
    if (this.failed) return;
    if (this.next === piece) this.#at++;
    else this.missing(piece);
  }

  /** Exactly `width` digits; with `short`, one fewer will do. */
  digits(width: number, piece: string, short = false): number {
    if (this.failed) return 0;
    let end = this.#at;
    while (end < this.#at + width && isDigit(this.#text.charCodeAt(end))) end++;
    if (end === this.#at || (end < this.#at + width && !short)) return this.missing(piece);
    const value = Number(this.#text.slice(this.#at, end));
    this.#at = end;
    return value;
  }

  /** A decimal point or comma and digits after it: microseconds. Undefined where there is none. */
  fraction(exactly: number | undefined): number | undefined {
    if (this.failed) return undefined;
    let end = this.#at + 1;
    if (this.next === '.' || this.next === ',') while (isDigit(this.#text.charCodeAt(end))) end++;
    const wanted = exactly === undefined ? end : this.#at + 1 + exactly;
    if (wanted === this.#at + 1 || end < wanted) return undefined;
    const micros = Number(
      this.#text
        .slice(this.#at + 1, wanted)
        .slice(0, 6)
        .padEnd(6, '0'),
    );
    this.#at = wanted;
    return micros;
  }

  /** `Z` or an offset: seconds east of UTC. */
  offset(): number {
    if (this.failed) return 0;
    if (this.next === 'Z') {
      this.#at++;
      return 0;
    }
    const piece = /^([+-])(\d\d):(\d\d)/.exec(this.#text.slice(this.#at, this.#at + 6));
    if (piece === null) return this.missing('Z07:00');
    const hours = Number(piece[2]);
    const minutes = Number(piece[3]);
    if (hours > 24) this.outOfRange('time zone offset hour');
    else if (minutes > 60) this.outOfRange('time zone offset minute');
    this.#at += 6;
    return (piece[1] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
  }

  #fail(detail: string): void {
    if (!this.failed) this.#detail = detail;
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Two digits as a number; NaN where they are none. */
function pairAt(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - 48, text.charCodeAt(at + 1) - 48];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** The seconds of a time in the very form that `formatTime` writes; undefined for every other text. */
function readCanonical(text: string): number | undefined {
  if (text.length !== 20 || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T') return undefined;
  if (text[13] !== ':' || text[16] !== ':' || text[19] !== 'Z') return undefined;
  const year = pairAt(text, 0) * 100 + pairAt(text, 2);
  const [month, day] = [pairAt(text, 5), pairAt(text, 8)];
  const [hour, minute, second] = [pairAt(text, 11), pairAt(text, 14), pairAt(text, 17)];
  // The 29th to the 31st are left to the reader that knows the months.
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour <= 23 && minute <= 59 && second <= 59)) {
    return undefined;
  }
  return Number.isNaN(year)
    ? undefined
    : daysOfCivilDate({ year, month, day }) * DAY + hour * 3600 + minute * 60 + second;
}

function read(text: string, layout: string, micro: boolean): TimeResult {
  const canonical = micro ? undefined : readCanonical(text);
  if (canonical !== undefined) {
    return { kind: 'time', seconds: toUnixSeconds(canonical), micros: canonical * 1e6 };
  }
  const reader = new TimeReader(text, layout);
  const year = reader.digits(4, '2006');
  reader.literal('-');
  const month = reader.digits(2, '01');
  if (month < 1 || month > 12) reader.outOfRange('month');
  reader.literal('-');
  const day = reader.digits(2, '02');
  reader.literal('T');
  // Go reads the hour of this layout with one digit or two.
  const hour = reader.digits(2, '15', true);
  if (hour > 23) reader.outOfRange('hour');
  reader.literal(':');
  const minute = reader.digits(2, '04');
  if (minute > 59) reader.outOfRange('minute');
  reader.literal(':');
  const second = reader.digits(2, '05');
  if (second > 59) reader.outOfRange('second');
  const fraction = reader.fraction(micro ? 6 : undefined);
  if (micro && fraction === undefined) reader.missing('.000000');
  const offset = reader.offset();
  if (!reader.failed && !reader.done) reader.extra();
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day < 1 || day > (MONTH_DAYS[month - 1] ?? 0) + (leap ? 1 : 0)) reader.outOfRange('day');
  if (reader.failed) return { kind: 'invalid', detail: reader.detail };
  const seconds = daysOfCivilDate({ year, month, day }) * DAY + hour * 3600 + minute * 60 + second - offset;
  return { kind: 'time', seconds: toUnixSeconds(seconds), micros: seconds * 1e6 + (fraction ?? 0) };
}
