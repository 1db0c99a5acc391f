import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Revision, StoreEvent } from './store.js';
import { RecentChanges } from './recent-changes.js';

const put = (revision: Revision, bytes = 1): StoreEvent => ({
  kind: 'put',
  key: `k${revision}`,
  revision,
  value: new Uint8Array(bytes),
});

/** Changes with gaps, and two of one transaction. */
const CHANGES = [put(3), put(7), put(7), put(8), put(20)];

function revisionsSince(recent: RecentChanges, revision: Revision): readonly Revision[] | undefined {
  return recent.since(revision)?.map((change) => change.revision);
}

test('knows nothing from before it began', () => {
  const recent = new RecentChanges(2, { maxEvents: 10, maxBytes: 100 });
  assert.equal(recent.since(1), undefined);
  assert.deepEqual(recent.since(2), []);
  assert.deepEqual(recent.since(9), []);
});

test('knows every change after a revision, whether or not that is one of its own', () => {
  const recent = new RecentChanges(2, { maxEvents: 10, maxBytes: 100 });
  recent.push(CHANGES);
  assert.deepEqual(revisionsSince(recent, 2), [3, 7, 7, 8, 20]);
  assert.deepEqual(revisionsSince(recent, 3), [7, 7, 8, 20]);
  assert.deepEqual(revisionsSince(recent, 6), [7, 7, 8, 20]);
  assert.deepEqual(revisionsSince(recent, 7), [8, 20]);
  assert.deepEqual(revisionsSince(recent, 19), [20]);
  assert.deepEqual(revisionsSince(recent, 20), []);
  assert.deepEqual(revisionsSince(recent, 99), []);
});

test('knows the first change after a revision', () => {
  const recent = new RecentChanges(2, { maxEvents: 3, maxBytes: 100 });
  recent.push(CHANGES);
  assert.deepEqual(
    [6, 7, 8, 20, 99].map((revision) => recent.firstAfter(revision)?.revision),
    [undefined, 8, 20, undefined, undefined],
  );
});

for (const [name, limits] of [
  ['events', { maxEvents: 2, maxBytes: 100 }],
  ['bytes', { maxEvents: 10, maxBytes: 2 }],
] as const) {
  test(`forgets the oldest when there are too many ${name}`, () => {
    const recent = new RecentChanges(2, limits);
    for (const change of CHANGES) recent.push([change]);
    assert.equal(recent.after, 7);
    assert.equal(recent.since(6), undefined);
    assert.deepEqual(revisionsSince(recent, 7), [8, 20]);
  });
}

test('does not remember half of a transaction', () => {
  const recent = new RecentChanges(2, { maxEvents: 3, maxBytes: 100 });
  recent.push(CHANGES);
  // one of the two changes of revision 7 is still there, and cannot be told alone
  assert.equal(recent.since(6), undefined);
  assert.deepEqual(revisionsSince(recent, 7), [8, 20]);
});

test('keeps nothing that is larger than all it may keep', () => {
  const recent = new RecentChanges(2, { maxEvents: 10, maxBytes: 10 });
  recent.push([put(3, 11)]);
  assert.equal(recent.since(2), undefined);
  assert.deepEqual(recent.since(3), []);
});
