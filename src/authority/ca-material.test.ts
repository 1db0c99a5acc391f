import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toUnixSeconds } from '../base/clock.js';
import { type ErrorCode, hasCode } from '../base/error.js';
import { exportPrivateKeyPem, type PrivateKey } from '../crypto/private-key.js';
import { commonName } from '../x509/name.js';
import { anchorPem, firstEnd, parseCaMaterial } from './ca-material.js';
import { cn, NOW, testCertificate, testKey } from './testing/test-certificates.js';

const pemOf = (key: PrivateKey): string => exportPrivateKeyPem(key, { format: 'pkcs8' });
const rootKey = await testKey('root');
const midKey = await testKey('mid');
const otherKey = await testKey('other');
const root = { subject: cn('root'), key: rootKey };
const mid = { subject: cn('mid'), key: midKey };
const rootPem = await testCertificate(root);
const midPem = await testCertificate({ ...mid, issuer: root });

interface Refusal {
  readonly name: string;
  readonly certificates: string;
  readonly key?: string;
  readonly code?: ErrorCode;
  readonly message: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  { name: 'no certificate', certificates: '', message: /there is no CERTIFICATE block/ },
  { name: 'text that is no PEM', certificates: 'hello', message: /there is no CERTIFICATE block/ },
  { name: 'a key where the certificate should be', certificates: pemOf(rootKey), message: /no CERTIFICATE block/ },
  {
    name: 'a certificate that cannot be read',
    certificates: '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n',
    message: /Cannot use CA: block 0: /,
  },
  { name: 'no key', certificates: rootPem, key: '', code: 'KEY_INVALID', message: /./ },
  {
    name: "another CA's key",
    certificates: rootPem,
    key: pemOf(otherKey),
    message: /the key belongs to another certificate/,
  },
  {
    name: 'a key of none',
    certificates: rootPem + midPem,
    key: pemOf(otherKey),
    message: /belongs to none of the certificates/,
  },
  {
    name: 'a certificate without BasicConstraints',
    certificates: await testCertificate({ ...root, constraints: null }),
    message: /"CN=root" has no BasicConstraints, so it is no CA/,
  },
  {
    name: 'a leaf',
    certificates: await testCertificate({ ...root, constraints: { ca: false } }),
    message: /"CN=root" is no CA: its BasicConstraints say CA:FALSE/,
  },
  {
    name: 'a CA whose KeyUsage has no keyCertSign',
    certificates: await testCertificate({ ...root, usages: ['digitalSignature', 'cRLSign'] }),
    message: /the KeyUsage of "CN=root" has no keyCertSign/,
  },
  {
    name: 'an expired CA',
    certificates: await testCertificate({ ...root, notAfter: NOW }),
    code: 'CA_EXPIRED',
    message: /"CN=root" expired at 2023-11-14T22:13:20Z/,
  },
  {
    name: 'a CA of tomorrow',
    certificates: await testCertificate({ ...root, notBefore: toUnixSeconds(NOW + 86_400) }),
    code: 'CA_EXPIRED',
    message: /"CN=root" is not valid before 2023-11-15T22:13:20Z/,
  },
  {
    name: 'an intermediate under a root that allows none',
    certificates: midPem + (await testCertificate({ ...root, constraints: { ca: true, pathLength: 0 } })),
    key: pemOf(midKey),
    message: /"CN=root" allows 0 CA certificates below it, there are 1/,
  },
  {
    name: 'an intermediate under an expired root',
    certificates: midPem + (await testCertificate({ ...root, notAfter: toUnixSeconds(NOW - 1) })),
    key: pemOf(midKey),
    code: 'CA_EXPIRED',
    message: /"CN=root" expired/,
  },
  {
    name: 'a root of the right name whose key did not sign the intermediate',
    certificates: midPem + (await testCertificate({ subject: cn('root'), key: otherKey })),
    key: pemOf(midKey),
    message: /"CN=root" is no part of the chain above the signing certificate/,
  },
  {
    name: 'a certificate that has nothing to do with the CA',
    certificates: rootPem + (await testCertificate({ subject: cn('stranger'), key: otherKey })),
    message: /"CN=stranger" is no part of the chain/,
  },
  {
    name: 'a root that names itself as issuer but was signed by another key',
    certificates: await testCertificate({ ...root, issuer: { subject: cn('root'), key: otherKey } }),
    message: /"CN=root" names itself as issuer, but its signature is not its own/,
  },
  {
    name: 'an empty subject',
    certificates: await testCertificate({ subject: [], key: rootKey }),
    message: /has an empty subject/,
  },
];

for (const refusal of REFUSALS) {
  test(`refuses ${refusal.name}`, () => {
    const keyPem = refusal.key ?? pemOf(rootKey);
    assert.throws(
      () => parseCaMaterial({ certificatesPem: refusal.certificates, keyPem, now: NOW }),
      (error) => hasCode(error, refusal.code ?? 'CA_INVALID') && refusal.message.test(error.message),
    );
  });
}

test('asks for the passphrase of an encrypted key, and takes it', () => {
  const keyPem = exportPrivateKeyPem(rootKey, { format: 'pkcs8', passphrase: 'secret' });
  assert.throws(
    () => parseCaMaterial({ certificatesPem: rootPem, keyPem, now: NOW }),
    (error) => hasCode(error, 'KEY_PASSPHRASE_REQUIRED'),
  );
  const material = parseCaMaterial({ certificatesPem: rootPem, keyPem, passphrase: 'secret', now: NOW });
  assert.equal(commonName(material.certificate.subject), 'root');
});

test('reads a root, which servers do not present', () => {
  const material = parseCaMaterial({ certificatesPem: rootPem, keyPem: pemOf(rootKey), now: NOW });
  assert.equal(material.anchor, material.certificate);
  assert.deepEqual(material.intermediates, []);
  assert.equal(anchorPem(material), rootPem);
});

test('reads an intermediate with its root in any order, with the key in the same file', () => {
  for (const certificatesPem of [midPem + rootPem, rootPem + midPem, rootPem + midPem + rootPem]) {
    const material = parseCaMaterial({
      certificatesPem: certificatesPem + pemOf(midKey),
      keyPem: pemOf(midKey),
      now: NOW,
    });
    assert.equal(commonName(material.certificate.subject), 'mid');
    assert.deepEqual(
      material.intermediates.map((c) => commonName(c.subject)),
      ['mid'],
    );
    assert.equal(anchorPem(material), rootPem);
  }
});

test('ends with the first certificate of its chain, which may be the root', async () => {
  const endOf = async (mid: number, top: number): Promise<number> => {
    const ends = (seconds: number) => ({ notAfter: toUnixSeconds(NOW + seconds) });
    const issuer = { ...root, ...ends(top) };
    const constraints = { ca: true, pathLength: 0 };
    const certificatesPem =
      (await testCertificate({ subject: cn('mid'), key: midKey, issuer, constraints, ...ends(mid) })) +
      (await testCertificate(issuer));
    return firstEnd(parseCaMaterial({ certificatesPem, keyPem: pemOf(midKey), now: NOW })) - NOW;
  };
  assert.equal(await endOf(100, 200), 100);
  assert.equal(await endOf(200, 100), 100);
});

test('reads an intermediate alone: it is then what clients trust', () => {
  const material = parseCaMaterial({ certificatesPem: midPem, keyPem: pemOf(midKey), now: NOW });
  assert.equal(material.anchor, material.certificate);
  assert.deepEqual(
    material.intermediates.map((c) => commonName(c.subject)),
    ['mid'],
  );
});

test('takes a CA without KeyUsage, as RFC 5280 does', async () => {
  const certificatesPem = await testCertificate({ ...root, usages: null });
  assert.ok(parseCaMaterial({ certificatesPem, keyPem: pemOf(rootKey), now: NOW }));
});
