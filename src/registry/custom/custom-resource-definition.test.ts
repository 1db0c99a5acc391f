import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../kube/json-schema.js';
import { metadataField } from '../../kube/object-meta-schema.js';
import type { FieldSchema, MessageSchema } from '../../kube/schema.js';
import type { CustomKind } from './custom-kind.js';
import { customResourceDefinitionOf } from './custom-resource-definition.js';
import { OWN_KINDS } from './own-kinds.js';
import { pathColumn } from './path-column.js';

function kindWith(fields: readonly FieldSchema[], more: Partial<CustomKind> = {}): CustomKind {
  const spec: MessageSchema = { name: 'dev.example.v1.ThingSpec', description: 'What it wants.', fields };
  return {
    group: 'example.dev',
    version: 'v1',
    kind: 'Thing',
    resource: 'things',
    singular: 'thing',
    shortNames: ['th'],
    categories: ['all'],
    immutableSpec: false,
    selectableFields: [],
    columns: [],
    schema: {
      name: 'dev.example.v1.Thing',
      description: 'A thing.',
      fields: [metadataField, { name: 'spec', number: 2, type: spec, description: 'Its wish.', required: true }],
    },
    ...more,
  };
}

function versionOf(kind: CustomKind): Json {
  const { spec } = customResourceDefinitionOf(kind) as { readonly spec: { readonly versions: readonly Json[] } };
  return spec.versions[0] ?? {};
}

function schemaOf(kind: CustomKind): Json {
  return (versionOf(kind) as { readonly schema: { readonly openAPIV3Schema: Json } }).schema.openAPIV3Schema;
}

test('says in one schema, without references, what the fields say', () => {
  const text = { number: 1, type: 'string', description: 'Some text.' } as const;
  const fields: readonly FieldSchema[] = [
    { ...text, name: 'mode', enum: ['On', 'Off'], default: 'On', required: true },
    {
      ...text,
      name: 'names',
      repeated: true,
      listType: 'atomic',
      bounds: { maxItems: 2, maxLength: 3, pattern: '^a' },
    },
    { ...text, name: 'extra', map: true, repeated: true, bounds: { maxProperties: 4, maxItems: 5 } },
    { ...text, name: 'count', type: 'int64', bounds: { minimum: 1, maximum: 9 } },
  ];
  assert.deepEqual(schemaOf(kindWith(fields)), {
    description: 'A thing.',
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: {
        description: 'Its wish. What it wants.',
        type: 'object',
        required: ['mode'],
        properties: {
          mode: { description: 'Some text.', type: 'string', enum: ['On', 'Off'], default: 'On' },
          names: {
            description: 'Some text.',
            type: 'array',
            items: { type: 'string', maxLength: 3, pattern: '^a' },
            maxItems: 2,
            'x-kubernetes-list-type': 'atomic',
          },
          extra: {
            description: 'Some text.',
            type: 'object',
            additionalProperties: { type: 'array', items: { type: 'string' }, maxItems: 5 },
            maxProperties: 4,
          },
          count: { description: 'Some text.', type: 'integer', format: 'int64', minimum: 1, maximum: 9 },
        },
      },
    },
  });
});

test('prints, selects and refuses changes as the description says', () => {
  const columns = [pathColumn('Mode', '.spec.mode', 'Its mode.'), pathColumn('More', '.spec.more', 'More.', 1)];
  const kind = kindWith([], { columns, selectableFields: ['spec.mode'], immutableSpec: true });
  const { additionalPrinterColumns, selectableFields, subresources } = versionOf(kind);
  assert.deepEqual(additionalPrinterColumns, [
    { name: 'Mode', type: 'string', description: 'Its mode.', jsonPath: '.spec.mode' },
    { name: 'More', type: 'string', description: 'More.', jsonPath: '.spec.more', priority: 1 },
  ]);
  assert.deepEqual([selectableFields, subresources], [[{ jsonPath: '.spec.mode' }], { status: {} }]);
  const { spec } = schemaOf(kind)['properties'] as Readonly<Record<string, Json>>;
  assert.deepEqual(spec?.['x-kubernetes-validations'], [{ rule: 'self == oldSelf', message: 'field is immutable' }]);
});

test('refuses to say what a structural schema cannot', () => {
  const loop: MessageSchema = {
    name: 'dev.example.v1.Loop',
    description: 'A loop.',
    fields: [{ name: 'again', number: 1, type: () => loop, description: 'The same.' }],
  };
  const wild: FieldSchema = { name: 'x', number: 1, type: 'intOrString', description: 'One of two.' };
  assert.throws(() => customResourceDefinitionOf(kindWith(loop.fields)), /dev\.example\.v1\.Loop holds itself/);
  assert.throws(() => customResourceDefinitionOf(kindWith([wild])), /a value is a integer or a string/);
});

/** What apiextensions.k8s.io/v1 asks of structural schemas, as far as ours can get it wrong. */
function problemsOf(schema: Json, path: string): readonly string[] {
  const { type, properties = {}, items, additionalProperties, required = [], default: fallback } = schema;
  const named = properties as Readonly<Record<string, Json>>;
  const problems: string[] = [];
  if (typeof type !== 'string') problems.push(`${path}: no type`);
  if ((type === 'array') !== (items !== undefined)) problems.push(`${path}: items`);
  if (additionalProperties !== undefined && Object.keys(named).length > 0) {
    problems.push(`${path}: both properties and additionalProperties`);
  }
  for (const name of required as readonly string[]) {
    if (named[name] === undefined) problems.push(`${path}: ${name} is required and unknown`);
    else if (named[name]['default'] !== undefined) problems.push(`${path}: ${name} is required and has a default`);
  }
  const { enum: values } = schema;
  if (fallback !== undefined && Array.isArray(values) && !values.includes(fallback)) problems.push(`${path}: default`);
  for (const [name, inner] of Object.entries(named)) {
    const isOurs = path !== '' || name === 'spec' || name === 'status';
    if (isOurs && typeof inner['description'] !== 'string') problems.push(`${path}.${name}: nothing explains it`);
    problems.push(...problemsOf(inner, `${path}.${name}`));
  }
  if (items !== undefined) problems.push(...problemsOf(items as Json, `${path}[]`));
  if (additionalProperties !== undefined) problems.push(...problemsOf(additionalProperties as Json, `${path}{}`));
  return problems;
}

for (const kind of OWN_KINDS) {
  test(`${kind.kind} has a structural schema, and columns and selectors that lead into it`, () => {
    const schema = schemaOf(kind);
    assert.deepEqual(problemsOf(schema, ''), []);
    for (const { path } of kind.columns.filter((column) => !column.path.startsWith('.metadata.'))) {
      assert.equal(typeAt(schema, path), path === '.spec.signerNames' ? 'array' : 'string', path);
    }
    for (const field of kind.selectableFields) assert.equal(typeAt(schema, `.${field}`), 'string', field);
    assert.ok(kind.selectableFields.length <= 8);
  });
}

/** The type of what a path leads to. */
function typeAt(schema: Json, path: string): unknown {
  let at: Json | undefined = schema;
  for (const step of path
    .replace(/\[[^\]]*\]/g, '.[]')
    .split('.')
    .slice(1)) {
    at = (step === '[]' ? at?.['items'] : (at?.['properties'] as Json | undefined)?.[step]) as Json | undefined;
  }
  return at?.['type'];
}
