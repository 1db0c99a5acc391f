import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toUnixSeconds } from '../../base/clock.js';
import { namespaceConditions, type NamespaceContent } from './namespace-conditions.js';

const NOTHING: NamespaceContent = { remaining: new Map(), finalizers: new Map(), failures: [], undiscovered: [] };
const NOW = toUnixSeconds(1_767_225_600);
const LATER = toUnixSeconds(NOW + 60);

function shown(content: Partial<NamespaceContent>): readonly string[] {
  return namespaceConditions([], { ...NOTHING, ...content }, NOW)
    .filter(({ status }) => status === 'True')
    .map(({ type, reason = '', message = '' }) => `${type} ${reason}: ${message}`);
}

const cases: readonly {
  readonly name: string;
  readonly content: Partial<NamespaceContent>;
  readonly wrong: string[];
}[] = [
  { name: 'nothing is left', content: {}, wrong: [] },
  {
    name: 'groups are not told',
    content: { undiscovered: ['a.io/v1', 'b.io/v1'] },
    wrong: [
      'NamespaceDeletionDiscoveryFailure DiscoveryFailed: Discovery failed for some groups, 2 failing: unable to ' +
        'retrieve the complete list of server APIs: a.io/v1, b.io/v1',
    ],
  },
  {
    name: 'something cannot be deleted',
    content: { failures: ['z', 'a'] },
    wrong: [
      'NamespaceDeletionContentFailure ContentDeletionFailed: Failed to delete all resource types, 2 remaining: a, z',
    ],
  },
  {
    name: 'something is held',
    content: {
      remaining: new Map([
        ['pods.', 2],
        ['leases.coordination.k8s.io', 1],
      ]),
      finalizers: new Map([
        ['x/y', 2],
        ['a/b', 1],
      ]),
    },
    wrong: [
      'NamespaceContentRemaining SomeResourcesRemain: Some resources are remaining: leases.coordination.k8s.io has 1 ' +
        'resource instances, pods. has 2 resource instances',
      'NamespaceFinalizersRemaining SomeFinalizersRemain: Some content in the namespace has finalizers remaining: a/b ' +
        'in 1 resource instances, x/y in 2 resource instances',
    ],
  },
];
for (const { name, content, wrong } of cases) {
  test(`conditions of a namespace of which ${name}`, () => {
    assert.deepEqual(shown(content), wrong);
  });
}

test('conditions keep their time while their status is the same, and others stay', () => {
  const other = { type: 'Mine', status: 'Unknown' };
  const held = (count: number): NamespaceContent => ({ ...NOTHING, remaining: new Map([['pods.', count]]) });
  const first = namespaceConditions([other], held(2), NOW);
  assert.equal(first.length, 6);
  assert.equal(namespaceConditions(first, held(2), LATER), first, 'nothing new is nothing to write');
  const second = namespaceConditions(first, held(1), LATER);
  const remaining = second.find(({ type }) => type === 'NamespaceContentRemaining');
  assert.equal(remaining?.message, 'Some resources are remaining: pods. has 1 resource instances');
  assert.equal(remaining.lastTransitionTime, '2026-01-01T00:00:00Z');
  const third = namespaceConditions(second, NOTHING, LATER);
  const gone = third.find(({ type }) => type === 'NamespaceContentRemaining');
  assert.deepEqual([gone?.status, gone?.lastTransitionTime], ['False', '2026-01-01T00:01:00Z']);
  assert.ok(third.includes(other));
});
