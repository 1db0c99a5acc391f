import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { APPROVED } from '../../src/certificates/conditions.js';
import type { CertificateSigningRequest } from '../../src/certificates/certificate-signing-request.js';
import type { Client } from '../../src/client/client.js';
import { resourceType } from '../../src/client/resource-type.js';
import {
  CERTIFICATE_RECORDS,
  CERTIFICATE_SIGNING_REQUESTS,
  CONFIG_MAPS,
  LEASES,
  NAMESPACES,
  SERVICE_ACCOUNTS,
} from '../../src/client/resources.js';
import type { KubeObject, UserInfo } from '../../src/kube/object-meta.js';
import { requestObject } from '../system/kubectl-stage.js';
import { type Replica, ReplicaSet, SIGNER } from './replica-set.js';

interface TokenReview extends KubeObject {
  readonly spec: { readonly token: string };
  readonly status?: { readonly authenticated?: boolean; readonly user?: UserInfo };
}

interface TokenRequest extends KubeObject {
  readonly spec: object;
  readonly status?: { readonly token: string };
}

interface ClusterRole extends KubeObject {
  readonly rules?: readonly { readonly resources?: readonly string[] }[];
}

const RBAC = 'rbac.authorization.k8s.io';
const CLUSTER_ROLES = resourceType<ClusterRole>(RBAC, 'v1', 'clusterroles', 'ClusterRole', false);
const TOKEN_REVIEWS = resourceType<TokenReview>('authentication.k8s.io', 'v1', 'tokenreviews', 'TokenReview', false);

/** Asks for a certificate and approves it, as a person does. */
async function askApproved(client: Client, name: string): Promise<void> {
  const wish = await requestObject(name, { dns: [`${name}.ns.svc`], signerName: SIGNER });
  const csr = await client.create(CERTIFICATE_SIGNING_REQUESTS, wish as CertificateSigningRequest);
  const conditions = [{ type: APPROVED, status: 'True', reason: 'Test' }];
  await client.updateSubresource(CERTIFICATE_SIGNING_REQUESTS, 'approval', { ...csr, status: { conditions } });
}

async function certificateOf(client: Client, name: string): Promise<string> {
  return (await client.get(CERTIFICATE_SIGNING_REQUESTS, name)).status.certificate ?? '';
}

async function namesOf(client: Client, role: string): Promise<readonly string[]> {
  const { rules = [] } = await client.get(CLUSTER_ROLES, role);
  return rules.flatMap(({ resources = [] }) => resources).sort();
}

/** Two replicas that started at the same time, the one that leads first. */
async function startPair(set: ReplicaSet): Promise<readonly [leader: Replica, other: Replica]> {
  const [one, other] = await Promise.all([set.start(), set.start()]);
  await set.until('one of two leads', () => one.leads() || other.leads());
  return one.leads() ? [one, other] : [other, one];
}

suite('replicas on one store', () => {
  test('that start at the same time on an empty store come up with the same authorities, and one of them leads', async () => {
    await using set = await ReplicaSet.open();
    const [leader, other] = await startPair(set);
    assert.equal(leader.embedded.serverCaPem, other.embedded.serverCaPem);
    let seconds = 0;
    await set.until('half a minute has gone by', () => ++seconds > 120);
    assert.deepEqual([leader.leads(), other.leads()], [true, false]);
    const heartbeats = await other.client.list(LEASES, { namespace: 'kube-public' });
    const holder = await set.holder(other);
    assert.ok(heartbeats.items.length >= 2);
    for (const { metadata, spec } of heartbeats.items) assert.equal(spec?.holderIdentity, holder, metadata.name);
  });

  test('one that ends hands over at once: nobody waits for its lease to run out', async () => {
    await using set = await ReplicaSet.open();
    const [leader, other] = await startPair(set);
    await askApproved(other.client, 'before');
    await set.until('the leader has signed', async () => (await certificateOf(other.client, 'before')) !== '');
    const began = set.clock.now();
    await set.close(leader);
    await set.until('the other leads', () => other.leads());
    assert.ok(set.clock.now() - began < 7000, `after ${set.clock.now() - began} ms`);
    await askApproved(other.client, 'after');
    await set.until('the other has signed', async () => (await certificateOf(other.client, 'after')) !== '');
  });

  test('one that loses the store stops its controllers, and another takes over when its lease has run out', async () => {
    await using set = await ReplicaSet.open();
    const [leader, other] = await startPair(set);
    const names = Array.from({ length: 12 }, (_, i) => `web-${i}`);
    await Promise.all(names.slice(0, 6).map((name) => askApproved(leader.client, name)));
    leader.line.cut();
    await assert.rejects(leader.client.list(NAMESPACES), /503|unable to handle/);
    await Promise.all(names.slice(6).map((name) => askApproved(other.client, name)));
    const began = set.clock.now();
    await set.until('the other leads', () => other.leads());
    assert.ok(set.clock.now() - began < 25_000, `after ${set.clock.now() - began} ms`);
    assert.equal(leader.leads(), false);
    await set.until('all are signed', async () => {
      const certificates = await Promise.all(names.map((name) => certificateOf(other.client, name)));
      return certificates.every((certificate) => certificate !== '');
    });
    await set.until('each is on record', async () => {
      const { items } = await other.client.list(CERTIFICATE_RECORDS);
      return items.length >= names.length;
    });
    const { items } = await other.client.list(CERTIFICATE_RECORDS);
    assert.equal(items.length, names.length);
  });

  test('show by Leases of their own that they are there: one that ends takes its away, one that is lost is cleared away', async () => {
    await using set = await ReplicaSet.open();
    const [one, second, third] = await Promise.all([set.start(), set.start(), set.start()]);
    const addresses = async (): Promise<readonly (string | undefined)[]> => {
      const labelSelector = 'apiserver.kubernetes.io/identity=kube-apiserver';
      const { items } = await one.client.list(LEASES, { namespace: 'kube-system', labelSelector });
      return items.map(({ metadata }) => metadata.annotations?.['countersign.dev/address']).sort();
    };
    const expected = (...there: readonly Replica[]): readonly string[] =>
      there.map(({ embedded }) => embedded.url.slice('https://'.length)).sort();
    assert.deepEqual(await addresses(), expected(one, second, third));
    await set.close(second);
    assert.deepEqual(await addresses(), expected(one, third));
    third.line.cut();
    const began = set.clock.now();
    await set.until('the lost one is cleared away', async () => (await addresses()).length === 1);
    assert.ok(set.clock.now() - began > 30_000, 'it was given its time');
    assert.deepEqual(await addresses(), expected(one));
  });

  test('see a namespace that another has just made, before their caches do', async () => {
    await using set = await ReplicaSet.open();
    const [one, other] = await startPair(set);
    other.line.lag(true);
    await one.client.create(NAMESPACES, { metadata: { name: 'fresh' } });
    await other.client.create(CONFIG_MAPS, { metadata: { namespace: 'fresh', name: 'settings' } });
    await assert.rejects(
      other.client.create(CONFIG_MAPS, { metadata: { namespace: 'missing', name: 'settings' } }),
      /namespaces "missing" not found/,
    );
    other.line.lag(false);
  });

  test('leave nothing behind in a namespace that goes, though another does not know yet that it goes', async () => {
    await using set = await ReplicaSet.open();
    const [leader, other] = await startPair(set);
    await leader.client.create(NAMESPACES, { metadata: { name: 'going' } });
    other.line.lag(true);
    await leader.client.delete(NAMESPACES, 'going');
    const began = set.clock.now();
    await set.until('a moment has passed', () => set.clock.now() - began >= 2000);
    await other.client.create(CONFIG_MAPS, { metadata: { namespace: 'going', name: 'late' } });
    other.line.lag(false);
    await assert.rejects(
      other.client.create(CONFIG_MAPS, { metadata: { namespace: 'going', name: 'too-late' } }),
      /being terminated/,
    );
    const isGone = async (): Promise<boolean> => {
      const { items } = await leader.client.list(NAMESPACES);
      return items.every(({ metadata }) => metadata.name !== 'going');
    };
    await set.until('the namespace is gone', isGone);
    const { items } = await leader.client.list(CONFIG_MAPS, { namespace: 'going' });
    assert.deepEqual(items, []);
  });

  test('take tokens of each other', async () => {
    await using set = await ReplicaSet.open();
    const [one, other] = await startPair(set);
    await set.until('there is an account', async () => {
      const { items } = await one.client.list(SERVICE_ACCOUNTS, { namespace: 'default' });
      return items.length > 0;
    });
    const { status } = await one.client.createSubresource<TokenRequest>(
      SERVICE_ACCOUNTS,
      'default',
      'token',
      { metadata: {}, spec: {} },
      { namespace: 'default' },
    );
    const review = await other.client.create(TOKEN_REVIEWS, { metadata: {}, spec: { token: status?.token ?? '' } });
    assert.equal(review.status?.user?.username, 'system:serviceaccount:default:default');
  });

  test('one that lags behind puts nothing old in place of what roles gather', async () => {
    await using set = await ReplicaSet.open();
    const [one, other] = await startPair(set);
    const part = (name: string, resource: string): ClusterRole => ({
      metadata: { name, labels: { part: 'yes' } },
      rules: [{ ...{ apiGroups: [''], verbs: ['get'] }, resources: [resource] }],
    });
    const gathering = { clusterRoleSelectors: [{ matchLabels: { part: 'yes' } }] };
    await one.client.create(CLUSTER_ROLES, { metadata: { name: 'all' }, ...{ aggregationRule: gathering } });
    await one.client.create(CLUSTER_ROLES, part('first', 'pods'));
    await set.until('it is gathered', async () => (await namesOf(one.client, 'all')).length === 1);

    other.line.lag(true);
    await one.client.create(CLUSTER_ROLES, part('second', 'secrets'));
    await set.until('it is gathered', async () => (await namesOf(one.client, 'all')).length === 2);
    await one.client.delete(CLUSTER_ROLES, 'second');
    await set.until('it is gone', async () => (await namesOf(one.client, 'all')).length === 1);
    const { resourceVersion } = (await one.client.get(CLUSTER_ROLES, 'all')).metadata;
    other.line.lag(false); // it now sees the second role come, and go
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await one.client.get(CLUSTER_ROLES, 'all')).metadata.resourceVersion, resourceVersion);
  });
});
