import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleSpecSchema } from '../../../test/sample-schema.js';
import { fieldSetOf, pathsOf } from './field-set.js';
import { mergeValues } from './merge-values.js';
import { fieldElement, keyElement, showPath, valueElement } from './path-element.js';
import { removeFields, withNamedFields } from './remove-fields.js';
import { shapeOfObject } from './value-shape.js';

const SHAPE = shapeOfObject(sampleSpecSchema);

interface Merging {
  readonly name: string;
  readonly live: object;
  readonly applied: object;
  readonly merged: object;
}

const ports = (...numbers: readonly number[]) => ({ ports: numbers.map((port) => ({ port })) });

const MERGES: readonly Merging[] = [
  {
    name: 'sets values, and keeps others',
    live: { count: 1, total: 2 },
    applied: { count: 3 },
    merged: { count: 3, total: 2 },
  },
  { name: 'sets null', live: { count: 1 }, applied: { count: null }, merged: { count: null } },
  {
    name: 'merges maps, also under names that JavaScript knows',
    live: { data: { a: 'MQ==' } },
    applied: JSON.parse('{"data":{"__proto__":"Mg==","constructor":"Mw=="}}') as object,
    merged: JSON.parse('{"data":{"a":"MQ==","__proto__":"Mg==","constructor":"Mw=="}}') as object,
  },
  {
    name: 'replaces lists without identities, and messages that are one value',
    live: { rules: [{ port: 1 }], selector: { matchLabels: { a: '1' } } },
    applied: { rules: [{ port: 2 }], selector: { matchLabels: { b: '1' } } },
    merged: { rules: [{ port: 2 }], selector: { matchLabels: { b: '1' } } },
  },
  {
    name: 'merges items with the same key',
    live: { ports: [{ port: 1, name: 'a' }] },
    applied: { ports: [{ port: 1, targetPort: 5 }] },
    merged: { ports: [{ port: 1, name: 'a', targetPort: 5 }] },
  },
  { name: 'puts new items behind those of others', live: ports(1, 2), applied: ports(3), merged: ports(1, 2, 3) },
  {
    name: 'gives shared items the order of the configuration',
    live: ports(1, 2, 3),
    applied: ports(3, 1),
    merged: ports(2, 3, 1),
  },
  {
    name: 'keeps others where they were between shared ones',
    live: ports(1, 9, 2),
    applied: ports(1, 2),
    merged: ports(1, 9, 2),
  },
  {
    name: 'puts new items in front of the shared one that they stand before',
    live: ports(9, 1),
    applied: ports(5, 1),
    merged: ports(9, 5, 1),
  },
  {
    name: 'keeps each value of a set once',
    live: { words: ['a', 'b'] },
    applied: { words: ['b', 'c'] },
    merged: { words: ['a', 'b', 'c'] },
  },
  { name: 'keeps a list that is applied as null', live: ports(1), applied: { ports: null }, merged: ports(1) },
];

for (const { name, live, applied, merged } of MERGES) {
  test(name, () => {
    assert.deepEqual(mergeValues(SHAPE, live, applied), merged);
  });
}

test('removes values, entries and items with all that is below, and containers that become empty', () => {
  const value = {
    count: 1,
    total: 2,
    ports: [{ port: 1, name: 'a' }, { port: 2 }],
    words: ['a'],
    cpu: { a: '1', b: '2' },
    strategy: { note: 'x' },
  };
  const set = fieldSetOf([
    [fieldElement('count')],
    [fieldElement('ports'), keyElement({ port: 2 })],
    [fieldElement('ports'), keyElement({ port: 1 }), fieldElement('name')],
    [fieldElement('words'), valueElement('a')],
    [fieldElement('cpu'), fieldElement('a')],
    [fieldElement('strategy'), fieldElement('note')],
    [fieldElement('nowhere')],
  ]);
  assert.deepEqual(removeFields(SHAPE, value, set), { total: 2, ports: [{ port: 1 }], cpu: { b: '2' } });
  assert.deepEqual(removeFields(SHAPE, { count: 1 }, fieldSetOf([[fieldElement('count')]])), undefined);
});

test('who owns something in a field of a message holds the field, but not the entry of a map', () => {
  const set = fieldSetOf([['strategy', 'rolling', 'port'].map(fieldElement), ['cpu', 'a'].map(fieldElement)]);
  assert.deepEqual(pathsOf(withNamedFields(SHAPE, set)).map(showPath), [
    '.cpu',
    '.strategy',
    '.cpu.a',
    '.strategy.rolling',
    '.strategy.rolling.port',
  ]);
});
