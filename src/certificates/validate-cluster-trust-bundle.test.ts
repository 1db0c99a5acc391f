import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../kube/field-error.js';
import type { ClusterTrustBundle } from './cluster-trust-bundle.js';
import { CA_PEM, CERTIFICATE_PEM, REQUEST_PEM } from './testing/samples.js';
import {
  MAX_TRUST_BUNDLE_BYTES,
  validateClusterTrustBundle,
  validateClusterTrustBundleUpdate,
} from './validate-cluster-trust-bundle.js';

const OMITTED = 'spec.trustBundle: Invalid value: "<value omitted>":';
const DNS = 'a lowercase RFC 1123 subdomain must consist of';

function bundle(trustBundle: string, name = 'b', signerName?: string): ClusterTrustBundle {
  return { metadata: { name }, spec: { trustBundle, ...(signerName === undefined ? {} : { signerName }) } };
}

function named(name: string, signerName?: string): ClusterTrustBundle {
  return bundle(CA_PEM, name, signerName);
}

function block(type: string, body: string): string {
  return `-----BEGIN ${type}-----\n${body}-----END ${type}-----\n`;
}

const refused: readonly (readonly [string, ClusterTrustBundle, readonly string[]])[] = [
  ['nothing', bundle(''), [`${OMITTED} at least one trust anchor must be provided`]],
  ['text', bundle('hello'), [`${OMITTED} at least one trust anchor must be provided`]],
  [
    'a request, and goes on to what follows it',
    bundle(REQUEST_PEM + block('CERTIFICATE', 'AQ==\n')),
    [`${OMITTED} entry 0 has bad block type: CERTIFICATE REQUEST`, `${OMITTED} entry 1 does not parse as X.509`],
  ],
  ['headers', bundle(block('CERTIFICATE', 'a: b\n\nAQ==\n')), [`${OMITTED} entry 0 has PEM block headers`]],
  ['an empty block', bundle(block('CERTIFICATE', '')), [`${OMITTED} entry 0 does not parse as X.509`]],
  ['a leaf', bundle(CA_PEM + CERTIFICATE_PEM), [`${OMITTED} entry 1 does not have the CA bit set`]],
  ['an anchor twice', bundle(`${CA_PEM}text\n${CA_PEM}`), [`${OMITTED} duplicate trust anchor (indices [0 1])`]],
  [
    'too much, unread',
    bundle('ä'.repeat(MAX_TRUST_BUNDLE_BYTES / 2) + CA_PEM),
    [`spec.trustBundle: Too long: may not be more than ${MAX_TRUST_BUNDLE_BYTES} bytes`],
  ],
  [
    'a colon in the name of a bundle of nobody',
    named('a:b'),
    ['metadata.name: Invalid value: "a:b": ClusterTrustBundle without signer name must not have ":" in its name'],
  ],
  [
    'a name without its signer',
    named('b', 'example.com/foo'),
    [
      'metadata.name: Invalid value: "b": ClusterTrustBundle for signerName example.com/foo must be named with prefix example.com:foo:',
    ],
  ],
  [
    'a signer that is no name, in the words for both',
    named('foo:b', 'foo'),
    [
      'spec.signerName: Invalid value: "foo": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
    ],
  ],
];

for (const [name, object, errors] of refused) {
  test(`refuses ${name}`, () => assert.deepEqual(validateClusterTrustBundle(object).map(fieldErrorText), errors));
}

for (const name of ['B', 'example.com:foo:', 'example.com:foo:a:b', 'example.com:foo:A']) {
  const signerName = name.includes(':') ? 'example.com/foo' : undefined;
  test(`refuses the name ${name}`, () => {
    const texts = validateClusterTrustBundle(named(name, signerName)).map(fieldErrorText);
    assert.equal(texts.length, 1);
    assert.ok(texts[0]?.startsWith(`metadata.name: Invalid value: ${JSON.stringify(name)}: ${DNS}`), texts[0]);
  });
}

test('judges a prefix of names as the name that it becomes', () => {
  const prefixed = (generateName: string) => ({
    ...named(`${generateName}x2x4x`, 'example.com/foo'),
    metadata: { generateName, name: `${generateName}x2x4x` },
  });
  assert.deepEqual(validateClusterTrustBundle(prefixed('example.com:foo:a-')), []);
  assert.deepEqual(
    validateClusterTrustBundle(prefixed('a-')).map(({ field }) => field),
    ['metadata.generateName', 'metadata.name'],
  );
});

test('takes anchors with text around them, of a signer or of nobody', () => {
  assert.deepEqual(validateClusterTrustBundle(bundle(`# ours\n${CA_PEM}\nend`)), []);
  assert.deepEqual(validateClusterTrustBundle(named('example.com:foo:a.b', 'example.com/foo')), []);
});

test('lets no signer change, whatever it was', () => {
  const change = (from: string | undefined, to: string | undefined): readonly string[] =>
    validateClusterTrustBundleUpdate(named('b', to), named('b', from)).map(({ field }) => field);
  assert.deepEqual(change(undefined, 'example.com/foo'), ['metadata.name', 'spec.signerName']);
  assert.deepEqual(change('example.com/foo', undefined), ['spec.signerName']);
  assert.deepEqual(change(undefined, ''), []);
});

test('reads anchors again only where they changed', () => {
  assert.deepEqual(validateClusterTrustBundleUpdate(bundle('old'), bundle('old')), []);
  const errors = validateClusterTrustBundleUpdate(bundle('new'), bundle('old'));
  assert.deepEqual(errors.map(fieldErrorText), [`${OMITTED} at least one trust anchor must be provided`]);
});
