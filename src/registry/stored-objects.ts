import { Buffer } from 'node:buffer';
import { CountersignError } from '../base/error.js';
import { apiVersionOf, type KubeObject } from '../kube/object-meta.js';
import type { Entry, Revision } from '../storage/store.js';
import { orderedMetadata } from './ordered-metadata.js';
import type { Resource } from './resource.js';

/** What is kept at most, in bytes of stored form. */
export const DEFAULT_CACHE_BYTES: number = 8 * 1024 * 1024;

/** An object as it is stored, decoded once and shared by everybody who reads it. */
export interface StoredObject<T> {
  readonly key: string;
  readonly revision: Revision;
  /** With kind, apiVersion and resourceVersion. */
  readonly object: T;
  /** The same without kind and apiVersion, as lists carry it. */
  readonly item: T;
  /** Whether the store would keep it in another form today: a write that changes nothing is worth it. */
  readonly stale: boolean;
}

/** A value on its way into the store, and the object that it was made from. */
export interface EncodedObject<T> {
  readonly key: string;
  readonly value: Uint8Array;
  /** Without resourceVersion: that is known when it has been written. */
  readonly object: T;
}

/**
 * The objects of one resource between store and memory. Stored is JSON without `metadata.resourceVersion`, which is the
 * revision of the entry. A value is decoded at most once while it is remembered, and never when this process wrote it.
 */
export class StoredObjects<T extends KubeObject> {
  readonly #resource: Resource<T>;
  readonly #apiVersion: string;
  readonly #maxBytes: number;
  /** By key, the least recently used first. */
  readonly #remembered = new Map<string, Remembered<T>>();
  readonly #writing = new Map<string, EncodedObject<T>>();
  #bytes = 0;

  constructor(resource: Resource<T>, maxBytes: number) {
    this.#resource = resource;
    this.#apiVersion = apiVersionOf(resource.group, resource.version);
    this.#maxBytes = maxBytes;
  }

  /** Encodes an object, and remembers it as being written until `written` or `abandoned`. */
  encode(key: string, wanted: T): EncodedObject<T> {
    const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = wanted;
    const head = { kind: this.#resource.kind, apiVersion: this.#apiVersion };
    const unversioned = metadata.resourceVersion === undefined ? metadata : orderedMetadata(metadata, undefined);
    // the same fields as `wanted`, in the order of the API
    const object = { ...head, metadata: unversioned, ...rest } as unknown as T;
    const stored = this.#resource.view === undefined ? object : this.#resource.view.toStored(object);
    const encoded = { key, value: Buffer.from(JSON.stringify(stored)), object };
    this.#writing.set(key, encoded);
    return encoded;
  }

  /** The object with the revision that wrote it. */
  written(encoded: EncodedObject<T>, revision: Revision): StoredObject<T> {
    this.#done(encoded);
    const known = this.#remembered.get(encoded.key);
    if (known !== undefined && known.revision >= revision) {
      return known.revision === revision ? known : stamp(encoded.key, revision, encoded.object);
    }
    return this.#remember(stamp(encoded.key, revision, encoded.object), encoded.value.length, true);
  }

  /** The write did not happen. */
  abandoned(encoded: EncodedObject<T>): void {
    this.#done(encoded);
  }

  /** The object of an entry. What a list reads is only remembered while there is room. */
  of(entry: Entry, reading: 'one' | 'many' = 'one'): StoredObject<T> {
    const { key, revision } = entry;
    const known = this.#remembered.get(key);
    if (known?.revision === revision) {
      if (reading === 'one') this.#touch(known);
      return known;
    }
    const writing = this.#writing.get(key);
    const object =
      writing !== undefined && sameBytes(writing.value, entry.value) ? writing.object : this.#decode(entry);
    const stored = stamp(key, revision, object, entry.stale);
    // an entry of the past must not push out the present
    if (known !== undefined && known.revision > revision) return stored;
    return this.#remember(stored, entry.value.length, reading === 'one');
  }

  /** The object of an entry where it is remembered. */
  known({ key, revision }: Entry): StoredObject<T> | undefined {
    const known = this.#remembered.get(key);
    return known?.revision === revision ? known : undefined;
  }

  /** Forgets an object that is gone. */
  forget(key: string, revision: Revision): void {
    const known = this.#remembered.get(key);
    if (known === undefined || known.revision > revision) return;
    this.#bytes -= known.bytes;
    this.#remembered.delete(key);
  }

  #done(encoded: EncodedObject<T>): void {
    if (this.#writing.get(encoded.key) === encoded) this.#writing.delete(encoded.key);
  }

  #decode(entry: Entry): T {
    const { buffer, byteOffset, byteLength } = entry.value;
    try {
      // this process, or one like it, wrote what `encode` made
      const stored = JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString('utf8')) as KubeObject;
      const { view } = this.#resource;
      return view === undefined ? (stored as T) : view.fromStored(stored);
    } catch (cause) {
      const message = `Cannot read stored object: ${JSON.stringify(entry.key)}: its value is no JSON`;
      throw new CountersignError('STORE_CORRUPT', message, { cause });
    }
  }

  #touch(known: Remembered<T>): void {
    this.#remembered.delete(known.key);
    this.#remembered.set(known.key, known);
  }

  #remember(stored: StoredObject<T>, bytes: number, evicting: boolean): StoredObject<T> {
    const before = this.#remembered.get(stored.key);
    const grown = this.#bytes - (before?.bytes ?? 0) + bytes;
    if (bytes > this.#maxBytes || (!evicting && grown > this.#maxBytes)) return stored;
    const remembered = new Remembered(stored.key, stored.revision, stored.object, bytes, stored.stale);
    this.#remembered.delete(stored.key);
    this.#remembered.set(stored.key, remembered);
    this.#bytes = grown;
    for (const oldest of this.#remembered.values()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#remembered.delete(oldest.key);
      this.#bytes -= oldest.bytes;
    }
    return remembered;
  }
}

class Remembered<T extends KubeObject> implements StoredObject<T> {
  readonly key: string;
  readonly revision: Revision;
  readonly object: T;
  readonly bytes: number;
  readonly stale: boolean;
  #item: T | undefined;

  constructor(key: string, revision: Revision, object: T, bytes: number, stale: boolean) {
    this.key = key;
    this.revision = revision;
    this.object = object;
    this.bytes = bytes;
    this.stale = stale;
  }

  get item(): T {
    this.#item ??= withoutType(this.object);
    return this.#item;
  }
}

/** A store may hand out its own copy of what it was given. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || Buffer.compare(a, b) === 0;
}

function stamp<T extends KubeObject>(key: string, revision: Revision, object: T, stale = false): Remembered<T> {
  return new Remembered(key, revision, atVersion(object, revision), 0, stale);
}

/** The object as of another revision: what a watch says of an object that is gone. */
export function atVersion<T extends KubeObject>(object: T, revision: Revision): T {
  return withVersion(object, String(revision));
}

/** The object with another resourceVersion. */
export function withVersion<T extends KubeObject>(object: T, resourceVersion: string | undefined): T {
  return { ...object, metadata: orderedMetadata(object.metadata, resourceVersion) };
}

/** An object without kind and apiVersion: an item of a list. */
function withoutType<T extends KubeObject>(object: T): T {
  const { kind: _kind, apiVersion: _apiVersion, ...item } = object;
  // kind and apiVersion are optional in every object
  return item as unknown as T;
}
