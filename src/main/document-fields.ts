import { isJsonObject } from '../kube/decode-json.js';
import { invalid, OMITTED, required, type FieldError } from '../kube/field-error.js';

/**
 * The fields of one object of a configuration document, read by name; what is wrong is noted with its path, so that a
 * reader hears of everything at once. An absent field, and null, reads as empty.
 */
export class Fields {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #errors: FieldError[];
  readonly #read = new Set<string>();

  /** `path` is empty for the document itself. */
  constructor(value: unknown, path: string, errors: FieldError[]) {
    this.#path = path;
    this.#errors = errors;
    const isObject = isJsonObject(value);
    if (!isObject && value !== undefined && value !== null) this.#mistyped(path, 'an object');
    this.#value = isObject ? value : {};
  }

  /** The full path of a field. */
  path(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  text(name: string): string {
    const value = this.#get(name);
    if (value === undefined || typeof value === 'string') return value ?? '';
    return this.#mistyped(this.path(name), 'a text');
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === '') this.need(name);
    return value;
  }

  flag(name: string): boolean {
    const value = this.#get(name);
    if (value !== undefined && typeof value !== 'boolean') this.#mistyped(this.path(name), 'true or false');
    return value === true;
  }

  fields(name: string): Fields {
    return new Fields(this.#get(name), this.path(name), this.#errors);
  }

  list(name: string): readonly Fields[] {
    return this.#items(name).map((item, i) => new Fields(item ?? '', `${this.path(name)}[${i}]`, this.#errors));
  }

  texts(name: string): readonly string[] {
    return this.#items(name).map((item, i) => {
      if (typeof item === 'string') return item;
      return this.#mistyped(`${this.path(name)}[${i}]`, 'a text');
    });
  }

  /** Notes that a field's value is wrong. */
  refuse(name: string, value: unknown, detail: string): void {
    this.#errors.push(invalid(this.path(name), value, detail));
  }

  /** The same of a value that need not be shown. */
  refuseUnseen(name: string, detail: string): void {
    this.#errors.push(invalid(this.path(name), OMITTED, detail));
  }

  /** Notes that the fields do not fit together. */
  refuseWhole(detail: string): void {
    this.#errors.push(invalid(this.#path, OMITTED, detail));
  }

  /** Notes that a field is missing. */
  need(name: string, detail = ''): void {
    this.#errors.push(required(this.path(name), detail));
  }

  /** Notes every field that nobody asked for: a misspelt rule is not a rule. */
  end(): void {
    for (const name of Object.keys(this.#value)) {
      if (!this.#read.has(name)) this.#errors.push(invalid(this.path(name), OMITTED, 'there is no such field'));
    }
  }

  #items(name: string): readonly unknown[] {
    const value = this.#get(name);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    this.#mistyped(this.path(name), 'a list');
    return [];
  }

  #get(name: string): unknown {
    this.#read.add(name);
    return Object.hasOwn(this.#value, name) ? (this.#value[name] ?? undefined) : undefined;
  }

  /** Notes a value of another type; it reads as empty. */
  #mistyped(path: string, wanted: string): '' {
    this.#errors.push(invalid(path, OMITTED, `it must be ${wanted}`));
    return '';
  }
}
