import { isJsonObject } from '../kube/decode-json.js';
import { badRequest, failure, StatusError } from '../kube/status.js';
import { setOwn } from '../kube/unset-values.js';

/** RFC 6902 with at most this many operations. */
export const MAX_JSON_PATCH_OPERATIONS = 10_000;

/** What copying may add to a document, in characters of JSON, over all operations. */
const MAX_COPIED_CHARACTERS = 3 * 1024 * 1024;

/** Elements of lists that insertions and removals may shift, over all operations: some tenths of a second. */
const MAX_SHIFTED_ELEMENTS = 200_000_000;

/** One operation whose members have been checked. */
interface Operation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  readonly path: readonly string[];
  readonly from: readonly string[];
  readonly value: unknown;
}

/**
 * Applies an RFC 6902 patch, given as parsed JSON. The target is not changed; the result may share parts of it. Names
 * are own properties only, so `/data/__proto__` is a place like any other. Throws StatusError: 400 for what is no list
 * of operations, 413 for more than 10,000 of them, 422 for one that is unknown, has no place or tests in vain.
 */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  const operations = checkList(patch);
  const document = new PatchedDocument(target);
  for (const operation of operations) document.apply(parseOperation(operation));
  return document.root;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Every element is an object with texts where texts belong; anything else is no patch at all. */
function checkList(patch: unknown): readonly JsonObject[] {
  if (!Array.isArray(patch)) throw undecodable(`${typeOf(patch)} into Go value of type []handlers.jsonPatchOp`);
  if (patch.length > MAX_JSON_PATCH_OPERATIONS) {
    const limit = `The allowed maximum operations in a JSON patch is ${MAX_JSON_PATCH_OPERATIONS}, got ${patch.length}`;
    throw new StatusError(failure(413, 'RequestEntityTooLarge', `Request entity too large: ${limit}`));
  }
  return patch.map((operation: unknown) => {
    if (!isJsonObject(operation)) throw undecodable(`${typeOf(operation)} into Go value of type handlers.jsonPatchOp`);
    for (const name of ['op', 'path', 'from']) {
      const member = operation[name];
      if (member === undefined || member === null || typeof member === 'string') continue;
      throw undecodable(`${typeOf(member)} into Go struct field jsonPatchOp.${name} of type string`);
    }
    return operation;
  });
}

function parseOperation({ op, path, from, value }: JsonObject): Operation {
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      if (value === undefined) throw unprocessable();
      return { op, path: parsePointer(path), from: [], value };
    case 'remove':
      return { op, path: parsePointer(path), from: [], value: undefined };
    case 'move':
    case 'copy':
      return { op, path: parsePointer(path), from: parsePointer(from), value: undefined };
    default:
      throw unprocessable();
  }
}

/** RFC 6901. The whole document is no place that Kubernetes lets a patch name. */
function parsePointer(pointer: unknown): readonly string[] {
  if (typeof pointer !== 'string' || !pointer.startsWith('/') || /~(?![01])/.test(pointer)) throw unprocessable();
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

type Container = Record<string, unknown> | unknown[];

/** A document that copies each object and list before it first changes it. */
class PatchedDocument {
  #root: unknown;
  #copied = 0;
  #shifted = 0;
  readonly #mine = new Set<unknown>();

  constructor(root: unknown) {
    this.#root = root;
  }

  get root(): unknown {
    return this.#root;
  }

  apply(operation: Operation): void {
    switch (operation.op) {
      case 'add': {
        this.#add(operation.path, operation.value);
        return;
      }
      case 'remove': {
        this.#remove(operation.path);
        return;
      }
      case 'replace': {
        this.#replace(operation.path, operation.value);
        return;
      }
      case 'test': {
        this.#test(operation.path, operation.value);
        return;
      }
      case 'move': {
        this.#move(operation.from, operation.path);
        return;
      }
      case 'copy': {
        const value = this.#existing(operation.from);
        this.#copied += JSON.stringify(value).length;
        if (this.#copied > MAX_COPIED_CHARACTERS) throw unprocessable();
        this.#share(value);
        this.#add(operation.path, value);
        return;
      }
    }
  }

  #add(path: readonly string[], value: unknown): void {
    const { container, name } = this.#open(path);
    if (!Array.isArray(container)) {
      setOwn(container, name, value);
      return;
    }
    this.#splice(container, name === '-' ? container.length : indexOf(name, container.length + 1), 0, value);
  }

  #splice(list: unknown[], index: number, removed: number, ...added: readonly unknown[]): void {
    this.#shifted += list.length - index;
    if (this.#shifted > MAX_SHIFTED_ELEMENTS) throw unprocessable();
    list.splice(index, removed, ...added);
  }

  #replace(path: readonly string[], value: unknown): void {
    this.#existing(path);
    const { container, name } = this.#open(path);
    if (Array.isArray(container)) container[indexOf(name, container.length)] = value;
    else setOwn(container, name, value);
  }

  #remove(path: readonly string[]): void {
    this.#existing(path);
    const { container, name } = this.#open(path);
    if (Array.isArray(container)) this.#splice(container, indexOf(name, container.length), 1);
    else Reflect.deleteProperty(container, name);
  }

  #move(from: readonly string[], path: readonly string[]): void {
    const value = this.#existing(from);
    if (from.length < path.length && from.every((token, i) => token === path[i])) throw unprocessable();
    this.#remove(from);
    this.#add(path, value);
  }

  /** A place that is not there equals null, as it does in Kubernetes; one whose container is not there is none. */
  #test(path: readonly string[], value: unknown): void {
    const container = path.slice(0, -1).reduce((at, token) => stepInto(at, token), this.#root);
    if (!isJsonObject(container) && !Array.isArray(container)) throw unprocessable();
    if (!equalJson(stepInto(container, path.at(-1) ?? '') ?? null, value)) throw unprocessable();
  }

  #existing(path: readonly string[]): unknown {
    const value = path.reduce((at, token) => stepInto(at, token), this.#root);
    if (value === undefined) throw unprocessable();
    return value;
  }

  /** The container of a place, with all that hold it, ready to be changed. */
  #open(path: readonly string[]): { readonly container: Container; readonly name: string } {
    let container = this.#own(this.#root, (copy) => (this.#root = copy));
    for (const token of path.slice(0, -1)) {
      const parent = container;
      container = this.#own(stepInto(parent, token), (copy) => {
        if (Array.isArray(parent)) parent[indexOf(token, parent.length)] = copy;
        else setOwn(parent, token, copy);
      });
    }
    return { container, name: path.at(-1) ?? '' };
  }

  /** What stands in two places may be changed in place in neither. Nothing of ours is inside of what is not ours. */
  #share(value: unknown): void {
    if (!this.#mine.delete(value)) return;
    for (const part of Object.values(value as Container)) this.#share(part); // only containers are in `mine`
  }

  #own(value: unknown, put: (copy: Container) => void): Container {
    if (!Array.isArray(value) && !isJsonObject(value)) throw unprocessable();
    // What is in `mine` was made below, and so may be changed.
    if (this.#mine.has(value)) return value as Container;
    const copy: Container = Array.isArray(value) ? [...(value as readonly unknown[])] : { ...value };
    this.#mine.add(copy);
    put(copy);
    return copy;
  }
}

/** What stands at a name or index; undefined where nothing does. */
function stepInto(container: unknown, token: string): unknown {
  if (Array.isArray(container)) return isIndex(token) ? (container as readonly unknown[])[Number(token)] : undefined;
  return isJsonObject(container) && Object.hasOwn(container, token) ? container[token] : undefined;
}

function isIndex(token: string): boolean {
  return /^(?:0|[1-9][0-9]{0,9})$/.test(token);
}

function indexOf(token: string, end: number): number {
  if (!isIndex(token) || Number(token) >= end) throw unprocessable();
  return Number(token);
}

function equalJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => equalJson(item, b[i]));
  if (!isJsonObject(a) || !isJsonObject(b)) return a === b;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equalJson(a[name], b[name]))
  );
}

function typeOf(json: unknown): string {
  if (Array.isArray(json)) return 'array';
  return typeof json === 'boolean' ? 'bool' : json === null ? 'null' : typeof json;
}

function undecodable(detail: string): StatusError {
  return badRequest(`error decoding patch: json: cannot unmarshal ${detail}`);
}

/** What Kubernetes says to every patch that does not apply. */
function unprocessable(): StatusError {
  return new StatusError(failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {}));
}
