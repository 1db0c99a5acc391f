import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toUnixSeconds } from '../base/clock.js';
import { isoTime } from '../base/civil-date.js';
import { decideValidity } from './validity.js';

const now = toUnixSeconds(1_700_000_000);
const DAY = 86_400;
const profile = { defaultSeconds: DAY, maxSeconds: DAY, backdateSeconds: 300 };
const ca = { notBefore: toUnixSeconds(now - 10 * DAY), notAfter: toUnixSeconds(now + 3650 * DAY) };

test('refuses to sign with a CA that has ended, and says when it did', () => {
  const ended = { ...ca, notAfter: now };
  assert.deepEqual(decideValidity(now, undefined, profile, ended), {
    kind: 'expired',
    message: 'the signer has expired: NotAfter=2023-11-14T22:13:20Z',
  });
});

test('refuses to sign with a CA that has not begun', () => {
  const decision = decideValidity(now, undefined, profile, { ...ca, notBefore: toUnixSeconds(now + 1) });
  assert.equal(decision.kind, 'expired');
});

// The totals that a real kube-controller-manager gives with a signing duration of 24 h
for (const [wish, totalSeconds] of [
  [undefined, DAY],
  [2 * DAY, DAY],
  [20 * 3600, 20 * 3600],
  [10 * 3600, 10 * 3600],
  [8 * 3600, 8 * 3600],
  [8 * 3600 - 1, 8 * 3600 - 1 + 300],
  [2 * 3600, 2 * 3600 + 300],
  [1800, 1800 + 300],
  [600, 600 + 300],
  [1, 600 + 300],
] as const) {
  test(`gives ${totalSeconds} s in all for a wish of ${wish ?? 'nothing'}`, () => {
    const decision = decideValidity(now, wish, profile, ca);
    assert.equal(decision.kind, 'valid');
    assert.equal(decision.validity.notBefore, now - 300);
    assert.equal(decision.validity.notAfter - decision.validity.notBefore, totalSeconds);
    assert.equal(decision.validity.clamped, false);
  });
}

test('ends a certificate with its CA, and says that it did', () => {
  const short = { ...ca, notAfter: toUnixSeconds(now + 3600) };
  const decision = decideValidity(now, DAY, profile, short);
  assert.equal(decision.kind, 'valid');
  assert.equal(decision.validity.notAfter, short.notAfter);
  assert.equal(decision.validity.clamped, true);
});

test('writes times as Date does', () => {
  for (const time of [0, 951_782_399, 951_782_400, 1_700_000_000, 4_102_444_799, 253_402_300_799]) {
    assert.equal(isoTime(toUnixSeconds(time)), new Date(time * 1000).toISOString().replace('.000Z', 'Z'));
  }
});
