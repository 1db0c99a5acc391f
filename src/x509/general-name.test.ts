import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTILE_BYTES } from '../../test/hostile.js';
import { fromHex } from '../../test/sample-request.js';
import {
  encodeExplicit,
  encodeImplicit,
  encodeNull,
  encodeOidElement,
  encodeSequence,
  encodeUtf8String,
} from '../asn1/der-writer.js';
import { utf8 } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import { generalNameProblem } from './general-name-problem.js';
import { encodeGeneralNames, formatGeneralName, parseGeneralNames, type GeneralName } from './general-name.js';
import { encodeName } from './name.js';

const one = (der: Uint8Array): GeneralName => parseGeneralNames(encodeSequence(der))[0] ?? assert.fail();

const nine: readonly (readonly [GeneralName, string])[] = [
  [
    { kind: 'otherName', oid: '1.3.6.1.4.1.311.20.2.3', valueDer: encodeUtf8String('u@d') },
    'othername:1.3.6.1.4.1.311.20.2.3:0c03754064',
  ],
  [{ kind: 'email', value: 'a@b' }, 'email:a@b'],
  [{ kind: 'dns', value: 'a.example.com' }, 'DNS:a.example.com'],
  [{ kind: 'x400Address', der: encodeExplicit(3, encodeNull()) }, 'X400Name:a3020500'],
  [{ kind: 'directoryName', name: encodeName([[{ oid: '2.5.4.3', value: 'x' }]]) }, 'DirName:CN=x'],
  [{ kind: 'ediPartyName', der: encodeExplicit(5, encodeNull()) }, 'EdiPartyName:a5020500'],
  [{ kind: 'uri', value: 'spiffe://a/b' }, 'URI:spiffe://a/b'],
  [{ kind: 'ip', bytes: Uint8Array.of(10, 0, 0, 1) }, 'IP Address:10.0.0.1'],
  [{ kind: 'registeredId', oid: '1.2.3' }, 'Registered ID:1.2.3'],
];

test('reads back all nine kinds in the order they came, and prints each', () => {
  const names = nine.map(([name]) => name);
  assert.deepEqual(parseGeneralNames(encodeGeneralNames(names)), names);
  for (const [name, text] of nine) assert.equal(formatGeneralName(name), text);
});

for (const [what, der] of [
  ['a universal type', encodeNull()],
  ['a tag above 8', encodeImplicit(9, new Uint8Array())],
  ['a constructed dNSName', encodeExplicit(2, encodeNull())],
  ['an otherName without value', encodeExplicit(0, encodeOidElement('1.2.3'))],
  ['an otherName without OID', encodeExplicit(0, encodeNull())],
  ['a directoryName that is no name', encodeExplicit(4, encodeNull())],
  ['a registeredID that is no OID', encodeImplicit(8, new Uint8Array())],
  ['a primitive otherName', encodeImplicit(0, new Uint8Array())],
] as const) {
  test(`keeps ${what} as unknown, and never certifies it`, () => {
    assert.deepEqual(one(der), { kind: 'unknown', der });
    assert.equal(generalNameProblem(one(der))?.rule, 'san-kind');
    assert.deepEqual(encodeGeneralNames([one(der)]), encodeSequence(der));
  });
}

test('prints nothing that draws on a terminal', () => {
  assert.equal(formatGeneralName({ kind: 'dns', value: 'a\u001b[31m\n' }), 'DNS:a\\x1b[31m\\n');
});

test('refuses to write what a kind cannot hold', () => {
  assert.throws(() => encodeGeneralNames([{ kind: 'dns', value: 'ä' }]), { code: 'DER_UNEXPECTED' });
  assert.throws(() => encodeGeneralNames([{ kind: 'registeredId', oid: 'x' }]), { code: 'NAME_INVALID' });
});

const long = 'a'.repeat(63);
const refused: readonly GeneralName[] = [
  ...[
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    '-a.b',
    'a-.b',
    'a_b.c',
    'a b',
    'a\u0000b',
    'a\n',
    '*',
    '*.com',
    'a.*.com',
    'a*.example.com',
    '*a.example.com',
    '**.example.com',
    '*.*.example.com',
    '10.0.0.1',
    'a.1',
    'a.0x1',
    '::1',
    '[::1]',
    'https://a',
    'a:80',
    'a@b',
    `${long}a.b`,
    `${long}.${long}.${long}.${long}`,
    '%61.b',
  ].map((value): GeneralName => ({ kind: 'dns', value })),
  ...[new Uint8Array(), new Uint8Array(3), new Uint8Array(8), fromHex('00000000000000000000ffff0a000001')].map(
    (bytes): GeneralName => ({ kind: 'ip', bytes }),
  ),
  ...[
    '',
    'a',
    '/a',
    '//a/b',
    'http:',
    'http://',
    'http:///a',
    'http://u@a/',
    'http://u:p@a/',
    'http://a/../b',
    'http://a/./b',
    'http://a/..',
    'http://a/%2e%2e/b',
    'http://a/%2Fb',
    'http://a/%5cb',
    'http://a/%00',
    'http://a%41/',
    'http://a b/',
    'http://a/<',
    'http://a/%',
    'http://[::g]/',
    'http://[1.2.3.4]/',
    'http://-a/',
    'http://a..b/',
    'urn:../a',
    `http://a/${'a'.repeat(2048)}`,
    'http://a/\u0000',
    'http://a/%41',
    'http://a/%7e',
    'http://a/%0a',
    'http://a/%7F',
    'http://a:0/',
    'http://a:65536/',
    'http://127.1/',
    'http://0x7f000001/',
    'http://2130706433/',
    'spiffe:a/b',
    'spiffe:/a/b',
    'spiffe:///b',
    'SPIFFE://a/b',
    'spiffe://A/b',
    'spiffe://a',
    'spiffe://a/',
    'spiffe://a/b/',
    'spiffe://a//b',
    'spiffe://a/../b',
    'spiffe://a/b/.',
    'spiffe://a:80/b',
    'spiffe://u@a/b',
    'spiffe://a/b?c',
    'spiffe://a/b#c',
    'spiffe://a/b:c',
    'spiffe://a/%c3%a9',
    `spiffe://${'a'.repeat(256)}/b`,
  ].map((value): GeneralName => ({ kind: 'uri', value })),
  ...[
    '',
    'a',
    '@',
    'a@',
    '@b',
    'a@b@c.d',
    '"a b"@c.d',
    'a b@c.d',
    '.a@c.d',
    'a.@c.d',
    'a..b@c.d',
    'a@[1.2.3.4]',
    'a@*.c.d',
    `${long}aa@c.d`,
  ].map((value): GeneralName => ({ kind: 'email', value })),
];
for (const name of refused) {
  const text = name.kind === 'ip' ? name.bytes.join('.') : 'value' in name ? name.value.slice(0, 40) : '';
  test(`never certifies the ${name.kind} ${JSON.stringify(text)}`, () => {
    assert.ok(generalNameProblem(name));
  });
}

const allowed: readonly GeneralName[] = [
  ...[
    'a',
    'A.Example',
    'xn--bcher-kva.example',
    'a.b.c.d',
    '*.example.com',
    '*.a.b.c',
    `${long}.b`,
    '1a.b',
    'my-svc.my-ns.svc.cluster.local',
  ].map((value): GeneralName => ({ kind: 'dns', value })),
  { kind: 'ip', bytes: Uint8Array.of(10, 0, 0, 1) },
  { kind: 'ip', bytes: fromHex('20010db8000000000000000000000001') },
  ...[
    'spiffe://cluster.local/ns/a/sa/b',
    'https://a.b:8443/c?d#e',
    'urn:uuid:f81d4fae',
    'http://[::1]:80/',
    'http://a/%20%c3%a9',
    'http://127.0.0.1:65535/',
    'spiffe://my_domain.example/A.b-c_d/..e',
    'http://a/.b/c..d',
  ].map((value): GeneralName => ({ kind: 'uri', value })),
  ...['a@b', 'a.b+c@d.e', "o'x@d.e"].map((value): GeneralName => ({ kind: 'email', value })),
];
for (const name of allowed) {
  test(`certifies ${formatGeneralName(name)}`, () => assert.equal(generalNameProblem(name), undefined));
}

test('reads and writes as many names as a request can hold', { timeout: 20_000 }, () => {
  const names = Array.from({ length: 300_000 }, (): GeneralName => ({ kind: 'dns', value: 'a' }));
  assert.equal(parseGeneralNames(encodeGeneralNames(names)).length, names.length);
});

test('takes the hostile values without harm', () => {
  for (const bytes of HOSTILE_BYTES) {
    for (const der of [bytes, encodeSequence(bytes), encodeSequence(encodeImplicit(6, utf8('a')), bytes)]) {
      try {
        parseGeneralNames(der);
      } catch (error) {
        assert.ok(error instanceof CountersignError);
      }
    }
  }
});
