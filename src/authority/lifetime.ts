import { CountersignError } from '../base/error.js';

const SECONDS_PER: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, y: 31_536_000 };

/** Longest span anybody may write: a thousand years, so that a date with it still fits into four digits of a year. */
const MAX_SECONDS = 1000 * 31_536_000;

/**
 * Seconds of a span as Go writes it (`8760h`, `1h30m`, `90s`), with `d` of 24 hours and `y` of 365 days besides.
 * Undefined where it is none, is zero, is no whole number of seconds or is longer than a thousand years.
 */
export function parseLifetime(text: string): number | undefined {
  if (text.length > 40) return undefined;
  let seconds = 0;
  let rest = text;
  while (rest !== '') {
    const part = /^(\d+(?:\.\d+)?)([smhdy])/.exec(rest);
    const [whole, count, unit] = part ?? [];
    if (whole === undefined || count === undefined || unit === undefined) return undefined;
    seconds += Number(count) * (SECONDS_PER[unit] ?? Number.NaN);
    rest = rest.slice(whole.length);
  }
  return Number.isInteger(seconds) && seconds > 0 && seconds <= MAX_SECONDS ? seconds : undefined;
}

/** `parseLifetime` for a place that must hold one; `where` names it. */
export function requireLifetime(text: string, where: string): number {
  const seconds = parseLifetime(text);
  if (seconds !== undefined) return seconds;
  throw new CountersignError(
    'CONFIG_INVALID',
    `Cannot read ${where}: ${JSON.stringify(text)} is no duration, it must be like "24h", "90d" or "1h30m"`,
  );
}

/** A span in Go's words without what is zero: `24h`, `1h30m`, `10m`, `45s`. */
export function formatLifetime(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.max(0, Math.floor(seconds));
  for (const unit of ['h', 'm', 's']) {
    const size = SECONDS_PER[unit] ?? 1;
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * size;
  }
  return parts.length === 0 ? '0s' : parts.join('');
}
