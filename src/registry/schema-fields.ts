import type { FieldSchema, FieldType, MessageSchema } from '../kube/schema.js';

/** What a field is besides its name, number, type and description. */
export type FieldTraits = Partial<Omit<FieldSchema, 'name' | 'number' | 'type' | 'description'>>;

/** One field of a schema, in one line. */
export function field(
  name: string,
  number: number,
  type: FieldType,
  description: string,
  traits: FieldTraits = {},
): FieldSchema {
  return { name, number, type, description, ...traits };
}

/** A message of core/v1. */
export function coreMessage(
  name: string,
  description: string,
  fields: readonly FieldSchema[],
  more: Pick<MessageSchema, 'mapType'> = {},
): MessageSchema {
  return { name: `io.k8s.api.core.v1.${name}`, description, fields, ...more };
}

/** Must be given, and is written even when it is empty. */
export const REQUIRED = { always: true, required: true } as const;

/** Written even when it is empty. */
export const ALWAYS = { always: true } as const;

/** Zero differs from absence. */
export const POINTER = { pointer: true } as const;

/** A list that writers replace as a whole. */
export const ATOMIC = { repeated: true, listType: 'atomic' } as const;

/** A map whose entries are written one by one. */
export const MAP = { map: true } as const;

/** A list whose items writers merge by a key. */
export function mergedBy(key: string, ...moreKeys: readonly string[]): FieldTraits {
  return {
    repeated: true,
    patchStrategy: 'merge',
    patchMergeKey: key,
    listType: 'map',
    listMapKeys: [key, ...moreKeys],
  };
}

/** The same, of items that are one of several alternatives each: a patch says which of their fields stay. */
export function retainedBy(key: string): FieldTraits {
  return { ...mergedBy(key), patchStrategy: 'merge,retainKeys' };
}
