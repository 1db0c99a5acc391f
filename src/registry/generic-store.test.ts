import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject, ObjectMeta } from '../kube/object-meta.js';
import { failure, StatusError } from '../kube/status.js';
import { createEncryptedStore, type ValueSeal } from '../storage/encrypted-store.js';
import { createMemoryStore } from '../storage/memory/memory-store.js';
import { type ConfigMap, configMaps } from './configmaps/configmaps.js';
import { leases } from './leases/leases.js';
import type { DeleteOptions } from './resource-store.js';
import { listQuery, openTestStore, type TestStore } from './testing/open-test-store.js';

const KEY = { namespace: 'default', name: 'a' };

function configMap(metadata: ObjectMeta = {}, data: Readonly<Record<string, string>> = { k: '1' }): ConfigMap {
  return { metadata: { name: 'a', namespace: 'default', ...metadata }, data };
}

/** A store in which `a` is at revision 1. */
async function withOne(metadata: ObjectMeta = {}): Promise<TestStore<ConfigMap>> {
  const test = openTestStore(configMaps);
  await test.objects.create(configMap(metadata), { context: test.context() });
  return test;
}

async function refusal(promise: Promise<unknown>): Promise<StatusError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StatusError, `expected a refusal, got ${String(error)}`);
  return error;
}

interface Refused {
  readonly name: string;
  readonly attempt: (store: TestStore<ConfigMap>) => Promise<unknown>;
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const create =
  (metadata: ObjectMeta) =>
  ({ objects, context }: TestStore<ConfigMap>): Promise<unknown> =>
    objects.create(configMap(metadata), { context: context() });
const put =
  (metadata: ObjectMeta, name = 'a') =>
  ({ objects, context }: TestStore<ConfigMap>): Promise<unknown> =>
    objects.update({ ...KEY, name }, () => configMap({ name, ...metadata }, { k: '2' }), { context: context() });
const remove =
  (options: Partial<DeleteOptions<ConfigMap>>, name = 'a') =>
  ({ objects, context }: TestStore<ConfigMap>): Promise<unknown> =>
    objects.delete({ ...KEY, name }, { context: context(), ...options });

const refused: readonly Refused[] = [
  {
    name: 'a create without a name',
    attempt: create({ name: '' }),
    code: 422,
    reason: 'Invalid',
    message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
  },
  {
    name: 'a create with a bad name',
    attempt: create({ name: 'A' }),
    code: 422,
    reason: 'Invalid',
    message: `ConfigMap "A" is invalid: metadata.name: Invalid value: "A": ${SUBDOMAIN}`,
  },
  {
    name: 'a create with a name that is taken',
    attempt: create({}),
    code: 409,
    reason: 'AlreadyExists',
    message: 'configmaps "a" already exists',
  },
  {
    name: 'a create with a resourceVersion',
    attempt: create({ name: 'b', resourceVersion: '1' }),
    code: 500,
    reason: '',
    message: 'resourceVersion should not be set on objects to be created',
  },
  {
    name: 'a dry-run create with a name that is taken',
    attempt: ({ objects, context }) => objects.create(configMap(), { context: context({ dryRun: true }) }),
    code: 409,
    reason: 'AlreadyExists',
    message: 'configmaps "a" already exists',
  },
  {
    name: 'an update of what is not there',
    attempt: put({}, 'b'),
    code: 404,
    reason: 'NotFound',
    message: 'configmaps "b" not found',
  },
  {
    name: 'an update from another version',
    attempt: put({ resourceVersion: '7' }),
    code: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to ' +
      'the latest version and try again',
  },
  {
    name: 'an update of another object of that name',
    attempt: put({ uid: 'xyz' }),
    code: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, ' +
      'Key: /registry/configmaps/default/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ' +
      'UID in precondition: xyz, UID in object meta: uid-1',
  },
  {
    name: 'an update from a version that is no number',
    attempt: put({ resourceVersion: 'abc' }),
    code: 500,
    reason: '',
    message: 'strconv.ParseUint: parsing "abc": invalid syntax',
  },
  {
    name: 'a delete of what is not there',
    attempt: remove({}, 'b'),
    code: 404,
    reason: 'NotFound',
    message: 'configmaps "b" not found',
  },
  {
    name: 'a delete of another object of that name',
    attempt: remove({ preconditions: { uid: 'x' } }),
    code: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (x) does not match the UID in ' +
      'record (uid-1). The object might have been deleted and then recreated',
  },
  {
    name: 'a delete of another version',
    attempt: remove({ preconditions: { resourceVersion: '9' } }),
    code: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition (9) does not match ' +
      'the ResourceVersion in record (1). The object might have been modified',
  },
  {
    name: 'a read of what is not there',
    attempt: ({ objects }) => objects.get({ namespace: 'other', name: 'a' }),
    code: 404,
    reason: 'NotFound',
    message: 'configmaps "a" not found',
  },
  {
    name: 'a read of a name that no key can hold',
    attempt: ({ objects }) => objects.get({ namespace: 'default', name: 'x'.repeat(2000) }),
    code: 404,
    reason: 'NotFound',
    message: `configmaps "${'x'.repeat(2000)}" not found`,
  },
];

for (const { name, attempt, code, reason, message } of refused) {
  test(`refuses ${name}, and writes nothing`, async () => {
    const store = await withOne();
    const error = await refusal(attempt(store));
    assert.deepEqual([error.httpCode, error.reason, error.message], [code, reason, message]);
    assert.equal(await store.store.currentRevision(), 1);
  });
}

test('refuses an update without version where it cannot be unconditional, naming the resource', async () => {
  const { objects, context } = openTestStore(leases);
  await objects.create({ metadata: { name: 'l', namespace: 'default' } }, { context: context() });
  const next = { metadata: { name: 'l', namespace: 'default' } };
  const update = objects.update({ namespace: 'default', name: 'l' }, () => next, { context: context() });
  const { status } = await refusal(update);
  assert.equal(
    status.message,
    'leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  );
  assert.equal(status.details?.kind, 'leases');
});

test('refuses to generate a name after eight that were taken', async () => {
  const { objects, context } = openTestStore(configMaps, { randomByte: () => 0 });
  const wanted = configMap({ name: '', generateName: 'g-' });
  await objects.create(wanted, { context: context() });
  const { status } = await refusal(objects.create(wanted, { context: context() }));
  assert.equal(
    status.message,
    'configmaps "g-bbbbb" already exists, the server was not able to generate a unique name for the object',
  );
  assert.equal(status.details?.retryAfterSeconds, 1);
  assert.equal(status.reason, 'AlreadyExists');
});

test('sets uid, time and version of a new object, and drops what a client may not set', async () => {
  const { objects, context } = openTestStore(configMaps);
  const created = await objects.create(
    configMap({
      uid: 'mine',
      creationTimestamp: '2000-01-01T00:00:00Z',
      deletionTimestamp: '2000-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 5,
      generation: 3,
      labels: {},
      managedFields: [{ manager: 'me' }],
    }),
    { context: context() },
  );
  assert.equal(
    JSON.stringify(created),
    '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"default","uid":"uid-1",' +
      '"resourceVersion":"1","creationTimestamp":"2026-01-01T00:00:00Z"},"data":{"k":"1"}}',
  );
  assert.deepEqual(await objects.get(KEY), created);
});

test('says of a taken name that its object is being deleted', async () => {
  const { objects, context } = await withOne({ finalizers: ['example.com/hold'] });
  await objects.delete(KEY, { context: context() });
  const { message } = await refusal(objects.create(configMap(), { context: context() }));
  assert.equal(message, 'object is being deleted: configmaps "a" already exists');
});

test('generates a name from the first 58 characters and five letters', async () => {
  const { objects, context } = openTestStore(configMaps);
  const made = await objects.create(configMap({ name: '', generateName: 'x'.repeat(70) }), { context: context() });
  assert.match(made.metadata.name ?? '', /^x{58}[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  assert.equal(made.metadata.generateName, 'x'.repeat(70));
});

test('tries another generated name when one is taken', async () => {
  let byte = 0;
  const { objects, context } = openTestStore(configMaps, { randomByte: () => (byte++ < 20 ? 0 : 1) });
  const wanted = configMap({ name: '', generateName: 'g-' });
  const first = await objects.create(wanted, { context: context() });
  const second = await objects.create(wanted, { context: context() });
  assert.deepEqual([first.metadata.name, second.metadata.name], ['g-bbbbb', 'g-ccccc']);
});

test('writes an update, keeping what identifies the object', async () => {
  const { objects, context } = await withOne();
  const { object, created } = await objects.update(KEY, () => configMap({ labels: { x: 'y' } }, { k: '2' }), {
    context: context(),
  });
  assert.equal(created, false);
  assert.deepEqual(object, {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: {
      name: 'a',
      namespace: 'default',
      uid: 'uid-1',
      resourceVersion: '2',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { x: 'y' },
    },
    data: { k: '2' },
  });
});

test('writes nothing when nothing changes, in whatever order it is said', async () => {
  const { store, objects, context } = openTestStore(configMaps);
  const made = await objects.create(configMap({ labels: { a: '1', b: '2' } }), { context: context() });
  const { object } = await objects.update(KEY, () => configMap({ labels: { b: '2', a: '1' } }), { context: context() });
  assert.equal(object, made);
  assert.equal(await store.currentRevision(), 1);
});

test('makes a change anew when another write came between', async () => {
  const { objects, context } = await withOne();
  const seen: (string | undefined)[] = [];
  const { object } = await objects.update(
    KEY,
    async (current) => {
      seen.push(current?.data?.['k']);
      if (seen.length === 1) await objects.update(KEY, () => configMap({}, { k: 'between' }), { context: context() });
      return { ...configMap(), data: { ...current?.data, mine: 'x' } };
    },
    { context: context() },
  );
  assert.deepEqual(seen, ['1', 'between']);
  assert.deepEqual(object.data, { k: 'between', mine: 'x' });
});

test('loses none of many changes that are made at once', async () => {
  const { objects, context } = await withOne();
  const increment = (current: ConfigMap | undefined): ConfigMap =>
    configMap({}, { k: String(Number(current?.data?.['k']) + 1) });
  await Promise.all(Array.from({ length: 50 }, () => objects.update(KEY, increment, { context: context() })));
  assert.deepEqual((await objects.get(KEY)).data, { k: '51' });
});

test('lets one of many creates, and one of many deletes, win', async () => {
  const { objects, context } = openTestStore(configMaps);
  const times = <R>(attempt: () => Promise<R>): Promise<PromiseSettledResult<R>[]> =>
    Promise.allSettled(Array.from({ length: 10 }, attempt));
  const won = (results: readonly PromiseSettledResult<unknown>[]): number =>
    results.filter((result) => result.status === 'fulfilled').length;
  assert.equal(won(await times(() => objects.create(configMap(), { context: context() }))), 1);
  assert.equal(won(await times(() => objects.delete(KEY, { context: context() }))), 1);
});

test('lets a change with a version lose against another write', async () => {
  const { objects, context } = await withOne();
  const update = objects.update(
    KEY,
    async (current) => {
      await objects.update(KEY, () => configMap({}, { k: 'between' }), { context: context() });
      assert.ok(current !== undefined);
      return { ...current, metadata: { ...current.metadata, resourceVersion: '1' }, data: { k: 'late' } };
    },
    { context: context() },
  );
  assert.equal((await refusal(update)).reason, 'Conflict');
  assert.deepEqual((await objects.get(KEY)).data, { k: 'between' });
});

test('writes an update that changes nothing only where the store would keep the object in another form', async () => {
  const store = createMemoryStore();
  const put = async ({ objects, context }: TestStore<ConfigMap>): Promise<string | undefined> =>
    (await objects.update(KEY, () => configMap(), { context: context() })).object.metadata.resourceVersion;
  const plain = openTestStore(configMaps, { store });
  await plain.objects.create(configMap(), { context: plain.context() });
  assert.equal(await put(plain), '1');
  const turned: ValueSeal = {
    seal: (value) => Uint8Array.from(value).reverse(),
    open: (sealed) => Uint8Array.from(sealed).reverse(),
    isSealed: (stored) => stored[0] === '}'.charCodeAt(0),
    isCurrent: () => true,
  };
  const sealing = createEncryptedStore({ store, seal: turned, prefixes: [configMaps.keyPrefix] });
  const sealed = openTestStore(configMaps, { store: sealing });
  assert.equal(await put(sealed), '2');
  assert.equal(await put(sealed), '2');
  assert.deepEqual((await sealed.objects.get(KEY)).data, { k: '1' });
});

test('asks admission after validation and before the write, with what was there', async () => {
  const { objects, context } = await withOne();
  const admitted: string[] = [];
  const admit = (next: ConfigMap, previous: ConfigMap | undefined): void => {
    admitted.push(`${previous?.data?.['k'] ?? '-'} -> ${next.data?.['k'] ?? '-'}`);
  };
  await objects.create(configMap({ name: 'b' }), { context: context(), admit });
  await objects.update(KEY, () => configMap({}, { k: '2' }), { context: context(), admit });
  await refusal(objects.update(KEY, () => configMap({}, { 'bad key': '' }), { context: context(), admit }));
  assert.deepEqual(admitted, ['- -> 1', '1 -> 2']);
  const refuse = (): never => {
    throw new StatusError(failure(403, 'Forbidden', 'no'));
  };
  await refusal(objects.delete(KEY, { context: context(), admit: refuse }));
  await refusal(objects.update(KEY, () => configMap({}, { k: '3' }), { context: context(), admit: refuse }));
  assert.deepEqual((await objects.get(KEY)).data, { k: '2' });
});

test('creates by an update where the resource allows it, after asking for the permission', async () => {
  const { objects, context } = openTestStore(leases);
  const key = { namespace: 'default', name: 'l' };
  const asked: string[] = [];
  const { object, created } = await objects.update(key, () => ({ metadata: key }), {
    context: context(),
    mayCreate: () => {
      asked.push('create');
    },
  });
  assert.equal(created, true);
  assert.deepEqual(asked, ['create']);
  assert.equal(object.metadata.uid, 'uid-1');
});

test('holds an object with finalizers until they are gone', async () => {
  const { store, objects, context } = await withOne({ finalizers: ['example.com/hold'] });
  const first = await objects.delete(KEY, { context: context() });
  assert.equal(first.removed, false);
  assert.equal(first.object.metadata.deletionTimestamp, '2026-01-01T00:00:00Z');
  assert.equal(first.object.metadata.deletionGracePeriodSeconds, 0);
  const second = await objects.delete(KEY, { context: context() });
  assert.deepEqual(second, { object: first.object, removed: false });
  assert.equal(await store.currentRevision(), 2);
  const more = objects.update(
    KEY,
    (current) => ({ ...configMap(), metadata: { ...current?.metadata, finalizers: ['example.com/hold', 'a.b/c'] } }),
    { context: context() },
  );
  const { status } = await refusal(more);
  assert.equal(status.details?.causes?.length, 2);
  assert.equal(
    status.message,
    'ConfigMap "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being ' +
      'deleted, found new finalizers []string{"a.b/c"}',
  );
  const released = await objects.update(KEY, () => configMap(), { context: context() });
  assert.equal(released.object.metadata.resourceVersion, '2');
  assert.equal(released.object.metadata.finalizers, undefined);
  assert.equal((await refusal(objects.get(KEY))).httpCode, 404);
});

test('stores nothing on a dry run', async () => {
  const { store, objects, context } = await withOne({ finalizers: ['example.com/hold'] });
  const dry = { context: context({ dryRun: true }) };
  const created = await objects.create(configMap({ name: 'b' }), dry);
  assert.deepEqual([created.metadata.uid, created.metadata.resourceVersion], ['uid-2', undefined]);
  const updated = await objects.update(KEY, () => configMap({}, { k: '2' }), dry);
  assert.deepEqual([updated.object.data, updated.object.metadata.resourceVersion], [{ k: '2' }, '1']);
  const deleted = await objects.delete(KEY, dry);
  assert.equal(deleted.object.metadata.deletionTimestamp, '2026-01-01T00:00:00Z');
  await objects.deleteCollection(listQuery(), dry);
  assert.equal(await store.currentRevision(), 1);
  assert.deepEqual((await objects.get(KEY)).data, { k: '1' });
});

test('deletes a collection, and answers what it listed', async () => {
  const { objects, context } = await withOne();
  await objects.create(configMap({ name: 'b' }), { context: context() });
  await objects.create(configMap({ name: 'c', namespace: 'other' }), { context: context() });
  const deleted = await objects.deleteCollection(listQuery({ namespace: 'default' }), { context: context() });
  assert.deepEqual(names(deleted.items), ['a', 'b']);
  assert.deepEqual(names((await objects.list(listQuery())).items), ['c']);
});

test('drops owners that are listed again, with a warning', async () => {
  const { objects, context, warnings } = openTestStore(configMaps);
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u1' };
  const other = { ...owner, name: 'p', uid: 'u2' };
  const made = await objects.create(configMap({ ownerReferences: [owner, other, { ...owner }] }), {
    context: context(),
  });
  assert.deepEqual(made.metadata.ownerReferences, [owner, other]);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /duplicate UID\(s\) observed: \[u1\]$/);
});

test('ends the deletion of a collection with the first refusal', async () => {
  const { objects, context } = await withOne();
  await objects.create(configMap({ name: 'b' }), { context: context() });
  const admit = (object: ConfigMap): void => {
    if (object.metadata.name === 'b') throw new StatusError(failure(403, 'Forbidden', 'no'));
  };
  const { message } = await refusal(objects.deleteCollection(listQuery(), { context: context(), admit }));
  assert.equal(message, 'no');
  assert.deepEqual(names((await objects.list(listQuery())).items), ['b']);
});

test('gives every reader the same object', async () => {
  const { objects, context } = await withOne();
  const first = await objects.get(KEY);
  assert.equal(await objects.get(KEY), first);
  const list = await objects.list(listQuery());
  assert.equal((await objects.list(listQuery())).items[0], list.items[0]);
  assert.equal(list.items[0]?.data, first.data);
  assert.equal('kind' in (list.items[0] ?? {}), false);
  const { object } = await objects.update(KEY, () => configMap({}, { k: '2' }), { context: context() });
  assert.equal(await objects.get(KEY), object);
});

test('answers rightly when nothing can be remembered', async () => {
  const { objects, context } = openTestStore(configMaps, { cacheBytes: 0 });
  await objects.create(configMap(), { context: context() });
  await objects.update(KEY, () => configMap({}, { k: '2' }), { context: context() });
  assert.deepEqual((await objects.get(KEY)).data, { k: '2' });
  assert.deepEqual(names((await objects.list(listQuery())).items), ['a']);
});

test('refuses what is larger than the store takes, in the words of the API', async () => {
  const { objects, context } = openTestStore(leases);
  const annotated = { metadata: { name: 'l', namespace: 'default' }, spec: { holderIdentity: 'x'.repeat(1_600_000) } };
  const { status } = await refusal(objects.create(annotated, { context: context() }));
  assert.deepEqual([status.code, status.message], [500, 'etcdserver: request is too large']);
});

function names(items: readonly KubeObject[]): readonly (string | undefined)[] {
  return items.map((item) => item.metadata.name);
}

test('tells a hundred thousand owners apart in little time', { timeout: 20_000 }, async () => {
  const { objects, context, warnings } = openTestStore(configMaps);
  const owners = Array.from({ length: 100_000 }, (_, i) => ({ apiVersion: 'v1', kind: 'X', name: 'o', uid: `${i}` }));
  const ownerReferences = [...owners, ...owners.slice(0, 1)];
  const dry = { context: context({ dryRun: true }) };
  const made = await objects.create(configMap({ ownerReferences }), dry);
  assert.equal(made.metadata.ownerReferences?.length, owners.length);
  assert.match(warnings[0] ?? '', /duplicate UID\(s\) observed: \[0\]$/);
});
