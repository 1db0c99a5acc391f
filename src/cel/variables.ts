import type { CelInput, CelUint } from '@bufbuild/cel';
import type { CelPackage } from './cel-package.js';
import { VALUE_LIMITS } from './limits.js';

/**
 * A JSON-like value as CEL knows it. Records are converted where an expression looks into them, and only once; what is
 * beyond the limits is refused there. Throws for what is no such value.
 */
export function celValueOf(value: unknown, name: string, cel: CelPackage['cel']): CelInput {
  switch (typeof value) {
    case 'boolean':
    case 'bigint':
      return value;
    case 'number':
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'string':
      return checkedText(value, name);
    case 'object':
      if (value === null) return null;
      if (value instanceof Uint8Array) return checkedText(value, name);
      if (Array.isArray(value)) return listOf(value, name, cel);
      // an object that is neither null nor an array nor bytes: its own fields are looked at, as unknown
      return cel.celMap(new RecordView(value as Readonly<Record<string, unknown>>, name, cel));
    default:
      throw new TypeError(`${name} is a ${typeof value}, which is no value of an expression`);
  }
}

function checkedText<Text extends string | Uint8Array>(text: Text, name: string): Text {
  if (text.length > VALUE_LIMITS.maxText) {
    throw new RangeError(`${name} is ${text.length} long, at most ${VALUE_LIMITS.maxText} are looked at`);
  }
  return text;
}

function listOf(values: readonly unknown[], name: string, cel: CelPackage['cel']): CelInput {
  if (values.length > VALUE_LIMITS.maxElements) {
    throw new RangeError(`${name} has ${values.length} elements, at most ${VALUE_LIMITS.maxElements} are looked at`);
  }
  return cel.celList(values.map((value) => celValueOf(value, `an element of ${name}`, cel)));
}

/** What CEL may ask a map for. Records have strings only. */
type Key = string | bigint | boolean | CelUint;

/** A record as a map that converts its values when they are asked for. Undefined fields are not there. */
class RecordView implements ReadonlyMap<Key, CelInput> {
  readonly #record: Readonly<Record<string, unknown>>;
  readonly #name: string;
  readonly #cel: CelPackage['cel'];
  readonly #converted = new Map<string, CelInput>();
  #keys: readonly string[] | undefined;

  constructor(record: Readonly<Record<string, unknown>>, name: string, cel: CelPackage['cel']) {
    this.#record = record;
    this.#name = name;
    this.#cel = cel;
  }

  get size(): number {
    return this.#known().length;
  }

  get(key: Key): CelInput | undefined {
    if (typeof key !== 'string') return undefined;
    const known = this.#converted.get(key);
    if (known !== undefined) return known;
    // not what every object inherits
    if (!Object.hasOwn(this.#record, key)) return undefined;
    const value = this.#record[key];
    if (value === undefined) return undefined;
    const converted = celValueOf(value, `${this.#name}.${key}`, this.#cel);
    this.#converted.set(key, converted);
    return converted;
  }

  has(key: Key): boolean {
    return this.get(key) !== undefined;
  }

  keys(): MapIterator<string> {
    return this.#known().values();
  }

  *values(): MapIterator<CelInput> {
    for (const [, value] of this.entries()) yield value;
  }

  *entries(): MapIterator<[string, CelInput]> {
    for (const key of this.#known()) {
      const value = this.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  [Symbol.iterator](): MapIterator<[string, CelInput]> {
    return this.entries();
  }

  forEach(callback: (value: CelInput, key: string, map: ReadonlyMap<Key, CelInput>) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this);
  }

  #known(): readonly string[] {
    this.#keys ??= Object.keys(this.#record).filter((key) => this.#record[key] !== undefined);
    return this.#keys;
  }
}
