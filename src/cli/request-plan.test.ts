import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountersignError } from '../base/error.js';
import { formatGeneralName } from '../x509/general-name.js';
import { encodeName, formatName } from '../x509/name.js';
import type { RawFlags } from './flags.js';
import { parseRequestPlan } from './request-plan.js';

const REFUSALS: readonly (readonly [name: string, csrName: string, flags: RawFlags, message: string])[] = [
  ['an empty name', '', { cn: 'a' }, 'Cannot use the name "": must not be empty'],
  ['a name with a slash', 'a/b', { cn: 'a' }, `Cannot use the name "a/b": may not contain '/'`],
  ['a name with a percent sign', 'a%b', { cn: 'a' }, `Cannot use the name "a%b": may not contain '%'`],
  ['the name ..', '..', { cn: 'a' }, `Cannot use the name "..": may not be '..'`],
  [
    'a name that looks like a flag',
    '-x',
    { cn: 'a' },
    'Cannot use the name "-x": it must be a file name of at most 200',
  ],
  ['a name with a backslash', 'a\\b', { cn: 'a' }, 'it must be a file name'],
  ['a name with a line break', 'a\nb', { cn: 'a' }, 'it must be a file name'],
  ['a name of 201 characters', 'a'.repeat(201), { cn: 'a' }, 'it must be a file name'],
  ['a request for nobody', 'a', {}, 'Cannot make a request: it names nobody: give --dns, --ip, --uri, --email or --cn'],
  ['an empty common name', 'a', { cn: '' }, 'Cannot make a request: it names nobody'],
  ['a common name of 65 characters', 'a', { cn: 'x'.repeat(65) }, 'Cannot use --cn: it has 65 characters, at most 64'],
  ['a common name with a tab', 'a', { cn: 'a\tb' }, 'Cannot use --cn: "a\\tb" has control characters'],
  [
    'a signer without a slash',
    'a',
    { cn: 'a', signer: 'example.com' },
    'Cannot use --signer: Invalid value: "example.com"',
  ],
  [
    'a signer in capitals',
    'a',
    { cn: 'a', signer: 'Example.com/x' },
    'Cannot use --signer: Invalid value: "Example.com"',
  ],
  ['an empty signer', 'a', { cn: 'a', signer: '' }, 'Cannot use --signer: Required value'],
  [
    'an unknown usage',
    'a',
    { cn: 'a', usages: ['server-auth'] },
    'Cannot use --usages: "server-auth" is no known usage',
  ],
  ['a usage twice', 'a', { cn: 'a', usages: ['any,any'] }, 'Cannot use --usages: it names a usage twice'],
  [
    'an unknown key type',
    'a',
    { cn: 'a', keyType: 'rsa-1024' },
    'Cannot use --key-type: "rsa-1024" is none of ecdsa-p256',
  ],
  ['a duration without unit', 'a', { cn: 'a', duration: '24' }, 'Cannot read --duration: "24" is no duration'],
  [
    'a duration below ten minutes',
    'a',
    { cn: 'a', duration: '9m' },
    'Cannot use --duration: 9m is 540 s, it must be from 10m',
  ],
  ['a duration beyond int32', 'a', { cn: 'a', duration: '69y' }, 'Cannot use --duration: 69y is 2175984000 s'],
  [
    'an address as DNS name',
    'a',
    { dns: ['10.0.0.1'] },
    'Cannot use --dns: "10.0.0.1" is an IP address, which belongs to --ip',
  ],
  [
    'an IPv6 address as DNS name',
    'a',
    { dns: ['::1'] },
    'Cannot use --dns: "::1" is an IP address, which belongs to --ip',
  ],
  ['a URI as DNS name', 'a', { dns: ['https://a'] }, 'Cannot use --dns: "https://a" is a URI, which belongs to --uri'],
  ['an email address as DNS name', 'a', { dns: ['a@b'] }, 'which belongs to --email'],
  ['a DNS name with a final dot', 'a', { dns: ['a.example.'] }, 'ends in a dot'],
  ['a DNS name with an empty label', 'a', { dns: ['a..b'] }, 'is no DNS name: the label ""'],
  ['a DNS name with a space', 'a', { dns: ['a b'] }, 'is no DNS name: the label "a b"'],
  ['a DNS name outside ASCII', 'a', { dns: ['bücher.example'] }, 'write it in its xn-- form'],
  ['a DNS name of 254 characters', 'a', { dns: [`${'a.'.repeat(126)}ab`] }, 'has 254 characters, at most 253'],
  ['a label of 64 characters', 'a', { dns: ['a'.repeat(64)] }, 'is no DNS name'],
  ['a wildcard in the middle', 'a', { dns: ['a.*.example'] }, 'has a wildcard that is not the whole first label'],
  ['a wildcard in a label', 'a', { dns: ['a*.example'] }, 'has a wildcard that is not the whole first label'],
  ['a bare wildcard', 'a', { dns: ['*'] }, 'has a wildcard'],
  ['a network as address', 'a', { ip: ['10.0.0.0/8'] }, 'Cannot use --ip: "10.0.0.0/8" is a network, not an address'],
  ['three numbers as address', 'a', { ip: ['10.0.1'] }, 'is neither an IPv4 nor an IPv6 address'],
  ['an address with leading zeros', 'a', { ip: ['010.0.0.1'] }, 'is neither an IPv4 nor an IPv6 address'],
  ['an address with a zone', 'a', { ip: ['fe80::1%eth0'] }, 'is neither an IPv4 nor an IPv6 address'],
  ['a relative URI', 'a', { uri: ['/a/b'] }, 'Cannot use --uri: "/a/b" is no absolute URI'],
  ['a URI with a space', 'a', { uri: ['spiffe://a/ b'] }, 'is no absolute URI'],
  ['a name as email address', 'a', { email: ['a'] }, 'Cannot use --email: "a" is no address of the form name@host'],
  ['two @ in an email address', 'a', { email: ['a@b@c'] }, 'is no address'],
];

for (const [what, name, flags, message] of REFUSALS) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => parseRequestPlan(name, flags),
      (error) => error instanceof CountersignError && error.message.includes(message),
    );
  });
}

test('fills in what a newcomer leaves out', () => {
  const plan = parseRequestPlan('web', { dns: ['Web.example', 'other.example'] });
  assert.equal(plan.signerName, 'countersign.dev/serving');
  assert.equal(plan.keySpec, 'ecdsa-p256');
  assert.deepEqual(plan.usages, ['digital signature', 'server auth']);
  assert.equal(plan.expirationSeconds, undefined);
  assert.equal(formatName(encodeName(plan.subject)), 'CN=web.example');
});

test('takes the purpose from the last word of the signer, and key encipherment for RSA', () => {
  const plan = parseRequestPlan('web', {
    cn: 'jane',
    signer: 'kubernetes.io/kube-apiserver-client',
    keyType: 'rsa-2048',
  });
  assert.deepEqual(plan.usages, ['digital signature', 'key encipherment', 'client auth']);
});

test('takes names between commas, repeated, with spaces around', () => {
  const plan = parseRequestPlan('web', {
    dns: ['a.example, *.b.example', 'localhost'],
    ip: ['10.0.0.1,2001:db8::1'],
    uri: ['spiffe://example.com/web'],
    email: ['web@example.com'],
    org: ['system:nodes', 'x'],
    cn: 'web',
    duration: '90d',
  });
  assert.deepEqual(plan.names.map(formatGeneralName), [
    'DNS:a.example',
    'DNS:*.b.example',
    'DNS:localhost',
    'email:web@example.com',
    'IP Address:10.0.0.1',
    'IP Address:2001:db8::1',
    'URI:spiffe://example.com/web',
  ]);
  assert.equal(formatName(encodeName(plan.subject), 'openssl'), 'O = x + O = system:nodes, CN = web');
  assert.equal(plan.expirationSeconds, 7_776_000);
});

test('makes no common name of a DNS name that is too long for one', () => {
  const name = `${'a'.repeat(60)}.example`;
  assert.deepEqual(parseRequestPlan('web', { dns: [name] }).subject, []);
});
