import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleSchema } from '../../../test/sample-schema.js';
import { compareObjects } from './compare-objects.js';
import { extractFields } from './extract-fields.js';
import { type FieldSet, fieldSetOf, pathsOf } from './field-set.js';
import { fieldElement, showPath } from './path-element.js';
import { shapeOfObject } from './value-shape.js';

const SHAPE = shapeOfObject(sampleSchema);
const shown = (set: FieldSet): readonly string[] => pathsOf(set).map(showPath);

interface Comparing {
  readonly name: string;
  readonly before: object;
  readonly after: object;
  readonly added?: readonly string[];
  readonly modified?: readonly string[];
  readonly removed?: readonly string[];
}

const COMPARISONS: readonly Comparing[] = [
  { name: 'sees nothing between equal objects', before: { spec: { count: 1 } }, after: { spec: { count: 1 } } },
  {
    name: 'sees one value change',
    before: { spec: { count: 1 } },
    after: { spec: { count: 2 } },
    modified: ['.spec.count'],
  },
  {
    name: 'sees a new map with its entries',
    before: { metadata: {} },
    after: { metadata: { labels: { a: '1' } } },
    added: ['.metadata.labels', '.metadata.labels.a'],
  },
  {
    name: 'sees a new entry without its map',
    before: { metadata: { labels: { a: '1' } } },
    after: { metadata: { labels: { a: '1', constructor: '2' } } },
    added: ['.metadata.labels.constructor'],
  },
  {
    name: 'sees a map go',
    before: { metadata: { labels: { a: '1' } } },
    after: { metadata: {} },
    removed: ['.metadata.labels', '.metadata.labels.a'],
  },
  {
    name: 'tells items of a list by their keys, wherever they stand',
    before: { spec: { ports: [{ port: 1, name: 'a' }, { port: 2 }] } },
    after: { spec: { ports: [{ port: 3 }, { port: 1, name: 'b' }] } },
    added: ['.spec.ports[port=3]', '.spec.ports[port=3].port'],
    modified: ['.spec.ports[port=1].name'],
    removed: ['.spec.ports[port=2]', '.spec.ports[port=2].port'],
  },
  {
    name: 'compares items with the same key as a whole',
    before: { spec: { ports: [{ port: 1 }] } },
    after: { spec: { ports: [{ port: 1 }, { port: 1, name: 'b' }] } },
    modified: ['.spec.ports[port=1]'],
  },
  {
    name: 'tells values of a set',
    before: { spec: { words: ['a', 'b'] } },
    after: { spec: { words: ['b', 'c'] } },
    added: ['.spec.words[="c"]'],
    removed: ['.spec.words[="a"]'],
  },
  {
    name: 'takes lists without identities, and messages that are one value, as one',
    before: { spec: { rules: [{ port: 1 }], selector: { matchLabels: { a: '1' } } } },
    after: { spec: { rules: [{ port: 2 }], selector: { matchLabels: { a: '2' } } } },
    modified: ['.spec.rules', '.spec.selector'],
  },
  {
    name: 'fills a list that was null, without being its first owner',
    before: { spec: { ports: null } },
    after: { spec: { ports: [{ port: 1 }] } },
    added: ['.spec.ports[port=1]', '.spec.ports[port=1].port'],
  },
  {
    name: 'tells an empty object from none',
    before: { spec: {} },
    after: { spec: { strategy: {} } },
    added: ['.spec.strategy'],
  },
];

for (const { name, before, after, added = [], modified = [], removed = [] } of COMPARISONS) {
  test(name, () => {
    const comparison = compareObjects(SHAPE, before, after);
    assert.deepEqual(
      { added: shown(comparison.added), modified: shown(comparison.modified), removed: shown(comparison.removed) },
      { added, modified, removed },
    );
  });
}

test('does not look below of what is ignored', () => {
  const ignored = fieldSetOf([['spec', 'count'].map(fieldElement), [fieldElement('status')]]);
  const after = { spec: { count: 2, total: 3 }, status: { phase: 'x' } };
  assert.deepEqual(shown(compareObjects(SHAPE, { spec: { count: 1 } }, after, ignored).added), ['.spec.total']);
  assert.deepEqual(shown(extractFields(SHAPE, after, ignored)), ['.spec.total']);
});

test('who applies owns single values, entries, items, and what is empty or null, but no message around them', () => {
  const applied = {
    metadata: { labels: { a: '1' }, annotations: {} },
    spec: { count: null, ports: [{ port: 1, name: 'a' }], words: ['x'], rules: [{ port: 1 }], extra: { k: ['v'] } },
    status: {},
  };
  assert.deepEqual(shown(extractFields(SHAPE, applied)), [
    '.status',
    '.metadata.annotations',
    '.metadata.labels.a',
    '.spec.count',
    '.spec.rules',
    '.spec.extra.k',
    '.spec.ports[port=1]',
    '.spec.ports[port=1].name',
    '.spec.ports[port=1].port',
    '.spec.words[="x"]',
  ]);
});
