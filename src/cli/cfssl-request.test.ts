import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountersignError } from '../base/error.js';
import { formatGeneralName } from '../x509/general-name.js';
import { parseCfsslRequest } from './cfssl-request.js';

const REFUSALS: readonly (readonly [name: string, text: string, message: RegExp])[] = [
  ['nothing', '', /^Cannot read JSON: /],
  ['text that is no JSON', '{"CN": web}', /^Cannot read JSON: /],
  ['a list', '[]', /CSR JSON: is no object/],
  ['null', 'null', /CSR JSON: is no object/],
  ['an unknown field', '{"cn": "web"}', /cn: is unknown, known are CN, names/],
  ['a common name that is no text', '{"CN": 1}', /CN: is 1, it must be text/],
  ['hosts that are no list', '{"hosts": "a"}', /hosts: is no list/],
  ['a host that is no text', '{"hosts": ["a", 1]}', /hosts\[1\]: is no text/],
  ['an empty host', '{"hosts": [""]}', /hosts\[0\]: "" is no DNS name/],
  ['a host that is no name', '{"hosts": ["a", "b c"]}', /hosts\[1\]: "b c" is no DNS name/],
  ['a host that is no URI', '{"hosts": ["ht tp://x"]}', /hosts\[0\]: .* is no absolute URI/],
  [
    'an unknown algorithm',
    '{"key": {"algo": "dsa", "size": 2048}}',
    /key\.algo: is "dsa", it must be ecdsa, rsa or ed25519/,
  ],
  ['an inherited word as algorithm', '{"key": {"algo": "constructor"}}', /key\.algo: is "constructor"/],
  [
    'RSA of 1024 bits',
    '{"key": {"algo": "rsa", "size": 1024}}',
    /key\.size: is 1024, it must be one of 2048, 3072, 4096/,
  ],
  [
    'ECDSA of 224 bits',
    '{"key": {"algo": "ecdsa", "size": 224}}',
    /key\.size: is 224, it must be one of 256, 384, 521/,
  ],
  ['a size that is text', '{"key": {"algo": "rsa", "size": "2048"}}', /key\.size: is "2048"/],
  ['a key that is no object', '{"key": "rsa"}', /key: is no object/],
  ['an unknown field of the key', '{"key": {"alg": "rsa"}}', /key\.alg: is unknown/],
  ['names that are no list', '{"names": {}}', /names: is no list/],
  ['an unknown attribute', '{"names": [{"CN": "a"}]}', /names\[0\]\.CN: is unknown/],
  ['an attribute that is no text', '{"names": [{"O": ["a"]}]}', /names\[0\]\.O: is \["a"\], it must be text/],
  ['an expiry without unit', '{"ca": {"expiry": "10"}}', /ca\.expiry: "10" is no duration/],
  ['a negative path length', '{"ca": {"pathlen": -1}}', /ca\.pathlen: is no whole number/],
  [
    'contradicting path lengths',
    '{"ca": {"pathlen": 1, "pathlenzero": true}}',
    /ca\.pathlenzero: is true, but pathlen is 1/,
  ],
];

for (const [name, text, message] of REFUSALS) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => parseCfsslRequest(text),
      (error) => error instanceof CountersignError && error.code === 'CONFIG_INVALID' && message.test(error.message),
    );
  });
}

test('tells apart the kinds of host that cfssl tells apart', () => {
  const { hosts } = parseCfsslRequest(
    '{"hosts": ["web", "10.0.0.1", "::1", "a@b.example", "spiffe://a/b", "*.x.example"]}',
  );
  assert.deepEqual(hosts.map(formatGeneralName), [
    'DNS:web',
    'IP Address:10.0.0.1',
    'IP Address:::1',
    'email:a@b.example',
    'URI:spiffe://a/b',
    'DNS:*.x.example',
  ]);
});

test('takes ECDSA P-256 where no key is described, and the smallest size where none is', () => {
  assert.equal(parseCfsslRequest('{}').key, 'ecdsa-p256');
  assert.equal(parseCfsslRequest('{"key": {"algo": "rsa"}}').key, 'rsa-2048');
  assert.equal(parseCfsslRequest('{"key": {"algo": "ecdsa", "size": 521}}').key, 'ecdsa-p521');
  assert.equal(parseCfsslRequest('{"key": {"algo": "ed25519"}}').key, 'ed25519');
});

test('reads subject and CA', () => {
  const wanted = parseCfsslRequest(
    '{"CN": "a", "names": [{"C": "DE", "O": "x", "L": ""}, {"O": "y"}], "serialnumber": "7", "ca": {"expiry": "24h", "pathlenzero": true}}',
  );
  assert.equal(wanted.subject.commonName, 'a');
  assert.deepEqual(wanted.subject.organizations, ['x', 'y']);
  assert.deepEqual(wanted.subject.localities, []);
  assert.equal(wanted.subject.serialNumber, '7');
  assert.deepEqual(wanted.ca, { lifetimeSeconds: 86_400, pathLength: 0 });
});
