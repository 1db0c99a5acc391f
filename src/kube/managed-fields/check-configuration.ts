import { isJsonObject } from '../decode-json.js';
import { goFormat } from '../go-format.js';
import type { ScalarType } from '../schema.js';
import { fieldElement, indexElement, type PathElement, showPath } from './path-element.js';
import { identityOf, type ItemIdentity, type ListShape, shapeBelow, type ValueShape } from './value-shape.js';

/** So many problems are told: no answer outgrows its request. */
const MAX_PROBLEMS = 1000;

/**
 * What is wrong with an applied configuration, as the API server words it: fields that the schema does not have, values
 * of another type, items of lists without their keys or twice. Null is taken everywhere.
 */
export function configurationProblems(shape: ValueShape, configuration: unknown): readonly string[] {
  const check = new Check();
  check.value(shape, configuration, []);
  return check.problems;
}

class Check {
  readonly problems: string[] = [];

  value(shape: ValueShape, value: unknown, path: readonly PathElement[]): void {
    if (value === null || value === undefined || this.problems.length >= MAX_PROBLEMS) return;
    if (shape.kind === 'scalar') {
      const problem = scalarProblem(shape.type, value);
      if (problem !== undefined) this.#add(path, problem);
    } else if (shape.kind === 'list') this.#list(shape, value, path);
    else if (!isJsonObject(value)) this.#add(path, `expected map, got ${shown(value)}`);
    else {
      for (const name of Object.keys(value)) {
        const at = [...path, fieldElement(name)];
        const below = shapeBelow(shape, name);
        if (below === undefined) this.#add(at, 'field not declared in schema');
        else this.value(below, value[name], at);
      }
    }
  }

  #list(shape: ListShape, value: unknown, path: readonly PathElement[]): void {
    if (!Array.isArray(value)) {
      this.#add(path, `expected list, got ${shown(value)}`);
      return;
    }
    const seen = new Set<PathElement>();
    const twice = new Set<PathElement>();
    value.forEach((item: unknown, i) => {
      const identity: ItemIdentity =
        shape.identity === 'atomic' ? { kind: 'element', element: indexElement(i) } : identityOf(shape, item);
      if (identity.kind === 'problem') {
        this.#add(path, `element ${i}: ${identity.text}`);
        return;
      }
      if (seen.has(identity.element)) twice.add(identity.element);
      seen.add(identity.element);
      this.value(shape.item, item, [...path, identity.element]);
    });
    for (const element of twice) this.#add(path, `duplicate entries for key ${showPath([element])}`);
  }

  #add(path: readonly PathElement[], text: string): void {
    if (this.problems.length < MAX_PROBLEMS)
      this.problems.push(path.length === 0 ? text : `${showPath(path)}: ${text}`);
  }
}

function scalarProblem(type: ScalarType, value: unknown): string | undefined {
  switch (type) {
    case 'string':
    case 'bytes':
    case 'time':
    case 'microTime':
      return typeof value === 'string' ? undefined : `expected string, got ${shown(value)}`;
    case 'int32':
    case 'int64':
      return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goKind(value)}`;
    case 'bool':
      return typeof value === 'boolean' ? undefined : `expected boolean, got ${shown(value)}`;
    case 'quantity':
    case 'intOrString':
      return typeof value === 'object' ? `expected any scalar, got ${shown(value)}` : undefined;
    default:
      return undefined;
  }
}

/** A value of unknown type as Go's `%v` prints the one of the merge library. */
function shown(value: unknown): string {
  return `&value.valueUnstructured{Value:${typeof value === 'string' ? JSON.stringify(value) : goFormat(value)}}`;
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : 'string';
}
