import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCaMaterial } from '../authority/ca-material.js';
import { parseLifetime } from '../authority/lifetime.js';
import { parseSigningProfile } from '../authority/signing-profile.js';
import { NOW, cn, testCertificate, testKey } from '../authority/testing/test-certificates.js';
import { CountersignError } from '../base/error.js';
import { exportPrivateKeyPem } from '../crypto/private-key.js';
import { HOSTILE_BYTES, HOSTILE_TEXTS } from '../../test/hostile.js';
import { parseCfsslConfig } from './cfssl-config.js';
import { parseCfsslRequest } from './cfssl-request.js';
import { inspectBytes, relations } from './inspected.js';
import { inspectedJson } from './inspected-json.js';
import { parseRequestPlan } from './request-plan.js';
import { printable } from '../base/printable.js';

const MAX_MS = 2000;
const encoder = new TextEncoder();
const rootKey = await testKey('root');
const rootPem = await testCertificate({ subject: cn('root'), key: rootKey });
const keyPem = exportPrivateKeyPem(rootKey, { format: 'pkcs8' });

/** Runs `read`; anything but an answer or an error of ours is a failure, and so is taking long. */
function survives(read: () => unknown): void {
  const begin = performance.now();
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof CountersignError, String(error));
  }
  const tookMs = performance.now() - begin;
  assert.ok(tookMs < MAX_MS, `it took ${tookMs} ms`);
}

function inspectAll(bytes: Uint8Array): void {
  const items = inspectBytes(bytes, 'passphrase');
  relations(items);
  JSON.stringify(items.map(inspectedJson));
}

for (const [name, read] of [
  ['CSR JSON', parseCfsslRequest],
  ['signing configuration', (text) => parseCfsslConfig(text, 'www')],
  ['lifetime', parseLifetime],
  ['signing profile', parseSigningProfile],
  ['request name', (text) => parseRequestPlan(text, { cn: 'a' })],
  ['DNS names', (text) => parseRequestPlan('a', { dns: [text] })],
  ['URIs', (text) => parseRequestPlan('a', { uri: [text] })],
  ['email addresses', (text) => parseRequestPlan('a', { email: [text] })],
  ['CA certificates', (text) => parseCaMaterial({ certificatesPem: text + rootPem, keyPem, now: NOW })],
  ['CA key', (text) => parseCaMaterial({ certificatesPem: rootPem, keyPem: text, now: NOW })],
  ['inspected text', (text) => inspectAll(encoder.encode(text))],
] as const satisfies readonly (readonly [string, (text: string) => unknown])[]) {
  test(`survives hostile texts as ${name}`, () => {
    for (const text of HOSTILE_TEXTS) survives(() => read(text));
  });
}

test('survives hostile bytes to inspect', () => {
  for (const bytes of HOSTILE_BYTES) survives(() => inspectAll(bytes));
});

test('survives any JSON as configuration', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      survives(() => parseCfsslRequest(text));
      survives(() => parseCfsslConfig(text, undefined));
      survives(() => parseSigningProfile(JSON.parse(text)));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('survives a certificate with any one byte changed, and shows nothing that moves the cursor', () => {
  const der = Buffer.from(rootPem.split('\n').slice(1, -2).join(''), 'base64');
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.nat(255), (at, value) => {
      const changed = Uint8Array.from(der);
      changed[at] = value;
      survives(() => inspectAll(changed));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('makes any text safe for a terminal, and leaves plain text alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(printable(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
    { seed: 1 },
  );
  assert.equal(printable('Müller & Söhne 東京'), 'Müller & Söhne 東京');
  assert.equal(printable('a\u001b[31mb\u202ec'), 'a\\u{1b}[31mb\\u{202e}c');
});
