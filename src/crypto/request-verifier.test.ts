import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTILE_BYTES, HOSTILE_TEXTS } from '../../test/hostile.js';
import { toBase64 } from '../base/base64.js';
import { utf8 } from '../base/bytes.js';
import { encodePem } from '../x509/pem.js';
import { createCertificationRequest } from './certification-request.js';
import { generateKeyPair, KEY_SPECS, type KeySpec } from './generate-key-pair.js';
import { createRequestVerifier } from './request-verifier.js';

async function requestOf(spec: KeySpec, name = 'a'): Promise<Uint8Array> {
  return createCertificationRequest(await generateKeyPair(spec), {
    subject: [[{ oid: '2.5.4.3', value: name }]],
    subjectAltNames: [{ kind: 'dns', value: `${name}.example.com` }],
  });
}

const textOf = (der: Uint8Array): string => toBase64(utf8(encodePem('CERTIFICATE REQUEST', der)));

test('refuses with the texts of the API', async () => {
  const verifier = createRequestVerifier();
  const good = await requestOf('ecdsa-p256');
  const tampered = Uint8Array.from(good);
  tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 1;
  for (const [text, detail] of [
    ['', 'PEM block type must be CERTIFICATE REQUEST'],
    ['aGVsbG8=', 'PEM block type must be CERTIFICATE REQUEST'],
    ['no base64!', 'PEM block type must be CERTIFICATE REQUEST'],
    [toBase64(utf8(encodePem('CERTIFICATE', good))), 'PEM block type must be CERTIFICATE REQUEST'],
    [textOf(good.subarray(0, -1)), 'asn1: syntax error: data truncated'],
    [textOf(Uint8Array.of(...good, 0)), 'asn1: syntax error: trailing data'],
    [textOf(tampered), 'x509: ECDSA verification failure'],
  ] as const) {
    assert.deepEqual(await verifier.verify(text), { kind: 'invalid', detail });
  }
});

for (const spec of KEY_SPECS) {
  test(`verifies a request of ${spec}`, async () => {
    const der = await requestOf(spec);
    const answer = await createRequestVerifier().verify(textOf(der));
    assert.ok(answer.kind === 'valid');
    assert.deepEqual(answer.request.der, der);
    assert.deepEqual(answer.request.subjectAltNames, [{ kind: 'dns', value: 'a.example.com' }]);
  });
}

test('a subjectAltName is critical where the subject is empty', async () => {
  const der = await createCertificationRequest(await generateKeyPair('ed25519'), {
    subject: [],
    subjectAltNames: [{ kind: 'dns', value: 'a.example.com' }],
  });
  const answer = await createRequestVerifier().verify(textOf(der));
  assert.equal(answer.kind === 'valid' && answer.request.extensions[0]?.critical, true);
});

test('reads the same text once, also while it is being read', async () => {
  const verifier = createRequestVerifier();
  const text = textOf(await requestOf('ecdsa-p384'));
  const [first, second] = await Promise.all([verifier.verify(text), verifier.verify(text)]);
  assert.equal(first, second);
  assert.equal(await verifier.verify(text), first);
});

test('remembers bad answers too', async () => {
  const verifier = createRequestVerifier();
  assert.equal(await verifier.verify('aGVsbG8='), await verifier.verify('aGVsbG8='));
});

test('forgets what was not used for longest, and keeps no more than it may', async () => {
  const verifier = createRequestVerifier({ maxEntries: 2 });
  const [a, b, c] = [
    textOf(await requestOf('ed25519', 'a')),
    textOf(await requestOf('ed25519', 'b')),
    textOf(await requestOf('ed25519', 'c')),
  ];
  const firstA = await verifier.verify(a);
  const firstB = await verifier.verify(b);
  assert.equal(await verifier.verify(a), firstA);
  await verifier.verify(c);
  assert.equal(await verifier.verify(a), firstA);
  assert.notEqual(await verifier.verify(b), firstB);
});

test('does not remember texts that are too long', async () => {
  const verifier = createRequestVerifier({ maxTextLength: 10 });
  const text = textOf(await requestOf('ed25519'));
  assert.notEqual(await verifier.verify(text), await verifier.verify(text));
});

test('answers the hostile values as invalid, and quickly', async () => {
  const verifier = createRequestVerifier();
  const start = performance.now();
  for (const text of [
    ...HOSTILE_TEXTS,
    ...HOSTILE_TEXTS.map((pem) => toBase64(utf8(pem))),
    ...HOSTILE_BYTES.map(textOf),
  ]) {
    assert.equal((await verifier.verify(text)).kind, 'invalid');
  }
  assert.ok(performance.now() - start < 5_000);
});
