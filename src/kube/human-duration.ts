const SECOND = 1000;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/**
 * A span as `kubectl get` shows ages: two units while they are short, then one. Up to a second in the future is `0s`,
 * more is `<invalid>`.
 */
export function humanDuration(ms: number): string {
  const s = Math.trunc(ms / SECOND);
  if (s < -1) return '<invalid>';
  if (s < 0) return '0s';
  if (s < 2 * MINUTE) return `${s}s`;
  if (s < 10 * MINUTE) return twoUnits(s, MINUTE, 'm', 1, 's');
  if (s < 3 * HOUR) return oneUnit(s, MINUTE, 'm');
  if (s < 8 * HOUR) return twoUnits(s, HOUR, 'h', MINUTE, 'm');
  if (s < 2 * DAY) return oneUnit(s, HOUR, 'h');
  if (s < 8 * DAY) return twoUnits(s, DAY, 'd', HOUR, 'h');
  if (s < 2 * YEAR) return oneUnit(s, DAY, 'd');
  if (s < 8 * YEAR) return twoUnits(s, YEAR, 'y', DAY, 'd');
  return oneUnit(s, YEAR, 'y');
}

function oneUnit(seconds: number, unit: number, letter: string): string {
  return `${Math.floor(seconds / unit)}${letter}`;
}

function twoUnits(seconds: number, unit: number, letter: string, smaller: number, smallerLetter: string): string {
  const rest = Math.floor((seconds % unit) / smaller);
  return `${oneUnit(seconds, unit, letter)}${rest === 0 ? '' : `${rest}${smallerLetter}`}`;
}
