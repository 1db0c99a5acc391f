import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FakeClock } from '../../base/fake-clock.js';
import { silentLogger } from '../../base/logger.js';
import { createClient } from '../../client/client.js';
import { createMemoryApi, type MemoryApi } from '../../client/testing/memory-api.js';
import { halfRandom, settle } from '../../client/testing/settle.js';
import { createController } from '../runtime/controller.js';
import { runControllers } from '../runtime/run-controllers.js';
import type { FactChange } from './fact-change.js';
import { createRecordVerifier, type RecordVerifier } from '../../authority/record-verifier.js';
import { testKey } from '../../authority/testing/test-certificates.js';
import { testRecord } from '../../authority/testing/test-records.js';
import { createFactCaches, type FactCaches } from './fact-caches.js';

interface Bench {
  readonly api: MemoryApi;
  readonly clock: FakeClock;
  readonly caches: FactCaches;
  readonly changes: FactChange[];
  /** Keys that were worked on. */
  readonly worked: string[];
  readonly stop: () => Promise<void>;
}

const POD_PATH = '/api/v1/namespaces/shop/pods/web-1';
const RECORDS = '/apis/countersign.dev/v1alpha1/certificaterecords';

const pod = (ip: string): { readonly metadata: object } => ({
  metadata: { namespace: 'shop', name: 'web-1', labels: { app: 'web' } },
  ...{ spec: { serviceAccountName: 'web' }, status: { phase: 'Running', podIPs: [{ ip }] } },
});

const record = (name: string, verdict: string): { readonly metadata: object } => ({
  metadata: { name },
  ...{
    spec: {
      request: {
        name: 'csr-1',
        uid: name,
        signerName: 'example.com/serving',
        request: 'AAAA',
        requestDigest: 'sha256:11',
        publicKeyDigest: 'sha256:00',
      },
      requester: {
        username: 'system:serviceaccount:shop:web',
        identity: { kind: 'Pod', namespace: 'shop', serviceAccountName: 'web' },
      },
      decision: { verdict, by: 'Policy', decidedAt: '2023-11-14T22:13:20Z' },
      signature: { keyID: 'sha256:22', value: 'AAAA' },
    },
  },
});

async function started(maxSilenceSeconds?: number, records?: RecordVerifier): Promise<Bench> {
  const api = createMemoryApi();
  const clock = new FakeClock();
  const client = createClient(api.transport, { userAgent: 'test' });
  const caches = createFactCaches({
    client,
    clock,
    random: halfRandom,
    ...(maxSilenceSeconds === undefined ? {} : { maxSilenceSeconds }),
    ...(records === undefined ? {} : { records }),
  });
  const changes: FactChange[] = [];
  caches.onFactChange((change) => changes.push(change));
  const worked: string[] = [];
  const controller = createController<string, string>({
    name: 'test',
    watches: caches.watches,
    observe: (key) => key,
    decide: (key) => ({ kind: 'act', actions: [key] }),
    apply: async (key) => {
      worked.push(key);
      return { kind: 'done' };
    },
  });
  const end = new AbortController();
  const running = runControllers([controller], { clock, random: halfRandom, logger: silentLogger }, end.signal);
  await settle();
  return {
    api,
    clock,
    caches,
    changes,
    worked,
    stop: async () => {
      end.abort();
      await running.ended;
    },
  };
}

suite('fact caches', () => {
  test('are not believed before everything has been read once', async () => {
    const api = createMemoryApi();
    const caches = createFactCaches({
      client: createClient(api.transport, { userAgent: 'test' }),
      clock: new FakeClock(),
      random: halfRandom,
    });
    assert.deepEqual(caches.facts().standing, {
      kind: 'syncing',
      resources: ['pods', 'services', 'endpointslices', 'nodes', 'namespaces', 'serviceaccounts', 'certificaterecords'],
    });
  });

  test('follow objects, tell what changed, and enqueue nothing', async () => {
    const { api, caches, changes, worked, stop } = await started();
    assert.deepEqual(caches.facts().standing, { kind: 'fresh' });
    api.put(POD_PATH, pod('10.0.0.7'));
    assert.deepEqual(
      caches
        .facts()
        .podsByIp('10.0.0.7')
        .map(({ name }) => name),
      ['web-1'],
    );
    api.put(POD_PATH, pod('10.0.0.8'));
    assert.deepEqual(caches.facts().podsByIp('10.0.0.7'), []);
    assert.equal(caches.facts().pod('shop', 'web-1')?.serviceAccountName, 'web');
    api.remove(POD_PATH);
    assert.equal(caches.facts().pod('shop', 'web-1'), undefined);
    const addresses = changes.map((change) =>
      change.kind === 'Pod' ? [change.key, change.previous?.ips, change.current?.ips] : [],
    );
    assert.deepEqual(addresses, [
      ['shop/web-1', undefined, ['10.0.0.7']],
      ['shop/web-1', ['10.0.0.7'], ['10.0.0.8']],
      ['shop/web-1', ['10.0.0.8'], undefined],
    ]);
    await settle();
    assert.deepEqual(worked, []);
    await stop();
  });

  const kinds: readonly { readonly kind: FactChange['kind']; readonly path: string; readonly object: object }[] = [
    { kind: 'Service', path: '/api/v1/namespaces/shop/services/web', object: { spec: { clusterIP: '10.1.0.1' } } },
    {
      kind: 'EndpointSlice',
      path: '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices/web-x',
      object: { endpoints: [{ addresses: ['10.0.0.7'], targetRef: { kind: 'Pod', uid: 'p' } }] },
    },
    { kind: 'Node', path: '/api/v1/nodes/n1', object: { status: { addresses: [{ address: '192.0.2.1' }] } } },
    { kind: 'Namespace', path: '/api/v1/namespaces/shop', object: {} },
    { kind: 'ServiceAccount', path: '/api/v1/namespaces/shop/serviceaccounts/web', object: {} },
  ];
  for (const { kind, path, object } of kinds) {
    test(`come and go: ${kind}`, async () => {
      const { api, caches, changes, stop } = await started();
      const seen = (): readonly boolean[] => {
        const facts = caches.facts();
        return [
          facts.servicesByIp('10.1.0.1').length > 0,
          facts.slicesByPod('p').length > 0,
          facts.nodesByAddress('192.0.2.1').length > 0,
          facts.namespace('shop') !== undefined,
          facts.serviceAccount('shop', 'web') !== undefined,
        ];
      };
      const parts = path.split('/');
      const at = parts.indexOf('namespaces');
      const namespace = at > 0 && parts.length > at + 2 ? { namespace: 'shop' } : {};
      api.put(path, { metadata: { name: parts.at(-1) ?? '', ...namespace }, ...object });
      assert.equal(seen().filter(Boolean).length, 1);
      api.remove(path);
      assert.equal(seen().filter(Boolean).length, 0);
      assert.deepEqual(
        changes.map((change) => change.kind),
        [kind, kind],
      );
      await stop();
    });
  }

  test('know for whom a key is on record, and that a denial gives nobody anything', async () => {
    const { api, caches, changes, stop } = await started();
    api.put(`${RECORDS}/denied`, record('denied', 'Denied'));
    assert.deepEqual(caches.facts().keyHolders('sha256:00'), []);
    api.put(`${RECORDS}/r1`, record('r1', 'Approved'));
    assert.deepEqual(caches.facts().keyHolders('sha256:00'), [
      { record: 'r1', requestName: 'csr-1', identityKey: 'serviceaccount:shop/web' },
    ]);
    api.remove(`${RECORDS}/r1`);
    assert.deepEqual(caches.facts().keyHolders('sha256:00'), []);
    assert.deepEqual(
      changes.map(({ kind, key }) => `${kind} ${key}`),
      ['CertificateRecord r1', 'CertificateRecord r1'],
    );
    await stop();
  });

  test('take nobody at his word whose signature is not that of a known approver, where approvers are known', async () => {
    const verifier = createRecordVerifier([(await testKey('approver')).publicKey]);
    const { api, caches, stop } = await started(undefined, verifier);
    const genuine = await testRecord();
    const stolen = { ...(await testRecord({}, 'somebody')), metadata: { name: 'csr-1' } };
    const { publicKeyDigest } = genuine.spec.request;
    api.put(`${RECORDS}/csr-1`, stolen);
    api.put(`${RECORDS}/r1`, record('r1', 'Approved'));
    assert.deepEqual(caches.facts().keyHolders(publicKeyDigest), []);
    assert.deepEqual(caches.facts().keyHolders('sha256:00'), []);
    api.put(`${RECORDS}/csr-1`, genuine);
    assert.deepEqual(
      caches
        .facts()
        .keyHolders(publicKeyDigest)
        .map((holder) => holder.record),
      ['csr-1'],
    );
    await stop();
  });

  test('know up to which version each of them has followed', async () => {
    const { api, caches, stop } = await started();
    assert.deepEqual([caches.versionOf('Pod')?.version, caches.versionOf('ApprovalPolicy')], ['1', undefined]);
    api.put(POD_PATH, pod('10.0.0.7'));
    assert.deepEqual([caches.versionOf('Pod')?.version, caches.versionOf('Node')?.version], ['2', '1']);
    await stop();
  });

  test('live with a record that cannot be read', async () => {
    const { api, caches, stop } = await started();
    api.put(`${RECORDS}/bad`, { metadata: { name: 'bad' } });
    api.put(`${RECORDS}/worse`, { metadata: { name: 'worse' }, ...{ spec: { decision: 7 } } });
    api.put(`${RECORDS}/r1`, record('r1', 'Approved'));
    assert.equal(caches.facts().keyHolders('sha256:00').length, 1);
    await stop();
  });

  test('are not believed after too long a silence, and again after a word', async () => {
    const { api, clock, caches, stop } = await started(90);
    clock.advance(90_999);
    assert.deepEqual(caches.facts().standing, { kind: 'fresh' });
    clock.advance(1);
    assert.deepEqual(caches.facts().standing, { kind: 'silent', resource: 'pods', seconds: 91 });
    api.put(POD_PATH, pod('10.0.0.7'));
    assert.deepEqual(caches.facts().standing, { kind: 'silent', resource: 'services', seconds: 91 });
    api.bookmark();
    assert.deepEqual(caches.facts().standing, { kind: 'fresh' });
    await stop();
  });
});
