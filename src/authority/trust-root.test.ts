import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDnsSubdomain } from '../kube/names.js';
import { trustConfigMap, trustConfigMapName } from './trust-root.js';

test('makes a ConfigMap name of every signer name, the longest too, and no two alike', () => {
  const longest = `${'a.'.repeat(125)}com/${'b.'.repeat(125)}c`;
  const names = ['example.com/serving', 'example.com.serving/x', 'a.b/c.d', longest, `${longest}d`].map(
    trustConfigMapName,
  );
  for (const name of names) assert.ok(isDnsSubdomain(name), name);
  assert.equal(new Set(names).size, names.length);
  assert.equal(names[0], 'trust.example.com.serving');
});

test('says whose root it is, and where it is by default', () => {
  const { metadata, data } = trustConfigMap('example.com/serving', 'PEM');
  assert.equal(metadata.namespace, 'kube-public');
  assert.equal(metadata.annotations['countersign.dev/signer-name'], 'example.com/serving');
  assert.deepEqual(metadata.labels, { 'countersign.dev/trust-root': 'true' });
  assert.deepEqual(data, { 'ca.crt': 'PEM' });
  assert.equal(trustConfigMap('example.com/serving', 'PEM', { namespace: 'n', name: 'x' }).metadata.name, 'x');
});
