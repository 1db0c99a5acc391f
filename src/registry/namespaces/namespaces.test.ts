import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectMeta } from '../../kube/object-meta.js';
import { StatusError } from '../../kube/status.js';
import { openTestStore, shortEvent, type TestStore, watchQuery } from '../testing/open-test-store.js';
import { type Namespace, namespaces } from './namespaces.js';

const KEY = { namespace: '', name: 'n' };

function namespace(metadata: ObjectMeta = {}, part: Partial<Namespace> = {}): Namespace {
  return { metadata: { name: 'n', ...metadata }, spec: {}, status: {}, ...part };
}

async function opened(metadata: ObjectMeta = {}): Promise<TestStore<Namespace>> {
  const store = openTestStore(namespaces);
  await store.objects.create(namespace(metadata), { context: store.context() });
  return store;
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StatusError, `expected a refusal, got ${String(error)}`);
  return `${error.httpCode} ${error.message}`;
}

for (const name of ['default', 'kube-system', 'kube-public']) {
  test(`refuses to delete ${name}`, async () => {
    const { store, objects, context } = await opened({ name });
    assert.equal(
      await refusal(objects.delete({ namespace: '', name }, { context: context() })),
      `403 namespaces "${name}" is forbidden: this namespace may not be deleted`,
    );
    assert.equal(await store.currentRevision(), 1);
  });
}

test('refuses to delete another namespace than is meant, in words of its own', async () => {
  const { store, objects, context } = await opened();
  for (const [preconditions, words] of [
    [{ uid: 'x' }, 'UID in precondition: x, UID in object meta: uid-1'],
    [{ uid: 'uid-1', resourceVersion: '9' }, 'ResourceVersion in precondition: 9, ResourceVersion in object meta: 1'],
  ] as const) {
    assert.equal(
      await refusal(objects.delete(KEY, { context: context(), preconditions })),
      `409 Operation cannot be fulfilled on namespaces "n": Precondition failed: ${words}`,
    );
  }
  assert.equal(await store.currentRevision(), 1);
});

test('refuses names with dots, and finalizers that are not qualified', async () => {
  const { objects, context } = openTestStore(namespaces);
  assert.equal(
    await refusal(objects.create(namespace({ name: 'a.b' }), { context: context() })),
    '422 Namespace "a.b" is invalid: metadata.name: Invalid value: "a.b": must not contain dots',
  );
  assert.equal(
    await refusal(objects.create(namespace({}, { spec: { finalizers: ['mine'] } }), { context: context() })),
    '422 Namespace "n" is invalid: spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name ' +
      'nor is it fully qualified',
  );
});

test('is active, labelled with its name and held by a finalizer from the start', async () => {
  const { objects, context } = openTestStore(namespaces);
  const created = await objects.create(
    namespace({ name: '', generateName: 'g-' }, { status: { phase: 'Terminating' } }),
    { context: context() },
  );
  const { name = '' } = created.metadata;
  assert.match(name, /^g-.{5}$/);
  assert.deepEqual(created.metadata.labels, { 'kubernetes.io/metadata.name': name });
  assert.deepEqual(created.spec, { finalizers: ['kubernetes'] });
  assert.deepEqual(created.status, { phase: 'Active' });
});

test('keeps its label, its finalizers and its status in an update', async () => {
  const { objects, context } = await opened();
  const changed = namespace({ labels: { 'kubernetes.io/metadata.name': 'other', x: 'y' } }, { spec: {}, status: {} });
  const { object } = await objects.update(KEY, () => changed, { context: context() });
  assert.deepEqual(object.metadata.labels, { 'kubernetes.io/metadata.name': 'n', x: 'y' });
  assert.deepEqual([object.spec, object.status], [{ finalizers: ['kubernetes'] }, { phase: 'Active' }]);
});

test('goes through Terminating until it is finalized', async () => {
  const { store, objects, context } = await opened();
  const events: string[] = [];
  await objects.watch(watchQuery({ resourceVersion: '1' }), (batch) => {
    events.push(...batch.map(shortEvent));
  });
  const begun = await objects.delete(KEY, { context: context() });
  assert.equal(begun.removed, false);
  assert.equal(begun.object.metadata.deletionTimestamp, '2026-01-01T00:00:00Z');
  assert.equal(begun.object.metadata.deletionGracePeriodSeconds, undefined);
  assert.deepEqual(begun.object.status, { phase: 'Terminating' });
  const again = await objects.delete(KEY, { context: context() });
  assert.deepEqual(again, { object: begun.object, removed: false });
  assert.equal(await store.currentRevision(), 2);
  const finalize = { context: context(), subresource: 'finalize' };
  const { object } = await objects.update(KEY, (current) => ({ ...namespace(), ...current, spec: {} }), finalize);
  assert.deepEqual(object.spec, {});
  assert.equal(await refusal(objects.get(KEY)), '404 namespaces "n" not found');
  assert.deepEqual(events, ['MODIFIED n@2', 'DELETED n@3']);
});

test('stays until both kinds of finalizers are gone', async () => {
  const { objects, context } = await opened({ finalizers: ['example.com/hold'] });
  await objects.delete(KEY, { context: context() });
  const finalize = { context: context(), subresource: 'finalize' };
  await objects.update(KEY, (current) => ({ ...namespace(), ...current, spec: {} }), finalize);
  assert.equal((await objects.get(KEY)).status.phase, 'Terminating');
  await objects.update(KEY, () => namespace(), { context: context() });
  assert.equal(await refusal(objects.get(KEY)), '404 namespaces "n" not found');
});

test('asks the garbage collector as the first delete wants it, and a later one once it is finalized', async () => {
  const { objects, context } = await opened();
  const begun = await objects.delete(KEY, { context: context(), propagationPolicy: 'Foreground' });
  assert.deepEqual(begun.object.metadata.finalizers, ['foregroundDeletion']);
  assert.equal(begun.object.status.phase, 'Terminating');
  const again = await objects.delete(KEY, { context: context(), propagationPolicy: 'Background' });
  assert.deepEqual(again, { object: begun.object, removed: false });
  const finalize = { context: context(), subresource: 'finalize' };
  await objects.update(KEY, (current) => ({ ...namespace(), ...current, spec: {} }), finalize);
  assert.equal((await objects.get(KEY)).status.phase, 'Terminating');
  assert.equal((await objects.delete(KEY, { context: context(), propagationPolicy: 'Background' })).removed, true);
});

test('takes conditions, but no other phase, through /status', async () => {
  const { objects, context } = await opened();
  const options = { context: context(), subresource: 'status' };
  const conditions = [{ type: 'NamespaceContentRemaining', status: 'False' }];
  const { object } = await objects.update(
    KEY,
    () => namespace({}, { status: { phase: 'Active', conditions } }),
    options,
  );
  assert.deepEqual(object.status.conditions, conditions);
  assert.equal(
    await refusal(objects.update(KEY, () => namespace({}, { status: { phase: 'Terminating' } }), options)),
    '422 Namespace "n" is invalid: status.Phase: Invalid value: "Terminating": may only be \'Active\' if ' +
      '`deletionTimestamp` is empty',
  );
});
