import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { after, before, suite, test } from 'node:test';
import {
  CoreV1Api,
  type Informer,
  type KubeConfig,
  type KubernetesObject,
  ListWatch,
  makeInformer,
  type ObjectCache,
  RbacAuthorizationV1Api,
  type V1ConfigMap,
  Watch,
} from '@kubernetes/client-node';
import { administrator, refusalOf, until } from './client-node.js';
import { LastingServer } from './lasting-server.js';

const PATH = '/api/v1/namespaces/default/configmaps';
const place = { namespace: 'default' };

interface Followed extends AsyncDisposable {
  stop(): Promise<void>;
  readonly informer: Informer<V1ConfigMap> & ObjectCache<V1ConfigMap>;
  /** `add a`, `update a`, `delete a`, `error`, `connect`, in the order in which they came. */
  readonly told: string[];
}

/** An informer on ConfigMaps, started again after every error, as its documentation has it. */
async function follow(config: KubeConfig, labelSelector?: string): Promise<Followed> {
  const core = config.makeApiClient(CoreV1Api);
  const selector = labelSelector === undefined ? {} : { labelSelector };
  const listed = () => core.listNamespacedConfigMap({ ...place, ...selector });
  const informer = makeInformer(config, PATH, listed, labelSelector);
  const told: string[] = [];
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, ({ metadata }) => told.push(`${verb} ${metadata?.name ?? ''}`));
  }
  informer.on('connect', () => told.push('connect'));
  let stopped = false;
  informer.on('error', () => {
    told.push('error');
    void setTimeout(50).then(() => (stopped ? undefined : informer.start()));
  });
  await informer.start();
  const stop = async (): Promise<void> => {
    stopped = true;
    await informer.stop();
  };
  return { informer, told, stop, [Symbol.asyncDispose]: stop };
}

const changesOf = (told: readonly string[], name: string): readonly string[] =>
  told.filter((line) => line.endsWith(` ${name}`)).map((line) => line.split(' ')[0] ?? '');

const make = (config: KubeConfig, name: string, labels: Record<string, string> = {}) =>
  config.makeApiClient(CoreV1Api).createNamespacedConfigMap({ ...place, body: { metadata: { name, labels } } });
const change = async (config: KubeConfig, name: string, labels: Record<string, string>) => {
  const core = config.makeApiClient(CoreV1Api);
  const read = await core.readNamespacedConfigMap({ ...place, name });
  const body = { ...read, metadata: { ...read.metadata, labels } };
  await core.replaceNamespacedConfigMap({ ...place, name, body });
};
const remove = (config: KubeConfig, name: string) =>
  config.makeApiClient(CoreV1Api).deleteNamespacedConfigMap({ ...place, name });

suite('client-node informers', () => {
  let server: LastingServer;
  let config: KubeConfig;
  before(async () => {
    server = await LastingServer.start();
    config = administrator(server);
  });
  after(() => server[Symbol.asyncDispose]());

  test('list, follow, select, and stop', async () => {
    await make(config, 'before', { team: 'a' });
    await using all = await follow(config);
    await using some = await follow(config, 'team=a');
    await until('the first list', () => changesOf(all.told, 'before').length === 1);
    assert.equal(all.informer.get('before', 'default')?.metadata?.name, 'before');

    await make(config, 'other', { team: 'b' });
    await change(config, 'other', { team: 'a' });
    await change(config, 'before', { team: 'b' });
    await remove(config, 'other');
    await until('the deletion', () => changesOf(all.told, 'other').includes('delete'));
    assert.deepEqual(changesOf(all.told, 'other'), ['add', 'update', 'delete']);
    assert.deepEqual(changesOf(all.told, 'before'), ['add', 'update']);
    await until('the deletion where it is selected', () => changesOf(some.told, 'other').includes('delete'));
    assert.deepEqual(changesOf(some.told, 'other'), ['add', 'delete']);
    assert.deepEqual(changesOf(some.told, 'before'), ['add', 'delete']);
    assert.deepEqual(some.informer.list(), []);

    await all.stop();
    await make(config, 'after-the-stop', { team: 'a' });
    await until('what is made after the stop', () => changesOf(some.told, 'after-the-stop').length === 1);
    assert.deepEqual(changesOf(all.told, 'after-the-stop'), []);
  });

  test('tell every change once, over a clean stop and a kill of the server', async () => {
    await using followed = await follow(config);
    await make(config, 'kept');
    await make(config, 'changed');
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await until('the last change', () => changesOf(followed.told, 'changed').length > 0);
      const errors = followed.told.filter((line) => line === 'error').length;
      await server.stop(signal);
      await until('another error', () => followed.told.filter((line) => line === 'error').length > errors);
      await server.startAgain();
      await change(config, 'changed', { after: signal });
      await make(config, `made-after-${signal.toLowerCase()}`);
      await until(
        'what is made after it',
        () => changesOf(followed.told, `made-after-${signal.toLowerCase()}`).length > 0,
      );
    }
    assert.deepEqual(changesOf(followed.told, 'kept'), ['add']);
    assert.deepEqual(changesOf(followed.told, 'changed'), ['add', 'update', 'update']);
    assert.deepEqual(changesOf(followed.told, 'made-after-sigterm'), ['add']);
  });

  test('list again where the server has forgotten, and tell what went meanwhile', async () => {
    await make(config, 'stays');
    await make(config, 'gone');
    await using followed = await follow(config);
    await until('the first list', () => changesOf(followed.told, 'gone').length === 1);
    const page = await config.makeApiClient(CoreV1Api).listNamespacedConfigMap({ ...place, limit: 1 });
    const { resourceVersion = '', _continue = '' } = page.metadata ?? {};

    await server.stop();
    await server.startAgain('elsewhere');
    const elsewhere = administrator(server);
    await remove(elsewhere, 'gone');
    await make(elsewhere, 'come');
    await server.stop();
    await server.forgetHistory();
    await server.startAgain();

    await until('what came meanwhile', () => changesOf(followed.told, 'come').length > 0);
    assert.deepEqual(changesOf(followed.told, 'gone'), ['add', 'delete']);
    assert.deepEqual(changesOf(followed.told, 'come'), ['add']);
    assert.deepEqual(changesOf(followed.told, 'stays'), ['add']);

    const statuses: unknown[] = [];
    await new Promise<void>((resolve) => {
      void new Watch(config).watch(
        PATH,
        { resourceVersion },
        (type, object) => statuses.push([type, object]),
        () => resolve(),
      );
    });
    assert.equal(statuses.length, 1);
    assert.match(
      JSON.stringify(statuses),
      /\["ERROR",\{.*"message":"too old resource version: \d+ \(\d+\)".*"code":410/,
    );
    const more = config.makeApiClient(CoreV1Api).listNamespacedConfigMap({ ...place, limit: 1, _continue });
    assert.deepEqual(await refusalOf(more).then(({ code, reason }) => [code, reason]), [410, 'Expired']);
  });

  test('tell an error where they may not list, and go on when they may', async () => {
    const refused = administrator(server);
    const user = refused.getCurrentUser();
    assert.ok(user !== null);
    const cluster = refused.getCurrentCluster();
    assert.ok(cluster !== null);
    refused.loadFromClusterAndUser(cluster, { ...user, impersonateUser: 'jane' });
    await make(config, 'seen-later');
    await using followed = await follow(refused);
    await until('an error', () => followed.told.includes('error'));
    assert.deepEqual(changesOf(followed.told, 'seen-later'), []);
    await grantView(config, 'jane');
    await until('the list', () => changesOf(followed.told, 'seen-later').length > 0);
  });

  test('take a bookmark for what it is, and an error for a version that is none', async () => {
    const types: string[] = [];
    const ended = await new Promise<unknown>((resolve) => {
      const query = { allowWatchBookmarks: true, timeoutSeconds: 1 };
      void new Watch(config).watch(PATH, query, (type) => types.push(type), resolve);
    });
    assert.equal(ended, null);
    assert.deepEqual([types.includes('ADDED'), types.at(-1)], [true, 'BOOKMARK']);
    const listed = (): Promise<{ items: KubernetesObject[]; metadata: { resourceVersion: string } }> =>
      Promise.resolve({ items: [], metadata: { resourceVersion: '999999999999999999999999' } });
    const beyond = new ListWatch(PATH, new Watch(config), listed, false);
    const failed = new Promise((resolve) => beyond.on('error', resolve));
    await beyond.start();
    assert.equal(((await failed) as { statusCode?: number }).statusCode, 500);
    await beyond.stop();
  });
});

async function grantView(config: KubeConfig, name: string): Promise<void> {
  const apiGroup = 'rbac.authorization.k8s.io';
  await config.makeApiClient(RbacAuthorizationV1Api).createNamespacedRoleBinding({
    ...place,
    body: {
      metadata: { name: `view-${name}` },
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'view' },
      subjects: [{ apiGroup, kind: 'User', name }],
    },
  });
}
