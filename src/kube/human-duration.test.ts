import assert from 'node:assert/strict';
import { test } from 'node:test';
import { humanDuration } from './human-duration.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

const spans: readonly (readonly [number, string])[] = [
  [-2 * SECOND, '<invalid>'],
  [-SECOND, '0s'],
  [-1, '0s'],
  [0, '0s'],
  [999, '0s'],
  [SECOND, '1s'],
  [119 * SECOND, '119s'],
  [2 * MINUTE, '2m'],
  [2 * MINUTE + 5 * SECOND, '2m5s'],
  [9 * MINUTE + 59 * SECOND, '9m59s'],
  [10 * MINUTE, '10m'],
  [10 * MINUTE + 59 * SECOND, '10m'],
  [179 * MINUTE, '179m'],
  [3 * HOUR, '3h'],
  [3 * HOUR + 12 * MINUTE, '3h12m'],
  [7 * HOUR + 59 * MINUTE, '7h59m'],
  [8 * HOUR + 30 * MINUTE, '8h'],
  [47 * HOUR, '47h'],
  [2 * DAY, '2d'],
  [2 * DAY + HOUR, '2d1h'],
  [7 * DAY + 23 * HOUR, '7d23h'],
  [8 * DAY + 23 * HOUR, '8d'],
  [2 * YEAR - DAY, '729d'],
  [2 * YEAR, '2y'],
  [2 * YEAR + 3 * DAY, '2y3d'],
  [8 * YEAR + 300 * DAY, '8y'],
  [100 * YEAR, '100y'],
];

for (const [ms, text] of spans) {
  test(`shows ${ms} ms as ${text}`, () => {
    assert.equal(humanDuration(ms), text);
  });
}
