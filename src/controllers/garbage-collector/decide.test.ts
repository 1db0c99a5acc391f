import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CONFIG_MAPS } from '../../client/resources.js';
import type { OwnerReference } from '../../kube/object-meta.js';
import { decideCollection, type CollectorAction, type OwnerState, type Seen } from './decide.js';
import type { GraphObject } from './graph-object.js';

const object: GraphObject = { uid: 'u', type: CONFIG_MAPS, namespace: 'n', name: 'a', owners: [], phase: 'here' };

const reference = (name: string): OwnerReference => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid: `u-${name}` });

function owned(states: readonly OwnerState[], finalizers: readonly string[] = [], ownsSomething = false): Seen {
  const owners = states.map((state, i) => ({ reference: reference(`${state}-${i}`), state }));
  const live = { metadata: { name: 'a', uid: 'u', resourceVersion: '7', finalizers } };
  return { kind: 'owned', object, live, owners, ownsSomething };
}

const DELETE = { kind: 'delete', object, resourceVersion: '7' } as const;
const trim = (...left: readonly string[]): CollectorAction => ({
  kind: 'trim',
  object,
  resourceVersion: '7',
  owners: left.map(reference),
});
const release = (finalizer: string): CollectorAction => ({ kind: 'release', object, finalizer });

const cases: readonly { readonly name: string; readonly seen: Seen; readonly actions: readonly CollectorAction[] }[] = [
  { name: 'leaves alone what needs nothing', seen: { kind: 'left alone' }, actions: [] },
  { name: 'leaves alone what has lost all its owners', seen: owned([]), actions: [] },
  { name: 'leaves alone what has its owners', seen: owned(['solid', 'solid']), actions: [] },
  { name: 'leaves alone what has an owner nobody can look up', seen: owned(['absent', 'unresolvable']), actions: [] },
  {
    name: 'does not even trim next to an owner nobody can look up',
    seen: owned(['solid', 'absent', 'unresolvable']),
    actions: [],
  },
  { name: 'takes absent owners out of what has another', seen: owned(['solid', 'absent']), actions: [trim('solid-0')] },
  {
    name: 'takes owners that wait out of what has another, for they would wait for ever',
    seen: owned(['waiting', 'solid', 'absent', 'solid']),
    actions: [trim('solid-1', 'solid-3')],
  },
  {
    name: 'deletes what has no owner any more',
    seen: owned(['absent', 'absent']),
    actions: [{ ...DELETE, policy: 'Background' }],
  },
  {
    name: 'deletes it as its finalizers say: orphaning',
    seen: owned(['absent'], ['orphan'], true),
    actions: [{ ...DELETE, policy: 'Orphan' }],
  },
  {
    name: 'deletes it as its finalizers say: in the foreground',
    seen: owned(['absent'], ['foregroundDeletion']),
    actions: [{ ...DELETE, policy: 'Foreground' }],
  },
  {
    name: 'deletes in the background what an owner waits for and owns nothing itself',
    seen: owned(['waiting', 'absent']),
    actions: [{ ...DELETE, policy: 'Background' }],
  },
  {
    name: 'deletes in the foreground what an owner waits for and owns something itself',
    seen: owned(['absent', 'waiting'], ['orphan'], true),
    actions: [{ ...DELETE, policy: 'Foreground' }],
  },
  {
    name: 'lets an object go that waits for nothing any more',
    seen: { kind: 'emptying', object, blockers: 0, waitsForItself: false },
    actions: [release('foregroundDeletion')],
  },
  {
    name: 'holds an object that waits for others',
    seen: { kind: 'emptying', object, blockers: 3, waitsForItself: false },
    actions: [],
  },
  {
    name: 'opens a ring of objects that wait for each other',
    seen: { kind: 'emptying', object, blockers: 1, waitsForItself: true },
    actions: [{ kind: 'unblock', object }],
  },
  {
    name: 'rids dependents of their owner before it lets that go',
    seen: { kind: 'orphaning', object, dependents: [object] },
    actions: [{ kind: 'orphan', object, dependents: [object] }, release('orphan')],
  },
  {
    name: 'lets go an owner that owns nothing',
    seen: { kind: 'orphaning', object, dependents: [] },
    actions: [release('orphan')],
  },
];

suite('garbage collector', () => {
  for (const { name, seen, actions } of cases) {
    test(name, () => {
      const expected = actions.length === 0 ? { kind: 'done' } : { kind: 'act', actions };
      assert.deepEqual(decideCollection(seen), expected);
    });
  }

  test('waits where it does not know all that an object owns', () => {
    const decision = decideCollection({ kind: 'unknown', because: 'not read yet: pods' });
    assert.deepEqual(decision, { kind: 'wait', delayMs: 1000, because: 'not read yet: pods' });
  });
});
