import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { civilDateOf, daysOfCivilDate, isoTime } from './civil-date.js';

test('agrees with the platform on every date from year 0 to 9999', () => {
  const first = Date.UTC(2000, 0, 1) / 1000 - 2000 * 366 * 86_400;
  fc.assert(
    fc.property(fc.integer({ min: Math.max(first, -62_167_219_200), max: 253_402_300_799 }), (seconds) => {
      assert.equal(isoTime(seconds), new Date(seconds * 1000).toISOString().replace('.000', ''));
    }),
    { numRuns: 2000 },
  );
});

test('counts days back from the date that it made of them', () => {
  fc.assert(
    fc.property(fc.integer({ min: -800_000, max: 3_000_000 }), (days) => daysOfCivilDate(civilDateOf(days)) === days),
  );
});
