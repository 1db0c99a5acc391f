import { type Json, type JsonSchemaForm, jsonSchemaOf } from '../../kube/json-schema.js';
import type { MessageSchema } from '../../kube/schema.js';
import { type CustomKind, IMMUTABLE, type PathColumn } from './custom-kind.js';

/** A kind of ours as an apiextensions.k8s.io/v1 CustomResourceDefinition: what a cluster needs to serve it as we do. */
export function customResourceDefinitionOf(kind: CustomKind): Json {
  const { group, version, resource, singular, shortNames, categories } = kind;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${resource}.${group}` },
    spec: {
      group,
      names: { kind: kind.kind, listKind: `${kind.kind}List`, plural: resource, singular, shortNames, categories },
      scope: 'Cluster',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: kind.columns.map(printerColumn),
          ...(kind.selectableFields.length === 0
            ? {}
            : { selectableFields: kind.selectableFields.map((field) => ({ jsonPath: `.${field}` })) }),
          schema: { openAPIV3Schema: rootSchema(kind) },
        },
      ],
    },
  };
}

function printerColumn({ name, type, description, priority, path }: PathColumn): Json {
  return { name, type, description, jsonPath: path, ...(priority === 0 ? {} : { priority }) };
}

/** Kind, version and metadata are the API server's; the rest stands in full, without references. */
function rootSchema({ schema, immutableSpec }: CustomKind): Json {
  const { properties, ...rest } = jsonSchemaOf(schema, structural([schema]));
  const { metadata: _metadata, spec, ...more } = properties as Readonly<Record<string, Json>>; // by name, as it writes them
  return {
    ...rest,
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: { ...spec, ...(immutableSpec ? { 'x-kubernetes-validations': [UNCHANGED] } : {}) },
      ...more,
    },
  };
}

const UNCHANGED: Json = { rule: 'self == oldSelf', message: IMMUTABLE };

/** Throws a RangeError for what a structural schema cannot say: messages within themselves, and values of two types. */
function structural(within: readonly MessageSchema[]): JsonSchemaForm {
  return {
    ofMessage: (message) => {
      if (within.includes(message)) throw new RangeError(`No structural schema: ${message.name} holds itself`);
      return jsonSchemaOf(message, structural([...within, message]));
    },
    either: (first, second) => {
      throw new RangeError(`No structural schema: a value is a ${first} or a ${second}`);
    },
  };
}
