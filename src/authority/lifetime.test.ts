import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '../base/error.js';
import { formatLifetime, parseLifetime, requireLifetime } from './lifetime.js';

for (const text of [
  '',
  ' ',
  '0',
  '0s',
  '10',
  'h',
  '-1h',
  '+1h',
  '1 h',
  '1H',
  '1w',
  '1.5s',
  '0.1s',
  '1e3h',
  '1h ',
  'x1h',
  '999999999h',
  '9'.repeat(60) + 'h',
  '١h',
]) {
  test(`refuses ${JSON.stringify(text.slice(0, 20))} as a lifetime`, () => {
    assert.equal(parseLifetime(text), undefined);
    assert.throws(
      () => requireLifetime(text, '--duration'),
      (error) => hasCode(error, 'CONFIG_INVALID') && error.message.startsWith('Cannot read --duration: '),
    );
  });
}

for (const [text, seconds] of [
  ['10m', 600],
  ['1h30m', 5400],
  ['1.5h', 5400],
  ['8760h', 31_536_000],
  ['876000h', 3_153_600_000],
  ['90d', 7_776_000],
  ['1y', 31_536_000],
] as const) {
  test(`reads ${text} as ${seconds} seconds`, () => assert.equal(parseLifetime(text), seconds));
}

test('writes a lifetime in the words it reads', () => {
  for (const seconds of [1, 59, 60, 61, 3600, 5400, 86_400, 31_536_000, 3_153_600_001]) {
    assert.equal(parseLifetime(formatLifetime(seconds)), seconds);
  }
  assert.equal(formatLifetime(0), '0s');
  assert.equal(formatLifetime(5400), '1h30m');
});
