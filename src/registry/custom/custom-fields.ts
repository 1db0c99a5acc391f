import type { Bounds, FieldSchema, MessageSchema, ScalarType } from '../../kube/schema.js';

/** What a field is besides its name, number, type and description. */
type Traits = Partial<Omit<FieldSchema, 'name' | 'number' | 'type' | 'description'>>;

/** Fields of kinds of ours: zero always differs from absence, as it does in a custom resource. */
function scalar(type: ScalarType, name: string, number: number, description: string, traits: Traits): FieldSchema {
  return { name, number, type, description, pointer: true, ...traits };
}

/** A text; one that is required is not empty either. */
export function text(name: string, number: number, description: string, traits: Traits = {}): FieldSchema {
  const mayBeEmpty = traits.required !== true || traits.enum !== undefined || traits.bounds?.minLength !== undefined;
  return scalar('string', name, number, description, mayBeEmpty ? traits : withBounds(traits, { minLength: 1 }));
}

/** A list of texts; one that is required has at least one. */
export function texts(name: string, number: number, description: string, traits: Traits = {}): FieldSchema {
  return scalar('string', name, number, description, { ...ofList(traits), repeated: true });
}

function ofList(traits: Traits): Traits {
  const atomic: Traits = { listType: 'atomic', ...traits };
  return traits.required === true ? withBounds(atomic, { minItems: 1 }) : atomic;
}

function withBounds(traits: Traits, bounds: Bounds): Traits {
  return { ...traits, bounds: { ...bounds, ...traits.bounds } };
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
  return { name, number, type, description, pointer: true, ...ofList(traits), repeated: true };
}
