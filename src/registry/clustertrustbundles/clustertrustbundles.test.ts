import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CA_PEM } from '../../certificates/testing/samples.js';
import type { ClusterTrustBundle } from '../../certificates/cluster-trust-bundle.js';
import { openTestStore } from '../testing/open-test-store.js';
import { clusterTrustBundles, clusterTrustBundlesV1Alpha1 } from './clustertrustbundles.js';

const KEY = { namespace: '', name: 'b' };
const fresh: ClusterTrustBundle = { metadata: { name: 'b' }, spec: { trustBundle: CA_PEM } };

test('refuses a write without a version, in the words of the real API server', async () => {
  const { objects, context } = openTestStore(clusterTrustBundles);
  await assert.rejects(
    objects.update(KEY, () => fresh, { context: context() }),
    { message: 'clustertrustbundles.certificates.k8s.io "b" not found' },
  );
  await objects.create(fresh, { context: context() });
  await assert.rejects(
    objects.update(KEY, () => fresh, { context: context() }),
    {
      message:
        'clustertrustbundles.certificates.k8s.io "b" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    },
  );
});

test('stores the text as it was sent', async () => {
  const { objects, context } = openTestStore(clusterTrustBundles);
  const trustBundle = `# ours\r\n${CA_PEM}`;
  await objects.create({ ...fresh, spec: { trustBundle } }, { context: context() });
  assert.equal((await objects.get(KEY)).spec.trustBundle, trustBundle);
});

test('both versions show one store, each under its own name', async () => {
  const beta = openTestStore(clusterTrustBundles);
  const alpha = openTestStore(clusterTrustBundlesV1Alpha1, { store: beta.store });
  await alpha.objects.create(fresh, { context: alpha.context() });
  const shown = await beta.objects.get(KEY);
  assert.equal(shown.apiVersion, 'certificates.k8s.io/v1beta1');
  const stored = await beta.store.get('/registry/clustertrustbundles/b');
  assert.match(new TextDecoder().decode(stored?.value), /"apiVersion":"certificates.k8s.io\/v1beta1"/);
  const seen = await alpha.objects.get(KEY);
  assert.deepEqual(seen, { ...shown, apiVersion: 'certificates.k8s.io/v1alpha1' });
});

test('prints and selects by the signer', () => {
  const { context } = openTestStore(clusterTrustBundles);
  const { now } = context();
  assert.deepEqual(clusterTrustBundles.cells(fresh, now), ['b', '<none>']);
  const signed = { ...fresh, spec: { ...fresh.spec, signerName: 'example.com/foo' } };
  assert.deepEqual(clusterTrustBundles.cells(signed, now), ['b', 'example.com/foo']);
  assert.equal(clusterTrustBundles.selectableFields?.['spec.signerName']?.(signed), 'example.com/foo');
});
