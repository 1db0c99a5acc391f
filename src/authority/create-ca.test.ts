import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeClock } from '../base/fake-clock.js';
import { hasCode } from '../base/error.js';
import { random } from '../crypto/digest.js';
import { parseCertificate } from '../x509/certificate.js';
import { firstPemBlock } from '../x509/pem.js';
import { requireTool } from '../../test/tools.js';
import { parseCaMaterial } from './ca-material.js';
import { createCertificateAuthority } from './certificate-authority.js';
import { type CaSpec, createCa } from './create-ca.js';
import { parseSigningProfile } from './signing-profile.js';
import { cn, NOW, testKey, testRequest } from './testing/test-certificates.js';

const base: CaSpec = { subject: { commonName: 'My Example Signer' }, now: NOW, random };

const REFUSALS: readonly (readonly [name: string, spec: Partial<CaSpec>, message: RegExp])[] = [
  ['an empty subject', { subject: {} }, /the subject is empty/],
  ['a subject of empty values', { subject: { commonName: '', organizations: [''] } }, /the subject is empty/],
  ['a lifetime below an hour', { lifetimeSeconds: 3599 }, /its lifetime is 3599 s/],
  ['a lifetime that is no number', { lifetimeSeconds: Number.NaN }, /its lifetime is NaN s/],
  ['a negative path length', { pathLength: -1 }, /its path length is -1/],
  ['a path length of 10', { pathLength: 10 }, /its path length is 10/],
];

for (const [name, spec, message] of REFUSALS) {
  test(`refuses ${name}`, async () => {
    await assert.rejects(
      createCa({ ...base, ...spec }),
      (error) =>
        hasCode(error, 'CA_INVALID') && message.test(error.message) && error.message.startsWith('Cannot make CA: '),
    );
  });
}

test('makes a CA of ten years for leaves only, which our own reader takes', async () => {
  const made = await createCa(base);
  const { certificate } = parseCaMaterial({ certificatesPem: made.certificatePem, keyPem: made.keyPem, now: NOW });
  assert.equal(certificate.notBefore, NOW - 300);
  assert.equal(certificate.notAfter, NOW - 300 + 10 * 31_536_000);
  assert.deepEqual(certificate.basicConstraints, { ca: true, pathLength: 0 });
  assert.deepEqual([...(certificate.keyUsage ?? [])], ['keyCertSign', 'cRLSign']);
  assert.equal(certificate.subjectKeyIdentifier?.length, 20);
});

const limited = await createCa({ ...base, pathLength: 1 });
const rootMaterial = parseCaMaterial({ certificatesPem: limited.certificatePem, keyPem: limited.keyPem, now: NOW });
const leavesOnly = await createCa(base);
const leavesMaterial = parseCaMaterial({
  certificatesPem: leavesOnly.certificatePem,
  keyPem: leavesOnly.keyPem,
  now: NOW,
});

const REFUSALS_BELOW: readonly (readonly [name: string, spec: Partial<CaSpec>, message: RegExp])[] = [
  [
    'a parent that signs leaves only',
    { parent: leavesMaterial },
    /"CN=My Example Signer" allows 0 CA certificates below it, there would be 1$/,
  ],
  ['the subject of its parent', { parent: rootMaterial, subject: base.subject }, /its subject is that of its parent/],
  [
    'more below it than its parent allows',
    { parent: rootMaterial, pathLength: 1 },
    /its path length is 1, below .* at most 0$/,
  ],
  ['no limit below a limit', { parent: rootMaterial, pathLength: null }, /its path length is without limit/],
];

for (const [name, spec, message] of REFUSALS_BELOW) {
  test(`refuses an intermediate with ${name}`, async () => {
    await assert.rejects(
      createCa({ ...base, subject: { commonName: 'Issuing CA' }, ...spec }),
      (error) => hasCode(error, 'CA_INVALID') && message.test(error.message),
    );
  });
}

test('makes an intermediate that openssl verifies, and that ends with its parent', async (t) => {
  if (!requireTool(t, 'openssl')) return;
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const parent = await createCa({ ...base, pathLength: 1, key: 'rsa-2048', lifetimeSeconds: 86_400 });
  const made = await createCa({
    ...base,
    subject: { commonName: 'Issuing CA' },
    parent: parseCaMaterial({ certificatesPem: parent.certificatePem, keyPem: parent.keyPem, now: NOW }),
  });
  const material = parseCaMaterial({ certificatesPem: made.certificatePem, keyPem: made.keyPem, now: NOW });
  assert.equal(material.certificate.notAfter, parent.notAfter);
  assert.equal(material.intermediates.length, 1);
  const clock = new FakeClock(NOW * 1000);
  const outcome = await createCertificateAuthority(material, parseSigningProfile({}), { clock, random }).issue({
    request: await testRequest({ key: await testKey('leaf'), subject: cn('web') }),
    usages: ['digital signature', 'server auth'],
  });
  assert.equal(outcome.kind, 'issued');
  const paths = { root: parent.certificatePem, chain: outcome.certificatePem };
  for (const [name, text] of Object.entries(paths)) writeFileSync(join(folder, name), text);
  const verified = spawnSync(
    'openssl',
    ['verify', '-x509_strict', '-attime', String(NOW), '-CAfile', 'root', '-untrusted', 'chain', 'chain'],
    { encoding: 'utf8', cwd: folder },
  );
  assert.equal(verified.stdout, 'chain: OK\n', verified.stderr);
});

test('ends no CA after the last second that X.509 can write', async () => {
  const made = await createCa({ ...base, lifetimeSeconds: 9000 * 31_536_000 });
  const block = firstPemBlock(made.certificatePem);
  assert.equal(block && parseCertificate(block.bytes).notAfter, 253_402_300_799);
});

test('writes no path length where none is wanted', async () => {
  const made = await createCa({ ...base, pathLength: null });
  const { certificate } = parseCaMaterial({ certificatesPem: made.certificatePem, keyPem: made.keyPem, now: NOW });
  assert.deepEqual(certificate.basicConstraints, { ca: true });
});

for (const key of ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'rsa-2048', 'ed25519'] as const) {
  test(`openssl verifies a leaf of a CA with ${key}, strictly`, async (t) => {
    if (!requireTool(t, 'openssl')) return;
    const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const made = await createCa({ ...base, key });
    const material = parseCaMaterial({ certificatesPem: made.certificatePem, keyPem: made.keyPem, now: NOW });
    const ca = createCertificateAuthority(material, parseSigningProfile({}), {
      clock: new FakeClock(NOW * 1000),
      random,
    });
    const outcome = await ca.issue({
      request: await testRequest({
        key: await testKey('leaf', key),
        subject: cn('web'),
        names: [{ kind: 'dns', value: 'web.example' }],
      }),
      usages: ['digital signature', 'server auth'],
    });
    assert.equal(outcome.kind, 'issued');
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const caPath = write('ca.pem', made.certificatePem);
    const leafPath = write('leaf.pem', outcome.certificatePem);
    const verified = spawnSync(
      'openssl',
      [
        'verify',
        '-x509_strict',
        '-attime',
        String(NOW),
        '-purpose',
        'sslserver',
        '-verify_hostname',
        'web.example',
        '-CAfile',
        caPath,
        leafPath,
      ],
      { encoding: 'utf8' },
    );
    assert.equal(verified.stdout, `${leafPath}: OK\n`, verified.stderr);
    const request = spawnSync('openssl', ['req', '-verify', '-noout', '-in', write('ca.csr', made.requestPem)], {
      encoding: 'utf8',
    });
    assert.equal(request.status, 0, request.stderr);
    const pair = spawnSync('openssl', ['pkey', '-noout', '-in', write('ca.key', made.keyPem)], { encoding: 'utf8' });
    assert.equal(pair.status, 0, pair.stderr);
  });
}
