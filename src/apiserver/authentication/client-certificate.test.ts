import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';

import { toUnixSeconds } from '../../base/clock.js';
import { FakeClock } from '../../base/fake-clock.js';
import { generateKeyPair } from '../../crypto/generate-key-pair.js';
import type { PrivateKey } from '../../crypto/private-key.js';
import {
  assembleCertificate,
  encodeTbsCertificate,
  parseCertificate,
  type Certificate,
} from '../../x509/certificate.js';
import {
  basicConstraintsExtension,
  extKeyUsageExtension,
  subjectAltNameExtension,
  type Extension,
} from '../../x509/extension.js';
import type { GeneralName } from '../../x509/general-name.js';
import { ATTRIBUTE, encodeName, type NameInput } from '../../x509/name.js';
import type { CredentialVerdict } from './authenticator.js';
import { createClientCertificateAuthenticator, USER_UID_ATTRIBUTE } from './client-certificate.js';

const NOW = 1_700_000_000;
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_USAGE = '2.5.29.37.0';

const caKey = await generateKeyPair('ecdsa-p256');
const otherKey = await generateKeyPair('ecdsa-p256');
const clientKey = await generateKeyPair('ecdsa-p256');
const CA_NAME: NameInput = [[{ oid: ATTRIBUTE.commonName, value: 'client-ca' }]];

interface Spec {
  readonly subject: NameInput;
  readonly issuer?: NameInput;
  readonly extensions?: readonly Extension[];
  readonly signer?: PrivateKey;
  readonly key?: PrivateKey;
  readonly days?: readonly [number, number];
}

async function issue({
  subject,
  issuer = CA_NAME,
  extensions = [],
  signer = caKey,
  key = clientKey,
  days = [-1, 1],
}: Spec): Promise<Uint8Array> {
  const tbs = encodeTbsCertificate({
    serialNumber: Uint8Array.of(1),
    signatureAlgorithm: signer.signatureAlgorithm,
    issuer: encodeName(issuer),
    notBefore: toUnixSeconds(NOW + days[0] * 86_400),
    notAfter: toUnixSeconds(NOW + days[1] * 86_400),
    subject: encodeName(subject),
    publicKeyDer: key.publicKeyDer,
    extensions,
  });
  return assembleCertificate(tbs, signer.signatureAlgorithm, await signer.sign(tbs));
}

async function authority(key: PrivateKey, days: readonly [number, number] = [-10, 10]): Promise<Certificate> {
  const extensions = [basicConstraintsExtension({ ca: true })];
  return parseCertificate(await issue({ subject: CA_NAME, key, signer: key, extensions, days }));
}

const clientCa = [await authority(caKey)];
const attribute = (oid: string, value: string): NameInput[number] => [{ oid, value }];
const cn = (value: string): NameInput[number] => attribute(ATTRIBUTE.commonName, value);
const org = (value: string): NameInput[number] => attribute(ATTRIBUTE.organization, value);
const uid = (value: string): NameInput[number] => attribute(USER_UID_ATTRIBUTE, value);
const clientAuth = [extKeyUsageExtension([CLIENT_AUTH])];

const refused: readonly (readonly [string, Spec, RegExp])[] = [
  ['another authority of the same name', { subject: [cn('a')], signer: otherKey }, /./],
  ['one that is only for servers', { subject: [cn('a')], extensions: [extKeyUsageExtension([SERVER_AUTH])] }, /./],
  ['one that is over', { subject: [cn('a')], days: [-2, -1] }, /not valid after/],
  ['one that is not yet valid', { subject: [cn('a')], days: [1, 2] }, /not valid before/],
  ['no common name', { subject: [org('a')] }, /^certificate has no common name$/],
  ['no subject at all', { subject: [] }, /^certificate has no common name$/],
  ['two uids', { subject: [cn('a'), uid('1'), uid('2')] }, /^certificate has no single uid$/],
  ['an empty uid', { subject: [cn('a'), uid('')] }, /^certificate has no single uid$/],
  [
    'an unknown critical extension',
    { subject: [cn('a')], extensions: [{ oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }] },
    /1\.2\.3\.4/,
  ],
];

for (const [name, spec, error] of refused) {
  test(`refuses a certificate with ${name}`, async () => {
    const clock = new FakeClock(NOW * 1000);
    const verdict = createClientCertificateAuthenticator({ clientCa: () => clientCa, clock }).authenticateCertificate(
      await issue(spec),
    );
    assert.match(verdict.kind === 'invalid' ? verdict.error : verdict.kind, error);
    assert.equal(verdict.kind, 'invalid');
  });
}

test('refuses bytes that are no certificate', () => {
  const authenticator = createClientCertificateAuthenticator({ clientCa: () => clientCa, clock: new FakeClock() });
  for (const der of [new Uint8Array(), Uint8Array.of(0x30, 0), new Uint8Array(10_000).fill(0x30)]) {
    assert.equal(authenticator.authenticateCertificate(der).kind, 'invalid');
  }
});

const users: readonly (readonly [string, Spec, object])[] = [
  [
    'name and groups, in order',
    { subject: [org('b'), cn('alice'), org('a')], extensions: clientAuth },
    { username: 'alice', groups: ['b', 'a'] },
  ],
  ['the last of several names', { subject: [cn('first'), cn('last')] }, { username: 'last', groups: [] }],
  ['a uid', { subject: [cn('a'), uid('u-1')] }, { username: 'a', uid: 'u-1', groups: [] }],
  ['any usage', { subject: [cn('a')], extensions: [extKeyUsageExtension([ANY_USAGE])] }, { username: 'a', groups: [] }],
  ['no usage', { subject: [cn('a')] }, { username: 'a', groups: [] }],
];

for (const [name, spec, expected] of users) {
  test(`knows a user by ${name}`, async () => {
    const clock = new FakeClock(NOW * 1000);
    const der = await issue(spec);
    const verdict = createClientCertificateAuthenticator({ clientCa: () => clientCa, clock }).authenticateCertificate(
      der,
    );
    const digest = createHash('sha256').update(der).digest('hex');
    const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${digest}`] };
    assert.deepEqual(verdict, { kind: 'user', user: { ...expected, extra } });
  });
}

test('what was accepted is refused when its time, its issuer, or its issuer’s time is over', async () => {
  const clock = new FakeClock(NOW * 1000);
  let roots: readonly Certificate[] = [await authority(caKey, [-10, 2])];
  const authenticator = createClientCertificateAuthenticator({ clientCa: () => roots, clock });
  const short = await issue({ subject: [cn('a')] });
  const long = await issue({ subject: [cn('b')], days: [-1, 30] });
  const kinds = (): string[] =>
    [short, long, Uint8Array.from(long)].map((der) => authenticator.authenticateCertificate(der).kind);
  assert.deepEqual(kinds(), ['user', 'user', 'user']);
  clock.advance(86_401_000);
  assert.deepEqual(kinds(), ['invalid', 'user', 'user']);
  clock.advance(86_400_000);
  assert.deepEqual(kinds(), ['invalid', 'invalid', 'invalid']);
  roots = clientCa;
  assert.deepEqual(kinds(), ['invalid', 'user', 'user']);
  roots = [await authority(otherKey)];
  assert.deepEqual(kinds(), ['invalid', 'invalid', 'invalid']);
});

test('a certificate that is remembered is not verified again', async () => {
  const clock = new FakeClock(NOW * 1000);
  const authenticator = createClientCertificateAuthenticator({ clientCa: () => clientCa, clock });
  const der = await issue({ subject: [cn('a')] });
  const first = authenticator.authenticateCertificate(der);
  for (const again of [der, Uint8Array.from(der)]) {
    const verdict = authenticator.authenticateCertificate(again);
    assert.equal(verdict.kind === 'user' && first.kind === 'user' && verdict.user === first.user, true);
  }
});

test('what a connection presented is read once, however often it is refused', { timeout: 20_000 }, async () => {
  const names = Array.from({ length: 5000 }, (_, i): GeneralName => ({ kind: 'dns', value: `${i}.example.com` }));
  const der = await issue({
    subject: [cn('a')],
    signer: otherKey,
    extensions: [subjectAltNameExtension(names, false)],
  });
  const clock = new FakeClock(NOW * 1000);
  const authenticator = createClientCertificateAuthenticator({ clientCa: () => [], clock });
  for (let i = 0; i < 20_000; i++) assert.equal(authenticator.authenticateCertificate(der).kind, 'invalid');
});

suite('a certificate by way of intermediates', async () => {
  const [outerKey, innerKey] = await Promise.all([generateKeyPair('ecdsa-p256'), generateKeyPair('ecdsa-p256')]);
  const OUTER: NameInput = [cn('outer')];
  const INNER: NameInput = [cn('inner')];
  const ca = (pathLength?: number) =>
    basicConstraintsExtension({ ca: true, ...(pathLength === undefined ? {} : { pathLength }) });
  const outerOf = (change: Partial<Spec> = {}) =>
    issue({ subject: OUTER, key: outerKey, extensions: [ca()], ...change });
  const innerOf = (change: Partial<Spec> = {}) =>
    issue({ subject: INNER, issuer: OUTER, signer: outerKey, key: innerKey, extensions: [ca()], ...change });
  const [outer, inner, leaf] = await Promise.all([
    outerOf(),
    innerOf(),
    issue({ subject: [org('g'), cn('a')], issuer: INNER, signer: innerKey, extensions: clientAuth }),
  ]);
  const open = (roots: readonly Certificate[] = clientCa) =>
    createClientCertificateAuthenticator({ clientCa: () => roots, clock: new FakeClock(NOW * 1000) });

  const chains: readonly (readonly [string, () => Promise<readonly Uint8Array[]> | readonly Uint8Array[], RegExp])[] = [
    ['none of them', () => [], /no certificate of its issuer "CN=inner" is known/],
    ['one that is missing', () => [inner], /no certificate of the issuer "CN=outer" is known/],
    ['one that is no CA', async () => [await innerOf({ extensions: [] }), outer], /"CN=inner" is no CA certificate/],
    ['one that is over', async () => [await innerOf({ days: [-2, -1] }), outer], /"CN=inner" is not valid after/],
    ['one of another key', async () => [await innerOf({ signer: otherKey }), outer], /does not verify/],
    [
      'one that may have none below it',
      async () => [inner, await outerOf({ extensions: [ca(0)] })],
      /allows 0 CA certificates below it/,
    ],
    [
      'one that is only for servers',
      async () => [await innerOf({ extensions: [ca(), extKeyUsageExtension([SERVER_AUTH])] }), outer],
      /"CN=inner" is not for usage/,
    ],
    [
      'one that is unreadable',
      () => [Uint8Array.of(0x30, 0), outer],
      /no certificate of its issuer "CN=inner" is known/,
    ],
    ['one that nobody trusts at its end', async () => [inner, await outerOf({ signer: otherKey })], /does not verify/],
  ];
  for (const [name, chain, error] of chains) {
    test(`is refused: ${name}`, async () => {
      const verdict = open().authenticateCertificate(leaf, await chain());
      assert.match(verdict.kind === 'invalid' ? verdict.error : verdict.kind, error);
    });
  }

  const isGood = (verdict: CredentialVerdict): boolean => verdict.kind === 'user' && verdict.user.username === 'a';

  test('is good, in any order and with others between', () => {
    for (const chain of [
      [inner, outer],
      [outer, Uint8Array.of(1), inner, inner],
    ]) {
      assert.ok(isGood(open().authenticateCertificate(leaf, chain)));
    }
  });

  test('is good without them on a session that is resumed, after the authorities were exchanged as well', () => {
    let roots = clientCa;
    const authenticator = createClientCertificateAuthenticator({
      clientCa: () => roots,
      clock: new FakeClock(NOW * 1000),
    });
    const resumed = (): boolean => isGood(authenticator.authenticateCertificate(Uint8Array.from(leaf)));
    assert.equal(resumed(), false);
    assert.ok(isGood(authenticator.authenticateCertificate(leaf, [inner, outer])));
    assert.equal(resumed(), true);
    roots = [];
    assert.equal(resumed(), false);
    roots = [...clientCa];
    assert.equal(resumed(), true);
  });

  test('is good by an intermediate that the administrator trusts', () => {
    assert.ok(isGood(open([parseCertificate(inner)]).authenticateCertificate(leaf)));
  });
});
