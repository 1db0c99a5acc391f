import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { createDependents } from './dependents.js';

suite('dependents', () => {
  test('a change wakes those who depend on what changed, each once, and nobody else', () => {
    const dependents = createDependents();
    dependents.set('a', new Set(['pod shop/web', 'pods with 10.0.0.1']));
    dependents.set('b', new Set(['pods with 10.0.0.1']));
    dependents.set('c', new Set(['node n1']));
    assert.deepEqual([...dependents.on(['pod shop/web', 'pods with 10.0.0.1'])], ['a', 'b']);
    assert.deepEqual([...dependents.on(['node n2'])], []);
    assert.deepEqual([...dependents.on([])], []);
  });

  test('what somebody depended on before is forgotten', () => {
    const dependents = createDependents();
    dependents.set('a', new Set(['node n1']));
    dependents.set('a', new Set(['node n2']));
    assert.deepEqual([...dependents.on(['node n1'])], []);
    assert.deepEqual([...dependents.on(['node n2'])], ['a']);
    dependents.set('a', new Set());
    assert.equal(dependents.size, 0);
    assert.deepEqual([...dependents.on(['node n2'])], []);
  });

  test('later additions to the set that was given change nothing', () => {
    const dependents = createDependents();
    const lookups = new Set(['node n1']);
    dependents.set('a', lookups);
    lookups.add('node n2');
    dependents.remove('a');
    assert.deepEqual([...dependents.on(['node n1', 'node n2'])], []);
  });

  test('answers as a list of everybody would, whatever happened before', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const lookups = fc.uniqueArray(fc.constantFrom<string[]>('1', '2', '3', '4'));
    const step = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), name, lookups }),
      fc.record({ kind: fc.constant('remove' as const), name }),
    );
    fc.assert(
      fc.property(fc.array(step), lookups, (steps, changed) => {
        const dependents = createDependents();
        const everybody = new Map<string, readonly string[]>();
        for (const taken of steps) {
          if (taken.kind === 'set') {
            dependents.set(taken.name, new Set(taken.lookups));
            everybody.set(taken.name, taken.lookups);
          } else {
            dependents.remove(taken.name);
            everybody.delete(taken.name);
          }
        }
        const expected = [...everybody].filter(([, has]) => has.some((lookup) => changed.includes(lookup)));
        assert.deepEqual([...dependents.on(changed)].sort(), expected.map(([who]) => who).sort());
      }),
    );
  });
});
