import type { Random } from '../../base/bytes.js';
import { delay, type Clock } from '../../base/clock.js';
import { messageOf } from '../../base/error.js';
import type { Logger } from '../../base/logger.js';
import type { Client } from '../../client/client.js';
import { discoverResources, type DiscoveredResource } from '../../client/discovery.js';
import type { CacheChange } from '../../client/indexed-cache.js';
import { createInformer, type Informer } from '../../client/informer.js';
import type { Followed } from '../runtime/controller.js';
import { reportTroubles } from '../runtime/run-controllers.js';
import { keeperOf, type Kept } from './graph-object.js';
import { groupKind, kindName, NO_KINDS, servedKinds, type ServedKinds } from './served-kinds.js';

/** What the monitors are made with. */
export interface ResourceMonitorsOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly listener: MonitorListener;
}

/** Who is told of changes. */
export interface MonitorListener {
  /** An object of this resource was seen, changed, or went. */
  onChange(change: CacheChange<Kept>, type: DiscoveredResource): void;
  /** A resource is no longer served: its objects are out of sight, and nobody knows whether they are gone. */
  onLostSight(objects: Iterable<Kept>): void;
  /** Other kinds are served than before. */
  onKinds(): void;
}

interface Monitor {
  readonly type: DiscoveredResource;
  readonly informer: Informer<Kept>;
  readonly end: AbortController;
  readonly ended: Promise<void>;
  synced: boolean;
}

/** The server is asked what it serves this often, as kube-controller-manager does. */
const DISCOVER_MS = 30_000;
/** Work begins after this time even where a resource cannot be read. */
const LONGEST_SYNC_MS = 30_000;
const RETRY_MS = 2000;

/** Follows the metadata of everything that the server serves and that can be deleted, as it comes and goes. */
export class ResourceMonitors implements Followed {
  readonly resource = 'what the server serves';
  readonly synced: Promise<void>;
  readonly #options: ResourceMonitorsOptions;
  readonly #monitors = new Map<string, Monitor>();
  readonly #byKind = new Map<string, Monitor>();
  #kinds: ServedKinds = NO_KINDS;
  #failed: readonly string[] = ['everything'];
  #markSynced: () => void = () => undefined;
  #running: Promise<void> | undefined;

  constructor(options: ResourceMonitorsOptions) {
    this.#options = options;
    this.synced = new Promise((resolve) => {
      this.#markSynced = resolve;
    });
  }

  /** What is served and not known yet: whoever must know all that an object owns has to wait. Undefined: nothing. */
  get missing(): string | undefined {
    if (this.#failed.length > 0) return `the server does not tell of ${this.#failed.join(', ')}`;
    const unread = [...this.#monitors.values()].filter(({ synced }) => !synced).map(({ type }) => type.resource);
    return unread.length === 0 ? undefined : `not read yet: ${unread.join(', ')}`;
  }

  /** The resource that a reference means; undefined where the server serves no such kind. */
  typeOf(apiVersion: string, kind: string): DiscoveredResource | undefined {
    return this.#kinds.readable.get(kindName(apiVersion, kind));
  }

  /** What was last seen under this name, in whatever version. */
  at(type: DiscoveredResource, namespace: string, name: string): Kept | undefined {
    return this.#byKind.get(groupKind(type))?.informer.get(namespace === '' ? name : `${namespace}/${name}`);
  }

  /** Each resource is reported by itself. */
  onState(): () => void {
    return () => undefined;
  }

  run(signal: AbortSignal): Promise<void> {
    this.#running ??= this.#follow(signal);
    return this.#running;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let first: Promise<void> | undefined;
    while (!signal.aborted) {
      if (await this.#discover(signal)) first ??= this.#awaitFirst(signal);
      await delay(clock, first === undefined ? RETRY_MS : DISCOVER_MS, signal);
    }
    const monitors = [...this.#monitors.values()];
    for (const { end } of monitors) end.abort();
    await Promise.all(monitors.map(({ ended }) => ended));
  }

  /** Whether the server could be asked. */
  async #discover(signal: AbortSignal): Promise<boolean> {
    const { client, logger, listener } = this.#options;
    try {
      const discovery = await discoverResources(client, { signal });
      const before = this.#kinds;
      this.#kinds = servedKinds(discovery, before);
      if (discovery.failed.length > 0)
        logger.warn('Not all that is served is told', { failed: discovery.failed.join() });
      this.#failed = discovery.failed;
      for (const [name, type] of this.#kinds.followed) if (!this.#monitors.has(name)) this.#start(name, type);
      for (const name of [...this.#monitors.keys()]) if (!this.#kinds.followed.has(name)) await this.#stop(name);
      const names = (kinds: ServedKinds): string => [...kinds.readable.keys()].sort().join();
      if (names(this.#kinds) !== names(before)) listener.onKinds();
      return true;
    } catch (error) {
      if (!signal.aborted) logger.warn('Cannot ask what is served', { error: messageOf(error) });
      return false;
    }
  }

  #start(name: string, type: DiscoveredResource): void {
    const { client, clock, random, logger, listener } = this.#options;
    const informer = createInformer(client, type, { clock, random, metadataOnly: true, keep: keeperOf(type) });
    informer.onChange((change) => listener.onChange(change, type));
    reportTroubles(informer, logger);
    const end = new AbortController();
    const monitor: Monitor = { type, informer, end, ended: informer.run(end.signal), synced: false };
    void informer.synced.then(() => {
      monitor.synced = true;
    });
    this.#monitors.set(name, monitor);
    if (!this.#byKind.has(groupKind(type))) this.#byKind.set(groupKind(type), monitor);
  }

  async #stop(name: string): Promise<void> {
    const monitor = this.#monitors.get(name);
    if (monitor === undefined) return;
    this.#monitors.delete(name);
    if (this.#byKind.get(groupKind(monitor.type)) === monitor) this.#byKind.delete(groupKind(monitor.type));
    monitor.end.abort();
    await monitor.ended;
    this.#options.listener.onLostSight(monitor.informer.values());
  }

  /** Resolves `synced` once everything that is served now has been read, or has had its time. */
  async #awaitFirst(signal: AbortSignal): Promise<void> {
    const informers = [...this.#monitors.values()].map(({ informer }) => informer.synced);
    const enough = new AbortController();
    await Promise.race([Promise.all(informers), delay(this.#options.clock, LONGEST_SYNC_MS, enough.signal)]);
    enough.abort();
    if (!signal.aborted) this.#markSynced();
  }
}
