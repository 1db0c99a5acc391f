import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleSchema } from '../../../test/sample-schema.js';
import { configurationProblems } from './check-configuration.js';
import { shapeOfObject } from './value-shape.js';

const SHAPE = shapeOfObject(sampleSchema);

const PROBLEMS: readonly { readonly name: string; readonly value: unknown; readonly problems: readonly string[] }[] = [
  { name: 'an unknown field', value: { zzz: 1 }, problems: ['.zzz: field not declared in schema'] },
  {
    name: 'an unknown field within a value that is one',
    value: { spec: { selector: { matchLable: {} } } },
    problems: ['.spec.selector.matchLable: field not declared in schema'],
  },
  {
    name: 'values of other types',
    value: {
      metadata: { labels: { a: 1 } },
      spec: { count: 'x', enabled: 'no', words: 'w', strategy: [], cpu: { a: {} } },
    },
    problems: [
      '.metadata.labels.a: expected string, got &value.valueUnstructured{Value:1}',
      '.spec.count: expected numeric (int or float), got string',
      '.spec.enabled: expected boolean, got &value.valueUnstructured{Value:"no"}',
      '.spec.words: expected list, got &value.valueUnstructured{Value:"w"}',
      '.spec.strategy: expected map, got &value.valueUnstructured{Value:[]}',
      '.spec.cpu.a: expected any scalar, got &value.valueUnstructured{Value:map[]}',
    ],
  },
  {
    name: 'an item without its key',
    value: { spec: { ports: [{ name: 'a' }] } },
    problems: [
      '.spec.ports: element 0: associative list with keys has an element that omits key field "port" (and doesn\'t have default value)',
    ],
  },
  {
    name: 'items twice',
    value: { spec: { ports: [{ port: 1 }, { port: 1 }, { port: 1 }], words: ['a', 'a'] } },
    problems: ['.spec.ports: duplicate entries for key [port=1]', '.spec.words: duplicate entries for key [="a"]'],
  },
  {
    name: 'an unknown field of an item',
    value: { spec: { ports: [{ port: 1, nmae: 'x' }], rules: [{ nmae: 'x' }] } },
    problems: [
      '.spec.ports[port=1].nmae: field not declared in schema',
      '.spec.rules[0].nmae: field not declared in schema',
    ],
  },
  { name: 'no object at all', value: [], problems: ['expected map, got &value.valueUnstructured{Value:[]}'] },
];

for (const { name, value, problems } of PROBLEMS) {
  test(`tells of ${name}`, () => {
    assert.deepEqual(configurationProblems(SHAPE, value), problems);
  });
}

test('takes null everywhere, and values that have more than one form', () => {
  const spec = { count: null, ports: [{ port: 1, targetPort: 'x' }], cpu: { a: 1, b: '1' }, words: null };
  assert.deepEqual(configurationProblems(SHAPE, { metadata: null, spec }), []);
});

test('tells at most a thousand problems', () => {
  const value = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`x${i}`, 1]));
  assert.equal(configurationProblems(SHAPE, value).length, 1000);
});
