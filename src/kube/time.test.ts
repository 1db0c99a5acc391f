import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toUnixSeconds } from '../base/clock.js';
import {
  formatHttpDate,
  formatMicroTime,
  formatTime,
  parseMicroTime,
  parseTime,
  readMicroTime,
  readTime,
  ZERO_TIME,
} from './time.js';

const LAYOUT = '2006-01-02T15:04:05Z07:00';

const refused: readonly { readonly text: string; readonly detail: string }[] = [
  { text: '', detail: `parsing time "" as "${LAYOUT}": cannot parse "" as "2006"` },
  { text: 'abc', detail: `parsing time "abc" as "${LAYOUT}": cannot parse "abc" as "2006"` },
  { text: '2026', detail: `parsing time "2026" as "${LAYOUT}": cannot parse "" as "-"` },
  {
    text: '2026-1-02T00:00:00Z',
    detail: `parsing time "2026-1-02T00:00:00Z" as "${LAYOUT}": cannot parse "1-02T00:00:00Z" as "01"`,
  },
  {
    text: '2026-01-02 00:00:00Z',
    detail: `parsing time "2026-01-02 00:00:00Z" as "${LAYOUT}": cannot parse " 00:00:00Z" as "T"`,
  },
  {
    text: '2026-01-02T00:00:00',
    detail: `parsing time "2026-01-02T00:00:00" as "${LAYOUT}": cannot parse "" as "Z07:00"`,
  },
  {
    text: '2026-01-02T00:00:00z',
    detail: `parsing time "2026-01-02T00:00:00z" as "${LAYOUT}": cannot parse "z" as "Z07:00"`,
  },
  {
    text: '2026-01-02T00:00:00+1:00',
    detail: `parsing time "2026-01-02T00:00:00+1:00" as "${LAYOUT}": cannot parse "+1:00" as "Z07:00"`,
  },
  { text: '2026-13-02T00:00:00Z', detail: 'parsing time "2026-13-02T00:00:00Z": month out of range' },
  { text: '2026-02-29T00:00:00Z', detail: 'parsing time "2026-02-29T00:00:00Z": day out of range' },
  { text: '1900-02-29T00:00:00Z', detail: 'parsing time "1900-02-29T00:00:00Z": day out of range' },
  { text: '2026-01-00T00:00:00Z', detail: 'parsing time "2026-01-00T00:00:00Z": day out of range' },
  { text: '2026-01-02T24:00:00Z', detail: 'parsing time "2026-01-02T24:00:00Z": hour out of range' },
  { text: '2026-01-02T00:60:00Z', detail: 'parsing time "2026-01-02T00:60:00Z": minute out of range' },
  { text: '2026-01-02T00:00:60Z', detail: 'parsing time "2026-01-02T00:00:60Z": second out of range' },
  {
    text: '2026-01-02T00:00:00+25:00',
    detail: 'parsing time "2026-01-02T00:00:00+25:00": time zone offset hour out of range',
  },
  { text: '2026-01-02T00:00:00Zx', detail: 'parsing time "2026-01-02T00:00:00Zx": extra text: "x"' },
];

for (const { text, detail } of refused) {
  test(`refuses ${JSON.stringify(text)} as a time`, () => {
    assert.deepEqual(readTime(text), { kind: 'invalid', detail });
    assert.equal(parseTime(text), undefined);
  });
}

test('refuses a micro time without exactly six digits of a second', () => {
  const layout = '2006-01-02T15:04:05.000000Z07:00';
  for (const [text, rest] of [
    ['2026-01-02T00:00:00Z', 'Z'],
    ['2026-01-02T00:00:00.12345Z', '.12345Z'],
  ] as const) {
    const detail = `parsing time "${text}" as "${layout}": cannot parse "${rest}" as ".000000"`;
    assert.deepEqual(readMicroTime(text), { kind: 'invalid', detail });
  }
  assert.equal(parseMicroTime('2026-01-02T00:00:00.1234567Z'), undefined);
});

test('takes offsets, drops fractions, and reads an hour of one digit, as Go does', () => {
  const noon = parseTime('2026-01-02T12:00:00Z');
  assert.equal(parseTime('2026-01-02T13:30:00+01:30'), noon);
  assert.equal(parseTime('2026-01-02T07:00:00-05:00'), noon);
  assert.equal(parseTime('2026-01-02T12:00:00.999999999Z'), noon);
  assert.equal(parseTime('2026-01-02T12:00:00,5Z'), noon);
  assert.equal(parseTime('2026-01-02T9:00:00Z'), parseTime('2026-01-02T09:00:00Z'));
});

test('keeps the microseconds of a micro time', () => {
  assert.equal(formatMicroTime(parseMicroTime('2026-11-23T16:58:39.000001Z') ?? 0), '2026-11-23T16:58:39.000001Z');
  assert.equal(formatMicroTime(-1), '1969-12-31T23:59:59.999999Z');
});

test('reads the zero time of Go as itself', () => {
  assert.equal(parseTime('0001-01-01T00:00:00Z'), ZERO_TIME);
});

test('agrees with the platform about every second of the years 1 to 9999', () => {
  fc.assert(
    fc.property(fc.integer({ min: ZERO_TIME, max: 253_402_300_799 }), (seconds) => {
      const text = new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
      assert.equal(formatTime(toUnixSeconds(seconds)), text);
      assert.equal(parseTime(text), seconds);
      assert.equal(formatHttpDate(toUnixSeconds(seconds)), new Date(seconds * 1000).toUTCString());
    }),
  );
});

test('reads back every micro time that it writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: -2e15, max: 8e15 }), (micros) => {
      assert.equal(parseMicroTime(formatMicroTime(micros)), micros);
    }),
  );
});

test('never throws, whatever the text', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      readTime(text);
      readMicroTime(text);
    }),
  );
});
