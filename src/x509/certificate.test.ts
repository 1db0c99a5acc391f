import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HOSTILE_BYTES } from '../../test/hostile.js';
import { sampleModel, sampleName, toyKey } from '../../test/sample-certificate.js';
import { fromHex } from '../../test/sample-request.js';
import { checkDer } from '../asn1/check-der.js';
import {
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeNull,
  encodeOctetString,
  encodeOidElement,
  encodeSequence,
  encodeSmallInteger,
  encodeUnsignedInteger,
} from '../asn1/der-writer.js';
import { concatBytes, utf8 } from '../base/bytes.js';
import { toUnixSeconds } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import { assembleCertificate, encodeTbsCertificate, parseCertificate, parseCertificates } from './certificate.js';
import { toBigInt } from './elliptic-curve.js';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  encodeExtension,
  EXTENDED_KEY_USAGE,
  EXTENSION,
  extKeyUsageExtension,
  KEY_USAGES,
  keyUsageExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
  type Extension,
  type KeyUsage,
} from './extension.js';
import { nameConstraintsExtension } from './name-constraints.js';
import { SIGNATURE_ALGORITHM } from './signature-algorithm.js';

const algorithm = encodeSequence(encodeOidElement('1.3.101.112'));
const time = (text: string): Uint8Array => encodeElement(text.length === 13 ? 0x17 : 0x18, utf8(text));
const validity = encodeSequence(time('240101000000Z'), time('250101000000Z'));

/** The fields of a TBSCertificate; what is undefined is left out. */
interface Fields {
  readonly version?: Uint8Array | undefined;
  readonly serial?: Uint8Array;
  readonly inner?: Uint8Array;
  readonly issuer?: Uint8Array;
  readonly validity?: Uint8Array;
  readonly subject?: Uint8Array;
  readonly publicKey?: Uint8Array;
  readonly tail?: readonly Uint8Array[];
  readonly outer?: Uint8Array;
  readonly signature?: Uint8Array;
}

function certificate(fields: Fields = {}): Uint8Array {
  const version = 'version' in fields ? fields.version : encodeExplicit(0, encodeSmallInteger(2));
  const tbs = [
    fields.serial ?? encodeSmallInteger(7),
    fields.inner ?? algorithm,
    fields.issuer ?? sampleName('ca').der,
    fields.validity ?? validity,
    fields.subject ?? sampleName('leaf').der,
    fields.publicKey ?? toyKey('leaf'),
    ...(fields.tail ?? []),
  ];
  return encodeSequence(
    encodeSequence(...(version === undefined ? tbs : [version, ...tbs])),
    fields.outer ?? algorithm,
    fields.signature ?? encodeBitString(Uint8Array.of(1)),
  );
}

const extended = (...extensions: readonly Uint8Array[]): Uint8Array =>
  certificate({ tail: [encodeExplicit(3, encodeSequence(...extensions))] });
const valued = (oid: string, value: Uint8Array, critical = false): Uint8Array =>
  extended(encodeExtension({ oid, critical, value }));

const refusals: readonly (readonly [string, Uint8Array, string])[] = [
  ['nothing', new Uint8Array(), 'x509: malformed certificate'],
  ['text', utf8('hello'), 'x509: malformed certificate'],
  ['an empty SEQUENCE', Uint8Array.of(0x30, 0), 'x509: malformed tbs certificate'],
  ['a certificate that is cut off', certificate().subarray(0, -1), 'x509: malformed certificate'],
  ['octets after it', concatBytes([certificate(), Uint8Array.of(0)]), 'x509: trailing data'],
  ['an indefinite length', fromHex('3080 0000'), 'x509: malformed certificate'],
  [
    'a version that is no INTEGER',
    certificate({ version: encodeExplicit(0, encodeNull()) }),
    'x509: malformed version',
  ],
  ['a version of four', certificate({ version: encodeExplicit(0, encodeSmallInteger(3)) }), 'x509: invalid version'],
  ['a version of five', certificate({ version: encodeExplicit(0, encodeSmallInteger(4)) }), 'x509: malformed version'],
  ['a negative version', certificate({ version: encodeExplicit(0, fromHex('0201 ff')) }), 'x509: malformed version'],
  [
    'a version with octets after it',
    certificate({ version: encodeExplicit(0, encodeSmallInteger(2), encodeNull()) }),
    'x509: malformed version',
  ],
  ['no serial number', certificate({ serial: new Uint8Array() }), 'x509: malformed serial number'],
  [
    'a serial number in more octets than it needs',
    certificate({ serial: fromHex('0202 0001') }),
    'x509: malformed serial number',
  ],
  ['a negative serial number', certificate({ serial: fromHex('0201 80') }), 'x509: negative serial number'],
  ['no algorithm', certificate({ inner: encodeNull() }), 'x509: malformed signature algorithm identifier'],
  ['no outer algorithm', certificate({ outer: encodeNull() }), 'x509: malformed algorithm identifier'],
  [
    'two algorithms that differ',
    certificate({ outer: encodeSequence(encodeOidElement('1.3.101.113')) }),
    "x509: inner and outer signature algorithm identifiers don't match",
  ],
  [
    'two algorithms whose parameters differ',
    certificate({ outer: encodeSequence(encodeOidElement('1.3.101.112'), encodeNull()) }),
    "x509: inner and outer signature algorithm identifiers don't match",
  ],
  [
    'an algorithm without OID',
    certificate({ inner: encodeSequence(), outer: encodeSequence() }),
    'x509: malformed OID',
  ],
  ['an issuer that is no name', certificate({ issuer: encodeNull() }), 'x509: invalid RDNSequence'],
  [
    'a subject with a bad string',
    certificate({
      subject: encodeSequence(encodeElement(0x31, encodeSequence(encodeOidElement('2.5.4.3'), fromHex('1301 40')))),
    }),
    'x509: invalid RDNSequence: invalid attribute value: invalid PrintableString',
  ],
  ['no validity', certificate({ validity: encodeNull() }), 'x509: malformed validity'],
  ['a validity without times', certificate({ validity: encodeSequence() }), 'x509: unsupported time format'],
  [
    'a validity of one time',
    certificate({ validity: encodeSequence(time('240101000000Z')) }),
    'x509: unsupported time format',
  ],
  [
    'a UTCTime of the 32nd',
    certificate({ validity: encodeSequence(time('240132000000Z')) }),
    'x509: malformed UTCTime',
  ],
  [
    'a GeneralizedTime of month 13',
    certificate({ validity: encodeSequence(time('20241301000000Z')) }),
    'x509: malformed GeneralizedTime',
  ],
  ['a key that is no SEQUENCE', certificate({ publicKey: encodeNull() }), 'x509: malformed spki'],
  [
    'a key without algorithm',
    certificate({ publicKey: encodeSequence() }),
    'x509: malformed public key algorithm identifier',
  ],
  ['a key without bits', certificate({ publicKey: encodeSequence(algorithm) }), 'x509: malformed subjectPublicKey'],
  [
    'a key of 31 octets',
    certificate({ publicKey: encodeSequence(algorithm, encodeBitString(new Uint8Array(31))) }),
    'x509: wrong Ed25519 public key size',
  ],
  ['a signature that is no BIT STRING', certificate({ signature: encodeNull() }), 'x509: malformed signature'],
  ['an issuerUniqueID that is cut off', certificate({ tail: [fromHex('8105')] }), 'x509: malformed issuerUniqueID'],
  [
    'extensions that are no SEQUENCE',
    certificate({ tail: [encodeExplicit(3, encodeNull())] }),
    'x509: malformed extensions',
  ],
  ['an extension that is no SEQUENCE', extended(encodeNull()), 'x509: malformed extension'],
  ['an extension without OID', extended(encodeSequence()), 'x509: malformed extension OID field'],
  [
    'an extension whose critical is no BOOLEAN of DER',
    extended(encodeSequence(encodeOidElement('1.2.3'), fromHex('0101 01'), encodeOctetString(utf8('')))),
    'x509: malformed extension critical field',
  ],
  [
    'an extension without value',
    extended(encodeSequence(encodeOidElement('1.2.3'))),
    'x509: malformed extension value field',
  ],
  [
    'an extension twice',
    extended(...[1, 2].map(() => encodeExtension({ oid: '1.2.3', critical: false, value: utf8('') }))),
    'x509: certificate contains duplicate extension with OID "1.2.3"',
  ],
  ['a key usage that is none', valued(EXTENSION.keyUsage, encodeNull()), 'x509: invalid key usage'],
  [
    'basic constraints that are none',
    valued(EXTENSION.basicConstraints, encodeNull()),
    'x509: invalid basic constraints',
  ],
  [
    'a negative path length',
    valued(EXTENSION.basicConstraints, encodeSequence(fromHex('0201 ff'))),
    'x509: invalid basic constraints',
  ],
  ['names that are none', valued(EXTENSION.subjectAltName, encodeNull()), 'x509: invalid subject alternative names'],
  [
    'an address of five octets',
    valued(EXTENSION.subjectAltName, fromHex('3007 8705 0102030405')),
    'x509: cannot parse IP address of length 5',
  ],
  [
    'usages that are none',
    valued(EXTENSION.extKeyUsage, encodeSequence(encodeNull())),
    'x509: invalid extended key usages',
  ],
  [
    'a subject key identifier that is none',
    valued(EXTENSION.subjectKeyIdentifier, encodeNull()),
    'x509: invalid subject key identifier',
  ],
  [
    'a critical subject key identifier',
    valued(EXTENSION.subjectKeyIdentifier, encodeOctetString(utf8('x')), true),
    'x509: subject key identifier incorrectly marked critical',
  ],
  [
    'an authority key identifier that is none',
    valued(EXTENSION.authorityKeyIdentifier, encodeNull()),
    'x509: invalid authority key identifier',
  ],
  [
    'a critical authority key identifier',
    valued(EXTENSION.authorityKeyIdentifier, encodeSequence(), true),
    'x509: authority key identifier incorrectly marked critical',
  ],
  [
    'name constraints that are none',
    valued(EXTENSION.nameConstraints, encodeNull()),
    'x509: invalid NameConstraints extension',
  ],
  [
    'empty name constraints',
    valued(EXTENSION.nameConstraints, encodeSequence()),
    'x509: empty name constraints extension',
  ],
  [
    'an empty list of subtrees',
    valued(EXTENSION.nameConstraints, encodeSequence(encodeExplicit(0))),
    'x509: empty name constraints subtree sequence',
  ],
  [
    'a network with a mask that has gaps',
    valued(
      EXTENSION.nameConstraints,
      encodeSequence(encodeExplicit(0, encodeSequence(fromHex('8708 0a000000 ff00ff00')))),
    ),
    'x509: IP constraint contained invalid mask ff00ff00',
  ],
  [
    'a network of five octets',
    valued(EXTENSION.nameConstraints, encodeSequence(encodeExplicit(0, encodeSequence(fromHex('8705 0102030405'))))),
    'x509: IP constraint contained value of length 5',
  ],
  [
    'a domain constraint with an empty label',
    valued(
      EXTENSION.nameConstraints,
      encodeSequence(encodeExplicit(0, encodeSequence(encodeElement(0x82, utf8('a..b'))))),
    ),
    'x509: failed to parse dnsName constraint "a..b"',
  ],
  [
    'a URI constraint that is an address',
    valued(
      EXTENSION.nameConstraints,
      encodeSequence(encodeExplicit(1, encodeSequence(encodeElement(0x86, utf8('10.0.0.1'))))),
    ),
    'x509: failed to parse URI constraint "10.0.0.1": cannot be IP address',
  ],
  [
    'access descriptions that are none',
    valued(EXTENSION.authorityInfoAccess, encodeNull()),
    'x509: invalid authority info access',
  ],
  [
    'critical access descriptions',
    valued(EXTENSION.authorityInfoAccess, encodeSequence(), true),
    'x509: authority info access incorrectly marked critical',
  ],
  [
    'distribution points that are none',
    valued(EXTENSION.crlDistributionPoints, encodeNull()),
    'x509: invalid CRL distribution points',
  ],
  [
    'a policy twice',
    valued(
      EXTENSION.certificatePolicies,
      encodeSequence(...[1, 2].map(() => encodeSequence(encodeOidElement('1.2.3')))),
    ),
    'x509: invalid certificate policies',
  ],
];
for (const [what, der, message] of refusals) {
  test(`refuses ${what}`, () => {
    assert.throws(() => parseCertificate(der), { code: 'CERTIFICATE_INVALID', message });
  });
}

test('takes many policies, and a long address, in little time', { timeout: 20_000 }, () => {
  const many = Array.from({ length: 60_000 }, (_, i) => encodeSequence(encodeOidElement(`1.2.3.${i}`)));
  const policies = valued(EXTENSION.certificatePolicies, encodeSequence(...many));
  assert.equal(parseCertificate(policies).extensions.length, 1);
  const address = encodeElement(0x86, new Uint8Array(500_000).fill(0x61));
  const access = encodeSequence(encodeSequence(encodeOidElement('1.3.6.1.5.5.7.48.1'), address));
  assert.equal(parseCertificate(valued(EXTENSION.authorityInfoAccess, access)).extensions.length, 1);
});

test('takes what Go takes beyond what we would write', () => {
  assert.equal(parseCertificate(certificate({ version: undefined })).version, 1);
  assert.equal(parseCertificate(certificate({ version: encodeExplicit(0, encodeSmallInteger(1)) })).version, 2);
  assert.equal(parseCertificate(certificate({ serial: encodeSmallInteger(0) })).serialNumber.length, 1);
  const odd = encodeSequence(encodeElement(0x17, utf8('2401010000Z')), encodeElement(0x17, utf8('250101000000+0100')));
  const parsed = parseCertificate(certificate({ validity: odd }));
  assert.equal(parsed.notBefore, Date.parse('2024-01-01T00:00:00Z') / 1000);
  assert.equal(parsed.notAfter, Date.parse('2025-01-01T00:00:00+01:00') / 1000);
  assert.deepEqual(parseCertificate(certificate({ tail: [fromHex('8100 8200')] })).extensions, []);
});

test('reads a serial number as a magnitude', () => {
  const serial = encodeUnsignedInteger(Uint8Array.of(0x80, 1));
  assert.deepEqual(parseCertificate(certificate({ serial })).serialNumber, Uint8Array.of(0x80, 1));
});

test('reads certificates that follow one another, and refuses what stands between', () => {
  const der = certificate();
  assert.equal(parseCertificates(concatBytes([der, der])).length, 2);
  assert.deepEqual(parseCertificates(new Uint8Array()), []);
  assert.throws(() => parseCertificates(concatBytes([der, Uint8Array.of(0)])), {
    message: 'x509: malformed certificate',
  });
});

test('says what its extensions say', () => {
  const extensions: readonly Extension[] = [
    keyUsageExtension(new Set(['digitalSignature', 'decipherOnly'])),
    basicConstraintsExtension({ ca: true, pathLength: 3 }),
    extKeyUsageExtension([EXTENDED_KEY_USAGE.serverAuth, '1.2.3.4']),
    subjectKeyIdentifierExtension(Uint8Array.of(1, 2)),
    authorityKeyIdentifierExtension(Uint8Array.of(3, 4)),
    subjectAltNameExtension([{ kind: 'dns', value: 'a' }], false),
    nameConstraintsExtension({ permitted: [{ kind: 'dns', value: 'a' }], excluded: [] }),
  ];
  const model = sampleModel({ extensions });
  const parsed = parseCertificate(
    assembleCertificate(encodeTbsCertificate(model), model.signatureAlgorithm, utf8('s')),
  );
  assert.deepEqual([...(parsed.keyUsage ?? [])], ['digitalSignature', 'decipherOnly']);
  assert.deepEqual(parsed.basicConstraints, { ca: true, pathLength: 3 });
  assert.deepEqual(parsed.extKeyUsage, [EXTENDED_KEY_USAGE.serverAuth, '1.2.3.4']);
  assert.deepEqual(parsed.subjectKeyIdentifier, Uint8Array.of(1, 2));
  assert.deepEqual(parsed.authorityKeyIdentifier, Uint8Array.of(3, 4));
  assert.deepEqual(parsed.subjectAltNames, [{ kind: 'dns', value: 'a' }]);
  assert.deepEqual(parsed.nameConstraints, { permitted: [{ kind: 'dns', value: 'a' }], excluded: [] });
  assert.deepEqual(parsed.extensions, extensions);
});

test('refuses to write extensions that say nothing', () => {
  assert.throws(() => keyUsageExtension(new Set()), { code: 'CERTIFICATE_INVALID' });
  assert.throws(() => extKeyUsageExtension([]), { code: 'CERTIFICATE_INVALID' });
  assert.throws(() => nameConstraintsExtension({ permitted: [], excluded: [] }), { code: 'CERTIFICATE_INVALID' });
});

test('property: reads back what it builds, and what it builds is DER', () => {
  const usages = fc.uniqueArray(fc.constantFrom<KeyUsage>(...KEY_USAGES), { minLength: 1 });
  const seconds = fc.integer({ min: 0, max: 253_402_300_799 }).map(toUnixSeconds);
  fc.assert(
    fc.property(
      fc.record({
        serialNumber: fc.uint8Array({ minLength: 1, maxLength: 20 }),
        notBefore: seconds,
        notAfter: seconds,
        usages,
        pathLength: fc.option(fc.nat(), { nil: undefined }),
        ca: fc.boolean(),
        keyIdentifier: fc.uint8Array({ maxLength: 40 }),
        subject: fc.string({ unit: 'grapheme' }),
        signature: fc.uint8Array({ maxLength: 100 }),
      }),
      (wanted) => {
        const limit = wanted.pathLength === undefined ? {} : { pathLength: wanted.pathLength };
        const model = sampleModel({
          serialNumber: wanted.serialNumber,
          notBefore: wanted.notBefore,
          notAfter: wanted.notAfter,
          subject: sampleName(wanted.subject),
          extensions: [
            keyUsageExtension(new Set(wanted.usages)),
            basicConstraintsExtension({ ca: wanted.ca, ...limit }),
            subjectKeyIdentifierExtension(wanted.keyIdentifier),
          ],
        });
        const der = assembleCertificate(encodeTbsCertificate(model), SIGNATURE_ALGORITHM.ed25519, wanted.signature);
        checkDer(der);
        const parsed = parseCertificate(der);
        assert.deepEqual(parsed.der, der);
        assert.equal(toBigInt(parsed.serialNumber), toBigInt(wanted.serialNumber));
        assert.equal(parsed.notBefore, wanted.notBefore);
        assert.equal(parsed.notAfter, wanted.notAfter);
        assert.deepEqual(parsed.subject, model.subject);
        assert.deepEqual(new Set(parsed.keyUsage), new Set(wanted.usages));
        assert.deepEqual(parsed.basicConstraints, { ca: wanted.ca, ...limit });
        assert.deepEqual(parsed.subjectKeyIdentifier, wanted.keyIdentifier);
        assert.deepEqual(parsed.extensions, model.extensions);
        assert.deepEqual(parsed.signature, wanted.signature);
      },
    ),
  );
});

test('takes the hostile values without harm, and quickly', () => {
  const start = performance.now();
  for (const der of HOSTILE_BYTES) {
    for (const parse of [parseCertificate, parseCertificates]) {
      try {
        parse(der);
      } catch (error) {
        assert.ok(error instanceof CountersignError);
      }
    }
  }
  assert.ok(performance.now() - start < 2_000);
});
