import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toUnixSeconds } from '../base/clock.js';
import { CountersignError, hasCode } from '../base/error.js';
import { random } from '../crypto/digest.js';
import { exportPrivateKeyPem } from '../crypto/private-key.js';
import { type Certificate, parseCertificate } from '../x509/certificate.js';
import { encodeName } from '../x509/name.js';
import { parseCaMaterial } from './ca-material.js';
import type { Issuable, IssuableContent } from './issuable.js';
import { findDifference, issue } from './issue.js';
import type { KeyCustody } from './key-custody.js';
import { prepare } from './prepare.js';
import { parseSigningProfile } from './signing-profile.js';
import { cn, NOW, testCertificate, testKey, testRequest } from './testing/test-certificates.js';

const key = await testKey('root');
const material = parseCaMaterial({
  certificatesPem: await testCertificate({ subject: cn('root'), key }),
  keyPem: exportPrivateKeyPem(key, { format: 'pkcs8' }),
  now: NOW,
});

async function prepared(): Promise<Issuable> {
  const request = await testRequest({
    key: await testKey('leaf'),
    subject: cn('web'),
    names: [{ kind: 'dns', value: 'web.example' }],
  });
  const wish = { request, usages: ['server auth'] };
  const preparation = prepare(wish, material, parseSigningProfile({}), { now: NOW, random });
  assert.equal(preparation.kind, 'prepared');
  return preparation.issuable;
}

test('signs an issuable once: the second attempt is refused, also when the first failed', async () => {
  const issuable = await prepared();
  assert.equal((await issue(issuable, material.custody)).kind, 'signed');
  await assert.rejects(issue(issuable, material.custody), (error) => hasCode(error, 'ISSUABLE_SPENT'));
  const failed = await prepared();
  const away: KeyCustody = { ...material.custody, sign: () => Promise.reject(new Error('away')) };
  assert.equal((await issue(failed, away)).kind, 'unavailable');
  await assert.rejects(issue(failed, material.custody), (error) => hasCode(error, 'ISSUABLE_SPENT'));
});

test('publishes nothing that another key signed', async () => {
  const other = await testKey('other');
  const confused: KeyCustody = { ...material.custody, sign: (data) => other.sign(data) };
  await assert.rejects(
    issue(await prepared(), confused),
    (error) =>
      hasCode(error, 'ISSUED_MISMATCH') &&
      error.message === 'Cannot publish certificate: signature: it is not what was approved',
  );
});

test('publishes nothing that cannot be read back', async () => {
  const broken: KeyCustody = { ...material.custody, algorithm: { oid: '1.2.3' }, sign: async () => new Uint8Array(0) };
  await assert.rejects(issue(await prepared(), broken), CountersignError);
});

const content = (await prepared()).spend();
const signature = await key.sign(content.tbsDer);
const good = await certificateOf(content);

async function certificateOf(of: IssuableContent): Promise<Certificate> {
  const { assembleCertificate } = await import('../x509/certificate.js');
  return parseCertificate(assembleCertificate(of.tbsDer, of.model.signatureAlgorithm, signature));
}

test('finds no difference where there is none', () => {
  assert.equal(findDifference(good, content, signature), undefined);
});

const [firstExtension, ...otherExtensions] = content.model.extensions;
assert.ok(firstExtension);
const DIFFERENCES: readonly (readonly [field: string, certificate: Partial<Certificate>])[] = [
  ['version', { version: 1 }],
  ['serialNumber', { serialNumber: new Uint8Array([9]) }],
  ['signatureAlgorithm', { signatureAlgorithm: { oid: '1.2.840.10045.4.3.3' } }],
  [
    'signatureAlgorithm',
    { signatureAlgorithm: { ...content.model.signatureAlgorithm, parameters: new Uint8Array([5, 0]) } },
  ],
  ['issuer', { issuer: encodeName(cn('other')) }],
  ['notBefore', { notBefore: toUnixSeconds(NOW - 301) }],
  ['notAfter', { notAfter: toUnixSeconds(good.notAfter + 1) }],
  ['subject', { subject: encodeName(cn('web2')) }],
  ['publicKey', { publicKey: material.certificate.publicKey }],
  ['extensions', { extensions: otherExtensions }],
  ['extensions[0]', { extensions: [{ ...firstExtension, critical: !firstExtension.critical }, ...otherExtensions] }],
  ['extensions[0]', { extensions: [{ ...firstExtension, oid: '1.2.3' }, ...otherExtensions] }],
  ['extensions[0]', { extensions: [{ ...firstExtension, value: new Uint8Array([0x30, 0]) }, ...otherExtensions] }],
  ['subjectAltNames', { subjectAltNames: [] }],
  ['subjectAltNames[0]', { subjectAltNames: [{ kind: 'dns', value: 'web.example.' }] }],
  ['subjectAltNames[0]', { subjectAltNames: [{ kind: 'uri', value: 'web.example' }] }],
  ['basicConstraints', { basicConstraints: { ca: true } }],
  ['tbsCertificate', { tbsDer: new Uint8Array([1]) }],
  ['signature', { signature: new Uint8Array([1]) }],
];

for (const [field, change] of DIFFERENCES) {
  test(`notices another ${field}: ${Object.keys(change).join()}`, () => {
    assert.equal(findDifference({ ...good, ...change }, content, signature), field);
  });
}
