import type { DiscoveredResource } from '../../client/discovery.js';
import type { Client } from '../../client/client.js';
import type { CacheChange } from '../../client/indexed-cache.js';
import type { OwnerReference } from '../../kube/object-meta.js';
import { AbsentOwners } from './absent-owners.js';
import type { JudgedOwner, OwnerState, Seen } from './decide.js';
import { phaseOf, uidOf, type GraphObject, type Kept, type Owner } from './graph-object.js';
import { OwnerGraph } from './owner-graph.js';
import { readMetadata } from './read-metadata.js';
import type { MonitorListener, ResourceMonitors } from './resource-monitors.js';
import { groupKind } from './served-kinds.js';

/** What the collector looks at. */
export interface CollectorSources {
  readonly client: Client;
  readonly monitors: () => Pick<ResourceMonitors, 'typeOf' | 'at' | 'missing'>;
  /** An object names an owner that is in another namespace. */
  readonly reportNamespace: (object: GraphObject, owner: Owner) => void;
}

/**
 * The graph of owners, kept up by what the monitors tell. It says which objects to look at (by uid), and what is known
 * of one. Nothing is concluded from memory alone but that an owner is there: everything else the server is asked for.
 */
export class Collector implements MonitorListener {
  /** Told of each object to look at. */
  enqueue: (uid: string) => void = () => undefined;
  readonly #sources: CollectorSources;
  readonly #graph = new OwnerGraph();
  readonly #absent = new AbsentOwners();
  /** Where namespaced objects are (`namespace/name` by uid), for owners that are looked for in the wrong place. */
  readonly #places = new Map<string, string>();

  constructor(sources: CollectorSources) {
    this.#sources = sources;
  }

  onChange({ key, current, previous }: CacheChange<Kept>, type: DiscoveredResource): void {
    if (current === previous) return;
    const other = previous !== undefined && (current === undefined || uidOf(current) !== uidOf(previous));
    if (other) this.#onGone(uidOf(previous));
    if (current !== undefined) this.#onSeen(current, other ? undefined : previous, key, type);
  }

  onLostSight(objects: Iterable<Kept>): void {
    for (const kept of objects) this.#forget(uidOf(kept));
  }

  onKinds(): void {
    for (const object of this.#graph.objects()) this.#enqueueUnsure(object);
  }

  /** What is known of an object, read anew where it matters. */
  async observe(uid: string, signal: AbortSignal): Promise<Seen> {
    const object = this.#graph.get(uid);
    if (object === undefined) return { kind: 'left alone' };
    switch (object.phase) {
      case 'leaving':
        return { kind: 'left alone' };
      case 'orphaning':
      case 'emptying':
        return this.#observeOwner(object);
      case 'here':
        return this.#observeOwned(object, signal);
    }
  }

  #onSeen(kept: Kept, previous: Kept | undefined, key: string, type: DiscoveredResource): void {
    const uid = uidOf(kept);
    if (type.namespaced && previous === undefined) this.#places.set(uid, key);
    const before = this.#graph.get(uid);
    if (typeof kept === 'string') this.#graph.remove(uid);
    else this.#graph.set(kept);
    // an owner that it no longer blocks may have waited for this
    for (const owner of before?.owners ?? []) this.#enqueueEmptied(owner.uid);
    if (typeof kept === 'string') return;
    if (kept.phase !== before?.phase && (kept.phase === 'orphaning' || kept.phase === 'emptying')) {
      this.enqueue(uid);
      if (kept.phase === 'emptying') for (const dependent of this.#graph.dependentsOf(uid)) this.enqueue(dependent);
    }
    this.#enqueueUnsure(kept);
  }

  #onGone(uid: string): void {
    const owners = this.#forget(uid);
    for (const dependent of this.#graph.dependentsOf(uid)) this.enqueue(dependent);
    for (const owner of owners) this.#enqueueEmptied(owner.uid);
  }

  /** The owners that it had. */
  #forget(uid: string): readonly Owner[] {
    const owners = this.#graph.get(uid)?.owners ?? [];
    this.#graph.remove(uid);
    this.#places.delete(uid);
    return owners;
  }

  #enqueueEmptied(uid: string): void {
    if (this.#graph.get(uid)?.phase === 'emptying' && this.#graph.blockersOf(uid) === 0) this.enqueue(uid);
  }

  #enqueueUnsure(object: GraphObject): void {
    if (object.phase !== 'here') return;
    if (object.owners.some((owner) => this.#fromMemory(owner, object) !== 'solid')) this.enqueue(object.uid);
  }

  #observeOwner(object: GraphObject): Seen {
    const because = this.#sources.monitors().missing;
    if (because !== undefined) return { kind: 'unknown', because };
    const dependents = [...this.#graph.dependentsOf(object.uid)].filter((uid) => uid !== object.uid);
    if (object.phase === 'orphaning') {
      return { kind: 'orphaning', object, dependents: dependents.flatMap((uid) => this.#graph.get(uid) ?? []) };
    }
    const blockers = this.#graph.blockersOf(object.uid);
    const waitsForItself = blockers > 0 && this.#graph.waitsForItself(object.uid);
    return { kind: 'emptying', object, blockers, waitsForItself };
  }

  async #observeOwned(object: GraphObject, signal: AbortSignal): Promise<Seen> {
    const states = object.owners.map((owner) => {
      const place = this.#places.get(owner.uid);
      if (place?.startsWith(`${object.namespace}/`) === false) this.#sources.reportNamespace(object, owner);
      return this.#fromMemory(owner, object);
    });
    const sure = states.every((state) => state === 'solid') || states.includes('unresolvable');
    if (sure) return { kind: 'left alone' };
    const { type, namespace, name, uid } = object;
    const live = await readMetadata(this.#sources.client, type, namespace, name, signal);
    if (live?.metadata.uid !== uid || phaseOf(live.metadata) !== 'here') return { kind: 'left alone' };
    const owners: JudgedOwner[] = [];
    for (const reference of live.metadata.ownerReferences ?? []) {
      owners.push({ reference, state: await this.#judge(reference, object, signal) });
    }
    return { kind: 'owned', object, live, owners, ownsSomething: this.#graph.dependentsOf(uid).size > 0 };
  }

  /** What is known of an owner without asking; undefined: too little. */
  #fromMemory(owner: Pick<Owner, 'apiVersion' | 'kind' | 'name' | 'uid'>, object: GraphObject): OwnerState | undefined {
    const monitors = this.#sources.monitors();
    const type = monitors.typeOf(owner.apiVersion, owner.kind);
    if (type === undefined || (type.namespaced && object.namespace === '')) return 'unresolvable';
    const kept = monitors.at(type, type.namespaced ? object.namespace : '', owner.name);
    if (kept === undefined || uidOf(kept) !== owner.uid) return undefined;
    return typeof kept !== 'string' && kept.phase === 'emptying' ? undefined : 'solid';
  }

  /** Asks the server where memory does not say that the owner is there. */
  async #judge(reference: OwnerReference, object: GraphObject, signal: AbortSignal): Promise<OwnerState> {
    const known = this.#fromMemory(reference, object);
    const type = this.#sources.monitors().typeOf(reference.apiVersion, reference.kind);
    if (known !== undefined || type === undefined) return known ?? 'unresolvable';
    const namespace = type.namespaced ? object.namespace : '';
    const who = JSON.stringify([groupKind(type), namespace, reference.name, reference.uid]);
    if (this.#absent.has(who)) return 'absent';
    const live = await readMetadata(this.#sources.client, type, namespace, reference.name, signal);
    if (live?.metadata.uid !== reference.uid) {
      this.#absent.add(who);
      return 'absent';
    }
    return phaseOf(live.metadata) === 'emptying' ? 'waiting' : 'solid';
  }
}
