import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText, invalidObject } from './field-error.js';
import { dnsSubdomainProblems } from './names.js';
import type { ObjectMeta } from './object-meta.js';
import {
  validateFieldManager,
  validateLabelSelector,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './validate-object-meta.js';

const NAMESPACED = { namespaced: true, nameProblems: dnsSubdomainProblems };
const CLUSTER = { namespaced: false, nameProblems: dnsSubdomainProblems };
const OWNER = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' };

interface Refusal {
  readonly what: string;
  readonly meta: ObjectMeta;
  readonly rules?: typeof NAMESPACED;
  readonly expect: readonly (string | RegExp)[];
}

const refused: readonly Refusal[] = [
  { what: 'no name', meta: {}, expect: ['metadata.name: Required value: name or generateName is required'] },
  {
    what: 'a bad name and the prefix it came from',
    meta: { generateName: 'A', name: 'Abcde' },
    expect: [/^metadata\.generateName: Invalid value: "A": a lowercase/, /^metadata\.name: Invalid value: "Abcde": /],
  },
  { what: 'no namespace', meta: { name: 'a' }, rules: NAMESPACED, expect: ['metadata.namespace: Required value'] },
  {
    what: 'a bad namespace',
    meta: { name: 'a', namespace: 'b.c' },
    rules: NAMESPACED,
    expect: ['metadata.namespace: Invalid value: "b.c": must not contain dots'],
  },
  {
    what: 'a namespace where there is none',
    meta: { name: 'a', namespace: 'b' },
    expect: ['metadata.namespace: Forbidden: not allowed on this type'],
  },
  {
    what: 'a negative generation',
    meta: { name: 'a', generation: -1 },
    expect: ['metadata.generation: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    what: 'a bad label key and a bad label value, both on the map',
    meta: { name: 'a', labels: { 'bad key!': 'x', k: 'bad value!' } },
    expect: [
      /^metadata\.labels: Invalid value: "bad key!": name part must consist/,
      /^metadata\.labels: Invalid value: "bad value!": a valid label must be/,
    ],
  },
  {
    what: 'a bad annotation key',
    meta: { name: 'a', annotations: { 'bad key!': 'x' } },
    expect: [/^metadata\.annotations: Invalid value: "bad key!": name part/],
  },
  {
    what: 'one byte too many of annotations',
    meta: { name: 'a', annotations: { k: 'é'.repeat(131_072) } },
    expect: ['metadata.annotations: Too long: may not be more than 262144 bytes'],
  },
  {
    what: 'an owner without anything',
    meta: { name: 'a', ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] },
    expect: [
      'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
      'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
      'metadata.ownerReferences.name: Invalid value: "": must not be empty',
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    ],
  },
  {
    what: 'two controllers',
    meta: {
      name: 'a',
      ownerReferences: [
        { ...OWNER, controller: true },
        { ...OWNER, uid: 'v', name: 'q', controller: true },
      ],
    },
    expect: [/Only one reference can have Controller set to true\. Found "true" in references for Pod\/p and Pod\/q$/],
  },
  {
    what: 'an Event as owner',
    meta: { name: 'a', ownerReferences: [{ ...OWNER, kind: 'Event' }] },
    expect: [/^metadata\.ownerReferences: Invalid value: .*: \/v1, Kind=Event is disallowed from being an owner$/],
  },
  {
    what: 'a finalizer that is no name',
    meta: { name: 'a', finalizers: ['noslash!'] },
    expect: [
      /^metadata\.finalizers: Invalid value: "noslash!": name part must consist/,
      'metadata.finalizers[0]: Invalid value: "noslash!": name is neither a standard finalizer name nor is it fully qualified',
    ],
  },
  {
    what: 'both ways of deleting dependents',
    meta: { name: 'a', finalizers: ['orphan', 'foregroundDeletion'] },
    expect: [/: finalizer orphan and foregroundDeletion cannot be both set$/],
  },
  {
    what: 'managed fields of an unknown operation, type and manager',
    meta: { name: 'a', managedFields: [{ operation: 'Guess', fieldsType: 'V2', manager: 'a\n' }] },
    expect: [
      'metadata.managedFields[0].operation: Invalid value: "Guess": must be `Apply` or `Update`',
      'metadata.managedFields[0].fieldsType: Invalid value: "V2": must be `FieldsV1`',
      'metadata.managedFields[0].manager: Invalid value: "a\\n": invalid character U+000A (at position 1)',
    ],
  },
];

for (const { what, meta, rules = CLUSTER, expect } of refused) {
  test(`refuses ${what}`, () => {
    const texts = validateObjectMeta(meta, rules).map(fieldErrorText);
    assert.equal(texts.length, expect.length, texts.join('\n'));
    texts.forEach((text, i) => {
      const wanted = expect[i];
      if (typeof wanted === 'string') assert.equal(text, wanted);
      else assert.match(text, wanted ?? /nothing/);
    });
  });
}

test('accepts full metadata', () => {
  const meta: ObjectMeta = {
    name: 'a',
    namespace: 'b',
    generateName: 'a-',
    labels: { 'example.com/x': '', y: 'Z' },
    annotations: { 'Example.COM/X': 'anything\n' },
    ownerReferences: [
      { ...OWNER, controller: true },
      { ...OWNER, apiVersion: 'apps/v1' },
    ],
    finalizers: ['kubernetes', 'example.com/x'],
    managedFields: [{ operation: 'Apply', manager: 'kubectl', fieldsType: 'FieldsV1' }],
  };
  assert.deepEqual(validateObjectMeta(meta, NAMESPACED), []);
  assert.deepEqual(validateObjectMetaUpdate(meta, meta), []);
});

test('an update changes no identity and no time', () => {
  const before = { name: 'a', namespace: 'n', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' };
  const after = { name: 'b', namespace: 'm', uid: 'v' };
  assert.deepEqual(validateObjectMetaUpdate(after, before).map(fieldErrorText), [
    'metadata.name: Invalid value: "b": field is immutable',
    'metadata.namespace: Invalid value: "m": field is immutable',
    'metadata.uid: Invalid value: "v": field is immutable',
    'metadata.creationTimestamp: Invalid value: null: field is immutable',
  ]);
});

test('an object that is being deleted gets no new finalizer, but may lose one', () => {
  const before = { name: 'a', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['example.com/x'] };
  const errors = validateObjectMetaUpdate(
    { ...before, finalizers: ['example.com/x', 'example.com/z', 'example.com/y'] },
    before,
  );
  assert.deepEqual(errors.map(fieldErrorText), [
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/y", "example.com/z"}',
  ]);
  assert.deepEqual(validateObjectMetaUpdate({ ...before, finalizers: [] }, before), []);
});

test('refuses label selectors of unknown operators, and values where none belong', () => {
  const errors = validateLabelSelector(
    {
      matchLabels: { 'a b': 'c' },
      matchExpressions: [
        { key: 'a', operator: 'In' },
        { key: 'a', operator: 'Exists', values: ['x'] },
        { key: '', operator: 'Near' },
      ],
    },
    'spec.selector',
  ).map(fieldErrorText);
  assert.equal(errors.length, 6);
  assert.match(errors[0] ?? '', /^spec\.selector\.matchLabels: Invalid value: "a b"/);
  assert.equal(
    errors[1],
    "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
  );
  assert.match(errors[2] ?? '', /^spec\.selector\.matchExpressions\[1\]\.values: Forbidden: may not be specified/);
  assert.equal(
    errors[3],
    'spec.selector.matchExpressions[2].operator: Invalid value: "Near": not a valid selector operator',
  );
});

test('refuses a field manager of more than 128 bytes', () => {
  assert.deepEqual(validateFieldManager('a'.repeat(129), 'fieldManager').map(fieldErrorText), [
    'fieldManager: Too long: may not be more than 128 bytes',
  ]);
  assert.deepEqual(validateFieldManager('Mozilla 5.0 (é)', 'fieldManager'), []);
});

test('tells a few of many controllers, and a thousand of many errors, so that no answer outgrows its request', () => {
  const ownerReferences = Array.from({ length: 50_000 }, (_, i) => ({ ...OWNER, uid: `${i}`, controller: true }));
  const rules = { namespaced: false, nameProblems: () => [] };
  assert.equal(validateObjectMeta({ name: 'a', ownerReferences }, rules).length, 4);
  const labels = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`-${i}`, 'v']));
  const refusal = invalidObject('', 'X', 'a', validateObjectMeta({ name: 'a', labels }, rules));
  assert.equal(refusal.status.details?.causes?.length, 1000);
});

test('compares the finalizers of an object that is being deleted in little time', { timeout: 20_000 }, () => {
  const finalizers = Array.from({ length: 200_000 }, (_, i) => `a/${i}`);
  const previous = { name: 'a', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers };
  assert.deepEqual(validateObjectMetaUpdate({ ...previous, finalizers: finalizers.toReversed() }, previous), []);
});
