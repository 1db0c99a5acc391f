import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extension, extensionRequest, fromHex, sampleRequest } from '../../test/sample-request.js';
import {
  encodeBoolean,
  encodeElement,
  encodeImplicit,
  encodeNull,
  encodeOctetString,
  encodeOidElement,
  encodeSequence,
  encodeSmallInteger,
  encodeUtf8String,
} from '../asn1/der-writer.js';
import { utf8 } from '../base/bytes.js';
import { parseCertificationRequest, strictFindings } from './certification-request.js';
import { ignoredExtensions } from './strict-findings.js';
import {
  basicConstraintsExtension,
  EXTENDED_KEY_USAGE,
  EXTENSION,
  encodeExtension,
  extKeyUsageExtension,
  keyUsageExtension,
  subjectAltNameExtension,
  type Extension,
} from './extension.js';
import { describeFindings } from './finding.js';
import type { GeneralName } from './general-name.js';
import { encodeName } from './name.js';

const asking = (...extensions: readonly Extension[]): Uint8Array =>
  sampleRequest({ attributes: [extensionRequest(...extensions.map(encodeExtension))] });
const naming = (...names: readonly GeneralName[]): Uint8Array => asking(subjectAltNameExtension(names, false));
const subject = (...pairs: readonly (readonly [string, string])[]): Uint8Array =>
  sampleRequest({ subject: encodeName(pairs.map(([oid, value]) => [{ oid, value }])).der });

const found: readonly (readonly [string, Uint8Array, readonly string[]])[] = [
  [
    'a SHA-1 signature',
    sampleRequest({ algorithm: encodeSequence(encodeOidElement('1.2.840.10045.4.1')) }),
    ['signature-hash'],
  ],
  ['CA:TRUE', asking(basicConstraintsExtension({ ca: true })), ['extension']],
  ['keyCertSign', asking(keyUsageExtension(new Set(['digitalSignature', 'keyCertSign']))), ['extension']],
  ['cRLSign', asking(keyUsageExtension(new Set(['cRLSign']))), ['extension']],
  [
    'an empty list of extended key usages',
    asking({ ...extKeyUsageExtension(['1.2.3']), value: encodeSequence() }),
    ['extension'],
  ],
  [
    'a critical extension that is unknown',
    asking({ oid: '1.2.3.4', critical: true, value: encodeNull() }),
    ['extension'],
  ],
  [
    'name constraints',
    asking({ oid: EXTENSION.nameConstraints, critical: false, value: encodeSequence() }),
    ['extension'],
  ],
  [
    'an extension that is no DER',
    asking({ oid: '1.2.3.4', critical: false, value: fromHex('0203 000001') }),
    ['not-der'],
  ],
  [
    'basic constraints that are malformed',
    asking({ oid: EXTENSION.basicConstraints, critical: true, value: encodeNull() }),
    ['extension'],
  ],
  ['an empty list of names', naming(), ['san-empty']],
  [
    'more names than a client should have to read',
    naming(...Array.from({ length: 1_001 }, (_, i): GeneralName => ({ kind: 'dns', value: `n${i}` }))),
    ['san-count'],
  ],
  ['an otherName', naming({ kind: 'otherName', oid: '1.2.3', valueDer: encodeNull() }), ['san-kind']],
  ['a directoryName', naming({ kind: 'directoryName', name: encodeName([]) }), ['san-kind']],
  ['a registeredID', naming({ kind: 'registeredId', oid: '1.2.3' }), ['san-kind']],
  ['an x400Address', naming({ kind: 'x400Address', der: fromHex('a300') }), ['san-kind']],
  ['an ediPartyName', naming({ kind: 'ediPartyName', der: fromHex('a500') }), ['san-kind']],
  ['a name of an unknown tag', naming({ kind: 'unknown', der: encodeImplicit(9, utf8('x')) }), ['san-kind']],
  ['a DNS name with a NUL', naming({ kind: 'dns', value: 'a\u0000.b' }), ['san-dns']],
  ['an IP address as DNS name', naming({ kind: 'dns', value: '10.0.0.1' }), ['san-dns']],
  ['one bad name among good ones', naming({ kind: 'dns', value: 'a.b' }, { kind: 'dns', value: '*' }), ['san-dns']],
  [
    'a SPIFFE ID beside another URI, of which two readers take one each',
    naming({ kind: 'uri', value: 'spiffe://a/b' }, { kind: 'uri', value: 'https://a/b' }),
    ['san-spiffe'],
  ],
  [
    'two SPIFFE IDs',
    naming({ kind: 'uri', value: 'spiffe://a/b' }, { kind: 'uri', value: 'spiffe://a/c' }),
    ['san-spiffe'],
  ],
  ['a common name twice', subject(['2.5.4.3', 'a'], ['2.5.4.3', 'b']), ['subject-duplicate']],
  ['an organization with an Arabic letter mark', subject(['2.5.4.10', 'a\u061cb']), ['subject-control']],
  ['an organization with a blank at its end', subject(['2.5.4.10', 'system:masters ']), ['subject-blank']],
  ['an organization with two blanks in a row', subject(['2.5.4.10', 'a  b']), ['subject-blank']],
  ['an organization with a blank that does not break', subject(['2.5.4.10', 'a\u00a0b']), ['subject-blank']],
  ['an organization with a letter that does not show', subject(['2.5.4.10', 'a\u3164b']), ['subject-blank']],
  ['an organization with a variation selector', subject(['2.5.4.10', 'a\ufe0fb']), ['subject-blank']],
  ['an organization with empty Braille', subject(['2.5.4.10', 'a\u2800b']), ['subject-blank']],
  ['an organization with a tag character', subject(['2.5.4.10', 'a\u{e0041}']), ['subject-control']],
  [
    'more attributes than anybody needs',
    subject(...Array.from({ length: 101 }, (_, i): [string, string] => ['2.5.4.10', `o${i}`])),
    ['subject-length'],
  ],
  [
    'an attribute that is not carried over',
    subject(['2.5.4.3', 'a'], ['0.9.2342.19200300.100.1.1', 'b']),
    ['subject-attribute'],
  ],
  [
    'two extensionRequest attributes',
    sampleRequest({ attributes: [extensionRequest(), extensionRequest()] }),
    ['extension-request'],
  ],
  [
    'an extensionRequest with two values, of which the API sees one',
    sampleRequest({
      attributes: [
        encodeSequence(
          encodeOidElement('1.2.840.113549.1.9.14'),
          encodeElement(0x31, encodeSequence(), encodeSequence(extension('1.2.3', encodeNull()))),
        ),
      ],
    }),
    ['extension-request'],
  ],
  [
    'extensions in the attribute of Microsoft',
    sampleRequest({
      attributes: [encodeSequence(encodeOidElement('1.3.6.1.4.1.311.2.1.14'), encodeElement(0x31, encodeSequence()))],
    }),
    ['extension-request'],
  ],
  [
    'an attribute that is there twice (X.501 §8.2: once)',
    sampleRequest({
      attributes: ['a', 'b'].map((text) =>
        encodeSequence(encodeOidElement('1.2.840.113549.1.9.7'), encodeElement(0x31, encodeUtf8String(text))),
      ),
    }),
    ['attribute-duplicate'],
  ],
  ['an attribute that cannot be read', sampleRequest({ attributes: [encodeNull()] }), ['attribute-unreadable']],
  [
    'a high tag number, which the API passes over',
    sampleRequest({ attributes: [fromHex('bf8101 00')] }),
    ['not-der', 'attribute-unreadable'],
  ],
  [
    'a SET OF that is out of order',
    sampleRequest({
      subject: encodeSequence(
        encodeElement(
          0x31,
          encodeSequence(encodeOidElement('2.5.4.11'), encodeUtf8String('a')),
          encodeSequence(encodeOidElement('2.5.4.10'), encodeUtf8String('a')),
        ),
      ),
    }),
    ['not-der'],
  ],
];
for (const [what, der, rules] of found) {
  test(`never signs ${what}`, () => {
    assert.deepEqual(
      strictFindings(parseCertificationRequest(der)).map(({ rule }) => rule),
      rules,
    );
  });
}

for (const [what, der] of [
  ['a plain request', sampleRequest()],
  [
    'names that it may ask for',
    naming({ kind: 'dns', value: '*.a.example' }, { kind: 'ip', bytes: Uint8Array.of(10, 0, 0, 1) }),
  ],
  [
    'usages and CA:FALSE, which are ignored',
    asking(
      keyUsageExtension(new Set(['digitalSignature', 'keyEncipherment'])),
      extKeyUsageExtension([EXTENDED_KEY_USAGE.serverAuth]),
      basicConstraintsExtension({ ca: false }),
    ),
  ],
  [
    'an unknown extension that is not critical, which is ignored',
    asking({ oid: '1.2.3.4', critical: false, value: encodeNull() }),
  ],
  [
    'a challenge password, which is ignored',
    sampleRequest({
      attributes: [
        encodeSequence(encodeOidElement('1.2.840.113549.1.9.7'), encodeElement(0x31, encodeUtf8String('x'))),
      ],
    }),
  ],
  [
    'values of an O in one RDN',
    sampleRequest({
      subject: encodeName([
        [
          { oid: '2.5.4.10', value: 'a' },
          { oid: '2.5.4.10', value: 'b' },
        ],
      ]).der,
    }),
  ],
] as const) {
  test(`has nothing against ${what}`, () => {
    assert.deepEqual(strictFindings(parseCertificationRequest(der)), []);
  });
}

test('says where each finding lies', () => {
  const der = sampleRequest({
    version: encodeSmallInteger(0),
    subject: encodeName([[{ oid: '2.5.4.3', value: '' }]]).der,
    attributes: [
      extensionRequest(
        encodeExtension(
          subjectAltNameExtension(
            [
              { kind: 'dns', value: 'ok.example' },
              { kind: 'dns', value: 'a..b' },
            ],
            false,
          ),
        ),
        encodeSequence(encodeOidElement('1.2.3'), encodeBoolean(true), encodeOctetString(encodeNull())),
      ),
    ],
  });
  assert.deepEqual(strictFindings(parseCertificationRequest(der)), [
    { path: 'subject[0].CN', rule: 'subject-empty-value', detail: 'it is empty' },
    { path: 'extensions[1]', rule: 'extension', detail: 'extension 1.2.3 is never certified on request' },
    { path: 'subjectAltNames[1]', rule: 'san-dns', detail: 'DNS name "a..b": it has an empty label' },
  ]);
});

test('describes many findings in a text of bounded length', () => {
  const finding = { rule: 'r', path: 'p', detail: 'd'.repeat(96) };
  assert.equal(describeFindings([finding, finding]), `p: ${finding.detail}; p: ${finding.detail}`);
  const many = describeFindings(Array.from({ length: 500_000 }, () => finding));
  assert.match(many, /; and 499980 more$/);
  assert.ok(many.length < 2100);
});

test('tells of extensions that a signer would drop without a word, and of no others', () => {
  const request = parseCertificationRequest(
    asking(
      subjectAltNameExtension([{ kind: 'dns', value: 'a.b' }], false),
      keyUsageExtension(new Set(['digitalSignature'])),
      extKeyUsageExtension(['1.2.3']),
      basicConstraintsExtension({ ca: false }),
      { oid: '1.2.3.4', critical: true, value: encodeNull() },
      { oid: '1.3.6.1.4.1.311.20.2', critical: false, value: encodeUtf8String('Administrator') },
      { oid: '2.5.29.18', critical: false, value: encodeSequence() },
    ),
  );
  assert.deepEqual(
    ignoredExtensions(request).map(({ path, detail }) => `${path}: ${detail}`),
    [
      'extensions[5]: extension 1.3.6.1.4.1.311.20.2 is never certified on request',
      'extensions[6]: extension 2.5.29.18 is never certified on request',
    ],
  );
});
