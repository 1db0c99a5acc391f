import assert from 'node:assert/strict';
import { createDecipheriv, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { utf8 } from '../base/bytes.js';
import type { CountersignError } from '../base/error.js';
import { hasCode, isCountersignError } from '../base/error.js';
import { HOSTILE_BYTES } from '../../test/hostile.js';
import { random } from './digest.js';
import {
  createEnvelope,
  type EnvelopeKey,
  isEnvelopeKeyName,
  isSealed,
  isSealedText,
  MAX_ENVELOPE_OVERHEAD,
  sealedKeyName,
  sealedTextKeyName,
} from './envelope.js';

const keyOf = (name: string, fill: number): EnvelopeKey => ({ name, bytes: new Uint8Array(32).fill(fill) });
const A = keyOf('a', 1);
const B = keyOf('b', 2);
const CONTEXT = '/registry/secrets/default/db';
const CONTENT = utf8('{"data":{"password":"aHVudGVyMg=="}}');
const HEADER_BYTES = 'countersign:enc:v1:a:'.length;

const refused = (code: CountersignError['code'], message: string) => (error: unknown) => {
  assert.ok(isCountersignError(error));
  assert.equal(error.message, message);
  return error.code === code;
};

const changed = (sealed: Uint8Array, at: number): Uint8Array => {
  const copy = sealed.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};

/** Sealed with key A for this context on the day that the form was decided. */
const STORED_BASE64 =
  'Y291bnRlcnNpZ246ZW5jOnYxOmE6TpwDm8xmKZ+yni/4w2X3y46buD/t0wfaHL6wMHNK5fl676XR7yhEsVjQWE6SIqekwbLoPfMMXDuCs5VCtaEy5i3b57jNKr/z3FsyeXCVcHTSUQV6hjR9D3RoX1o=';

const sealedWithA = createEnvelope([A], random).seal(CONTENT, CONTEXT);

const REFUSED = [
  { name: 'bytes that are not sealed', sealed: CONTENT, says: 'it is not sealed' },
  { name: 'no bytes', sealed: new Uint8Array(), says: 'it is not sealed' },
  { name: 'another version', sealed: utf8('countersign:enc:v2:a:'), says: 'it is not sealed' },
  {
    name: 'what ends within the name',
    sealed: sealedWithA.subarray(0, HEADER_BYTES - 1),
    says: 'it is cut off or has been changed: it names no key',
  },
  { name: 'what ends after the name', sealed: sealedWithA.subarray(0, HEADER_BYTES), says: 'it is cut off' },
  {
    name: 'what is too short for salt and tag',
    sealed: sealedWithA.subarray(0, HEADER_BYTES + 8 + 32 + 15),
    says: 'it is cut off',
  },
  {
    name: 'what lost its last byte',
    sealed: sealedWithA.subarray(0, sealedWithA.length - 1),
    says: 'it has been changed, or was put here from another place',
  },
  {
    name: 'what was sealed for another place',
    sealed: createEnvelope([A], random).seal(CONTENT, `${CONTEXT}2`),
    says: 'it has been changed, or was put here from another place',
  },
  {
    name: 'what a key of the same name sealed',
    sealed: createEnvelope([keyOf('a', 9)], random).seal(CONTENT, CONTEXT),
    says: 'it is sealed with another key than the one that is here as "a"',
  },
  {
    name: 'a name that was changed to that of another key of the ring',
    sealed: Uint8Array.from(sealedWithA, (byte, at) => (at === HEADER_BYTES - 2 ? 'b'.charCodeAt(0) : byte)),
    says: 'it is sealed with another key than the one that is here as "b"',
  },
];

for (const { name, sealed, says } of REFUSED) {
  test(`refuses ${name}`, () => {
    const envelope = createEnvelope([A, B], random);
    assert.throws(() => envelope.open(sealed, CONTEXT), refused('SEAL_INVALID', `Cannot open "${CONTEXT}": ${says}`));
  });
}

test('refuses a key that is not at hand, and names it and those that are', () => {
  const sealed = createEnvelope([keyOf('2024-01', 3)], random).seal(CONTENT, CONTEXT);
  assert.throws(
    () => createEnvelope([A, B], random).open(sealed, CONTEXT),
    refused('SEAL_KEY_UNKNOWN', `Cannot open "${CONTEXT}": it is sealed with key "2024-01", and here is "a", "b"`),
  );
});

test('refuses a change of any one byte', () => {
  const envelope = createEnvelope([A], random);
  for (let at = 0; at < sealedWithA.length; at++) {
    assert.throws(
      () => envelope.open(changed(sealedWithA, at), CONTEXT),
      (error) => hasCode(error, 'SEAL_INVALID') || hasCode(error, 'SEAL_KEY_UNKNOWN'),
      `byte ${at}`,
    );
  }
});

test('refuses hostile bytes, bare and behind a good beginning', () => {
  const envelope = createEnvelope([A], random);
  for (const bytes of HOSTILE_BYTES) {
    assert.throws(
      () => envelope.open(bytes, CONTEXT),
      (error) => hasCode(error, 'SEAL_INVALID'),
    );
    const behind = new Uint8Array(HEADER_BYTES + bytes.length);
    behind.set(sealedWithA.subarray(0, HEADER_BYTES));
    behind.set(bytes, HEADER_BYTES);
    assert.throws(
      () => envelope.open(behind, CONTEXT),
      (error) => hasCode(error, 'SEAL_INVALID'),
    );
  }
});

const REFUSED_RINGS: readonly { name: string; keys: readonly [EnvelopeKey, ...EnvelopeKey[]]; says: string }[] = [
  { name: 'an empty name', keys: [keyOf('', 1)], says: '"" is no name of a key' },
  { name: 'a name with a colon', keys: [keyOf('a:b', 1)], says: '"a:b" is no name of a key' },
  { name: 'two keys of one name', keys: [A, B, keyOf('a', 3)], says: 'two keys have the name "a"' },
  {
    name: 'a short key',
    keys: [{ name: 'a', bytes: new Uint8Array(16) }],
    says: 'key "a" has 16 bytes, and must have 32',
  },
];

for (const { name, keys, says } of REFUSED_RINGS) {
  test(`refuses a ring with ${name}`, () => {
    assert.throws(() => createEnvelope(keys, random), refused('KEY_INVALID', `Cannot use encryption keys: ${says}`));
  });
}

test('takes names of up to 64 letters, digits, dashes, underscores and dots', () => {
  for (const name of ['a', '2026-11-26_x.Y', 'x'.repeat(64)]) assert.ok(isEnvelopeKeyName(name), name);
  for (const name of ['', 'x'.repeat(65), 'a b', 'a/b', 'ä', 'a\n']) assert.ok(!isEnvelopeKeyName(name), name);
});

test('opens what it sealed, whatever it is, and adds a bounded number of bytes', () => {
  const envelope = createEnvelope([keyOf('n'.repeat(64), 7)], random);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary' }), (content, context) => {
      const sealed = envelope.seal(content, context);
      assert.deepEqual(envelope.open(sealed, context), content);
      assert.ok(sealed.length - content.length <= MAX_ENVELOPE_OVERHEAD);
    }),
  );
});

test('opens with any key of the ring and seals with the first', () => {
  const old = createEnvelope([A], random).seal(CONTENT, CONTEXT);
  const envelope = createEnvelope([B, A], random);
  assert.deepEqual(envelope.open(old, CONTEXT), CONTENT);
  assert.equal(envelope.keyName, 'b');
  assert.deepEqual(envelope.keyNames, ['b', 'a']);
  assert.equal(sealedKeyName(envelope.seal(CONTENT, CONTEXT)), 'b');
});

test('tells sealed from plain, and by which key', () => {
  assert.ok(isSealed(sealedWithA));
  assert.equal(sealedKeyName(sealedWithA), 'a');
  for (const plain of [CONTENT, new Uint8Array(), utf8('k8s:enc:aesgcm:v1:a:'), utf8('-----BEGIN PRIVATE KEY-----')]) {
    assert.ok(!isSealed(plain));
    assert.equal(sealedKeyName(plain), undefined);
  }
  assert.equal(sealedKeyName(utf8('countersign:enc:v1:a b:')), undefined);
});

const STATES = [
  { state: 'plain', stored: CONTENT },
  { state: 'current', stored: sealedWithA },
  { state: 'current', stored: sealedWithA.subarray(0, HEADER_BYTES + 8) },
  { state: 'older', stored: createEnvelope([B], random).seal(CONTENT, CONTEXT) },
  { state: 'unknown', stored: createEnvelope([keyOf('c', 3)], random).seal(CONTENT, CONTEXT) },
  { state: 'other-key', stored: createEnvelope([keyOf('b', 3)], random).seal(CONTENT, CONTEXT) },
  { state: 'damaged', stored: sealedWithA.subarray(0, HEADER_BYTES + 7) },
  { state: 'damaged', stored: sealedWithA.subarray(0, HEADER_BYTES - 1) },
];

test('says how a stored value stands to its keys', () => {
  const envelope = createEnvelope([A, B], random);
  for (const { state, stored } of STATES) assert.equal(envelope.stateOf(stored), state);
});

test('never seals in the same way twice, and shows nothing of the content', () => {
  const envelope = createEnvelope([A], random);
  const again = envelope.seal(CONTENT, CONTEXT);
  assert.notDeepEqual(again, sealedWithA);
  assert.ok(!Buffer.from(again).includes('password'));
});

test('opens what an earlier version has stored', () => {
  const stored = Buffer.from(STORED_BASE64, 'base64');
  assert.deepEqual(createEnvelope([A], random).open(stored, CONTEXT), CONTENT);
});

test('seals as its decision record says: HKDF-Expand (RFC 5869 §2.3) and AES-256-GCM', () => {
  const [header, salt, encrypted, tag] = [
    sealedWithA.subarray(0, HEADER_BYTES + 8),
    sealedWithA.subarray(HEADER_BYTES + 8, HEADER_BYTES + 40),
    sealedWithA.subarray(HEADER_BYTES + 40, -16),
    sealedWithA.subarray(-16),
  ];
  const info = Buffer.concat([utf8('countersign envelope v1: key and nonce of a value'), salt]);
  const block = createHmac('sha512', A.bytes).update(info).update('\x01').digest();
  const decipher = createDecipheriv('aes-256-gcm', block.subarray(0, 32), block.subarray(32, 44));
  decipher.setAAD(Buffer.concat([header, utf8(CONTEXT)]));
  decipher.setAuthTag(tag);
  const content = Buffer.concat([decipher.update(encrypted), decipher.final()]);
  assert.deepEqual(new Uint8Array(content), CONTENT);
});

test('refuses text that is not sealed, cut off or changed', () => {
  const envelope = createEnvelope([A], random);
  const sealed = envelope.sealText('-----BEGIN PRIVATE KEY-----', 'pki/server-ca.key');
  const place = 'Cannot open "pki/server-ca.key":';
  const refusals = [
    { text: '-----BEGIN PRIVATE KEY-----', says: 'it is not sealed, or cut off' },
    { text: 'countersign:enc:v1:a', says: 'it is not sealed, or cut off' },
    { text: `${sealed.slice(0, -8)}%`, says: 'it is cut off or has been changed: it is no base64' },
    { text: 'countersign:enc:v1:a:', says: 'it is cut off' },
    { text: sealed.replace(/:(.)(.)/, ':$2$1'), says: 'it is not sealed, or cut off' },
  ];
  for (const { text, says } of refusals) {
    assert.throws(() => envelope.openText(text, 'pki/server-ca.key'), refused('SEAL_INVALID', `${place} ${says}`));
  }
  assert.throws(
    () => envelope.openText(sealed, 'pki/client-ca.key'),
    (error) => hasCode(error, 'SEAL_INVALID'),
  );
});

test('seals text into one line that names its key', () => {
  const envelope = createEnvelope([A], random);
  const sealed = envelope.sealText('Grüße', 'file');
  assert.match(sealed, /^countersign:enc:v1:a:[A-Za-z0-9+/]+=*\n$/);
  assert.ok(isSealedText(sealed));
  assert.equal(sealedTextKeyName(sealed), 'a');
  assert.equal(sealedTextKeyName('{}'), undefined);
  assert.equal(envelope.openText(sealed, 'file'), 'Grüße');
});

test('prints nothing of its keys', () => {
  const shown = inspect(createEnvelope([keyOf('a', 0xab)], random), { depth: 9, showHidden: true });
  assert.doesNotMatch(shown, /171|ab ?ab|q6ur/);
});
