import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CONFIG_MAPS, NODES } from '../../client/resources.js';
import type { GraphObject, Phase } from './graph-object.js';
import { OwnerGraph } from './owner-graph.js';

/** `a>b!c`: a is owned by b, which it blocks, and by c. */
function object(text: string, phase: Phase = 'here'): GraphObject {
  const [uid = '', ...owners] = text.split('>');
  const named = owners.map((owner) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: owner.replace('!', ''),
    uid: owner.replace('!', ''),
    blocks: owner.endsWith('!'),
  }));
  return { uid, type: CONFIG_MAPS, namespace: 'n', name: uid, owners: named, phase };
}

function graphOf(...objects: readonly GraphObject[]): OwnerGraph {
  const graph = new OwnerGraph();
  for (const one of objects) graph.set(one);
  return graph;
}

suite('graph of owners', () => {
  test('knows nothing of a uid that nobody named', () => {
    const graph = graphOf();
    graph.remove('x');
    assert.deepEqual([graph.size, graph.dependentsOf('x').size, graph.blockersOf('x')], [0, 0, 0]);
  });

  test('knows what an owner owns, also one that it never saw', () => {
    const graph = graphOf(object('a>o!'), object('b>o'), object('c>p'));
    assert.deepEqual([...graph.dependentsOf('o')], ['a', 'b']);
    assert.equal(graph.blockersOf('o'), 1);
  });

  test('follows changed owners', () => {
    const graph = graphOf(object('a>o!'));
    graph.set(object('a>o'));
    assert.equal(graph.blockersOf('o'), 0);
    graph.set(object('a>p!'));
    assert.deepEqual([...graph.dependentsOf('o')], []);
    assert.equal(graph.blockersOf('p'), 1);
    graph.remove('a');
    assert.deepEqual([graph.size, graph.dependentsOf('p').size, graph.blockersOf('p')], [0, 0, 0]);
  });

  test('counts an owner that is named twice once, as blocked where one of the two does', () => {
    for (const text of ['a>o!>o', 'a>o>o!', 'a>o!>o!']) {
      const graph = graphOf(object(text));
      assert.equal(graph.blockersOf('o'), 1, text);
      graph.remove('a');
      assert.equal(graph.blockersOf('o'), 0, text);
    }
  });

  test('what lives elsewhere than its owner blocks it no more than it can be owned', () => {
    const elsewhere = { ...object('a>o!'), namespace: 'other' };
    const nowhere = { ...object('b>o!'), type: NODES, namespace: '' };
    const graph = graphOf(object('o', 'emptying'), elsewhere, nowhere);
    assert.equal(graph.blockersOf('o'), 0);
    graph.set(object('c>o!'));
    assert.equal(graph.blockersOf('o'), 1);
    graph.remove('a');
    graph.remove('c');
    assert.equal(graph.blockersOf('o'), 0);
  });

  test('an owner without a namespace is blocked from every namespace', () => {
    const owner = { ...object('o', 'emptying'), type: NODES, namespace: '' };
    const graph = graphOf(owner, object('a>o!'), { ...object('b>o!'), namespace: 'other' });
    assert.equal(graph.blockersOf('o'), 2);
  });

  test('nothing blocks itself', () => {
    const graph = graphOf(object('a>a!', 'emptying'));
    assert.equal(graph.blockersOf('a'), 0);
    assert.equal(graph.waitsForItself('a'), false);
  });
});

suite('an object waits for itself', () => {
  const cases: readonly { readonly name: string; readonly objects: readonly GraphObject[]; readonly waits: boolean }[] =
    [
      { name: 'not without owners', objects: [object('a', 'emptying')], waits: false },
      {
        name: 'not in a chain',
        objects: [object('a>b!', 'emptying'), object('b>c!', 'emptying'), object('c', 'emptying')],
        waits: false,
      },
      {
        name: 'not in a ring of which one is not emptied yet',
        objects: [object('a>b!', 'emptying'), object('b>a!')],
        waits: false,
      },
      {
        name: 'not in a ring of which one does not block',
        objects: [object('a>b!', 'emptying'), object('b>a', 'emptying')],
        waits: false,
      },
      {
        name: 'not when it only hangs on a ring',
        objects: [object('a>b!', 'emptying'), object('b>c!', 'emptying'), object('c>b!', 'emptying')],
        waits: false,
      },
      {
        name: 'not in a ring by way of another namespace',
        objects: [object('a>b!', 'emptying'), { ...object('b>a!', 'emptying'), namespace: 'other' }],
        waits: false,
      },
      {
        name: 'in a ring of three that are emptied',
        objects: [object('a>b!', 'emptying'), object('b>x!>c!', 'emptying'), object('c>a!', 'emptying')],
        waits: true,
      },
    ];
  for (const { name, objects, waits } of cases) {
    test(name, () => {
      assert.equal(graphOf(...objects).waitsForItself('a'), waits);
    });
  }
});

test('ten thousand dependents of one owner come and go in no time', () => {
  const graph = graphOf(object('o', 'emptying'));
  const names = Array.from({ length: 10_000 }, (_, i) => `d${i}`);
  for (const name of names) graph.set(object(`${name}>o!`));
  assert.equal(graph.blockersOf('o'), 10_000);
  for (const name of names) graph.set(object(`${name}>o!`, 'leaving'));
  for (const name of names) {
    graph.remove(name);
    graph.blockersOf('o');
  }
  assert.deepEqual([graph.size, graph.blockersOf('o')], [1, 0]);
});
