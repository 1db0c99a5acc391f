import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { API_SERVING_SIGNER, bundleName, decideBundles } from './trust-bundle-publisher.js';

const ROOT = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

function bundle(name: string, trustBundle: string) {
  return { metadata: { name, uid: name }, spec: { signerName: API_SERVING_SIGNER, trustBundle } };
}

suite('publisher of the trust bundle', () => {
  test('names a bundle after the first twelve bytes of the SHA-256 of its text', () => {
    // printf abc | sha256sum
    assert.equal(bundleName('abc'), 'kubernetes.io:kube-apiserver-serving:ba7816bf8f01cfea414140de');
  });

  const right = bundle(bundleName(ROOT), ROOT);
  const drifted = bundle(bundleName(ROOT), 'other');
  const old = bundle('kubernetes.io:kube-apiserver-serving:old', 'old');
  const { metadata, spec } = right;
  const cases = [
    { name: 'does nothing without a root', rootCaPem: '', bundles: [old], actions: [] },
    { name: 'leaves what is right', rootCaPem: ROOT, bundles: [right], actions: [] },
    {
      name: 'makes what is missing, before the old one goes',
      rootCaPem: ROOT,
      bundles: [old],
      actions: [
        { kind: 'create', bundle: { metadata: { name: metadata.name }, spec } },
        { kind: 'delete', bundle: old },
      ],
    },
    {
      name: 'repairs what differs',
      rootCaPem: ROOT,
      bundles: [drifted],
      actions: [{ kind: 'repair', bundle: right }],
    },
    {
      name: 'deletes every other one of the signer',
      rootCaPem: ROOT,
      bundles: [right, old],
      actions: [{ kind: 'delete', bundle: old }],
    },
  ];
  for (const { name, rootCaPem, bundles, actions } of cases) {
    test(name, () => {
      const expected = actions.length === 0 ? { kind: 'done' } : { kind: 'act', actions };
      assert.deepEqual(decideBundles({ rootCaPem, bundles }), expected);
    });
  }
});
