import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CONFIG_MAPS, EVENTS, NAMESPACES, SECRETS } from '../../src/client/resources.js';
import type { KubeObject, OwnerReference } from '../../src/kube/object-meta.js';
import {
  CLUSTER_ROLES,
  NAMESPACE,
  begun,
  gone,
  hold,
  left,
  make,
  maybeRead,
  ownedBy,
  remove,
  stage,
  wrote,
} from './collector-stage.js';
import { rest, until } from './control-bench.js';
suite('garbage collector: leaves alone', () => {
  test('what has no owners, and what has one that is there', async (t) => {
    const s = await begun(t);
    const owner = await make(s, 'owner');
    await make(s, 'owned', [ownedBy(CONFIG_MAPS, owner)]);
    await make(s, 'free');
    await rest();
    assert.deepEqual(wrote(s), []);
  });

  test('what has an owner of a kind that is not served, whatever else it has', async (t) => {
    const s = await begun(t);
    const absent = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' };
    for (const [name, coordinates] of [
      ['group', { apiVersion: 'example.com/v1', kind: 'Widget' }],
      ['kind', { apiVersion: 'v1', kind: 'Widget' }],
      ['version', { apiVersion: 'v9', kind: 'ConfigMap' }],
      ['review', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview' }],
    ] as const) {
      await make(s, name, [{ ...coordinates, name: 'x', uid: 'x' }, absent]);
    }
    await rest();
    assert.deepEqual(wrote(s), []);
  });

  test('a cluster-scoped object with an owner in a namespace, and says so', async (t) => {
    const s = await begun(t);
    const owner = await make(s, 'owner');
    const metadata = { name: 'odd', ownerReferences: [ownedBy(CONFIG_MAPS, owner)] };
    await s.client.create<KubeObject>(CLUSTER_ROLES, { metadata });
    await until('it is told', async () => (await s.client.list(EVENTS, { namespace: 'default' })).items.length > 0);
    await remove(s, 'owner');
    await rest();
    assert.notEqual(await maybeRead(s, 'odd', CLUSTER_ROLES), undefined);
  });

  test('what somebody else holds', async (t) => {
    const s = await begun(t);
    const owner = await make(s, 'owner');
    await make(s, 'held', [ownedBy(CONFIG_MAPS, owner)], { finalizers: ['example.com/hold'] });
    await remove(s, 'owner');
    const isDeleted = async (): Promise<boolean> =>
      ((await maybeRead(s, 'held'))?.metadata.deletionTimestamp ?? '') !== '';
    await until('it is being deleted', isDeleted);
    await rest();
    assert.deepEqual(wrote(s), ['DELETE /api/v1/namespaces/default/configmaps/held']);
    await hold(s, 'held', null);
    await gone(s, 'held');
  });
});

suite('garbage collector: deletes', () => {
  const absent: readonly { readonly name: string; readonly more: Partial<OwnerReference> }[] = [
    { name: 'an owner that never was', more: { uid: 'other' } },
    { name: 'an owner of another name', more: { name: 'other' } },
    { name: 'an owner of another kind', more: { kind: 'Secret' } },
  ];
  for (const { name, more } of absent) {
    test(`what names ${name}, although something has its uid or its name`, async (t) => {
      const s = await begun(t);
      const owner = await make(s, 'owner');
      await make(s, 'owned', [ownedBy(CONFIG_MAPS, owner, more)]);
      await gone(s, 'owned');
      assert.deepEqual(await left(s, 'owner'), ['owner']);
    });
  }

  test('what an owner owned, and what that owned, in the background', async (t) => {
    const s = await begun(t);
    const a = await make(s, 'a');
    const b = await make(s, 'b', [ownedBy(CONFIG_MAPS, a)]);
    await make(s, 'c', [ownedBy(CONFIG_MAPS, b, { blockOwnerDeletion: true })]);
    await remove(s, 'a');
    await gone(s, 'c');
    assert.deepEqual(await left(s, 'a', 'b'), []);
  });

  test('across kinds, also from a cluster-scoped owner into namespaces', async (t) => {
    const s = await begun(t);
    const role = await s.client.create<KubeObject>(CLUSTER_ROLES, { metadata: { name: 'role' } });
    const ownerReferences = [ownedBy(CLUSTER_ROLES, role)];
    await s.client.create(SECRETS, { metadata: { namespace: NAMESPACE, name: 'secret', ownerReferences } });
    await rest();
    assert.notEqual(await maybeRead(s, 'secret', SECRETS), undefined);
    await s.client.delete(CLUSTER_ROLES, 'role');
    await gone(s, 'secret', SECRETS);
  });

  test('only with its last owner; the others are taken out of it', async (t) => {
    const s = await begun(t);
    const a = await make(s, 'a');
    const b = await make(s, 'b');
    await make(s, 'owned', [ownedBy(CONFIG_MAPS, a), ownedBy(CONFIG_MAPS, b)]);
    await remove(s, 'a');
    const owners = async (): Promise<readonly string[]> =>
      ((await maybeRead(s, 'owned'))?.metadata.ownerReferences ?? []).map(({ name }) => name);
    await until('one is taken out', async () => (await owners()).join() === 'b');
    await remove(s, 'b');
    await gone(s, 'owned');
  });

  test('what names an owner in another namespace, and says why', async (t) => {
    const s = await begun(t);
    await s.client.create(NAMESPACES, { metadata: { name: 'other' } });
    const owner = await make(s, 'owner');
    const uid = owner.metadata.uid ?? '';
    const ownerReferences = [ownedBy(CONFIG_MAPS, owner)];
    const dependent = await s.client.create(CONFIG_MAPS, {
      metadata: { namespace: 'other', name: 'far', ownerReferences },
    });
    await gone(s, 'far', CONFIG_MAPS, 'other');
    await s.stop();
    const [event] = (await s.client.list(EVENTS, { namespace: 'other' })).items;
    assert.deepEqual([event?.type, event?.reason], ['Warning', 'OwnerRefInvalidNamespace']);
    assert.equal(
      event?.message,
      `ownerRef [v1/ConfigMap, namespace: other, name: owner, uid: ${uid}] does not exist in namespace "other"`,
    );
    assert.equal(event.involvedObject.uid, dependent.metadata.uid);
    assert.equal(event.source?.component, 'garbage-collector-controller');
  });

  test('rings, in the background and in the foreground', async (t) => {
    const s = await begun(t);
    for (const policy of ['Background', 'Foreground'] as const) {
      const a = await make(s, 'a');
      const b = await make(s, 'b', [ownedBy(CONFIG_MAPS, a, { blockOwnerDeletion: true })]);
      const ownerReferences = [ownedBy(CONFIG_MAPS, b, { blockOwnerDeletion: true })];
      await s.client.patch(CONFIG_MAPS, 'a', { metadata: { ownerReferences } }, { namespace: NAMESPACE });
      await remove(s, 'a', policy);
      await gone(s, 'a');
      await gone(s, 'b');
    }
  });

  test('a ring of which every one is deleted in the foreground at once, and what owns itself', async (t) => {
    const s = await stage(t);
    const blocks = { blockOwnerDeletion: true };
    const a = await make(s, 'a');
    const b = await make(s, 'b', [ownedBy(CONFIG_MAPS, a, blocks)]);
    const c = await make(s, 'c', [ownedBy(CONFIG_MAPS, b, blocks)]);
    const self = await make(s, 'self');
    for (const [name, owner] of [
      ['a', c],
      ['self', self],
    ] as const) {
      const ownerReferences = [ownedBy(CONFIG_MAPS, owner, blocks)];
      await s.client.patch(CONFIG_MAPS, name, { metadata: { ownerReferences } }, { namespace: NAMESPACE });
    }
    for (const name of ['a', 'b', 'c', 'self']) await remove(s, name, 'Foreground');
    await s.start();
    for (const name of ['a', 'b', 'c', 'self']) await gone(s, name);
  });
});

suite('garbage collector: the foreground', () => {
  test('an owner goes after what blocks it, and what does not block it goes as well', async (t) => {
    const s = await begun(t);
    const owner = await make(s, 'owner');
    const blocking = ownedBy(CONFIG_MAPS, owner, { blockOwnerDeletion: true });
    await make(s, 'blocks', [blocking], { finalizers: ['example.com/hold'] });
    await make(s, 'does-not', [ownedBy(CONFIG_MAPS, owner)]);
    await remove(s, 'owner', 'Foreground');
    await gone(s, 'does-not');
    await rest();
    assert.deepEqual(await left(s, 'owner', 'blocks'), ['owner', 'blocks']);
    // one that comes late goes as well
    await make(s, 'late', [blocking]);
    await gone(s, 'late');
    await hold(s, 'blocks', null);
    await gone(s, 'owner');
    assert.deepEqual(await left(s, 'blocks'), []);
  });

  test('goes down the whole tree, from the leaves', async (t) => {
    const s = await begun(t);
    const blocks = { blockOwnerDeletion: true };
    const a = await make(s, 'a');
    const b = await make(s, 'b', [ownedBy(CONFIG_MAPS, a, blocks)]);
    await make(s, 'c', [ownedBy(CONFIG_MAPS, b, blocks)], { finalizers: ['example.com/hold'] });
    await remove(s, 'a', 'Foreground');
    await until('it has come to the leaf', async () => {
      return ((await maybeRead(s, 'c'))?.metadata.deletionTimestamp ?? '') !== '';
    });
    assert.deepEqual((await maybeRead(s, 'b'))?.metadata.finalizers, ['foregroundDeletion']);
    assert.deepEqual(await left(s, 'a', 'b', 'c'), ['a', 'b', 'c']);
    await hold(s, 'c', null);
    await gone(s, 'a');
    assert.deepEqual(await left(s, 'b', 'c'), []);
  });

  test('does not wait for what belongs to another owner too, nor for what has become free', async (t) => {
    const s = await begun(t);
    const owner = await make(s, 'owner');
    const other = await make(s, 'other');
    const blocking = ownedBy(CONFIG_MAPS, owner, { blockOwnerDeletion: true });
    await make(s, 'shared', [blocking, ownedBy(CONFIG_MAPS, other)]);
    await make(s, 'freed', [blocking], { finalizers: ['example.com/hold'] });
    await remove(s, 'freed');
    await remove(s, 'owner', 'Foreground');
    await rest();
    assert.deepEqual(await left(s, 'owner'), ['owner']);
    await s.client.patch(CONFIG_MAPS, 'freed', { metadata: { ownerReferences: null } }, { namespace: NAMESPACE });
    await gone(s, 'owner');
    const shared = await maybeRead(s, 'shared');
    assert.deepEqual(shared?.metadata.ownerReferences, [ownedBy(CONFIG_MAPS, other)]);
  });
});

suite('garbage collector: orphans', () => {
  test('stay, without the owner that went, and what they own stays with them', async (t) => {
    const s = await begun(t);
    const owner = await make(s, 'owner');
    const other = await make(s, 'other');
    const child = await make(s, 'child', [ownedBy(CONFIG_MAPS, owner, { blockOwnerDeletion: true, controller: true })]);
    await make(s, 'both', [ownedBy(CONFIG_MAPS, owner), ownedBy(CONFIG_MAPS, other)]);
    await make(s, 'grandchild', [ownedBy(CONFIG_MAPS, child)]);
    await remove(s, 'owner', 'Orphan');
    await gone(s, 'owner');
    await rest();
    assert.equal((await maybeRead(s, 'child'))?.metadata.ownerReferences, undefined);
    assert.deepEqual((await maybeRead(s, 'both'))?.metadata.ownerReferences, [ownedBy(CONFIG_MAPS, other)]);
    assert.deepEqual((await maybeRead(s, 'grandchild'))?.metadata.ownerReferences, [ownedBy(CONFIG_MAPS, child)]);
  });

  test('a later delete that leaves what is owned overrules one in the foreground', async (t) => {
    const s = await stage(t);
    const owner = await make(s, 'owner');
    await make(s, 'owned', [ownedBy(CONFIG_MAPS, owner, { blockOwnerDeletion: true })]);
    await remove(s, 'owner', 'Foreground');
    await remove(s, 'owner', 'Orphan');
    await s.start();
    await gone(s, 'owner');
    await rest();
    assert.equal((await maybeRead(s, 'owned'))?.metadata.ownerReferences, undefined);
  });
});

suite('garbage collector: whatever happens', () => {
  test('what has come to pass while it was away is done when it comes back', async (t) => {
    const s = await begun(t);
    const names = ['background', 'foreground', 'orphaned'] as const;
    for (const name of names) {
      const owner = await make(s, name);
      await make(s, `of-${name}`, [ownedBy(CONFIG_MAPS, owner, { blockOwnerDeletion: true })]);
    }
    await s.stop();
    await remove(s, 'background');
    await remove(s, 'foreground', 'Foreground');
    await remove(s, 'orphaned', 'Orphan');
    await s.start();
    for (const name of [...names, 'of-background', 'of-foreground']) await gone(s, name);
    assert.deepEqual(await left(s, 'of-orphaned'), ['of-orphaned']);
  });

  test('an owner that is made again under its name is another one', async (t) => {
    const s = await stage(t);
    const first = await make(s, 'owner');
    await make(s, 'of-first', [ownedBy(CONFIG_MAPS, first)]);
    await remove(s, 'owner');
    const second = await make(s, 'owner');
    await make(s, 'of-second', [ownedBy(CONFIG_MAPS, second)]);
    await s.start();
    await gone(s, 'of-first');
    await rest();
    assert.deepEqual(await left(s, 'owner', 'of-second'), ['owner', 'of-second']);
  });

  for (const fate of ['lose-request', 'lose-answer'] as const) {
    test(`goes on when each first write meets this: ${fate}`, async (t) => {
      const s = await stage(t, (call) => (call % 2 === 1 ? fate : 'pass'));
      const owner = await make(s, 'owner');
      const blocks = { blockOwnerDeletion: true };
      const child = await make(s, 'child', [ownedBy(CONFIG_MAPS, owner, blocks)]);
      await make(s, 'grandchild', [ownedBy(CONFIG_MAPS, child, blocks)]);
      const left1 = await make(s, 'leaves');
      await make(s, 'stays', [ownedBy(CONFIG_MAPS, left1)]);
      await remove(s, 'owner', 'Foreground');
      await remove(s, 'leaves', 'Orphan');
      await s.start();
      await until('all is done', async () => {
        s.b.clock.advance(500);
        return (await left(s, 'owner', 'child', 'grandchild', 'leaves')).length === 0;
      });
      assert.equal((await maybeRead(s, 'stays'))?.metadata.ownerReferences, undefined);
    });
  }

  test('three hundred that an absent owner left cost one question about it, and one read and one delete each', async (t) => {
    const s = await stage(t);
    const owner = await make(s, 'owner');
    const names = Array.from({ length: 300 }, (_, i) => `owned-${i}`);
    for (const name of names) await make(s, name, [ownedBy(CONFIG_MAPS, owner)]);
    await remove(s, 'owner');
    await s.start();
    await until(
      'they are gone',
      async () => (await s.client.list(CONFIG_MAPS, { namespace: NAMESPACE })).items.length === 0,
    );
    const path = '/api/v1/namespaces/default/configmaps';
    const about = (call: string): number => s.calls.filter((made) => made === call).length;
    assert.ok(about(`GET ${path}/owner`) <= 20, 'as many as ask at once');
    assert.deepEqual([about(`GET ${path}/owned-7`), about(`DELETE ${path}/owned-7`)], [1, 1]);
  });

  test('a namespace is held until what it owns is gone', async (t) => {
    const s = await begun(t);
    const owner = await s.client.create<KubeObject>(NAMESPACES, { metadata: { name: 'doomed' } });
    await make(s, 'owned', [ownedBy(NAMESPACES, owner, { blockOwnerDeletion: true })]);
    await s.client.delete(NAMESPACES, 'doomed', { propagationPolicy: 'Foreground' });
    await gone(s, 'owned');
    await until('it is let go', async () => {
      return ((await maybeRead(s, 'doomed', NAMESPACES))?.metadata.finalizers ?? []).length === 0;
    });
  });
});
