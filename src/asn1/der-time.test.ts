import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { utf8 } from '../base/bytes.js';
import { toUnixSeconds } from '../base/clock.js';
import { DerReader } from './der-reader.js';
import { civilTimeOf, parseGeneralizedTime, parseUtcTime, unixSecondsOf } from './der-time.js';
import { encodeTime } from './der-writer.js';

const refusedUtc = [
  '',
  'Z',
  '240101000000',
  '2401010000Z',
  '240101000000+0000',
  '240101000000z',
  '240101000000ZZ',
  '240101000000.5Z',
  '241301000000Z',
  '240001000000Z',
  '240132000000Z',
  '230229000000Z',
  '240431000000Z',
  '240101240000Z',
  '240101006000Z',
  '240101000060Z',
  '24010100000 Z',
  '24010100000-Z',
  '20240101000000Z',
  '2401010000é0Z',
];
for (const text of refusedUtc) {
  test(`refuses the UTCTime ${JSON.stringify(text)}`, () => assert.equal(parseUtcTime(utf8(text)), undefined));
}

const refusedGeneralized = [
  '240101000000Z',
  '20240101000000',
  '20240101000000.0Z',
  '20240101000000+0100',
  '202401010000Z',
  '20230229000000Z',
  '19000229000000Z',
];
for (const text of refusedGeneralized) {
  test(`refuses the GeneralizedTime ${JSON.stringify(text)}`, () =>
    assert.equal(parseGeneralizedTime(utf8(text)), undefined));
}

for (const [text, iso] of [
  ['700101000000Z', '1970-01-01T00:00:00Z'],
  ['000229235959Z', '2000-02-29T23:59:59Z'],
  ['491231235959Z', '2049-12-31T23:59:59Z'],
  ['500101000000Z', '1950-01-01T00:00:00Z'],
  ['991231235959Z', '1999-12-31T23:59:59Z'],
] as const) {
  test(`reads the UTCTime ${text} as ${iso}`, () => assert.equal(parseUtcTime(utf8(text)), Date.parse(iso) / 1000));
}

for (const [text, iso] of [
  ['20500101000000Z', '2050-01-01T00:00:00Z'],
  ['99991231235959Z', '9999-12-31T23:59:59Z'],
  ['00010101000000Z', '0001-01-01T00:00:00Z'],
] as const) {
  test(`reads the GeneralizedTime ${text} as ${iso}`, () =>
    assert.equal(parseGeneralizedTime(utf8(text)), Date.parse(iso) / 1000));
}

test('takes in the form of Go what Go takes beyond DER: no seconds, and offsets', () => {
  assert.equal(parseUtcTime(utf8('2401010000Z'), 'go'), Date.parse('2024-01-01T00:00:00Z') / 1000);
  assert.equal(parseUtcTime(utf8('240101000000+0130'), 'go'), Date.parse('2024-01-01T00:00:00+01:30') / 1000);
  assert.equal(parseGeneralizedTime(utf8('20240101000000-0800'), 'go'), Date.parse('2024-01-01T00:00:00-08:00') / 1000);
  for (const text of [
    '240101000000+0000',
    '240101000000-0000',
    '240101000000+01',
    '240101000000+0160',
    '240101000000+2500',
  ]) {
    assert.equal(parseUtcTime(utf8(text), 'go'), undefined, text);
  }
  assert.equal(parseGeneralizedTime(utf8('202401010000Z'), 'go'), undefined);
});

test('property: civil time and seconds are each other’s inverse, and agree with the platform', () => {
  const min = Date.parse('0000-01-01T00:00:00Z') / 1000;
  const max = Date.parse('9999-12-31T23:59:59Z') / 1000;
  fc.assert(
    fc.property(fc.integer({ min, max }), (seconds) => {
      const civil = civilTimeOf(toUnixSeconds(seconds));
      assert.equal(unixSecondsOf(civil), seconds);
      const date = new Date(seconds * 1000);
      assert.deepEqual(
        [civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second],
        [
          date.getUTCFullYear(),
          date.getUTCMonth() + 1,
          date.getUTCDate(),
          date.getUTCHours(),
          date.getUTCMinutes(),
          date.getUTCSeconds(),
        ],
      );
    }),
  );
});

test('property: a written time is read back, in the type that RFC 5280 wants', () => {
  const max = Date.parse('9999-12-31T23:59:59Z') / 1000;
  fc.assert(
    fc.property(fc.integer({ min: Date.parse('0000-01-01T00:00:00Z') / 1000, max }), (seconds) => {
      const der = encodeTime(toUnixSeconds(seconds));
      const year = new Date(seconds * 1000).getUTCFullYear();
      assert.equal(der[0], year >= 1950 && year < 2050 ? 0x17 : 0x18);
      assert.equal(new DerReader(der).time(), seconds);
    }),
  );
});

test('refuses to write the year 10000', () => {
  assert.throws(() => encodeTime(toUnixSeconds(253_402_300_800)), { code: 'DER_UNEXPECTED' });
});
