import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HOSTILE_BYTES } from '../../test/hostile.js';
import {
  extension,
  extensionRequest,
  fromHex,
  P256_KEY,
  P256_POINT,
  publicKeyInfo,
  sampleRequest,
} from '../../test/sample-request.js';
import {
  encodeBitString,
  encodeBoolean,
  encodeElement,
  encodeImplicit,
  encodeNull,
  encodeOctetString,
  encodeOidElement,
  encodeSequence,
  encodeSmallInteger,
  encodeUnsignedInteger,
  encodeUtf8String,
} from '../asn1/der-writer.js';
import { concatBytes, utf8 } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import { parseApiRequest } from './api-request.js';
import {
  assembleCertificationRequest,
  buildCertificationRequestInfo,
  parseCertificationRequest,
  strictFindings,
} from './certification-request.js';
import { EXTENSION, subjectAltNameExtension } from './extension.js';
import { encodeGeneralNames, type GeneralName } from './general-name.js';
import { encodeName } from './name.js';
import { encodePem } from './pem.js';
import { SIGNATURE_ALGORITHM } from './signature-algorithm.js';

const good = sampleRequest();
const name = (oid: string, value: Uint8Array): Uint8Array =>
  encodeSequence(encodeElement(0x31, encodeSequence(encodeOidElement(oid), value)));
const san = (...names: readonly Uint8Array[]): Uint8Array =>
  sampleRequest({ attributes: [extensionRequest(extension(EXTENSION.subjectAltName, encodeSequence(...names)))] });
const rsaKey = (modulus: Uint8Array, exponent: Uint8Array, parameters = encodeNull()): Uint8Array =>
  publicKeyInfo('1.2.840.113549.1.1.1', parameters, encodeSequence(modulus, exponent));
const ecKey = (curve: string, point: Uint8Array): Uint8Array =>
  publicKeyInfo('1.2.840.10045.2.1', encodeOidElement(curve), point);
const P256 = '1.2.840.10045.3.1.7';

const refusals: readonly (readonly [string, Uint8Array, string])[] = [
  ['nothing', new Uint8Array(), 'asn1: syntax error: sequence truncated'],
  ['octets after it', concatBytes([good, Uint8Array.of(0)]), 'asn1: syntax error: trailing data'],
  ['a request that is cut off', good.subarray(0, -1), 'asn1: syntax error: data truncated'],
  ['its first octet alone', good.subarray(0, 1), 'asn1: syntax error: truncated tag or length'],
  ['its first two octets alone', Uint8Array.of(0x30, 0x82), 'asn1: syntax error: truncated tag or length'],
  ['an indefinite length', Uint8Array.of(0x30, 0x80, 0, 0), 'asn1: syntax error: indefinite length found (not DER)'],
  ['a long form of a short length', Uint8Array.of(0x30, 0x81, 0x01, 0), 'asn1: structure error: non-minimal length'],
  [
    'a length with a leading zero',
    Uint8Array.of(0x30, 0x82, 0x00, 0x80),
    'asn1: structure error: superfluous leading zeros in length',
  ],
  ['a length of 2^31', fromHex('30 84 80000000'), 'asn1: structure error: length too large'],
  [
    'something that is no SEQUENCE',
    encodeSmallInteger(1),
    "asn1: structure error: tags don't match (16 vs {class:0 tag:2 length:1 isCompound:false}) {optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} certificateRequest @2",
  ],
  ['an empty SEQUENCE', encodeSequence(), 'asn1: syntax error: sequence truncated'],
  ['an empty version', sampleRequest({ version: fromHex('0200') }), 'asn1: structure error: empty integer'],
  [
    'a version in more octets than it needs',
    sampleRequest({ version: fromHex('0202 0000') }),
    'asn1: structure error: integer not minimally-encoded',
  ],
  [
    'a version of more than 64 bits',
    sampleRequest({ version: encodeUnsignedInteger(new Uint8Array(9).fill(0x7f)) }),
    'asn1: structure error: integer too large',
  ],
  [
    'no attributes at all',
    encodeSequence(
      encodeSequence(encodeSmallInteger(0), encodeName([]).der, P256_KEY),
      encodeSequence(encodeOidElement('1.2.840.10045.4.3.2')),
      encodeBitString(new Uint8Array()),
    ),
    'asn1: syntax error: sequence truncated',
  ],
  [
    'no signature',
    encodeSequence(
      encodeSequence(encodeSmallInteger(0), encodeName([]).der, P256_KEY, fromHex('a000')),
      encodeSequence(encodeOidElement('1.2.840.10045.4.3.2')),
    ),
    'asn1: syntax error: sequence truncated',
  ],
  [
    'a signature with bad padding',
    sampleRequest({ signature: fromHex('0302 0101') }),
    'asn1: syntax error: invalid padding bits in BIT STRING',
  ],
  ['an empty signature', sampleRequest({ signature: fromHex('0300') }), 'asn1: syntax error: zero length BIT STRING'],
  [
    'an empty algorithm OID',
    sampleRequest({ algorithm: encodeSequence(fromHex('0600')) }),
    'asn1: syntax error: zero length OBJECT IDENTIFIER',
  ],
  [
    'an algorithm OID with a leading 80',
    sampleRequest({ algorithm: encodeSequence(fromHex('0602 2a80')) }),
    'asn1: syntax error: integer is not minimally encoded',
  ],
  [
    'an algorithm OID that is cut off',
    sampleRequest({ algorithm: encodeSequence(fromHex('0602 2a81')) }),
    'asn1: syntax error: truncated base 128 integer',
  ],
  [
    'an algorithm OID with a huge arc',
    sampleRequest({ algorithm: encodeSequence(fromHex('0606 2a8880808000')) }),
    'asn1: structure error: base 128 integer too large',
  ],
  ['secp256k1', sampleRequest({ publicKey: ecKey('1.3.132.0.10', P256_POINT) }), 'x509: unsupported elliptic curve'],
  [
    'an EC key without a named curve',
    sampleRequest({ publicKey: publicKeyInfo('1.2.840.10045.2.1', encodeNull(), P256_POINT) }),
    'x509: invalid ECDSA parameters',
  ],
  [
    'an EC key without parameters',
    sampleRequest({ publicKey: publicKeyInfo('1.2.840.10045.2.1', undefined, P256_POINT) }),
    'x509: invalid ECDSA parameters',
  ],
  [
    'a compressed point',
    sampleRequest({ publicKey: ecKey(P256, Uint8Array.of(2, ...P256_POINT.subarray(1, 33))) }),
    'ecdsa: invalid uncompressed public key',
  ],
  [
    'the point at infinity',
    sampleRequest({ publicKey: ecKey(P256, Uint8Array.of(0)) }),
    'ecdsa: invalid uncompressed public key',
  ],
  [
    'a point of another length',
    sampleRequest({ publicKey: ecKey(P256, P256_POINT.subarray(0, 64)) }),
    'invalid P256 point encoding',
  ],
  [
    'a coordinate above p',
    sampleRequest({ publicKey: ecKey(P256, Uint8Array.of(4, ...new Uint8Array(64).fill(0xff))) }),
    'invalid P256 element encoding',
  ],
  [
    'a point that is not on the curve',
    sampleRequest({ publicKey: ecKey(P256, Uint8Array.of(4, ...new Uint8Array(63), 1)) }),
    'P256 point not on curve',
  ],
  [
    'an RSA key without NULL',
    sampleRequest({
      publicKey: publicKeyInfo(
        '1.2.840.113549.1.1.1',
        undefined,
        encodeSequence(encodeSmallInteger(5), encodeSmallInteger(3)),
      ),
    }),
    'x509: RSA key missing NULL parameters',
  ],
  [
    'an RSA key that is no SEQUENCE',
    sampleRequest({ publicKey: publicKeyInfo('1.2.840.113549.1.1.1', encodeNull(), encodeNull()) }),
    'x509: invalid RSA public key',
  ],
  [
    'an RSA modulus that is no INTEGER',
    sampleRequest({ publicKey: rsaKey(encodeNull(), encodeSmallInteger(3)) }),
    'x509: invalid RSA modulus',
  ],
  [
    'an RSA exponent of 72 bits',
    sampleRequest({ publicKey: rsaKey(encodeSmallInteger(5), encodeUnsignedInteger(new Uint8Array(9).fill(1))) }),
    'x509: invalid RSA public exponent',
  ],
  [
    'a negative RSA modulus',
    sampleRequest({ publicKey: rsaKey(fromHex('0201 ff'), encodeSmallInteger(3)) }),
    'x509: RSA modulus is not a positive number',
  ],
  [
    'an RSA exponent of zero',
    sampleRequest({ publicKey: rsaKey(encodeSmallInteger(5), encodeSmallInteger(0)) }),
    'x509: RSA public exponent is not a positive number',
  ],
  [
    'an Ed25519 key with parameters',
    sampleRequest({ publicKey: publicKeyInfo('1.3.101.112', encodeNull(), new Uint8Array(32)) }),
    'x509: Ed25519 key encoded with illegal parameters',
  ],
  [
    'an Ed25519 key of 31 octets',
    sampleRequest({ publicKey: publicKeyInfo('1.3.101.112', undefined, new Uint8Array(31)) }),
    'x509: wrong Ed25519 public key size',
  ],
  [
    'a subject that holds no SETs',
    sampleRequest({ subject: encodeSequence(encodeSequence()) }),
    'asn1: structure error: sequence tag mismatch',
  ],
  [
    'a subject whose SETs hold no SEQUENCEs',
    sampleRequest({ subject: encodeSequence(encodeElement(0x31, encodeNull())) }),
    'asn1: structure error: sequence tag mismatch',
  ],
  [
    'a subject with octets after it',
    sampleRequest({ subject: encodeSequence(encodeElement(0x31, fromHex('30'))) }),
    'asn1: syntax error: truncated tag or length',
  ],
  [
    'a PrintableString with an underscore',
    sampleRequest({ subject: name('2.5.4.3', encodeElement(0x13, utf8('a_b'))) }),
    'asn1: syntax error: PrintableString contains invalid character',
  ],
  [
    'a NumericString with a letter',
    sampleRequest({ subject: name('2.5.4.3', encodeElement(0x12, utf8('a'))) }),
    'asn1: syntax error: NumericString contains invalid character',
  ],
  [
    'an IA5String with an octet of 80',
    sampleRequest({ subject: name('2.5.4.3', fromHex('1601 80')) }),
    'asn1: syntax error: IA5String contains invalid character',
  ],
  [
    'a UTF8String that is no UTF-8',
    sampleRequest({ subject: name('2.5.4.3', fromHex('0c01 ff')) }),
    'asn1: invalid UTF-8 string',
  ],
  [
    'a bad time in the subject',
    sampleRequest({ subject: name('2.5.4.3', fromHex('1701 30')) }),
    'asn1: time did not serialize back to the original value and may be invalid',
  ],
  [
    'a requested extension twice',
    sampleRequest({
      attributes: [extensionRequest(extension('1.2.3.4', new Uint8Array()), extension('1.2.3.4', new Uint8Array()))],
    }),
    'x509: certificate request contains duplicate requested extensions',
  ],
  [
    'a requested extension twice in two attributes',
    sampleRequest({
      attributes: [
        extensionRequest(extension('1.2.3.4', new Uint8Array())),
        extensionRequest(extension('1.2.3.4', new Uint8Array())),
      ],
    }),
    'x509: certificate request contains duplicate requested extensions',
  ],
  [
    'a requested extension whose critical is no BOOLEAN of DER',
    sampleRequest({
      attributes: [
        extensionRequest(encodeSequence(encodeOidElement('1.2.3.4'), fromHex('0101 01'), encodeOctetString(utf8('')))),
      ],
    }),
    'asn1: syntax error: invalid boolean',
  ],
  [
    'a list of extensions that holds something else',
    sampleRequest({ attributes: [extensionRequest(encodeNull())] }),
    'asn1: structure error: sequence tag mismatch',
  ],
  [
    'a SAN that is no SEQUENCE',
    sampleRequest({ attributes: [extensionRequest(extension(EXTENSION.subjectAltName, encodeNull()))] }),
    'x509: invalid subject alternative names',
  ],
  ['a SAN that is cut off', san(Uint8Array.of(0x82)), 'x509: invalid subject alternative name'],
  ['a DNS name that is not ASCII', san(fromHex('8201 ff')), 'x509: SAN dNSName is malformed'],
  ['an email address that is not ASCII', san(fromHex('8101 80')), 'x509: SAN rfc822Name is malformed'],
  ['a URI that is not ASCII', san(fromHex('8601 80')), 'x509: SAN uniformResourceIdentifier is malformed'],
  ['an IP address of no octets', san(fromHex('8700')), 'x509: cannot parse IP address of length 0'],
  ['an IP address of three octets', san(fromHex('8703 010203')), 'x509: cannot parse IP address of length 3'],
  ['an IP address of five octets', san(fromHex('8705 0102030405')), 'x509: cannot parse IP address of length 5'],
  [
    'an IP address with its mask',
    san(encodeImplicit(7, new Uint8Array(8))),
    'x509: cannot parse IP address of length 8',
  ],
  [
    'a URI with a control character',
    san(encodeImplicit(6, utf8('http://a\n'))),
    'x509: cannot parse URI "http://a\\n": parse "http://a\\n": net/url: invalid control character in URL',
  ],
  [
    'a URI that begins with a colon',
    san(encodeImplicit(6, utf8(':a'))),
    'x509: cannot parse URI ":a": parse ":a": missing protocol scheme',
  ],
  [
    'a URI whose host ends in a dot',
    san(encodeImplicit(6, utf8('http://a./'))),
    'x509: cannot parse URI "http://a./": invalid domain',
  ],
];

for (const [what, der, message] of refusals) {
  test(`refuses ${what}`, () => {
    assert.throws(() => parseCertificationRequest(der), { code: 'REQUEST_INVALID', message });
  });
}

const accepted: readonly (readonly [string, Uint8Array])[] = [
  ['any version', sampleRequest({ version: encodeSmallInteger(7) })],
  ['an empty subject', sampleRequest({ subject: encodeSequence() })],
  ['an empty RDN', sampleRequest({ subject: encodeSequence(encodeElement(0x31)) })],
  ['a subject value of a type that is no text', sampleRequest({ subject: name('2.5.4.3', encodeNull()) })],
  ['a subject value under a context tag', sampleRequest({ subject: name('2.5.4.3', fromHex('8001 00')) })],
  ['a key of an unknown algorithm', sampleRequest({ publicKey: publicKeyInfo('1.3.101.113', undefined, P256_POINT) })],
  ['octets after the signature, within the request', encodeSequence(...split(good), encodeNull())],
  ['an attribute that is none', sampleRequest({ attributes: [encodeNull()] })],
  [
    'an attribute without values',
    sampleRequest({ attributes: [encodeSequence(encodeOidElement('1.2.3'), fromHex('3100'))] }),
  ],
  ['a high tag number among the attributes', sampleRequest({ attributes: [fromHex('bf8101 00')] })],
  [
    'a critical of FALSE that is written out',
    sampleRequest({
      attributes: [
        extensionRequest(encodeSequence(encodeOidElement('1.2.3'), encodeBoolean(false), encodeOctetString(utf8('x')))),
      ],
    }),
  ],
  [
    'an extension with any value',
    sampleRequest({ attributes: [extensionRequest(extension('2.5.29.19', utf8('junk')))] }),
  ],
  ['an empty list of names', san()],
  ['a DNS name with anything that is ASCII', san(encodeImplicit(2, utf8('*.*\u0000_')))],
];
for (const [what, der] of accepted) {
  test(`takes ${what}, as the API does`, () => {
    assert.deepEqual(parseCertificationRequest(der).der, der);
  });
}

/** The elements of a request's SEQUENCE. */
function split(der: Uint8Array): readonly Uint8Array[] {
  const { infoDer } = parseCertificationRequest(der);
  const start = der.length - der.subarray(der.indexOf(0x30, 1)).length;
  return [infoDer, der.subarray(start + infoDer.length)];
}

test('keeps every part as it came', () => {
  const challenge = encodeSequence(
    encodeOidElement('1.2.840.113549.1.9.7'),
    encodeElement(0x31, encodeUtf8String('pw')),
  );
  const request = parseCertificationRequest(
    sampleRequest({ attributes: [challenge, encodeNull(), extensionRequest(extension('1.2.3', utf8('v')))] }),
  );
  assert.deepEqual(
    request.attributes.map(({ oid, values }) => [oid, values.length]),
    [
      ['1.2.840.113549.1.9.7', 1],
      ['', 0],
      ['1.2.840.113549.1.9.14', 1],
    ],
  );
  assert.deepEqual(request.attributes[1]?.der, encodeNull());
  assert.deepEqual(request.extensions, [{ oid: '1.2.3', critical: false, value: utf8('v') }]);
  assert.deepEqual(request.publicKey.der, P256_KEY);
  assert.deepEqual(request.signature, Uint8Array.of(1, 2, 3));
});

test('reads the first value of an extensionRequest only, as Go does, and keeps the others', () => {
  const value = (oid: string): Uint8Array => encodeSequence(extension(oid, new Uint8Array()));
  const attribute = encodeSequence(
    encodeOidElement('1.2.840.113549.1.9.14'),
    encodeElement(0x31, value('1.2.3'), value('1.2.4')),
  );
  const request = parseCertificationRequest(sampleRequest({ attributes: [attribute] }));
  assert.deepEqual(
    request.extensions.map(({ oid }) => oid),
    ['1.2.3'],
  );
  assert.equal(request.attributes[0]?.values.length, 2);
});

test('property: reads back what it builds', () => {
  const generalName: fc.Arbitrary<GeneralName> = fc.oneof(
    fc.stringMatching(/^[a-z0-9.-]{1,40}$/).map((value) => ({ kind: 'dns' as const, value })),
    fc.stringMatching(/^[a-z0-9@.-]{1,40}$/).map((value) => ({ kind: 'email' as const, value })),
    fc.webUrl({ authoritySettings: { withPort: true } }).map((value) => ({ kind: 'uri' as const, value })),
    fc
      .constantFrom(4, 16)
      .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))
      .map((bytes) => ({ kind: 'ip' as const, bytes })),
    fc.constantFrom('1.2.3', '2.999.4').map((oid) => ({ kind: 'registeredId' as const, oid })),
    fc.uint8Array().map((bytes) => ({ kind: 'otherName' as const, oid: '1.2.3', valueDer: encodeOctetString(bytes) })),
    fc.string().map((value) => ({ kind: 'directoryName' as const, name: encodeName([[{ oid: '2.5.4.3', value }]]) })),
  );
  const attribute = fc.record({
    oid: fc.constantFrom('2.5.4.3', '2.5.4.10', '2.5.4.11'),
    value: fc.string({ unit: 'grapheme' }),
  });
  fc.assert(
    fc.property(
      fc.array(fc.array(attribute, { minLength: 1, maxLength: 3 }), { maxLength: 4 }),
      fc.array(generalName, { minLength: 1, maxLength: 6 }),
      fc.uint8Array({ maxLength: 80 }),
      (rdns, names, signature) => {
        const subject = encodeName(rdns);
        const info = buildCertificationRequestInfo({
          subject,
          publicKeyDer: P256_KEY,
          extensions: [subjectAltNameExtension(names, false)],
        });
        const request = parseCertificationRequest(
          assembleCertificationRequest(info, SIGNATURE_ALGORITHM.ecdsaSha256, signature),
        );
        assert.deepEqual(request.infoDer, info);
        assert.deepEqual(request.subject, subject);
        assert.deepEqual(request.subjectAltNames, names);
        assert.deepEqual(encodeGeneralNames(request.subjectAltNames), request.extensions[0]?.value);
        assert.deepEqual(request.signature, signature);
      },
    ),
  );
});

test('refuses what is larger than 1 MiB without reading it', () => {
  assert.throws(() => parseCertificationRequest(new Uint8Array((1 << 20) + 1)), { code: 'REQUEST_INVALID' });
});

test('takes the hostile values without harm, and quickly', () => {
  const start = performance.now();
  for (const der of HOSTILE_BYTES) {
    assert.throws(() => parseCertificationRequest(der), CountersignError);
    assert.throws(() => parseApiRequest(utf8(encodePem('CERTIFICATE REQUEST', der))), CountersignError);
    assert.throws(() => parseApiRequest(der), CountersignError);
  }
  assert.ok(performance.now() - start < 3_000);
});

for (const [what, pem] of [
  ['no PEM', 'hello'],
  ['nothing', ''],
  ['another type', encodePem('NEW CERTIFICATE REQUEST', good)],
  ['another type first', encodePem('CERTIFICATE', good) + encodePem('CERTIFICATE REQUEST', good)],
  ['a malformed block only', encodePem('CERTIFICATE REQUEST', good).replace('END', 'FIN')],
] as const) {
  test(`says that the first PEM block must be a request where there is ${what}`, () => {
    assert.throws(() => parseApiRequest(utf8(pem)), {
      code: 'REQUEST_INVALID',
      message: 'PEM block type must be CERTIFICATE REQUEST',
    });
  });
}

test('takes text around the first block, further blocks and headers', () => {
  const pem = encodePem('CERTIFICATE REQUEST', good);
  for (const text of [
    `hello\n${pem}bye`,
    pem + encodePem('CERTIFICATE', good),
    pem.replace('-----\n', '-----\na: b\n\n'),
    pem.replaceAll('\n', '\r\n'),
  ]) {
    assert.deepEqual(parseApiRequest(utf8(text)).der, good);
  }
});

test('gives up on attributes after a thousand that cannot be read', { timeout: 20_000 }, () => {
  const nulls = new Uint8Array(800_000);
  for (let i = 0; i < nulls.length; i += 2) nulls[i] = 5;
  const request = parseCertificationRequest(sampleRequest({ attributes: [nulls, extensionRequest()] }));
  assert.equal(request.attributes.length, 400_001);
  assert.ok(request.attributes.every(({ oid }) => oid === ''));
  assert.equal(strictFindings(request).length, request.attributes.length);
});
