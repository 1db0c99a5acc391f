import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { difference, equalSets, fieldSetOf, intersection, isEmptySet, pathsOf, union } from './field-set.js';
import { formatFieldsV1, parseFieldsV1 } from './fields-v1.js';
import { fieldElement, indexElement, keyElement, showPath, valueElement } from './path-element.js';

const REFUSED: readonly { readonly name: string; readonly json: unknown }[] = [
  { name: 'a text', json: 'f:a' },
  { name: 'a list', json: [] },
  { name: 'null', json: null },
  { name: 'an element that is no object', json: { 'f:a': true } },
  { name: 'an element without a type', json: { a: {} } },
  { name: 'an empty element', json: { '': {} } },
  { name: 'a key that is no JSON', json: { 'k:{': {} } },
  { name: 'a key that is no object', json: { 'k:1': {} } },
  { name: 'a value that is no JSON', json: { 'v:a': {} } },
  { name: 'a place that is no number', json: { 'i:x': {} } },
  { name: 'a malformed element far below', json: { 'f:a': { 'f:b': { 'v:': {} } } } },
];

for (const { name, json } of REFUSED) {
  test(`refuses ${name}`, () => {
    assert.equal(parseFieldsV1(json), undefined);
  });
}

const ROUND_TRIPS: readonly { readonly name: string; readonly json: object; readonly paths: readonly string[] }[] = [
  { name: 'nothing', json: {}, paths: [] },
  { name: 'a leaf', json: { 'f:data': { 'f:a': {} } }, paths: ['.data.a'] },
  {
    name: 'a map and its entries',
    json: { 'f:data': { '.': {}, 'f:a': {} } },
    paths: ['.data', '.data.a'],
  },
  {
    name: 'items of lists',
    json: {
      'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {} } },
      'f:words': { 'v:"x"': {} },
      'f:z': { 'i:0': {} },
    },
    paths: ['.ports[port=80,protocol="TCP"]', '.ports[port=80,protocol="TCP"].name', '.words[="x"]', '.z[0]'],
  },
];

for (const { name, json, paths } of ROUND_TRIPS) {
  test(`reads and writes ${name}`, () => {
    const set = parseFieldsV1(json);
    assert.ok(set !== undefined);
    assert.deepEqual(pathsOf(set).map(showPath), paths);
    assert.deepEqual(formatFieldsV1(set), json);
  });
}

test('keys in another order, and with spaces, are the same', () => {
  const set = parseFieldsV1({ 'k:{ "b": 1, "a": "x" }': {}, 'v: 1': {} });
  assert.ok(set !== undefined);
  assert.deepEqual(Object.keys(formatFieldsV1(set)), ['k:{"a":"x","b":1}', 'v:1']);
});

test('elements of types that nobody knows are left out', () => {
  const set = parseFieldsV1({ 'x:later': { 'f:a': {} }, 'f:b': { 'x:later': {} } });
  assert.ok(set !== undefined && isEmptySet(set));
});

const elements = fc.oneof(
  fc.constantFrom('a', 'b', '', '__proto__', '.').map(fieldElement),
  fc.constantFrom(1, 2).map((port) => keyElement({ port })),
  fc.constantFrom('x', 1, true).map(valueElement),
  fc.constantFrom(0, 1).map(indexElement),
);
const paths = fc.array(fc.array(elements, { minLength: 1, maxLength: 4 }), { maxLength: 8 });
const texts = (set: Parameters<typeof pathsOf>[0]): ReadonlySet<string> =>
  new Set(pathsOf(set).map((path) => JSON.stringify(path)));

test('a written set is read as the same set', () => {
  fc.assert(
    fc.property(paths, (some) => {
      const set = fieldSetOf(some);
      const read = parseFieldsV1(JSON.parse(JSON.stringify(formatFieldsV1(set))));
      assert.ok(read !== undefined && equalSets(read, set));
    }),
  );
});

test('unions, intersections and differences are those of the paths', () => {
  fc.assert(
    fc.property(paths, paths, (some, others) => {
      const a = fieldSetOf(some);
      const b = fieldSetOf(others);
      const inA = texts(a);
      const inB = texts(b);
      assert.deepEqual(texts(union(a, b)), new Set([...texts(union(a, b))].filter((p) => inA.has(p) || inB.has(p))));
      assert.equal(texts(union(a, b)).size, new Set([...inA, ...inB]).size);
      assert.deepEqual([...texts(intersection(a, b))].sort(), [...inA].filter((p) => inB.has(p)).sort());
      assert.deepEqual([...texts(difference(a, b))].sort(), [...inA].filter((p) => !inB.has(p)).sort());
      assert.ok(isEmptySet(difference(a, a)) && equalSets(union(a, a), a) && equalSets(intersection(a, a), a));
    }),
  );
});
