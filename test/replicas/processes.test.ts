import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import { APPROVED, conditionOf } from '../../src/certificates/conditions.js';
import type { CertificateSigningRequest } from '../../src/certificates/certificate-signing-request.js';
import { createClient } from '../../src/client/client.js';
import type { ConfigMap } from '../../src/client/core-objects.js';
import { createInformer } from '../../src/client/informer.js';
import { resourceType } from '../../src/client/resource-type.js';
import {
  APPROVAL_POLICIES,
  CERTIFICATE_RECORDS,
  CERTIFICATE_SIGNING_REQUESTS,
  CONFIG_MAPS,
} from '../../src/client/resources.js';
import type { KubeObject, UserInfo } from '../../src/kube/object-meta.js';
import type { Transport } from '../../src/kube/exchange.js';
import { createSystemClock } from '../../src/main/system-clock.js';
import { countersign, runCommand } from '../command.js';
import { requestObject } from '../system/kubectl-stage.js';
import { requireTool } from '../tools.js';
import { ProcessSet, type ReplicaProcess, until } from './process-set.js';

interface TokenReview extends KubeObject {
  readonly spec: { readonly token: string };
  readonly status?: { readonly user?: UserInfo };
}

const TOKEN_REVIEWS = resourceType<TokenReview>('authentication.k8s.io', 'v1', 'tokenreviews', 'TokenReview', false);
const NAMESPACE = 'default';
const clock = createSystemClock();
const random = (count: number): Uint8Array => new Uint8Array(randomBytes(count));

/** What the administrator asks for below `apps.example.org` is approved. */
const POLICY = {
  metadata: { name: 'apps' },
  spec: {
    signerNames: ['countersign.dev/serving'],
    requesters: { users: ['kubernetes-admin'] },
    names: { dns: ['*.apps.example.org'] },
    usages: { allowed: ['digital signature', 'server auth'] },
  },
};

const settings = (name: string, value: string): ConfigMap => ({
  metadata: { namespace: NAMESPACE, name },
  data: { value },
});

async function ask(replica: ReplicaProcess, name: string): Promise<void> {
  const wish = await requestObject(name, { dns: [`${name}.apps.example.org`] });
  await replica.client.create(CERTIFICATE_SIGNING_REQUESTS, wish as CertificateSigningRequest);
}

suite('replicas as processes on one etcd', () => {
  test('up says what it needs before it shares anything', async (t) => {
    if (!requireTool(t, 'etcd')) return;
    const up = (...args: readonly string[]) => countersign(['up', '--storage', 'etcd://127.0.0.1:1', ...args]);
    const plain = await up();
    assert.equal(plain.code, 1);
    assert.match(plain.stderr, /^error: Cannot use --storage without --encryption-key-file: .*store genkey FILE/);
    const passphrase = await up('--encryption-passphrase-file', 'passphrase');
    assert.match(passphrase.stderr, /^error: Cannot use --storage without --encryption-key-file: /);
    assert.match((await up('--in-memory')).stderr, /^error: Cannot use --in-memory together with --storage$/m);
    assert.match((await countersign(['up', '--storage', 'postgres://db'])).stderr, /^error: Cannot use --storage/m);
  });

  test('what one writes the other shows and tells at once, and a kubeconfig serves for both', async (t) => {
    if (!requireTool(t, 'etcd') || !requireTool(t, 'etcdctl') || !requireTool(t, 'kubectl')) return;
    await using set = await ProcessSet.open();
    const [one, other] = await Promise.all([set.start(), set.start()]);
    const seen: string[] = [];
    const watching = new AbortController();
    const { metadata } = await other.client.list(CONFIG_MAPS, { namespace: NAMESPACE });
    const watch = other.client
      .watch(
        CONFIG_MAPS,
        { namespace: NAMESPACE, resourceVersion: metadata.resourceVersion ?? '', signal: watching.signal },
        ({ type, object }) => seen.push(`${type} ${object.metadata.name ?? ''}`),
      )
      .catch(() => undefined); // it is given up below
    for (let i = 0; i < 50; i++) {
      const { metadata: written } = await one.client.create(CONFIG_MAPS, settings(`c-${i}`, String(i)));
      const read = await other.client.get(CONFIG_MAPS, `c-${i}`, { namespace: NAMESPACE });
      assert.equal(read.metadata.resourceVersion, written.resourceVersion);
      await one.client.update(CONFIG_MAPS, { ...read, data: { value: 'changed' } });
    }
    const expected = Array.from({ length: 50 }, (_, i) => [`ADDED c-${i}`, `MODIFIED c-${i}`]).flat();
    await until('all is told', async () => seen.length >= expected.length);
    assert.deepEqual(seen, expected);
    watching.abort();
    await watch;
    const elsewhere = ['--kubeconfig', one.server.kubeconfig, '--server', other.url];
    const whoami = await runCommand('kubectl', [...elsewhere, 'auth', 'can-i', '*', '*']);
    assert.equal(whoami.stdout.trim(), 'yes', whoami.stderr);
    const token = await runCommand('kubectl', ['--kubeconfig', one.server.kubeconfig, 'create', 'token', 'default']);
    const review = await other.client.create(TOKEN_REVIEWS, { metadata: {}, spec: { token: token.stdout.trim() } });
    assert.equal(review.status?.user?.username, 'system:serviceaccount:default:default', token.stderr);
    const rotated = await set.countersign('rotate', 'token-key');
    assert.equal(rotated.code, 0, rotated.stderr);
    assert.match(rotated.stdout, /published, signs from/);
    const published = /^(\S+) .*published/m.exec(rotated.stdout)?.[1] ?? '';
    for (const replica of [one, other]) {
      await until('the new key is published', async () => {
        const keys = await runCommand('kubectl', [
          '--kubeconfig',
          replica.server.kubeconfig,
          'get',
          '--raw',
          '/openid/v1/jwks',
        ]);
        return keys.stdout.includes(published);
      });
    }
    // what a cluster's etcd looks like, and no key of ours in plain text
    assert.match(await set.etcd.ctl('get', '/registry/configmaps/default/c-0'), /"value":"changed"/);
    assert.doesNotMatch(await set.etcd.ctl('get', '--prefix', '/countersign/'), /PRIVATE KEY/);
  });

  test('the one that leads is killed under a load of requests: another takes over, and each gets one certificate', async (t) => {
    if (!requireTool(t, 'etcd') || !requireTool(t, 'etcdctl')) return;
    await using set = await ProcessSet.open();
    const pair = await Promise.all([set.start(), set.start()]);
    const leader = await set.leader(...pair);
    const other = pair[0] === leader ? pair[1] : pair[0];
    await other.client.create(APPROVAL_POLICIES, POLICY);
    const published = new Map<string, Set<string>>();
    const watching = new AbortController();
    const watch = other.client
      .watch(CERTIFICATE_SIGNING_REQUESTS, { signal: watching.signal }, ({ object }) => {
        const { uid = '' } = object.metadata;
        const certificates = published.get(uid) ?? new Set();
        published.set(uid, certificates);
        if ((object.status.certificate ?? '') !== '') certificates.add(object.status.certificate ?? '');
      })
      .catch(() => undefined); // it is given up below
    const names = Array.from({ length: 60 }, (_, i) => `r-${i}`);
    const issued = (): number => [...published.values()].filter(({ size }) => size > 0).length;
    const asking = (async () => {
      for (const name of names) await ask(other, name);
    })();
    await until('some are issued', async () => issued() >= 10);
    await leader.end('SIGKILL');
    await asking;
    await until('the other leads', async () => /Acquired Lease/.test(other.server.output()));
    await until('all are issued', async () => issued() === names.length);
    watching.abort();
    await watch;
    for (const [uid, certificates] of published) assert.equal(certificates.size, 1, uid);
    await until('each is on record', async () => {
      const { items } = await other.client.list(CERTIFICATE_RECORDS);
      return items.length >= names.length;
    });
    const { items: records } = await other.client.list(CERTIFICATE_RECORDS);
    assert.equal(records.length, names.length);
    const { items: requests } = await other.client.list(CERTIFICATE_SIGNING_REQUESTS);
    for (const csr of requests) assert.equal(conditionOf(csr, APPROVED)?.reason, 'ApprovedByPolicy');
  });

  test('a cache that loses its server goes on at another one, and is told of every object once', async (t) => {
    if (!requireTool(t, 'etcd') || !requireTool(t, 'etcdctl')) return;
    await using set = await ProcessSet.open();
    const [one, other] = await Promise.all([set.start(), set.start()]);
    let current = one;
    const roaming: Transport = (request) => current.transport(request);
    const client = createClient(roaming, { userAgent: 'roamer', clock });
    const informer = createInformer(client, CONFIG_MAPS, {
      clock,
      random,
      namespace: NAMESPACE,
      labelSelector: 'mine=yes',
      keep: ({ data, metadata }) => `${data?.['value'] ?? ''}@${metadata.resourceVersion ?? ''}`,
    });
    const told = new Map<string, (string | undefined)[]>();
    informer.onChange(({ key, current: now }) => told.set(key, [...(told.get(key) ?? []), now]));
    const running = new AbortController();
    const run = informer.run(running.signal);
    await informer.synced;
    const written = new Map<string, string[]>();
    const write = async (name: string): Promise<void> => {
      const first = settings(name, 'first');
      const labelled = { ...first, metadata: { ...first.metadata, labels: { mine: 'yes' } } };
      const created = await other.client.create(CONFIG_MAPS, labelled);
      const changed = await other.client.update(CONFIG_MAPS, { ...created, data: { value: 'second' } });
      const versions = [created, changed].map(({ metadata }) => metadata.resourceVersion ?? '');
      written.set(`${NAMESPACE}/${name}`, [`first@${versions[0] ?? ''}`, `second@${versions[1] ?? ''}`]);
    };
    for (let i = 0; i < 20; i++) await write(`a-${i}`);
    await until('the cache follows', async () => told.size === 20);
    await one.end('SIGKILL');
    for (let i = 0; i < 20; i++) await write(`b-${i}`);
    current = other;
    for (let i = 0; i < 20; i++) await write(`c-${i}`);
    await until(
      'the cache has caught up',
      async () => [...informer.values()].filter((v) => v.startsWith('second')).length === 60,
    );
    running.abort();
    await run;
    assert.deepEqual(told, written);
  });
});
