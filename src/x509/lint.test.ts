import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleModel, sampleName, SAMPLE_NOW, strangeExtension } from '../../test/sample-certificate.js';
import { fromHex, P256_POINT, publicKeyInfo } from '../../test/sample-request.js';
import {
  encodeElement,
  encodeNull,
  encodeOidElement,
  encodeSequence,
  encodeSmallInteger,
  encodeUnsignedInteger,
} from '../asn1/der-writer.js';
import { utf8 } from '../base/bytes.js';
import { toUnixSeconds } from '../base/clock.js';
import type { CertificateModel } from './certificate.js';
import {
  basicConstraintsExtension,
  EXTENDED_KEY_USAGE,
  EXTENSION,
  extKeyUsageExtension,
  keyUsageExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
  type Extension,
} from './extension.js';
import { lintCertificate, type LintRole } from './lint.js';
import { encodeName, parseName } from './name.js';

const usage = keyUsageExtension(new Set(['digitalSignature']));
const leafConstraints = basicConstraintsExtension({ ca: false });
const altName = subjectAltNameExtension([{ kind: 'dns', value: 'a.example.com' }], false);
const withExtensions = (...extensions: readonly Extension[]): Partial<CertificateModel> => ({ extensions });
const rsa = (modulus: Uint8Array, exponent: number): Uint8Array =>
  publicKeyInfo(
    '1.2.840.113549.1.1.1',
    encodeNull(),
    encodeSequence(encodeUnsignedInteger(modulus), encodeSmallInteger(exponent)),
  );

const findings: readonly (readonly [string, Partial<CertificateModel>, readonly string[], LintRole?])[] = [
  ['a serial number of zero', { serialNumber: Uint8Array.of(0, 0) }, ['serial-zero']],
  ['no serial number', { serialNumber: new Uint8Array() }, ['serial-zero']],
  ['a serial number of 21 octets', { serialNumber: new Uint8Array(21).fill(1) }, ['serial-length']],
  [
    'a serial number of 20 octets with the sign bit',
    { serialNumber: new Uint8Array(20).fill(0x80) },
    ['serial-length'],
  ],
  ['an end before the beginning', { notAfter: toUnixSeconds(SAMPLE_NOW - 9_999) }, ['validity-order']],
  ['an end at the beginning', { notBefore: toUnixSeconds(5), notAfter: toUnixSeconds(5) }, ['validity-order']],
  ['an empty issuer', { issuer: encodeName([]) }, ['issuer-empty']],
  [
    'an empty subject without names',
    { subject: encodeName([]), extensions: [usage, leafConstraints] },
    ['subject-empty'],
  ],
  ['an empty subject with names that are not critical', { subject: encodeName([]) }, ['san-critical']],
  [
    'names that are critical beside a subject',
    withExtensions(usage, leafConstraints, { ...altName, critical: true }),
    ['san-critical'],
  ],
  ['SHA-1', { signatureAlgorithm: { oid: '1.2.840.113549.1.1.5' } }, ['signature-algorithm']],
  ['MD5', { signatureAlgorithm: { oid: '1.2.840.113549.1.1.4' } }, ['signature-algorithm']],
  ['DSA', { signatureAlgorithm: { oid: '2.16.840.1.101.3.4.3.2' } }, ['signature-algorithm']],
  ['an unknown signature algorithm', { signatureAlgorithm: { oid: '1.2.3' } }, ['signature-algorithm']],
  ['a key that is none', { publicKeyDer: encodeNull() }, ['key-malformed']],
  ['a key of an unknown kind', { publicKeyDer: publicKeyInfo('1.3.101.113', undefined, P256_POINT) }, ['key-kind']],
  ['RSA of 1024 bits', { publicKeyDer: rsa(new Uint8Array(128).fill(0xff), 65_537) }, ['key-size', 'key-factor']],
  ['RSA with exponent 3', { publicKeyDer: rsa(oddModulus(), 3) }, ['key-exponent']],
  ['RSA with an even exponent', { publicKeyDer: rsa(oddModulus(), 65_538) }, ['key-exponent']],
  [
    'an Ed25519 point of small order',
    { publicKeyDer: publicKeyInfo('1.3.101.112', undefined, new Uint8Array(32)) },
    ['key-small-order'],
  ],
  ['an extension twice', withExtensions(usage, usage, leafConstraints, altName), ['extension-duplicate']],
  [
    'an unknown extension',
    withExtensions(usage, leafConstraints, altName, strangeExtension(false)),
    ['extension-unknown'],
  ],
  [
    'an extension whose value is no DER',
    withExtensions(usage, leafConstraints, { ...altName, value: fromHex('3081 00') }),
    ['not-der', 'san-malformed'],
  ],
  [
    'a key usage that is not critical',
    withExtensions({ ...usage, critical: false }, leafConstraints, altName),
    ['extension-critical'],
  ],
  [
    'a critical subject key identifier',
    withExtensions(usage, leafConstraints, altName, { ...subjectKeyIdentifierExtension(utf8('x')), critical: true }),
    ['extension-critical'],
  ],
  ['no basic constraints', withExtensions(usage, altName), ['basic-constraints']],
  ['CA:TRUE', withExtensions(usage, basicConstraintsExtension({ ca: true }), altName), ['basic-constraints']],
  [
    'a path length without CA:TRUE',
    withExtensions(usage, basicConstraintsExtension({ ca: false, pathLength: 0 }), altName),
    ['basic-constraints'],
  ],
  [
    'CA:FALSE',
    withExtensions(keyUsageExtension(new Set(['keyCertSign'])), leafConstraints),
    ['basic-constraints'],
    'ca',
  ],
  ['keyCertSign', withExtensions(keyUsageExtension(new Set(['keyCertSign'])), leafConstraints, altName), ['key-usage']],
  ['cRLSign', withExtensions(keyUsageExtension(new Set(['cRLSign'])), leafConstraints, altName), ['key-usage']],
  ['no keyCertSign', withExtensions(usage, basicConstraintsExtension({ ca: true })), ['key-usage'], 'ca'],
  [
    'a key usage without bits',
    withExtensions({ ...usage, value: fromHex('0301 00') }, leafConstraints, altName),
    ['key-usage'],
  ],
  [
    'an empty list of extended key usages',
    withExtensions(usage, leafConstraints, altName, {
      oid: EXTENSION.extKeyUsage,
      critical: false,
      value: encodeSequence(),
    }),
    ['ext-key-usage'],
  ],
  [
    'an extended key usage twice',
    withExtensions(
      usage,
      leafConstraints,
      altName,
      extKeyUsageExtension([EXTENDED_KEY_USAGE.serverAuth, EXTENDED_KEY_USAGE.serverAuth]),
    ),
    ['ext-key-usage'],
  ],
  ['an empty list of names', withExtensions(usage, leafConstraints, subjectAltNameExtension([], false)), ['san-empty']],
  [
    'an IP address as DNS name',
    withExtensions(usage, leafConstraints, subjectAltNameExtension([{ kind: 'dns', value: '10.0.0.1' }], false)),
    ['san-dns'],
  ],
  [
    'a name of a kind that is never certified',
    withExtensions(usage, leafConstraints, subjectAltNameExtension([{ kind: 'registeredId', oid: '1.2.3' }], false)),
    ['san-kind'],
  ],
  [
    'an empty subject',
    {
      subject: encodeName([]),
      extensions: [keyUsageExtension(new Set(['keyCertSign'])), basicConstraintsExtension({ ca: true })],
    },
    ['subject-empty'],
    'ca',
  ],
  [
    'an attribute that is never certified',
    { subject: encodeName([[{ oid: '2.5.4.3', value: 'a' }], [{ oid: '1.2.840.113549.1.9.1', value: 'a@b' }]]) },
    ['subject-attribute'],
  ],
  [
    'a common name twice',
    { subject: encodeName([[{ oid: '2.5.4.3', value: 'a' }], [{ oid: '2.5.4.3', value: 'b' }]]) },
    ['subject-duplicate'],
  ],
  ['an empty attribute', { subject: encodeName([[{ oid: '2.5.4.3', value: '' }]]) }, ['subject-empty-value']],
  ['a NUL in an attribute', { subject: encodeName([[{ oid: '2.5.4.3', value: 'a\u0000b' }]]) }, ['subject-control']],
  ['a text that turns around', { subject: encodeName([[{ oid: '2.5.4.3', value: 'a\u202eb' }]]) }, ['subject-control']],
  ['a country of three letters', { subject: encodeName([[{ oid: '2.5.4.6', value: 'CHE' }]]) }, ['subject-country']],
  [
    'an attribute that is too long',
    { subject: encodeName([[{ oid: '2.5.4.3', value: 'a'.repeat(1_025) }]]) },
    ['subject-length'],
  ],
  [
    'a BMPString',
    {
      subject: parseName(
        encodeSequence(encodeElement(0x31, encodeSequence(encodeOidElement('2.5.4.3'), fromHex('1e02 0041')))),
      ),
    },
    ['subject-string'],
  ],
  [
    'a subject whose RDN is out of order',
    {
      subject: parseName(
        encodeSequence(
          encodeElement(
            0x31,
            encodeSequence(encodeOidElement('2.5.4.11'), fromHex('0c01 61')),
            encodeSequence(encodeOidElement('2.5.4.10'), fromHex('0c01 61')),
          ),
        ),
      ),
    },
    ['not-der'],
  ],
];

/** 2048 bits without a small factor and without the fingerprint: 2^2047 + 3. */
function oddModulus(): Uint8Array {
  const modulus = new Uint8Array(256);
  modulus[0] = 0x80;
  modulus[255] = 3;
  return modulus;
}

for (const [what, parts, rules, role] of findings) {
  test(`finds ${what} in a ${role ?? 'leaf'}`, () => {
    assert.deepEqual(
      lintCertificate(sampleModel(parts), role).map(({ rule }) => rule),
      rules,
    );
  });
}

test('finds nothing in a leaf that is right', () => {
  assert.deepEqual(lintCertificate(sampleModel()), []);
  const critical = { ...altName, critical: true };
  assert.deepEqual(
    lintCertificate(sampleModel({ subject: encodeName([]), extensions: [usage, leafConstraints, critical] })),
    [],
  );
});

test('finds nothing in a CA that is right, whatever its subject says', () => {
  const extensions = [
    keyUsageExtension(new Set(['keyCertSign', 'cRLSign'])),
    basicConstraintsExtension({ ca: true, pathLength: 0 }),
  ];
  const subject = encodeName([
    [{ oid: '0.9.2342.19200300.100.1.25', value: 'example' }],
    [{ oid: '2.5.4.3', value: 'ca' }],
  ]);
  assert.deepEqual(lintCertificate(sampleModel({ subject, extensions }), 'ca'), []);
  assert.deepEqual(lintCertificate(sampleModel({ subject: sampleName('ca'), extensions }), 'ca'), []);
});

test('reports everything at once, each with its place', () => {
  const all = lintCertificate(sampleModel({ serialNumber: new Uint8Array(), issuer: encodeName([]), extensions: [] }));
  assert.deepEqual(
    all.map(({ path, rule }) => `${path}: ${rule}`),
    ['serialNumber: serial-zero', 'issuer: issuer-empty', 'basicConstraints: basic-constraints'],
  );
});
