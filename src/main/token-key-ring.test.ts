import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toUnixSeconds } from '../base/clock.js';
import { hasCode } from '../base/error.js';
import { generateKeyPair } from '../crypto/generate-key-pair.js';
import { exportPrivateKeyPem } from '../crypto/private-key.js';
import { encodeRing, encodeUse, parseRing, parseUse, ringOf, rotated, standings } from './token-key-ring.js';

const NOW = toUnixSeconds(1_700_000_000);
const at = (seconds: number) => toUnixSeconds(NOW + seconds);
const makePem = async () => exportPrivateKeyPem(await generateKeyPair('ecdsa-p256'), { format: 'pkcs8' });
const [oldPem, newPem, thirdPem] = [await makePem(), await makePem(), await makePem()];
const NO_USE = new Map();

const kinds = (ring: ReturnType<typeof ringOf>, use: ReadonlyMap<string, typeof NOW>, seconds: number) =>
  standings(ring, use, at(seconds)).map(([, { kind }]) => kind);

suite('the file of token keys', () => {
  const entry = { pem: oldPem, signsFrom: 0 };
  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['no JSON', '{', /keys\.json: it has no list of keys/],
    ['no object', '[]', /it has no list of keys/],
    ['no key', '{"keys":[]}', /it has no list of keys/],
    ['a key without a time', JSON.stringify({ keys: [{ pem: oldPem }] }), /keys\[0\] is no key with a time/],
    [
      'a fraction of a second',
      JSON.stringify({ keys: [entry, { pem: newPem, signsFrom: 1.5 }] }),
      /keys\[1\] is no key/,
    ],
    ['a first key that signs later', JSON.stringify({ keys: [{ pem: oldPem, signsFrom: 1 }] }), /keys\[0\] does not/],
    ['two keys of one time', JSON.stringify({ keys: [entry, entry] }), /keys\[1\] does not sign after/],
  ];
  for (const [name, text, message] of refused) {
    test(`refuses ${name}`, () => {
      assert.throws(
        () => parseRing(text, 'keys.json'),
        (error) => hasCode(error, 'CONFIG_INVALID') && message.test(error.message),
      );
    });
  }

  test('refuses what is no key, without a word of it', () => {
    const text = JSON.stringify({ keys: [{ pem: 'secret', signsFrom: 0 }] });
    assert.throws(
      () => parseRing(text, 'keys.json'),
      (error) => hasCode(error, 'KEY_INVALID') && !error.message.includes('secret'),
    );
  });

  test('reads what it wrote', () => {
    const ring = rotated(ringOf(oldPem), NO_USE, { pem: newPem, now: NOW, publishSeconds: 60, revokeOld: false });
    assert.equal(encodeRing(parseRing(encodeRing(ring), 'f')), encodeRing(ring));
    const use = new Map([['a', NOW]]);
    assert.deepEqual(parseUse(encodeUse(use), 'f'), use);
  });

  test('of use refuses what is no time', () => {
    for (const text of ['{', '[]', '{"a":"b"}', '{"a":-1}', '{"a":1.5}']) {
      assert.throws(
        () => parseUse(text, 'use.json'),
        (error) => hasCode(error, 'CONFIG_INVALID') && /use\.json/.test(error.message),
      );
    }
  });
});

suite('a rotation', () => {
  const rotation = { pem: newPem, now: NOW, publishSeconds: 3600, revokeOld: false };
  const ring = rotated(ringOf(oldPem), NO_USE, rotation);
  const oldId = ring.keys[0]?.key.id ?? '';

  test('is refused while the key of another one waits', () => {
    assert.throws(
      () => rotated(ring, NO_USE, { ...rotation, pem: thirdPem, now: at(3599) }),
      (error) => hasCode(error, 'CONFIG_INVALID') && error.message.endsWith('it signs from 2023-11-14T23:13:20Z'),
    );
  });

  test('publishes first, then signs, and keeps the old key until its last token has ended', () => {
    const use = new Map([[oldId, at(10_000)]]);
    assert.deepEqual(kinds(ring, use, 0), ['signs', 'will-sign']);
    assert.deepEqual(kinds(ring, use, 3599), ['signs', 'will-sign']);
    assert.deepEqual(kinds(ring, use, 3600), ['verifies', 'signs']);
    assert.deepEqual(kinds(ring, use, 10_060), ['verifies', 'signs']);
    assert.deepEqual(kinds(ring, use, 10_061), ['over', 'signs']);
  });

  test('lets a key that signed nothing go soon', () => {
    assert.deepEqual(kinds(ring, NO_USE, 3661), ['over', 'signs']);
  });

  test('forgets keys that are over, and none that is not', () => {
    const next = (use: ReadonlyMap<string, typeof NOW>) =>
      rotated(ring, use, { ...rotation, pem: thirdPem, now: at(5000) });
    assert.deepEqual(
      next(NO_USE).keys.map(({ pem, signsFrom }) => [pem, signsFrom]),
      [
        [newPem, 0],
        [thirdPem, at(8600)],
      ],
    );
    assert.deepEqual(
      next(new Map([[oldId, at(9000)]])).keys.map(({ pem }) => pem),
      [oldPem, newPem, thirdPem],
    );
  });

  test('that revokes leaves the new key alone', () => {
    const revoked = rotated(ring, NO_USE, { ...rotation, pem: thirdPem, revokeOld: true });
    assert.deepEqual(
      revoked.keys.map(({ pem }) => pem),
      [thirdPem],
    );
    assert.deepEqual(kinds(revoked, NO_USE, 0), ['signs']);
  });
});
