import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HOSTILE_BYTES } from '../../test/hostile.js';
import { fromHex } from '../../test/sample-request.js';
import { encodeElement, encodeNull, encodeOidElement, encodeSequence } from '../asn1/der-writer.js';
import { utf8 } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import { ATTRIBUTE, attributeValues, commonName, encodeName, formatName, isEmptyName, parseName } from './name.js';

const rdn = (...attributes: readonly Uint8Array[]): Uint8Array => encodeElement(0x31, ...attributes);
const attribute = (oid: string, value: Uint8Array): Uint8Array => encodeSequence(encodeOidElement(oid), value);
const cn = (value: Uint8Array): Uint8Array => encodeSequence(rdn(attribute(ATTRIBUTE.commonName, value)));

for (const [what, der, message] of [
  ['nothing', new Uint8Array(), 'x509: invalid RDNSequence'],
  ['a SET', rdn(), 'x509: invalid RDNSequence'],
  ['octets after it', Uint8Array.of(0x30, 0, 0), 'x509: invalid RDNSequence'],
  ['a SEQUENCE of SEQUENCE', encodeSequence(encodeSequence()), 'x509: invalid RDNSequence'],
  ['a SET of NULL', encodeSequence(rdn(encodeNull())), 'x509: invalid RDNSequence: invalid attribute'],
  [
    'an attribute without type',
    encodeSequence(rdn(encodeSequence())),
    'x509: invalid RDNSequence: invalid attribute type',
  ],
  [
    'an attribute without value',
    encodeSequence(rdn(encodeSequence(encodeOidElement('2.5.4.3')))),
    'x509: invalid RDNSequence: invalid attribute value: invalid ASN.1 element',
  ],
  [
    'a PrintableString with @',
    cn(encodeElement(0x13, utf8('@'))),
    'x509: invalid RDNSequence: invalid attribute value: invalid PrintableString',
  ],
  [
    'a UTF8String that is none',
    cn(fromHex('0c01 c3')),
    'x509: invalid RDNSequence: invalid attribute value: invalid UTF-8 string',
  ],
  [
    'a BMPString of one octet',
    cn(fromHex('1e01 41')),
    'x509: invalid RDNSequence: invalid attribute value: invalid BMPString',
  ],
] as const) {
  test(`refuses ${what}`, () => {
    assert.throws(() => parseName(der), { code: 'NAME_INVALID', message });
  });
}

test('reads every string type, and says which it was', () => {
  for (const [tag, content, value, stringType] of [
    [0x0c, utf8('Zürich'), 'Zürich', 'utf8'],
    [0x13, utf8('a b'), 'a b', 'printable'],
    [0x16, utf8('a@b'), 'a@b', 'ia5'],
    [0x14, Uint8Array.of(0xe4), 'ä', 'teletex'],
    [0x1e, Uint8Array.of(0, 0x41), 'A', 'bmp'],
    [0x1c, Uint8Array.of(0, 0, 0, 0x41), 'A', 'universal'],
    [0x12, utf8('12'), '12', 'numeric'],
  ] as const) {
    const [only] = parseName(cn(encodeElement(tag, content))).rdns.flat();
    assert.deepEqual([only?.value, only?.stringType], [value, stringType]);
  }
  const [other] = parseName(cn(fromHex('0201 05'))).rdns.flat();
  assert.deepEqual([other?.value, other?.stringType, other?.valueDer], [undefined, 'other', fromHex('020105')]);
});

test('keeps every RDN, every attribute of it, and the order', () => {
  const der = encodeSequence(
    rdn(
      attribute(ATTRIBUTE.organization, encodeElement(0x0c, utf8('b'))),
      attribute(ATTRIBUTE.organization, encodeElement(0x0c, utf8('a'))),
    ),
    rdn(),
    rdn(attribute(ATTRIBUTE.commonName, encodeElement(0x0c, utf8('first')))),
    rdn(attribute(ATTRIBUTE.commonName, encodeElement(0x0c, utf8('second')))),
  );
  const name = parseName(der);
  assert.deepEqual(attributeValues(name, ATTRIBUTE.organization), ['b', 'a']);
  assert.deepEqual(attributeValues(name, ATTRIBUTE.commonName), ['first', 'second']);
  assert.equal(commonName(name), 'second');
  assert.equal(name.rdns.length, 4);
  assert.deepEqual(name.der, der);
});

test('has no text where Go has none: UniversalString and other types', () => {
  assert.equal(commonName(parseName(cn(encodeElement(0x1c, Uint8Array.of(0, 0, 0, 0x41))))), undefined);
  assert.equal(commonName(parseName(cn(encodeNull()))), undefined);
  assert.equal(commonName(parseName(encodeSequence())), undefined);
});

test('writes PrintableString where the alphabet allows, UTF8String elsewhere, IA5String for DC and emailAddress', () => {
  const name = encodeName([
    [{ oid: ATTRIBUTE.domainComponent, value: 'example' }],
    [{ oid: ATTRIBUTE.organization, value: 'A & B' }],
    [{ oid: ATTRIBUTE.commonName, value: 'system:node:a' }],
    [{ oid: ATTRIBUTE.emailAddress, value: 'a@b' }],
  ]);
  assert.deepEqual(
    name.rdns.flat().map(({ stringType }) => stringType),
    ['ia5', 'utf8', 'printable', 'ia5'],
  );
});

test('puts the attributes of one RDN in DER order', () => {
  const name = encodeName([
    [
      { oid: ATTRIBUTE.organization, value: 'longer' },
      { oid: ATTRIBUTE.organization, value: 'b' },
      { oid: ATTRIBUTE.organization, value: 'a' },
    ],
  ]);
  assert.deepEqual(attributeValues(name, ATTRIBUTE.organization), ['a', 'b', 'longer']);
});

test('refuses to write what cannot be written', () => {
  assert.throws(() => encodeName([[{ oid: 'x', value: '' }]]), { code: 'DER_UNEXPECTED' });
  assert.throws(() => encodeName([[{ oid: ATTRIBUTE.emailAddress, value: 'ä' }]]), { code: 'DER_UNEXPECTED' });
});

test('formats by RFC 4514 and as OpenSSL does', () => {
  const name = encodeName([
    [{ oid: ATTRIBUTE.country, value: 'CH' }],
    [
      { oid: ATTRIBUTE.organization, value: 'A, "B"' },
      { oid: '1.2.3', value: '#x ' },
    ],
    [{ oid: ATTRIBUTE.commonName, value: ' a\u001b[31m' }],
  ]);
  assert.equal(formatName(name), 'CN=\\ a\\1B[31m,1.2.3=\\#x\\ +O=A\\, \\"B\\",C=CH');
  assert.equal(formatName(name, 'openssl'), 'C = CH, 1.2.3 = \\#x\\  + O = A\\, \\"B\\", CN = \\ a\\1B[31m');
  assert.equal(formatName(encodeName([])), '');
  assert.equal(formatName(parseName(cn(encodeNull()))), 'CN=#0500');
});

test('an empty name is one without attributes', () => {
  assert.equal(isEmptyName(encodeName([])), true);
  assert.equal(isEmptyName(encodeName([[]])), true);
  assert.equal(isEmptyName(parseName(encodeSequence(rdn()))), true);
  assert.equal(isEmptyName(encodeName([[{ oid: '2.5.4.3', value: '' }]])), false);
});

test('property: reads back what it writes', () => {
  const entry = fc.record({
    oid: fc.constantFrom('2.5.4.3', '2.5.4.10', '1.2.3'),
    value: fc.string({ unit: 'grapheme' }),
  });
  fc.assert(
    fc.property(fc.array(fc.array(entry, { minLength: 1, maxLength: 3 }), { maxLength: 5 }), (input) => {
      const name = encodeName(input);
      assert.deepEqual(parseName(name.der), name);
      const sorted = (rdns: readonly (readonly { oid: string; value?: string }[])[]): unknown =>
        rdns.map((attributes) => attributes.map(({ oid, value }) => `${oid}=${value ?? ''}`).sort());
      assert.deepEqual(sorted(name.rdns), sorted(input));
    }),
  );
});

test('takes the hostile values without harm', () => {
  for (const der of HOSTILE_BYTES) {
    try {
      parseName(der);
    } catch (error) {
      assert.ok(error instanceof CountersignError);
    }
  }
});
