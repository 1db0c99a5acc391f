import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finalizersForDelete, type Propagation } from './propagation.js';

const cases: readonly {
  readonly name: string;
  readonly before: readonly string[];
  readonly policy: Propagation;
  readonly after: readonly string[];
}[] = [
  { name: 'in the background, nothing holds it', before: [], policy: 'Background', after: [] },
  { name: 'an orphan is asked for', before: [], policy: 'Orphan', after: ['orphan'] },
  { name: 'the foreground is asked for', before: ['a/b'], policy: 'Foreground', after: ['a/b', 'foregroundDeletion'] },
  {
    name: 'the foreground overrules an orphan',
    before: ['orphan', 'a/b'],
    policy: 'Foreground',
    after: ['a/b', 'foregroundDeletion'],
  },
  { name: 'an orphan overrules the foreground', before: ['foregroundDeletion'], policy: 'Orphan', after: ['orphan'] },
  {
    name: 'the background overrules both',
    before: ['orphan', 'a/b', 'foregroundDeletion'],
    policy: 'Background',
    after: ['a/b'],
  },
];

for (const { name, before, policy, after } of cases) {
  test(`a delete and its finalizers: ${name}`, () => {
    assert.deepEqual(finalizersForDelete(before, policy), after);
    const again = finalizersForDelete(after, policy);
    assert.equal(again, after, 'the same policy again changes nothing');
  });
}

test('finalizers that say the same in another order are left as they are', () => {
  const finalizers = ['foregroundDeletion', 'a/b'];
  assert.equal(finalizersForDelete(finalizers, 'Foreground'), finalizers);
});
