import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  SAMPLE_NOW,
  sampleName,
  strangeExtension,
  toyCertificate,
  verifyToySignature,
  type ToyCertificate,
} from '../../test/sample-certificate.js';
import { toUnixSeconds } from '../base/clock.js';
import type { Certificate } from './certificate.js';
import {
  authorityKeyIdentifierExtension,
  EXTENDED_KEY_USAGE,
  EXTENSION,
  extKeyUsageExtension,
  keyUsageExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from './extension.js';
import type { GeneralName } from './general-name.js';
import { nameConstraintsExtension, type NameConstraints, type Subtree } from './name-constraints.js';
import { encodeName } from './name.js';
import { verifyChain, type ChainQuestion, type ChainRefusal, type ChainVerdict } from './verify-chain.js';

const root = (more: Partial<ToyCertificate> = {}): Certificate =>
  toyCertificate({ subject: 'root', ca: true, ...more });
const middle = (more: Partial<ToyCertificate> = {}): Certificate =>
  toyCertificate({ subject: 'middle', issuer: 'root', ca: true, ...more });
const leaf = (more: Partial<ToyCertificate> = {}): Certificate =>
  toyCertificate({ subject: 'leaf.example.com', issuer: 'middle', ...more });

function ask(question: Partial<ChainQuestion>): ChainVerdict {
  return verifyChain({
    leaf: leaf(),
    intermediates: [middle()],
    roots: [root()],
    now: toUnixSeconds(SAMPLE_NOW),
    verifySignature: verifyToySignature,
    ...question,
  });
}

const constrain = (constraints: Partial<NameConstraints>): Partial<ToyCertificate> => ({
  extensions: [nameConstraintsExtension({ permitted: [], excluded: [], ...constraints })],
});
const dns = (value: string): Subtree => ({ kind: 'dns', value });
const early = { notBefore: toUnixSeconds(SAMPLE_NOW + 1) };
const late = { notAfter: toUnixSeconds(SAMPLE_NOW - 1) };
const sha1 = { signatureAlgorithm: { oid: '1.2.840.10045.4.1' } };

const refusals: readonly (readonly [string, Partial<ChainQuestion>, ChainRefusal, RegExp])[] = [
  ['no roots', { roots: [] }, 'no-path', /issuer "CN=root" is known/],
  ['no intermediate', { intermediates: [] }, 'no-path', /issuer "CN=middle" is known/],
  ['a root of another name', { roots: [root({ subject: 'other' })] }, 'no-path', /issuer "CN=root"/],
  ['a leaf that is not yet valid', { leaf: leaf({ parts: early }) }, 'not-yet-valid', /CN=leaf/],
  ['a leaf that has expired', { leaf: leaf({ parts: late }) }, 'expired', /CN=leaf/],
  ['an intermediate that has expired', { intermediates: [middle({ parts: late })] }, 'expired', /CN=middle/],
  ['a root that has expired', { roots: [root({ parts: late })] }, 'expired', /CN=root/],
  [
    'a leaf signed by somebody else',
    { leaf: leaf({ signedBy: 'other' }) },
    'bad-signature',
    /CN=leaf.*does not verify/,
  ],
  [
    'an intermediate signed by somebody else',
    { intermediates: [middle({ signedBy: 'other' })] },
    'bad-signature',
    /CN=middle.*does not verify/,
  ],
  ['a signature over SHA-1', { leaf: leaf({ parts: sha1 }) }, 'bad-signature', /insecure: ECDSA-SHA1/],
  ['an intermediate that is no CA', { intermediates: [middle({ ca: false })] }, 'not-a-ca', /CN=middle/],
  ['a root that is no CA', { roots: [root({ ca: false })] }, 'not-a-ca', /CN=root/],
  [
    'an intermediate without basic constraints',
    { intermediates: [middle({ parts: { extensions: [] } })] },
    'not-a-ca',
    /CN=middle/,
  ],
  [
    'an intermediate that may not sign certificates',
    { intermediates: [middle({ extensions: [keyUsageExtension(new Set(['cRLSign']))] })] },
    'key-usage',
    /CN=middle/,
  ],
  [
    'a path longer than the root allows',
    { roots: [root({ pathLength: 0 })] },
    'path-length',
    /CN=root.*allows 0.*are 1/,
  ],
  [
    'a critical extension of the leaf that is unknown',
    { leaf: leaf({ extensions: [strangeExtension(true)] }) },
    'unknown-critical-extension',
    /1\.2\.3\.4/,
  ],
  [
    'a critical extension of the intermediate that is unknown',
    { intermediates: [middle({ extensions: [strangeExtension(true)] })] },
    'unknown-critical-extension',
    /CN=middle/,
  ],
  [
    'critical policy constraints, which are not processed',
    {
      intermediates: [
        middle({ extensions: [{ oid: EXTENSION.policyConstraints, critical: true, value: Uint8Array.of(0x30, 0) }] }),
      ],
    },
    'unknown-critical-extension',
    /2\.5\.29\.36/,
  ],
  [
    'critical names of the leaf that nobody can compare',
    { leaf: leaf({ extensions: [subjectAltNameExtension([{ kind: 'registeredId', oid: '1.2.3' }], true)] }) },
    'unknown-critical-extension',
    /2\.5\.29\.17/,
  ],
  [
    'another usage of the leaf',
    {
      usage: EXTENDED_KEY_USAGE.serverAuth,
      leaf: leaf({ extensions: [extKeyUsageExtension([EXTENDED_KEY_USAGE.clientAuth])] }),
    },
    'extended-key-usage',
    /CN=leaf/,
  ],
  [
    'another usage of the intermediate',
    {
      usage: EXTENDED_KEY_USAGE.serverAuth,
      intermediates: [middle({ extensions: [extKeyUsageExtension([EXTENDED_KEY_USAGE.clientAuth])] })],
    },
    'extended-key-usage',
    /CN=middle/,
  ],
  ['another host name', { hostname: 'other.example.com' }, 'hostname', /not for other\.example\.com/],
  [
    'a host name for a certificate without names',
    { hostname: 'a', leaf: leaf({ names: [] }) },
    'hostname',
    /not for a/,
  ],
  [
    'a name outside what is permitted',
    { roots: [root(constrain({ permitted: [dns('example.org')] }))] },
    'name-constraints',
    /CN=root.*DNS:leaf\.example\.com is not permitted/,
  ],
  [
    'a name within what is excluded',
    { intermediates: [middle(constrain({ excluded: [dns('example.com')] }))] },
    'name-constraints',
    /CN=middle.*is excluded/,
  ],
  [
    'a constraint of a kind that nobody compares',
    { roots: [root(constrain({ permitted: [{ kind: 'unhandled', der: Uint8Array.of(0x88, 1, 0x2a) }] }))] },
    'name-constraints',
    /not supported/,
  ],
];
for (const [what, question, reason, detail] of refusals) {
  test(`does not trust ${what}`, () => {
    const verdict = ask(question);
    assert.ok(verdict.kind === 'untrusted');
    assert.equal(verdict.reason, reason);
    assert.match(verdict.detail, detail);
  });
}

const names = (question: Partial<ChainQuestion>): readonly string[] => {
  const verdict = ask(question);
  assert.ok(verdict.kind === 'trusted', JSON.stringify(verdict));
  return verdict.path.map(({ subject }) => subject.rdns[0]?.[0]?.value ?? '');
};

test('trusts a leaf over an intermediate to a root, and says the path', () => {
  assert.deepEqual(names({ hostname: 'LEAF.example.com.' }), ['leaf.example.com', 'middle', 'root']);
});

test('trusts a leaf right below a root', () => {
  assert.deepEqual(names({ leaf: leaf({ issuer: 'root' }), intermediates: [] }), ['leaf.example.com', 'root']);
});

test('trusts a leaf that is itself among the roots, but not its host name unseen', () => {
  const self = toyCertificate({ subject: 'a.example.com' });
  assert.deepEqual(names({ leaf: self, roots: [self], intermediates: [], hostname: 'a.example.com' }), [
    'a.example.com',
  ]);
  assert.equal(ask({ leaf: self, roots: [self], hostname: 'b' }).kind, 'untrusted');
});

test('trusts at the first and at the last second of validity', () => {
  const parts = { notBefore: toUnixSeconds(SAMPLE_NOW), notAfter: toUnixSeconds(SAMPLE_NOW) };
  assert.equal(names({ leaf: leaf({ parts }) }).length, 3);
});

test('takes extensions that are unknown and not critical, and critical ones that it processes', () => {
  assert.equal(names({ leaf: leaf({ extensions: [strangeExtension(false)] }) }).length, 3);
  const policies = { oid: EXTENSION.certificatePolicies, critical: true, value: Uint8Array.of(0x30, 0) };
  assert.equal(names({ intermediates: [middle({ extensions: [policies] })] }).length, 3);
});

test('takes any usage for every usage, and a certificate without a list for all', () => {
  const any = [extKeyUsageExtension([EXTENDED_KEY_USAGE.any])];
  assert.equal(names({ usage: EXTENDED_KEY_USAGE.serverAuth, leaf: leaf({ extensions: any }) }).length, 3);
  assert.equal(names({ usage: EXTENDED_KEY_USAGE.serverAuth }).length, 3);
});

test('does not count self-issued certificates against the path length', () => {
  const again = toyCertificate({ subject: 'middle', ca: true, parts: { notAfter: toUnixSeconds(SAMPLE_NOW + 9) } });
  const rolled = toyCertificate({ subject: 'leaf.example.com', issuer: 'middle' });
  assert.equal(
    names({ leaf: rolled, intermediates: [again, middle()], roots: [root({ pathLength: 1 })] })[0],
    'leaf.example.com',
  );
});

test('finds its way among issuers of one name, of which one has the right key', () => {
  const wrong = middle({ signedBy: 'other' });
  assert.equal(names({ intermediates: [wrong, wrong, middle()] }).length, 3);
});

test('tries the issuer first whose key identifier the leaf names', () => {
  const keyed = (id: number): Certificate =>
    middle({ extensions: [subjectKeyIdentifierExtension(Uint8Array.of(id))], parts: {} });
  let checks = 0;
  const verdict = ask({
    leaf: leaf({ extensions: [authorityKeyIdentifierExtension(Uint8Array.of(7))] }),
    intermediates: [keyed(1), keyed(2), keyed(3), keyed(7)],
    verifySignature: (...parts) => {
      checks++;
      return verifyToySignature(...parts);
    },
  });
  assert.equal(verdict.kind === 'trusted' && verdict.path[1]?.subjectKeyIdentifier?.[0], 7);
  assert.equal(checks, 2);
});

test('gives up on certificates that are made to cost, in bounded work', () => {
  // Twelve CAs that all sign each other: the paths among them are more than can be tried.
  const ring: Certificate[] = [];
  for (let i = 0; i < 12; i++) {
    for (let j = 0; j < 12; j++) {
      if (i !== j) ring.push(toyCertificate({ subject: `ca${i}`, issuer: `ca${j}`, ca: true }));
    }
  }
  let checks = 0;
  const verdict = ask({
    leaf: leaf({ issuer: 'ca0' }),
    intermediates: ring,
    verifySignature: (...parts) => {
      checks++;
      return verifyToySignature(...parts);
    },
  });
  assert.equal(verdict.kind, 'untrusted');
  assert.ok(checks <= 100);
});

test('gives up on more names than it will compare', () => {
  const many = Array.from({ length: 2_000 }, (_, i): GeneralName => ({ kind: 'dns', value: `n${i}.example.com` }));
  const subtrees = Array.from({ length: 200 }, (_, i) => dns(`x${i}.example.org`));
  const verdict = ask({ leaf: leaf({ names: many }), roots: [root(constrain({ excluded: subtrees }))] });
  assert.equal(verdict.kind === 'untrusted' && verdict.reason, 'too-complex');
});

interface ConstraintCase {
  readonly name: GeneralName;
  readonly subtree: Subtree;
  readonly inside: boolean;
}

const ip = (...octets: readonly number[]): Uint8Array => Uint8Array.from(octets);
const constraintCases: readonly ConstraintCase[] = [
  { name: { kind: 'dns', value: 'example.com' }, subtree: dns('example.com'), inside: true },
  { name: { kind: 'dns', value: 'A.EXAMPLE.com' }, subtree: dns('example.COM'), inside: true },
  { name: { kind: 'dns', value: 'badexample.com' }, subtree: dns('example.com'), inside: false },
  { name: { kind: 'dns', value: 'example.com.evil.org' }, subtree: dns('example.com'), inside: false },
  { name: { kind: 'dns', value: 'example.com' }, subtree: dns('.example.com'), inside: false },
  { name: { kind: 'dns', value: 'a.example.com' }, subtree: dns('.example.com'), inside: true },
  { name: { kind: 'dns', value: '*.example.com' }, subtree: dns('example.com'), inside: true },
  { name: { kind: 'dns', value: '*.example.com' }, subtree: dns('a.example.com'), inside: false },
  { name: { kind: 'dns', value: 'anything' }, subtree: dns(''), inside: true },
  { name: { kind: 'email', value: 'a@example.com' }, subtree: { kind: 'email', value: 'example.com' }, inside: true },
  {
    name: { kind: 'email', value: 'a@x.example.com' },
    subtree: { kind: 'email', value: 'example.com' },
    inside: false,
  },
  {
    name: { kind: 'email', value: 'a@x.example.com' },
    subtree: { kind: 'email', value: '.example.com' },
    inside: true,
  },
  { name: { kind: 'email', value: 'a@Example.com' }, subtree: { kind: 'email', value: 'a@example.com' }, inside: true },
  {
    name: { kind: 'email', value: 'A@example.com' },
    subtree: { kind: 'email', value: 'a@example.com' },
    inside: false,
  },
  {
    name: { kind: 'uri', value: 'https://a.example.com/x' },
    subtree: { kind: 'uri', value: '.example.com' },
    inside: true,
  },
  {
    name: { kind: 'uri', value: 'https://example.com:8443' },
    subtree: { kind: 'uri', value: 'example.com' },
    inside: true,
  },
  {
    name: { kind: 'uri', value: 'https://example.com@evil.org/' },
    subtree: { kind: 'uri', value: 'example.com' },
    inside: false,
  },
  { name: { kind: 'uri', value: 'https://10.0.0.1/' }, subtree: { kind: 'uri', value: 'example.com' }, inside: false },
  { name: { kind: 'uri', value: 'urn:example.com' }, subtree: { kind: 'uri', value: 'example.com' }, inside: false },
  {
    name: { kind: 'ip', bytes: ip(10, 1, 2, 3) },
    subtree: { kind: 'ip', address: ip(10, 0, 0, 0), mask: ip(255, 0, 0, 0) },
    inside: true,
  },
  {
    name: { kind: 'ip', bytes: ip(11, 1, 2, 3) },
    subtree: { kind: 'ip', address: ip(10, 0, 0, 0), mask: ip(255, 0, 0, 0) },
    inside: false,
  },
  {
    name: { kind: 'ip', bytes: new Uint8Array(16) },
    subtree: { kind: 'ip', address: ip(0, 0, 0, 0), mask: ip(0, 0, 0, 0) },
    inside: false,
  },
];
for (const { name, subtree, inside } of constraintCases) {
  const value = 'value' in name ? name.value : 'bytes' in name ? name.bytes.join('.') : '';
  const base = 'value' in subtree ? subtree.value : 'address' in subtree ? subtree.address.join('.') : '';
  test(`${name.kind} ${value} lies ${inside ? 'in' : 'outside'} the permitted "${base}"`, () => {
    const verdict = ask({ leaf: leaf({ names: [name] }), roots: [root(constrain({ permitted: [subtree] }))] });
    assert.equal(verdict.kind, inside ? 'trusted' : 'untrusted');
  });
}

test('a wildcard that covers an excluded name is excluded (CVE-2025-61727)', () => {
  const verdict = ask({
    leaf: leaf({ names: [{ kind: 'dns', value: '*.example.com' }] }),
    roots: [root(constrain({ excluded: [dns('evil.example.com')] }))],
  });
  assert.equal(verdict.kind === 'untrusted' && verdict.reason, 'name-constraints');
});

test('constraints on one kind of name leave the others alone', () => {
  const constrained = root(constrain({ permitted: [{ kind: 'email', value: 'example.org' }] }));
  assert.equal(names({ roots: [constrained] }).length, 3);
});

test('directory names are constrained by the beginning of the subject, without regard to case and blanks', () => {
  const under = (value: string): Partial<ToyCertificate> => ({
    parts: { subject: encodeName([[{ oid: '2.5.4.10', value }], [{ oid: '2.5.4.3', value: 'x' }]]) },
  });
  const acme: Subtree = { kind: 'directoryName', name: encodeName([[{ oid: '2.5.4.10', value: 'Acme  Corp' }]]) };
  const direct = { intermediates: [], roots: [root(constrain({ permitted: [acme] }))] };
  assert.equal(names({ ...direct, leaf: leaf({ issuer: 'root', ...under('acme corp') }) }).length, 2);
  assert.equal(ask({ ...direct, leaf: leaf({ issuer: 'root', ...under('other') }) }).kind, 'untrusted');
  assert.equal(
    ask({ ...direct, leaf: leaf({ issuer: 'root', parts: { subject: sampleName('acme corp') } }) }).kind,
    'untrusted',
  );
});
