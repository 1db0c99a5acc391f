import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../kube/status.js';
import { openTestStore } from '../testing/open-test-store.js';
import { type ConfigMap, configMaps } from './configmaps.js';

const KEY = { namespace: 'default', name: 'c' };

const refused: readonly {
  readonly name: string;
  readonly part: Partial<ConfigMap>;
  readonly error: string | RegExp;
}[] = [
  {
    name: 'a key in both maps',
    part: { data: { k: 'x' }, binaryData: { k: 'AAE=' } },
    error: 'data[k]: Invalid value: "k": duplicate of key present in binaryData',
  },
  { name: 'an empty key', part: { data: { '': 'x' } }, error: /^data\[\]: Invalid value: "": a valid config key must/ },
  { name: 'a long key', part: { binaryData: { ['k'.repeat(254)]: '' } }, error: /must be no more than 253 bytes$/ },
  { name: 'a dot as key', part: { data: { '.': '' } }, error: `data[.]: Invalid value: ".": must not be '.'` },
  {
    name: 'more than a mebibyte, in UTF-8',
    part: { data: { a: 'ü'.repeat(524_288), b: 'x' } },
    error: '[]: Too long: may not be more than 1048576 bytes',
  },
];

for (const { name, part, error } of refused) {
  test(`refuses ${name}`, async () => {
    const { store, objects, context } = openTestStore(configMaps);
    const create = objects.create({ metadata: KEY, ...part }, { context: context() });
    await assert.rejects(create, (thrown) => {
      assert.ok(thrown instanceof StatusError);
      const text = thrown.message.replace('ConfigMap "c" is invalid: ', '');
      if (typeof error === 'string') assert.equal(text, error);
      else assert.match(text, error);
      return true;
    });
    assert.equal(await store.currentRevision(), 0);
  });
}

test('freezes the data of an immutable one, but not its labels', async () => {
  const { objects, context } = openTestStore(configMaps);
  const frozen: ConfigMap = { metadata: KEY, data: { a: '1' }, immutable: true };
  await objects.create(frozen, { context: context() });
  const refusal = (next: ConfigMap): Promise<void> =>
    assert.rejects(
      objects.update(KEY, () => next, { context: context() }),
      { message: /field is immutable when `immutable` is set/ },
    );
  await refusal({ ...frozen, data: { a: '2' } });
  await refusal({ ...frozen, binaryData: { b: 'AAE=' } });
  const { immutable: _immutable, ...thawed } = frozen;
  await refusal(thawed);
  const labelled = { ...frozen, metadata: { ...KEY, labels: { x: 'y' } } };
  assert.deepEqual((await objects.update(KEY, () => labelled, { context: context() })).object.metadata.labels, {
    x: 'y',
  });
});

test('counts the values of both maps in its row', () => {
  const { context } = openTestStore(configMaps);
  const row = configMaps.cells({ metadata: KEY, data: { a: '' }, binaryData: { b: '' } }, context().now);
  assert.deepEqual(row, ['c', 2, '<unknown>']);
});
