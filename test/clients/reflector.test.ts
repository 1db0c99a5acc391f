import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { until } from './client-node.js';
import { LastingServer } from './lasting-server.js';
import { Reflector, type ReflectorOptions } from './reflector.js';
import { SharedConnection } from './shared-connection.js';

const MAPS = '/api/v1/namespaces/default/configmaps';

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly verbs: readonly string[] }[];
}

/** Every collection that can be watched, with its kind. */
async function watchable(connection: SharedConnection): Promise<readonly { path: string; kind: string }[]> {
  const { groups } = await connection.json<{ groups: { versions: { groupVersion: string }[] }[] }>('GET', '/apis');
  const versions = groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => `/apis/${groupVersion}`));
  const lists = await Promise.all(
    ['/api/v1', ...versions].map(async (base) => ({ base, list: await connection.json<ResourceList>('GET', base) })),
  );
  return lists.flatMap(({ base, list }) =>
    list.resources
      .filter(({ name, verbs }) => !name.includes('/') && verbs.includes('watch'))
      .map(({ name, kind }) => ({ path: `${base}/${name}`, kind })),
  );
}

/** Reflectors that are stopped together. */
class Reflectors implements AsyncDisposable {
  readonly #started: Reflector[] = [];

  start(...args: ConstructorParameters<typeof Reflector>): Reflector {
    const started = new Reflector(...args);
    this.#started.push(started);
    return started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#started.map((reflector) => reflector[Symbol.asyncDispose]()));
  }
}

const toldOf = (reflector: Reflector, name: string): readonly string[] =>
  reflector.told.filter((line) => line.endsWith(`/${name}`)).map((line) => line.split(' ')[0] ?? '');

suite('the reflector of client-go, in protobuf', () => {
  let server: LastingServer;
  before(async () => {
    server = await LastingServer.start();
  });
  after(() => server[Symbol.asyncDispose]());

  const make = (connection: SharedConnection, name: string) =>
    connection.json('POST', MAPS, { metadata: { name }, data: { step: '0' } });
  const change = async (connection: SharedConnection, name: string, step: string): Promise<void> => {
    const read = await connection.json<object>('GET', `${MAPS}/${name}`);
    await connection.json('PUT', `${MAPS}/${name}`, { ...read, data: { step } });
  };
  const remove = (connection: SharedConnection, name: string) => connection.json('DELETE', `${MAPS}/${name}`);

  test('is in step with every served kind by WatchList, whole and as metadata, and where there are none', async () => {
    await using connection = await SharedConnection.to(server);
    await using reflectors = new Reflectors();
    const collections = await watchable(connection);
    assert.ok(collections.length >= 22, `${collections.length} collections`);
    for (const { path, kind } of collections) {
      const whole = reflectors.start(connection, path);
      const metadata = reflectors.start(connection, path, { form: 'metadata' });
      await until(`${path} in step`, () => whole.synced && metadata.synced);
      assert.deepEqual([[...whole.kinds], [...metadata.kinds]], [[kind], ['PartialObjectMetadata']]);
      assert.deepEqual([...metadata.objects.keys()], [...whole.objects.keys()]);
      assert.deepEqual(whole.asked, ['WatchList']);
    }
    assert.equal(connection.made, 1);
  });

  test('200 of them on one connection each learn of every change once', async () => {
    await using connection = await SharedConnection.to(server);
    await using reflectors = new Reflectors();
    const all = Array.from({ length: 200 }, (_, i) =>
      reflectors.start(connection, MAPS, { form: i % 2 === 0 ? 'whole' : 'metadata' }),
    );
    await until('all in step', () => all.every(({ synced }) => synced));
    await make(connection, 'many');
    for (let step = 1; step <= 5; step++) await change(connection, 'many', String(step));
    await remove(connection, 'many');
    await until('the deletion everywhere', () => all.every((one) => toldOf(one, 'many').includes('DELETED')));
    const expected = ['ADDED', ...Array.from({ length: 5 }, () => 'MODIFIED'), 'DELETED'];
    for (const one of all) assert.deepEqual(toldOf(one, 'many'), expected);
    assert.equal(connection.made, 1);
  });

  test('lists in pages and watches where it is older than WatchList', async () => {
    await using connection = await SharedConnection.to(server);
    const older: ReflectorOptions = { start: 'list' };
    await using whole = new Reflector(connection, MAPS, older);
    await using metadata = new Reflector(connection, MAPS, { ...older, form: 'metadata' });
    await until('both in step', () => whole.synced && metadata.synced);
    await make(connection, 'listed');
    await until('the change', () => [whole, metadata].every((one) => toldOf(one, 'listed').length === 1));
    assert.deepEqual([...whole.kinds], ['ConfigMapList', 'ConfigMap']);
    assert.deepEqual([...metadata.kinds], ['PartialObjectMetadataList', 'PartialObjectMetadata']);
    assert.deepEqual(whole.asked, ['list', 'watch']);
    await remove(connection, 'listed');
  });

  test('takes a bookmark before a watch ends, and goes on from there', async () => {
    await using connection = await SharedConnection.to(server);
    await using reflector = new Reflector(connection, MAPS, { timeoutSeconds: 3 });
    await until('a second watch', () => reflector.asked.length >= 2 && reflector.bookmarks >= 2);
    await make(connection, 'later');
    await until('the change', () => toldOf(reflector, 'later').length > 0);
    await remove(connection, 'later');
    await until('the deletion', () => toldOf(reflector, 'later').length > 1);
    assert.deepEqual(toldOf(reflector, 'later'), ['ADDED', 'DELETED']);
    assert.deepEqual([...new Set(reflector.asked)], ['WatchList', 'watch']);
  });

  test('goes on after a kill of the server, and reads all anew where the server has forgotten', async () => {
    await using connection = await SharedConnection.to(server);
    await using reflector = new Reflector(connection, MAPS);
    await make(connection, 'kept');
    await make(connection, 'gone');
    await until('both', () => toldOf(reflector, 'gone').length === 1);

    await server.stop('SIGKILL');
    await server.startAgain();
    await change(connection, 'kept', 'after the kill');
    await until('the change', () => toldOf(reflector, 'kept').length === 2);
    assert.deepEqual(toldOf(reflector, 'kept'), ['ADDED', 'MODIFIED']);

    await server.stop();
    await server.startAgain('elsewhere');
    await using elsewhere = await SharedConnection.to(server);
    await remove(elsewhere, 'gone');
    await make(elsewhere, 'come');
    await server.stop();
    await server.forgetHistory();
    await server.startAgain();
    await until('what came meanwhile', () => toldOf(reflector, 'come').length > 0);
    assert.deepEqual(toldOf(reflector, 'gone'), ['ADDED', 'DELETED']);
    assert.deepEqual(toldOf(reflector, 'come'), ['ADDED']);
    assert.deepEqual(toldOf(reflector, 'kept'), ['ADDED', 'MODIFIED']);
    assert.equal(
      reflector.asked.findLast((what) => what !== 'watch'),
      'WatchList',
    );
    assert.ok(reflector.asked.filter((what) => what === 'WatchList').length >= 2, reflector.asked.join());
  });
});
