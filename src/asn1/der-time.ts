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

const DAYS_BEFORE_1970 = 719_468;

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Seconds since 1970 of a civil time; undefined where there is no such day or time of day. Leap seconds are none. */
export function unixSecondsOf(time: CivilTime): UnixSeconds | undefined {
  const { year, month, day, hour, minute, second } = time;
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  // Years are counted from March, so that the leap day is the last of its year (days-from-civil).
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  const days = era * 146_097 + dayOfEra - DAYS_BEFORE_1970;
  return toUnixSeconds(days * 86_400 + hour * 3_600 + minute * 60 + second);
}

/** The civil time in UTC of seconds since 1970. */
export function civilTimeOf(seconds: UnixSeconds): CivilTime {
  const day0 = Math.floor(seconds / 86_400);
  const rest = seconds - day0 * 86_400;
  const days = day0 + DAYS_BEFORE_1970;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
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
