import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG_MAPS } from '../../client/resources.js';
import type { ObjectMeta, OwnerReference } from '../../kube/object-meta.js';
import { keeperOf, phaseOf, uidOf, type Phase } from './graph-object.js';

const OWNER: OwnerReference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u-o' };
const DELETED = '2026-01-01T00:00:00Z';

const phases: readonly (readonly [name: string, metadata: ObjectMeta, phase: Phase])[] = [
  ['nobody deletes it', { finalizers: ['foregroundDeletion'] }, 'here'],
  ['the time of its deletion is null', { deletionTimestamp: null }, 'here'],
  ['somebody else holds it', { deletionTimestamp: DELETED, finalizers: ['a.b/c'] }, 'leaving'],
  [
    'it waits for what it owns',
    { deletionTimestamp: DELETED, finalizers: ['a.b/c', 'foregroundDeletion'] },
    'emptying',
  ],
  ['what it owns is to stay', { deletionTimestamp: DELETED, finalizers: ['orphan'] }, 'orphaning'],
];
for (const [name, metadata, phase] of phases) {
  test(`an object is ${phase} where ${name}`, () => {
    assert.equal(phaseOf(metadata), phase);
  });
}

const keep = keeperOf(CONFIG_MAPS);

test('nothing is kept of an object without uid, and of most others only that', () => {
  assert.equal(keep({ metadata: { name: 'a', ownerReferences: [OWNER] } }), undefined);
  assert.equal(keep({ metadata: { uid: 'u', labels: { a: 'b' } } }), 'u');
  assert.equal(keep({ metadata: { uid: 'u', deletionTimestamp: DELETED, finalizers: ['a.b/c'] } }), 'u');
});

test('of an object with owners their coordinates are kept, and no more', () => {
  const labels = { a: 'b' };
  const metadata = { uid: 'u', namespace: 'n', name: 'a', labels, ownerReferences: [{ ...OWNER, controller: true }] };
  const kept = keep({ metadata });
  assert.deepEqual(kept, {
    uid: 'u',
    type: CONFIG_MAPS,
    namespace: 'n',
    name: 'a',
    owners: [{ ...OWNER, blocks: false }],
    phase: 'here',
  });
  assert.equal(uidOf(kept), 'u');
});
