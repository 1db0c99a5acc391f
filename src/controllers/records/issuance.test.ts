import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toUnixSeconds } from '../../base/clock.js';
import { following, intended, sameIssuance, type Issuance } from './issuance.js';

const INTENT = {
  serialNumberHex: '0b',
  notBefore: toUnixSeconds(1_700_000_000),
  notAfter: toUnixSeconds(1_700_003_600),
};

suite('issuance', () => {
  test('an intent holds serial number and lifetime', () => {
    assert.deepEqual(intended(undefined, INTENT), {
      phase: 'Intended',
      serialNumber: '0b',
      notBefore: '2023-11-14T22:13:20Z',
      notAfter: '2023-11-14T23:13:20Z',
    });
  });

  test('a serial number that another takes the place of is not forgotten, however often', () => {
    const first: Issuance = { phase: 'Intended', serialNumber: '09' };
    const second = intended(first, { ...INTENT, serialNumberHex: '0a' });
    const third = intended(second, INTENT);
    const issued = following(third, { phase: 'Issued', serialNumber: '0c', message: 'by hand' });
    assert.equal(
      issued.message,
      'by hand; serial number 0b was intended, and never published; ' +
        'serial number 0a was intended, and never published; serial number 09 was intended, and never published',
    );
  });

  test('the same serial number goes on without a word', () => {
    const before = intended(undefined, INTENT);
    assert.deepEqual(following(before, { ...before, phase: 'Issued' }), { ...before, phase: 'Issued' });
    const failed = following({ ...before, message: 'x; serial number 07 was intended, and never published' }, before);
    assert.equal(failed.message, 'serial number 07 was intended, and never published');
  });

  test('messages are bounded', () => {
    let issuance: Issuance = { phase: 'Intended', serialNumber: '0' };
    for (let i = 1; i < 300; i++) issuance = intended(issuance, { ...INTENT, serialNumberHex: i.toString(16) });
    assert.equal(issuance.message?.length, 4096);
    assert.match(issuance.message, /^serial number 12a /);
  });

  test('two are the same where every field is', () => {
    const issuance: Issuance = { phase: 'Issued', serialNumber: '0a' };
    assert.equal(sameIssuance(undefined, undefined), true);
    assert.equal(sameIssuance(issuance, undefined), false);
    assert.equal(sameIssuance(issuance, { ...issuance, message: '' }), true);
    assert.equal(sameIssuance(issuance, { ...issuance, fingerprint: 'x' }), false);
  });
});
