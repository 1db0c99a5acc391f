import { civilDateOf, daysOfCivilDate } from '../base/civil-date.js';
import { toUnixSeconds, type UnixSeconds } from '../base/clock.js';

/** A moment of the Gregorian calendar in UTC. */
export interface CivilTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Seconds since 1970 of a civil time; undefined where there is no such day or time of day. Leap seconds are none. */
export function unixSecondsOf(time: CivilTime): UnixSeconds | undefined {
  const { year, month, day, hour, minute, second } = time;
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const days = daysOfCivilDate({ year, month, day });
  return toUnixSeconds(days * 86_400 + hour * 3_600 + minute * 60 + second);
}

/** The civil time in UTC of seconds since 1970. */
export function civilTimeOf(seconds: UnixSeconds): CivilTime {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  const { year, month, day } = civilDateOf(days); // spelled out: a spread here costs forty times as much
  return {
    year,
    month,
    day,
    hour: Math.floor(rest / 3_600),
    minute: Math.floor((rest % 3_600) / 60),
    second: rest % 60,
  };
}

function digits(content: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = (content[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Which forms of a time are taken: the one of DER and RFC 5280, or all that Go takes (no seconds, an offset). */
export type TimeForm = 'der' | 'go';

/**
 * Seconds of the content octets of a UTCTime: `YYMMDDHHMMSSZ`, years 1950 to 2049 (RFC 5280 §4.1.2.5.1). Undefined where
 * it is malformed. The form `go` also takes a time without seconds and an offset other than zero in place of Z.
 */
export function parseUtcTime(content: Uint8Array, form: TimeForm = 'der'): UnixSeconds | undefined {
  const year = digits(content, 0, 2);
  if (Number.isNaN(year)) return undefined;
  return restOfTime(content, 2, year < 50 ? 2000 + year : 1900 + year, form, form === 'go');
}

/**
 * Seconds of the content octets of a GeneralizedTime: `YYYYMMDDHHMMSSZ` (RFC 5280 §4.1.2.5.2: no fraction). Undefined
 * where it is malformed. The form `go` also takes an offset other than zero in place of Z.
 */
export function parseGeneralizedTime(content: Uint8Array, form: TimeForm = 'der'): UnixSeconds | undefined {
  const year = digits(content, 0, 4);
  return Number.isNaN(year) ? undefined : restOfTime(content, 4, year, form, false);
}

function restOfTime(
  content: Uint8Array,
  at: number,
  year: number,
  form: TimeForm,
  secondsOptional: boolean,
): UnixSeconds | undefined {
  const month = digits(content, at, 2);
  const day = digits(content, at + 2, 2);
  const hour = digits(content, at + 4, 2);
  const minute = digits(content, at + 6, 2);
  let zoneAt = at + 8;
  let second = digits(content, zoneAt, 2);
  if (Number.isNaN(second) && secondsOptional) second = 0;
  else zoneAt += 2;
  const offset = zoneOffset(content, zoneAt, form);
  if (offset === undefined || Number.isNaN(month + day + hour + minute + second)) return undefined;
  const local = unixSecondsOf({ year, month, day, hour, minute, second });
  return local === undefined ? undefined : toUnixSeconds(local - offset);
}

/** Seconds east of UTC that the zone at the end says; undefined where it is malformed, or followed by anything. */
function zoneOffset(content: Uint8Array, at: number, form: TimeForm): number | undefined {
  const sign = content[at];
  if (sign === 0x5a) return content.length === at + 1 ? 0 : undefined;
  if (form === 'der' || (sign !== 0x2b && sign !== 0x2d) || content.length !== at + 5) return undefined;
  const hours = digits(content, at + 1, 2);
  const minutes = digits(content, at + 3, 2);
  const total = hours * 3_600 + minutes * 60;
  // +0000 does not serialise back to itself in Go: it would be Z
  if (Number.isNaN(total) || hours > 24 || minutes > 59 || total === 0) return undefined;
  return sign === 0x2b ? total : -total;
}
