import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CountersignError } from '../../base/error.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { NAMESPACE, POD, SLICE } from '../../policy/testing/world.js';
import { factsOfManifests } from './manifest-facts.js';

/** As it was written: what the schemas of kinds refuse is tested where they are. */
const asWritten = (value: object): KubeObject => value as KubeObject;

const facts = (...objects: readonly unknown[]) => factsOfManifests(objects, asWritten);

const WEB = {
  kind: 'Pod',
  metadata: { namespace: 'shop', name: 'web', labels: { app: 'web' } },
  status: { podIP: '10.0.0.7' },
};
const BATCH = { kind: 'Pod', metadata: { namespace: 'shop', name: 'batch' }, status: { podIP: '10.0.0.8' } };
const SERVICE = { kind: 'Service', metadata: { namespace: 'shop', name: 'web' }, spec: { selector: { app: 'web' } } };
const OF_WEB = { namespace: 'shop', name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } };

suite('facts of manifests', () => {
  test('what a manifest presupposes is there', () => {
    const store = facts(WEB);
    const pod = store.pod('shop', 'web');
    assert.deepEqual([pod?.phase, pod?.serviceAccountName, pod?.uid], ['Running', 'default', 'uid-of-Pod-shop/web']);
    assert.equal(store.serviceAccount('shop', 'default')?.uid, 'uid-of-ServiceAccount-shop/default');
    assert.deepEqual(store.namespace('shop')?.labels, { 'kubernetes.io/metadata.name': 'shop' });
  });

  test('what is written is taken as it is', () => {
    const namespace = { kind: 'Namespace', metadata: { name: 'shop', uid: 'n', labels: { team: 'a' } } };
    const account = { kind: 'ServiceAccount', metadata: { namespace: 'shop', name: 'default', uid: 'a' } };
    const store = facts(namespace, account, {
      ...WEB,
      metadata: { ...WEB.metadata, uid: 'p' },
      status: { phase: 'Failed' },
    });
    assert.deepEqual([store.namespace('shop')?.uid, store.namespace('shop')?.labels], ['n', { team: 'a' }]);
    assert.equal(store.serviceAccount('shop', 'default')?.uid, 'a');
    assert.deepEqual([store.pod('shop', 'web')?.uid, store.pod('shop', 'web')?.phase], ['p', 'Failed']);
  });

  test('of two with one name the later counts', () => {
    const store = facts(WEB, { ...WEB, status: { podIP: '10.0.0.9' } });
    assert.deepEqual(store.podsByIp('10.0.0.7'), []);
    assert.equal(store.podsByIp('10.0.0.9').length, 1);
  });

  test('a Service without slices has the pods that it selects, and no others', () => {
    const store = facts(WEB, BATCH, SERVICE);
    const [slice] = store.slicesByPod('uid-of-Pod-shop/web');
    assert.equal(slice?.serviceUid, 'uid-of-Service-shop/web');
    assert.deepEqual(slice.podUids, ['uid-of-Pod-shop/web']);
    assert.deepEqual(store.slicesByPod('uid-of-Pod-shop/batch'), []);
  });

  test('a Service without a selector gets no slice', () => {
    const store = facts(WEB, { ...SERVICE, spec: {} });
    assert.deepEqual(store.slicesByPod('uid-of-Pod-shop/web'), []);
  });

  test('a slice that is written takes the place of the one that would be made', () => {
    const store = facts(WEB, SERVICE, { kind: 'EndpointSlice', metadata: OF_WEB, endpoints: [] });
    assert.deepEqual(store.slicesByPod('uid-of-Pod-shop/web'), []);
  });

  test('a slice finds its Service by its label, and its pods by their names', () => {
    const endpoints = [{ addresses: ['10.0.0.8'], targetRef: { kind: 'Pod', name: 'batch' } }];
    const store = facts(WEB, BATCH, SERVICE, { kind: 'EndpointSlice', metadata: OF_WEB, endpoints });
    const [slice] = store.slicesByPod('uid-of-Pod-shop/batch');
    assert.deepEqual([slice?.name, slice?.serviceUid], ['web-1', 'uid-of-Service-shop/web']);
    assert.deepEqual(store.slicesByPod('uid-of-Pod-shop/web'), []);
  });

  test('a slice of nobody is of nobody', () => {
    const metadata = { namespace: 'shop', name: 'stray' };
    const endpoints = [{ addresses: ['10.0.0.7'], targetRef: { kind: 'Pod', name: 'web' } }];
    const [slice] = facts(WEB, { kind: 'EndpointSlice', metadata, endpoints }).slicesByPod('uid-of-Pod-shop/web');
    assert.equal(slice?.serviceUid, '');
  });

  test('what a record holds is taken whole', () => {
    const store = facts({ pods: [POD], namespaces: [NAMESPACE], endpointSlices: [SLICE] });
    assert.equal(store.pod('shop', 'web-7f'), POD);
    assert.equal(store.namespace('shop'), NAMESPACE);
    assert.equal(store.serviceAccount('shop', 'web'), undefined);
    assert.deepEqual(store.slicesByPod(POD.uid), [SLICE]);
  });

  const refused: readonly (readonly [what: string, object: unknown, message: RegExp])[] = [
    ['a text', 'Pod', /a fact is an object/],
    ['another kind', { kind: 'Secret' }, /no facts are taken from a "Secret"/],
    ['a kind that every object has', { kind: 'constructor' }, /no facts are taken from a "constructor"/],
    ['a list of kinds', { kind: ['Pod'] }, /no facts are taken from a \["Pod"\]/],
    ['facts of a record that are none', { pods: [{}] }, /facts\.pods\[0\]/],
  ];
  for (const [what, object, message] of refused) {
    test(`refuse ${what}`, () => {
      assert.throws(
        () => facts(object),
        (error) => error instanceof CountersignError && message.test(error.message),
      );
    });
  }
});
