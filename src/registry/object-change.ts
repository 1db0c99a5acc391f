import type { KubeObject, WatchEvent } from '../kube/object-meta.js';
import type { Revision, StoreEvent } from '../storage/store.js';
import type { ObjectFilter } from './resource-store.js';
import { atVersion, type StoredObjects } from './stored-objects.js';

/**
 * One write, as watchers see it. Objects and events are made when the first watcher asks, and shared by all: they must
 * not be changed.
 */
export class ObjectChange<T extends KubeObject> {
  readonly key: string;
  readonly revision: Revision;
  readonly #event: StoreEvent;
  readonly #objects: StoredObjects<T>;
  #next: T | undefined;
  #previous: T | undefined;
  #added: WatchEvent<T> | undefined;
  #modified: WatchEvent<T> | undefined;
  #deleted: WatchEvent<T> | undefined;

  constructor(event: StoreEvent, objects: StoredObjects<T>) {
    this.key = event.key;
    this.revision = event.revision;
    this.#event = event;
    this.#objects = objects;
  }

  /**
   * What a watcher with this filter is told; undefined when it is nothing. An object that begins to match is ADDED, one
   * that ends to match is DELETED as it was before, with the revision of the write.
   */
  eventFor(filter: ObjectFilter<T>): WatchEvent<T> | undefined {
    const hadPrevious = this.#event.previous !== undefined;
    if (filter.everything) {
      if (this.#event.kind === 'delete') return this.#asDeleted();
      return hadPrevious ? this.#asModified() : this.#asAdded();
    }
    const wasIn = hadPrevious && filter.matches(this.#previousObject());
    const isIn = this.#event.kind === 'put' && filter.matches(this.#nextObject());
    if (isIn) return wasIn ? this.#asModified() : this.#asAdded();
    return wasIn ? this.#asDeleted() : undefined;
  }

  #asAdded(): WatchEvent<T> {
    this.#added ??= { type: 'ADDED', object: this.#nextObject() };
    return this.#added;
  }

  #asModified(): WatchEvent<T> {
    this.#modified ??= { type: 'MODIFIED', object: this.#nextObject() };
    return this.#modified;
  }

  #asDeleted(): WatchEvent<T> {
    this.#deleted ??= { type: 'DELETED', object: atVersion(this.#previousObject(), this.revision) };
    return this.#deleted;
  }

  #nextObject(): T {
    if (this.#event.kind !== 'put') throw new Error(`Cannot show ${this.key}: it was deleted`);
    if (this.#next === undefined) {
      // remembering the next one forgets the previous one, for which another watcher may ask
      const { previous } = this.#event;
      if (previous !== undefined) this.#previous ??= this.#objects.known(previous)?.object;
      this.#next = this.#objects.of(this.#event).object;
    }
    return this.#next;
  }

  #previousObject(): T {
    const { previous } = this.#event;
    if (previous === undefined) throw new Error(`Cannot show ${this.key} as it was: it is new`);
    this.#previous ??= this.#objects.of(previous, 'many').object;
    return this.#previous;
  }
}
