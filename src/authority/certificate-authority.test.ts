import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../base/bytes.js';
import { toUnixSeconds } from '../base/clock.js';
import { FakeClock } from '../base/fake-clock.js';
import { random } from '../crypto/digest.js';
import { exportPrivateKeyPem } from '../crypto/private-key.js';
import { verifySignature } from '../crypto/verify-signature.js';
import { type Certificate, parseCertificate } from '../x509/certificate.js';
import {
  basicConstraintsExtension,
  EXTENSION,
  extKeyUsageExtension,
  type Extension,
  keyUsageExtension,
  subjectKeyIdentifierExtension,
} from '../x509/extension.js';
import { formatGeneralName, type GeneralName } from '../x509/general-name.js';
import { ATTRIBUTE, formatName, type NameInput } from '../x509/name.js';
import { decodePem } from '../x509/pem.js';
import { verifyChain } from '../x509/verify-chain.js';
import { parseCaMaterial } from './ca-material.js';
import {
  createCertificateAuthority,
  type IssueInput,
  type IssueOutcome,
  type SigningIntent,
} from './certificate-authority.js';
import { keyIdentifier } from './key-identifier.js';
import { parseSigningProfile } from './signing-profile.js';
import { cn, NOW, testCertificate, testKey, testRequest } from './testing/test-certificates.js';

const clock = new FakeClock(NOW * 1000);
const rootKey = await testKey('root');
const leafKey = await testKey('leaf');
const root = { subject: cn('root'), key: rootKey };
const rootPem = await testCertificate(root);
const keyPem = exportPrivateKeyPem(rootKey, { format: 'pkcs8' });
const material = parseCaMaterial({ certificatesPem: rootPem, keyPem, now: NOW });
const profile = parseSigningProfile({});
const authority = createCertificateAuthority(material, profile, { clock, random });
const SERVING = ['digital signature', 'server auth'];
const dns = (value: string): GeneralName => ({ kind: 'dns', value });

async function issueFor(wish: {
  readonly subject?: NameInput;
  readonly names?: readonly GeneralName[];
  readonly extensions?: readonly Extension[];
  readonly usages?: readonly string[];
  readonly expirationSeconds?: number;
}): Promise<IssueOutcome> {
  const { usages = SERVING, expirationSeconds, ...request } = wish;
  return authority.issue({
    request: await testRequest({ key: leafKey, subject: cn('web'), ...request }),
    usages,
    ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
  });
}

function certificatesOf(outcome: IssueOutcome): readonly Certificate[] {
  assert.equal(outcome.kind, 'issued', 'message' in outcome ? outcome.message : '');
  return decodePem(outcome.certificatePem).map((block) => parseCertificate(block.bytes));
}

function leafOf(outcome: IssueOutcome): Certificate {
  const [leaf] = certificatesOf(outcome);
  assert.ok(leaf);
  return leaf;
}

interface Refusal {
  readonly name: string;
  readonly wish: Parameters<typeof issueFor>[0];
  readonly reason: string;
  readonly message: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  { name: 'no usage', wish: { usages: [] }, reason: 'UsageNotAllowed', message: /it asks for no usage/ },
  {
    name: 'an unknown usage',
    wish: { usages: ['Server Auth'] },
    reason: 'UsageNotAllowed',
    message: /"Server Auth" is unknown/,
  },
  {
    name: 'a usage outside the profile',
    wish: { usages: ['server auth', 'code signing'] },
    reason: 'UsageNotAllowed',
    message: /"code signing" is not in this signer's profile, which allows digital signature/,
  },
  { name: 'cert sign', wish: { usages: ['cert sign'] }, reason: 'UsageNotAllowed', message: /for a CA/ },
  { name: 'crl sign', wish: { usages: ['server auth', 'crl sign'] }, reason: 'UsageNotAllowed', message: /for a CA/ },
  { name: 'nobody', wish: { subject: [] }, reason: 'SubjectNotAllowed', message: /it names nobody/ },
  {
    name: 'two common names',
    wish: { subject: [...cn('a'), ...cn('b')] },
    reason: 'SubjectNotAllowed',
    message: /subject\[1\]/,
  },
  {
    name: 'an email address in the subject',
    wish: { subject: [[{ oid: ATTRIBUTE.emailAddress, value: 'a@b' }]] },
    reason: 'SubjectNotAllowed',
    message: /never certified/,
  },
  {
    name: 'a name that no certificate carries',
    wish: { names: [dns('a.example'), { kind: 'registeredId', oid: '1.2.3' }] },
    reason: 'NameNotAllowed',
    message: /subjectAltNames\[1\]/,
  },
  {
    name: 'an IP address as a DNS name',
    wish: { names: [dns('10.0.0.1')] },
    reason: 'NameNotAllowed',
    message: /subjectAltNames\[0\]/,
  },
  {
    name: 'a CA bit among the requested extensions',
    wish: { extensions: [basicConstraintsExtension({ ca: true })] },
    reason: 'RequestNotAllowed',
    message: /it asks to be a CA/,
  },
  {
    name: 'keyCertSign among the requested extensions',
    wish: { extensions: [keyUsageExtension(new Set(['keyCertSign']))] },
    reason: 'RequestNotAllowed',
    message: /it asks to sign certificates/,
  },
];

for (const { name, wish, reason, message } of REFUSALS) {
  test(`refuses for ever a request for ${name}`, async () => {
    const outcome = await issueFor(wish);
    assert.equal(outcome.kind, 'refused');
    assert.equal(outcome.reason, reason);
    assert.match(outcome.message, message);
  });
}

test('refuses a key that the profile does not allow', async () => {
  const strict = createCertificateAuthority(material, parseSigningProfile({ keys: ['ed25519', 'rsa-3072'] }), {
    clock,
    random,
  });
  for (const spec of ['ecdsa-p256', 'rsa-2048'] as const) {
    const request = await testRequest({ key: await testKey('k', spec), subject: cn('web') });
    const outcome = await strict.issue({ request, usages: SERVING });
    assert.equal(outcome.kind, 'refused');
    assert.equal(outcome.reason, 'KeyNotAllowed');
    assert.match(outcome.message, /it must be one of ed25519, rsa-3072/);
  }
  const request = await testRequest({ key: await testKey('k', 'ed25519'), subject: cn('web') });
  assert.equal((await strict.issue({ request, usages: SERVING })).kind, 'issued');
});

test('is unavailable, which is not for ever, once its CA has ended', async () => {
  const later = new FakeClock((NOW + 20 * 31_536_000) * 1000);
  const late = createCertificateAuthority(material, profile, { clock: later, random });
  const outcome = await late.issue({
    request: await testRequest({ key: leafKey, subject: cn('web') }),
    usages: SERVING,
  });
  assert.equal(outcome.kind, 'unavailable');
  assert.match(outcome.message, /the signer has expired: NotAfter=/);
});

test('is unavailable while its key cannot be reached', async () => {
  const away = {
    ...material,
    custody: { ...material.custody, sign: () => Promise.reject(new Error('no token in slot 0')) },
  };
  const outcome = await createCertificateAuthority(away, profile, { clock, random }).issue({
    request: await testRequest({ key: leafKey, subject: cn('web') }),
    usages: SERVING,
  });
  assert.deepEqual(outcome, { kind: 'unavailable', message: 'the CA key did not sign: no token in slot 0' });
});

test('gives up when its caller does', async () => {
  const request = await testRequest({ key: leafKey, subject: cn('web') });
  const signal = AbortSignal.abort(new Error('shutting down'));
  await assert.rejects(authority.issue({ request, usages: SERVING, signal }), /shutting down/);
});

test('tells what it is about to sign, and waits until that is written down', async () => {
  const steps: string[] = [];
  const custody = {
    ...material.custody,
    sign: async (data: Uint8Array) => {
      steps.push('sign');
      return material.custody.sign(data);
    },
  };
  const intents: SigningIntent[] = [];
  const outcome = await createCertificateAuthority({ ...material, custody }, profile, { clock, random }).issue({
    request: await testRequest({ key: leafKey, subject: cn('web') }),
    usages: SERVING,
    beforeSigning: async (intent) => {
      await Promise.resolve();
      intents.push(intent);
      steps.push('written');
    },
  });
  assert.deepEqual(steps, ['written', 'sign']);
  assert.equal(outcome.kind, 'issued');
  const { serialNumberHex, notBefore, notAfter } = outcome;
  assert.deepEqual(intents, [{ serialNumberHex, notBefore, notAfter }]);
});

test('signs nothing where its intent could not be written down', async () => {
  const custody = { ...material.custody, sign: () => Promise.reject(new Error('it was signed')) };
  const issuing = createCertificateAuthority({ ...material, custody }, profile, { clock, random }).issue({
    request: await testRequest({ key: leafKey, subject: cn('web') }),
    usages: SERVING,
    beforeSigning: () => Promise.reject(new Error('no record')),
  });
  await assert.rejects(issuing, /no record/);
});

test('copies nothing from the request but key and names', async () => {
  const outcome = await issueFor({
    subject: [
      [{ oid: ATTRIBUTE.organization, value: 'b' }],
      [{ oid: ATTRIBUTE.organization, value: 'a' }],
      ...cn('web'),
    ],
    names: [dns('web.example'), { kind: 'ip', bytes: Uint8Array.from([10, 0, 0, 1]) }],
    extensions: [
      keyUsageExtension(new Set(['dataEncipherment'])),
      extKeyUsageExtension(['1.3.6.1.5.5.7.3.3']),
      subjectKeyIdentifierExtension(Uint8Array.from([1, 2, 3])),
    ],
    usages: ['server auth', 'key encipherment', 'digital signature'],
    expirationSeconds: 36_000,
  });
  const leaf = leafOf(outcome);
  assert.equal(formatName(leaf.subject, 'openssl'), 'O = a + O = b, CN = web');
  assert.equal(formatName(leaf.issuer, 'openssl'), 'CN = root');
  assert.equal(toHex(leaf.publicKey.der), toHex(leafKey.publicKeyDer));
  assert.deepEqual([...(leaf.keyUsage ?? [])], ['digitalSignature', 'keyEncipherment']);
  assert.deepEqual(leaf.extKeyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.deepEqual(leaf.subjectAltNames.map(formatGeneralName), ['DNS:web.example', 'IP Address:10.0.0.1']);
  assert.equal(toHex(leaf.subjectKeyIdentifier ?? new Uint8Array()), toHex(keyIdentifier(leafKey.publicKey)));
  assert.deepEqual(leaf.authorityKeyIdentifier, material.certificate.subjectKeyIdentifier);
  assert.deepEqual(
    leaf.extensions.map((extension) => [extension.oid, extension.critical]),
    [
      [EXTENSION.keyUsage, true],
      [EXTENSION.extKeyUsage, false],
      [EXTENSION.basicConstraints, true],
      [EXTENSION.subjectKeyIdentifier, false],
      [EXTENSION.authorityKeyIdentifier, false],
      [EXTENSION.subjectAltName, false],
    ],
  );
  assert.equal(leaf.notBefore, NOW - 300);
  assert.equal(leaf.notAfter, NOW + 36_000 - 300);
  assert.equal(leaf.basicConstraints?.ca, false);
  assert.equal(outcome.kind === 'issued' && outcome.serialNumberHex, toHex(leaf.serialNumber));
});

test('marks the names critical where there is no subject, and leaves out what would be empty', async () => {
  const leaf = leafOf(await issueFor({ subject: [], names: [dns('a.example')], usages: ['digital signature'] }));
  assert.equal(leaf.subject.rdns.length, 0);
  assert.equal(leaf.extensions.find((extension) => extension.oid === EXTENSION.subjectAltName)?.critical, true);
  assert.equal(leaf.extKeyUsage, undefined);
  const client = leafOf(await issueFor({ usages: ['client auth'] }));
  assert.equal(client.keyUsage, undefined);
  assert.deepEqual(client.subjectAltNames, []);
});

test('gives every certificate another serial number', async () => {
  const serials = await Promise.all(
    Array.from({ length: 20 }, async () => toHex(leafOf(await issueFor({})).serialNumber)),
  );
  assert.equal(new Set(serials).size, 20);
});

test('ends a certificate with its CA', async () => {
  const certificatesPem = await testCertificate({ ...root, notAfter: toUnixSeconds(NOW + 7200) });
  const short = createCertificateAuthority(parseCaMaterial({ certificatesPem, keyPem, now: NOW }), profile, {
    clock,
    random,
  });
  const outcome = await short.issue({
    request: await testRequest({ key: leafKey, subject: cn('web') }),
    usages: SERVING,
  });
  assert.equal(leafOf(outcome).notAfter, NOW + 7200);
  assert.equal(short.notAfter, NOW + 7200);
});

for (const spec of ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'rsa-2048', 'ed25519'] as const) {
  test(`hands out leaf and intermediate without the root, signed with ${spec}`, async () => {
    const midKey = await testKey('mid', spec);
    const midPem = await testCertificate({
      subject: cn('mid'),
      key: midKey,
      issuer: root,
      constraints: { ca: true, pathLength: 0 },
    });
    const mid = parseCaMaterial({
      certificatesPem: midPem + rootPem,
      keyPem: exportPrivateKeyPem(midKey, { format: 'pkcs8' }),
      now: NOW,
    });
    const ca = createCertificateAuthority(mid, profile, { clock, random });
    assert.equal(ca.anchorPem, rootPem);
    const input: IssueInput = {
      request: await testRequest({ key: leafKey, names: [dns('a.example')] }),
      usages: SERVING,
    };
    const [leaf, ...others] = certificatesOf(await ca.issue(input));
    assert.ok(leaf);
    assert.deepEqual(
      others.map((certificate) => formatName(certificate.subject)),
      ['CN=mid'],
    );
    const verdict = verifyChain({
      leaf,
      intermediates: others,
      roots: [mid.anchor],
      now: NOW,
      hostname: 'a.example',
      usage: '1.3.6.1.5.5.7.3.1',
      verifySignature,
    });
    assert.equal(verdict.kind, 'trusted');
  });
}

test('waits, and fails nothing for ever, while the path of a constrained CA does not hold', async () => {
  const midKey = await testKey('mid');
  const soon = await testCertificate({ ...root, notAfter: toUnixSeconds(NOW + 100) });
  const mid = await testCertificate({
    subject: cn('mid'),
    key: midKey,
    issuer: root,
    extensions: [extKeyUsageExtension(['1.3.6.1.5.5.7.3.1'])],
  });
  const below = parseCaMaterial({
    certificatesPem: mid + soon,
    keyPem: exportPrivateKeyPem(midKey, { format: 'pkcs8' }),
    now: NOW,
  });
  const later = new FakeClock((NOW + 200) * 1000);
  const outcome = await createCertificateAuthority(below, profile, { clock: later, random }).issue({
    request: await testRequest({ key: leafKey, subject: cn('web') }),
    usages: SERVING,
  });
  assert.equal(outcome.kind, 'unavailable');
  assert.match(outcome.message, /^the path of the CA does not hold now: "CN=root" is not valid after/);
});

test('refuses what its own CA does not allow to be below it', async () => {
  // permitted: dNSName "allowed.example" (RFC 5280 §4.2.1.10)
  const base = Buffer.from('allowed.example');
  const subtree = [0x30, base.length + 2, 0x82, base.length, ...base];
  const constraint = {
    oid: EXTENSION.nameConstraints,
    critical: true,
    value: Uint8Array.from([0x30, subtree.length + 2, 0xa0, subtree.length, ...subtree]),
  };
  const certificatesPem = await testCertificate({
    ...root,
    extensions: [constraint, extKeyUsageExtension(['1.3.6.1.5.5.7.3.1'])],
  });
  const narrow = createCertificateAuthority(parseCaMaterial({ certificatesPem, keyPem, now: NOW }), profile, {
    clock,
    random,
  });
  const ask = async (name: string, usages: readonly string[]): Promise<IssueOutcome> =>
    narrow.issue({ request: await testRequest({ key: leafKey, names: [dns(name)] }), usages });
  assert.equal((await ask('web.allowed.example', SERVING)).kind, 'issued');
  const foreign = await ask('web.example', SERVING);
  assert.equal(foreign.kind, 'refused');
  assert.match(foreign.message, /the CA does not allow it/);
  assert.equal((await ask('web.allowed.example', ['client auth'])).kind, 'refused');
});
