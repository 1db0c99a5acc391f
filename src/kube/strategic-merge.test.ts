import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sampleSchema } from '../../test/sample-schema.js';
import { mergePatch } from './merge-patch.js';
import { StatusError } from './status.js';
import { strategicMerge } from './strategic-merge.js';

function merge(target: object, patch: object): object {
  return strategicMerge(sampleSchema, target, patch);
}

const GENERIC = 'the server rejected our request due to an error in our request';

const refused: readonly {
  readonly what: string;
  readonly target?: object;
  readonly patch: object;
  readonly code: number;
  readonly message: string;
}[] = [
  {
    what: 'a list in place of a patch',
    patch: [],
    code: 400,
    message: 'json: cannot unmarshal array into Go value of type map[string]interface {}',
  },
  {
    what: 'an unknown directive in an object',
    patch: { spec: { $patch: 'bogus', b: [1, { c: null }] } },
    code: 500,
    message: 'unknown patch type: bogus in map: map[$patch:bogus b:[1 map[c:<nil>]]]',
  },
  {
    what: 'an unknown directive in a list',
    patch: { spec: { ports: [{ $patch: 'bogus', port: 1 }] } },
    code: 500,
    message: 'unknown patch type: bogus in map: map[$patch:bogus port:1]',
  },
  {
    what: 'merge as a directive in a list',
    patch: { spec: { ports: [{ $patch: 'merge', port: 1 }] } },
    code: 500,
    message: 'merging lists cannot yet be specified in the patch',
  },
  {
    what: 'an element without its merge key',
    target: { spec: { ports: [{ port: 1 }] } },
    patch: { spec: { ports: [{ name: 'nokey' }] } },
    code: 500,
    message: 'map: map[name:nokey] does not contain declared merge key: port',
  },
  {
    what: 'a deletion without its merge key',
    patch: { spec: { ports: [{ $patch: 'delete' }] } },
    code: 500,
    message: 'map: map[$patch:delete] does not contain declared merge key: port',
  },
  {
    what: 'elements of different types',
    target: { spec: { words: ['a'] } },
    patch: { spec: { words: [1] } },
    code: 500,
    message: 'list element types are not identical: [[a] [1]]',
  },
  { what: 'lists of lists', patch: { spec: { words: [['a']] } }, code: 422, message: GENERIC },
  {
    what: 'a merged list of objects whose schema names no key',
    patch: { spec: { mixed: [{ port: 1 }] } },
    code: 500,
    message: 'cannot merge lists without merge key for type struct',
  },
  {
    what: 'a list of deletions without a field',
    patch: { spec: { $deleteFromPrimitiveList: ['a'] } },
    code: 400,
    message: 'invalid patch format of primitive list',
  },
  {
    what: 'a deletion from a list that is no list',
    target: { spec: { words: ['a'] } },
    patch: { spec: { '$deleteFromPrimitiveList/words': 'a' } },
    code: 400,
    message: 'invalid patch format of primitive list',
  },
  {
    what: 'an order that is no list',
    patch: { spec: { '$setElementOrder/words': 'a' } },
    code: 500,
    message: 'expected a []interface {}, but received a string',
  },
  {
    what: 'an order without a field',
    patch: { spec: { $setElementOrder: [] } },
    code: 400,
    message: 'invalid patch format of setElementOrder list',
  },
  {
    what: 'an order that the patch does not follow',
    target: { spec: { words: ['c'] } },
    patch: { spec: { words: ['a', 'b'], '$setElementOrder/words': ['b', 'a'] } },
    code: 500,
    message: "The order in patch list:\n[a b]\n doesn't match $setElementOrder list:\n[b a]\n",
  },
  {
    what: 'keys to retain that are no list',
    patch: { spec: { strategy: { $retainKeys: 'type' } } },
    code: 400,
    message: 'invalid patch format of retainKeys',
  },
  {
    what: 'a key that is set but not retained',
    patch: { spec: { strategy: { $retainKeys: ['type'], note: 'x' } } },
    code: 400,
    message: 'invalid patch format of retainKeys',
  },
];

for (const { what, target = {}, patch, code, message } of refused) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => merge(target, patch),
      (error) => {
        assert.ok(error instanceof StatusError);
        assert.deepEqual([error.httpCode, error.message], [code, message]);
        return true;
      },
    );
  });
}

const ports = (...list: readonly unknown[]): object => ({ spec: { ports: list } });
const words = (...list: readonly string[]): object => ({ spec: { words: list } });

const merged: readonly {
  readonly what: string;
  readonly target: object;
  readonly patch: object;
  readonly expect: object;
}[] = [
  {
    what: 'merges objects and maps, and deletes by null',
    target: { metadata: { labels: { x: '1', y: '2' } }, spec: { name: 'a', count: 1 } },
    patch: { metadata: { labels: { x: null, z: '3' } }, spec: { count: null, total: 5, nope: null } },
    expect: { metadata: { labels: { y: '2', z: '3' } }, spec: { name: 'a', total: 5 } },
  },
  {
    what: 'replaces a list without a strategy',
    target: { spec: { rules: [{ port: 1 }], usages: ['a'] } },
    patch: { spec: { rules: [{ port: 2 }], usages: ['b'] } },
    expect: { spec: { rules: [{ port: 2 }], usages: ['b'] } },
  },
  {
    what: 'merges a list of objects by its key, and appends what is new',
    target: ports({ port: 1, name: 'a', tags: ['x'] }, { port: 2 }),
    patch: ports({ port: 3 }, { port: 1, name: 'b', tags: ['y'] }),
    // the new one is not on the server, so the patch's order decides
    expect: ports({ port: 3 }, { port: 1, name: 'b', tags: ['y'] }, { port: 2 }),
  },
  {
    what: 'deletes an element by its key',
    target: ports({ port: 1 }, { port: 2 }, { port: 1, name: 'again' }),
    patch: ports({ $patch: 'delete', port: 1 }, { $patch: 'delete', port: 9 }),
    expect: ports({ port: 2 }),
  },
  {
    what: 'replaces a merged list on request',
    target: ports({ port: 1 }, { port: 2 }),
    patch: ports({ port: 3, name: null }, { $patch: 'replace' }),
    expect: ports({ port: 3 }),
  },
  {
    what: 'empties a merged list on request',
    target: ports({ port: 1 }),
    patch: ports({ $patch: 'replace' }),
    expect: ports(),
  },
  {
    what: 'orders elements as asked, and keeps the place of the others',
    target: ports({ port: 80 }, { port: 81 }),
    patch: {
      spec: { ports: [{ port: 90 }], '$setElementOrder/ports': [{ port: 90 }, { port: 80 }] },
    },
    expect: ports({ port: 90 }, { port: 80 }, { port: 81 }),
  },
  {
    what: 'orders without changing anything',
    target: ports({ port: 1 }, { port: 2 }, { port: 3 }),
    patch: { spec: { '$setElementOrder/ports': [{ port: 3 }, { port: 1 }] } },
    expect: ports({ port: 2 }, { port: 3 }, { port: 1 }),
  },
  {
    what: 'merges primitives without repeating them',
    target: words('a', 'b'),
    patch: words('b', 'c'),
    expect: words('a', 'b', 'c'),
  },
  {
    what: 'deletes primitives',
    target: words('a', 'b', 'c'),
    patch: { spec: { '$deleteFromPrimitiveList/words': ['a', 'x'] } },
    expect: words('b', 'c'),
  },
  {
    what: 'adds, deletes and orders primitives in one patch, as kubectl apply sends it',
    target: words('server', 'old', 'kept'),
    patch: {
      spec: {
        '$deleteFromPrimitiveList/words': ['old'],
        '$setElementOrder/words': ['new', 'kept'],
        words: ['new'],
      },
    },
    expect: words('new', 'server', 'kept'),
  },
  {
    what: 'deletes from a list that is not there without making one',
    target: { spec: {} },
    patch: { spec: { '$deleteFromPrimitiveList/words': ['a'] } },
    expect: { spec: {} },
  },
  {
    what: 'replaces a map on request',
    target: { metadata: { labels: { x: '1' } } },
    patch: { metadata: { labels: { $patch: 'replace', z: '9', none: null } } },
    expect: { metadata: { labels: { z: '9' } } },
  },
  {
    what: 'empties a map on request',
    target: { metadata: { labels: { x: '1' } } },
    patch: { metadata: { labels: { $patch: 'delete' } } },
    expect: { metadata: { labels: {} } },
  },
  {
    what: 'follows directives where nothing was before',
    target: {},
    patch: { metadata: { labels: { $patch: 'replace', a: 'b' } }, spec: { ports: [{ port: 1, name: null }] } },
    expect: { metadata: { labels: { a: 'b' } }, spec: { ports: [{ port: 1 }] } },
  },
  {
    what: 'keeps only retained keys where the schema says so',
    target: { spec: { strategy: { type: 'Rolling', rolling: { port: 1 }, note: 'n' } } },
    patch: { spec: { strategy: { $retainKeys: ['type', 'note'], type: 'Recreate', rolling: null } } },
    expect: { spec: { strategy: { type: 'Recreate', note: 'n' } } },
  },
  {
    what: 'takes $retainKeys as data everywhere else',
    target: { metadata: { labels: { a: 'b' } } },
    patch: { metadata: { labels: { $retainKeys: ['a'] } } },
    expect: { metadata: { labels: { a: 'b', $retainKeys: ['a'] } } },
  },
  {
    what: 'replaces a value of another type',
    target: { spec: { ports: 'x', name: { a: 1 } } },
    patch: { spec: { ports: [{ port: 1 }], name: 'n' } },
    expect: { spec: { ports: [{ port: 1 }], name: 'n' } },
  },
  {
    what: 'merges owner references by uid and finalizers as a set',
    target: { metadata: { ownerReferences: [{ uid: 'u', name: 'a' }], finalizers: ['e.x/a'] } },
    patch: { metadata: { ownerReferences: [{ uid: 'u', name: 'b' }, { uid: 'v' }], finalizers: ['e.x/b', 'e.x/a'] } },
    expect: {
      metadata: { ownerReferences: [{ uid: 'u', name: 'b' }, { uid: 'v' }], finalizers: ['e.x/b', 'e.x/a'] },
    },
  },
  {
    what: 'merges free-form JSON as a merge patch would, but for directives',
    target: { spec: { raw: { a: { b: 1 }, l: [1] } } },
    patch: { spec: { raw: { a: { c: 2 }, l: [2] } } },
    expect: { spec: { raw: { a: { b: 1, c: 2 }, l: [2] } } },
  },
];

for (const { what, target, patch, expect } of merged) {
  test(what, () => {
    const before = JSON.stringify([target, patch]);
    assert.deepEqual(merge(target, patch), expect);
    assert.equal(JSON.stringify([target, patch]), before);
  });
}

test('takes __proto__ as a name like any other', () => {
  const patch = JSON.parse('{"metadata":{"labels":{"__proto__":"x"}},"__proto__":{"a":{"b":1}}}') as object;
  const result = merge({ metadata: { labels: {} } }, patch);
  assert.equal(JSON.stringify(result), '{"metadata":{"labels":{"__proto__":"x"}},"__proto__":{"a":{"b":1}}}');
  assert.equal(Object.getPrototypeOf(result), Object.prototype);
});

test('without lists and directives it is a merge patch', () => {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.dictionary(
      fc.constantFrom('metadata', 'labels', 'spec', 'a', '__proto__'),
      fc.oneof({ depthSize: 'small' }, fc.string(), fc.integer(), fc.constant(null), tie('tree')),
    ),
  }));
  fc.assert(
    fc.property(tree, tree, (target, patch) => {
      // letrec answers unknown; both are dictionaries
      assert.deepEqual(merge(target as object, patch as object), mergePatch(target, patch));
    }),
  );
});

test('merging primitives keeps every element once, whatever the order', () => {
  const list = fc.array(fc.constantFrom<string[]>('a', 'b', 'c', 'd', 'e'), { maxLength: 6 });
  fc.assert(
    fc.property(list, list, (target, patch) => {
      const result = merge(words(...new Set(target)), words(...patch)) as { spec: { words: string[] } };
      assert.deepEqual(result.spec.words.toSorted(), [...new Set([...target, ...patch])].sort());
      const inPatch = result.spec.words.filter((w) => patch.includes(w));
      assert.deepEqual(inPatch, [...new Set(patch)]);
    }),
  );
});

test('merges and deletes among a hundred thousand items in little time', { timeout: 20_000 }, () => {
  const items = (first: number): { uid: string }[] =>
    Array.from({ length: 100_000 }, (_, i) => ({ uid: `${first + i}` }));
  const target = { metadata: { ownerReferences: items(0) } };
  const added = merge(target, { metadata: { ownerReferences: items(50_000) } }) as typeof target;
  assert.equal(added.metadata.ownerReferences.length, 150_000);
  const deletions = items(50_000).map((item) => ({ ...item, $patch: 'delete' }));
  const left = merge(target, { metadata: { ownerReferences: deletions } }) as typeof target;
  assert.deepEqual(left.metadata.ownerReferences, items(0).slice(0, 50_000));
});
