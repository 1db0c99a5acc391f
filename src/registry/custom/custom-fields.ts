import type { FieldSchema, MessageSchema, ScalarType } from '../../kube/schema.js';

/** What a field is besides its name, number, type and description. */
type Traits = Partial<Omit<FieldSchema, 'name' | 'number' | 'type' | 'description'>>;

/** Longest text where nothing else is said: long enough for every name. */
const MAX_TEXT = 1024;

/**
 * Fields of kinds of ours. Zero always differs from absence, as it does in a custom resource, and every text and list
 * has a bound.
 */
function scalar(type: ScalarType, name: string, number: number, description: string, traits: Traits): FieldSchema {
  return { name, number, type, description, pointer: true, ...traits };
}

/** A text; one that is required is not empty either. */
export function text(name: string, number: number, description: string, traits: Traits = {}): FieldSchema {
  const least = traits.required === true && traits.enum === undefined ? { minLength: 1 } : {};
  const longest = traits.enum === undefined ? { maxLength: MAX_TEXT } : {};
  const bounds = { ...least, ...longest, ...traits.bounds };
  return scalar('string', name, number, description, {
    ...traits,
    ...(Object.keys(bounds).length === 0 ? {} : { bounds }),
  });
}

/** A list of texts, none of them empty; one that is required has at least one. */
export function texts(name: string, number: number, description: string, traits: Traits = {}): FieldSchema {
  const { enum: values, required, bounds } = traits;
  return text(name, number, description, {
    ...traits,
    repeated: true,
    listType: 'atomic',
    bounds: {
      ...(required === true ? { minItems: 1 } : {}),
      maxItems: 256,
      ...(values === undefined ? { minLength: 1 } : {}),
      ...bounds,
    },
  });
}

/** A time of RFC 3339, kept as it is written: signatures are made over it. */
export function time(name: string, number: number, description: string, traits: Traits = {}): FieldSchema {
  return scalar('string', name, number, description, { ...traits, bounds: { format: 'date-time' } });
}

/** A whole number from `minimum` on. */
export function count(
  name: string,
  number: number,
  minimum: number,
  description: string,
  traits: Traits & { readonly type?: 'int64' } = {},
): FieldSchema {
  const { type = 'int32', ...rest } = traits;
  return scalar(type, name, number, description, { ...rest, bounds: { minimum, ...traits.bounds } });
}

/** Yes or no. */
export function flag(name: string, number: number, description: string, traits: Traits = {}): FieldSchema {
  return scalar('bool', name, number, description, traits);
}

/** A message within. */
export function message(
  name: string,
  number: number,
  type: MessageSchema,
  description: string,
  traits: Traits = {},
): FieldSchema {
  return { name, number, type, description, pointer: true, ...traits };
}

/** A list of messages. */
export function messages(
  name: string,
  number: number,
  type: MessageSchema,
  description: string,
  traits: Traits = {},
): FieldSchema {
  const bounds = { ...(traits.required === true ? { minItems: 1 } : {}), maxItems: 256, ...traits.bounds };
  return { name, number, type, description, repeated: true, listType: 'atomic', ...traits, bounds };
}
