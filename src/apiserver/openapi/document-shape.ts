/** How a part of an OpenAPI document is written in protobuf: as a value, or as a message of some form. */
export type Shape =
  | { readonly kind: 'string' | 'boolean' | 'integer' | 'number' }
  /** Whatever stands there, as YAML in a message. */
  | { readonly kind: 'any' }
  /** An object by its keys. Those that begin with `x-` are listed under the number of the extensions. */
  | {
      readonly kind: 'message';
      readonly fields: Readonly<Record<string, MessageField>>;
      readonly extensions?: number;
    }
  /** An object whose keys are names of anything: a list of pairs. */
  | { readonly kind: 'map'; readonly entries: number; readonly value: Shape }
  /** A list: each item under the same number. */
  | { readonly kind: 'list'; readonly item: Shape }
  /** A message that holds nothing but the value itself. */
  | { readonly kind: 'wrapper'; readonly number: number; readonly value: Shape }
  /** One of several, told apart by what stands there. */
  | { readonly kind: 'choice'; readonly choose: (value: unknown) => Shape };

/** The number of a key's field, and what it holds. */
export type MessageField = readonly [number: number, shape: Shape | (() => Shape)];

/** Text. */
export const TEXT: Shape = { kind: 'string' };
/** True or false. */
export const FLAG: Shape = { kind: 'boolean' };
/** A whole number. */
export const WHOLE: Shape = { kind: 'integer' };
/** Any number. */
export const NUMBER: Shape = { kind: 'number' };
/** Whatever stands there. */
export const ANY: Shape = { kind: 'any' };

/** An object by its keys, in the order of their numbers. */
export function message(fields: Readonly<Record<string, MessageField>>, extensions?: number): Shape {
  return { kind: 'message', fields, ...(extensions === undefined ? {} : { extensions }) };
}

/** An object whose keys are names of anything. */
export function map(entries: number, value: Shape): Shape {
  return { kind: 'map', entries, value };
}

/** A list. */
export function list(item: Shape): Shape {
  return { kind: 'list', item };
}

/** A message that holds nothing but the value itself. */
export function wrapper(number: number, value: Shape): Shape {
  return { kind: 'wrapper', number, value };
}
