import { labelSelectorSchema, metadataField } from '../src/kube/object-meta-schema.js';
import type { FieldSchema, MessageSchema } from '../src/kube/schema.js';

type More = Partial<Omit<FieldSchema, 'name' | 'number' | 'type' | 'description'>>;

function field(name: string, number: number, type: FieldSchema['type'], more: More = {}): FieldSchema {
  return { name, number, type, description: `The ${name}.`, ...more };
}

/** An item of a merged list, with a list of its own. */
export const portSchema: MessageSchema = {
  name: 'io.example.api.v1.Port',
  description: 'A port.',
  fields: [
    field('name', 1, 'string'),
    field('port', 2, 'int32', { always: true, required: true }),
    field('targetPort', 3, 'intOrString', { pointer: true }),
    field('tags', 4, 'string', { repeated: true }),
  ],
};

/** A message that replaces what its patch does not keep. */
export const strategySchema: MessageSchema = {
  name: 'io.example.api.v1.Strategy',
  description: 'A strategy.',
  fields: [field('type', 1, 'string'), field('rolling', 2, portSchema, { pointer: true }), field('note', 3, 'string')],
};

/** Fields of every type and kind, numbered out of order. */
export const sampleSpecSchema: MessageSchema = {
  name: 'io.example.api.v1.SampleSpec',
  description: 'What is wanted.',
  fields: [
    field('request', 7, 'bytes', { always: true }),
    field('data', 1, 'bytes', { map: true }),
    field('name', 2, 'string', { always: true }),
    field('mode', 3, 'string', { goType: 'v1.Mode', enum: ['Fast', 'Slow'] }),
    field('holder', 4, 'string', { pointer: true }),
    field('usages', 5, 'string', { repeated: true, goType: 'v1.KeyUsage', listType: 'atomic' }),
    field('extra', 6, 'string', { map: true, repeated: true, goType: 'v1.ExtraValue' }),
    field('count', 8, 'int32'),
    field('seconds', 9, 'int32', { pointer: true }),
    field('total', 10, 'int64'),
    field('enabled', 11, 'bool'),
    field('immutable', 12, 'bool', { pointer: true }),
    field('when', 13, 'time', { pointer: true }),
    field('renewed', 14, 'microTime', { pointer: true }),
    field('cpu', 15, 'quantity', { map: true }),
    field('ports', 16, portSchema, {
      repeated: true,
      patchStrategy: 'merge',
      patchMergeKey: 'port',
      listType: 'map',
      listMapKeys: ['port'],
    }),
    field('rules', 17, portSchema, { repeated: true, always: true }),
    field('words', 18, 'string', { repeated: true, patchStrategy: 'merge', listType: 'set' }),
    field('strategy', 19, strategySchema, { pointer: true, patchStrategy: 'retainKeys' }),
    field('selector', 20, labelSelectorSchema, { pointer: true }),
    field('numbers', 21, 'int64', { repeated: true }),
    field('raw', 22, 'rawExtension'),
    field('weights', 23, 'int32', { map: true }),
    field('mixed', 24, portSchema, { repeated: true, patchStrategy: 'merge' }),
  ],
};

/** What is. */
export const sampleStatusSchema: MessageSchema = {
  name: 'io.example.api.v1.SampleStatus',
  description: 'What is.',
  fields: [
    field('phase', 1, 'string'),
    field('since', 2, 'time', { always: true }),
    field('inner', 3, portSchema, { always: true }),
  ],
};

/** A kind that uses everything a schema can say. */
export const sampleSchema: MessageSchema = {
  name: 'io.example.api.v1.Sample',
  description: 'A sample.',
  fields: [
    metadataField,
    field('spec', 2, sampleSpecSchema, { always: true }),
    field('status', 3, () => sampleStatusSchema),
  ],
};
