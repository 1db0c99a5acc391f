import type http2 from 'node:http2';
import { setTimeout } from 'node:timers/promises';
import { anyList, anyObject, FrameSplitter, openEnvelope, statusOf, watchEvent } from './protobuf-objects.js';
import type { SharedConnection } from './shared-connection.js';

/** How a reflector reads. */
export interface ReflectorOptions {
  /** `WatchList` is client-go 1.35 and newer; `list` is what it was before. */
  readonly start?: 'WatchList' | 'list';
  /** Objects whole, or nothing but their metadata. */
  readonly form?: 'whole' | 'metadata';
  readonly timeoutSeconds?: number;
  /** More of a query, such as a field selector, for WatchList and watch. */
  readonly query?: string;
}

const WHOLE = 'application/vnd.kubernetes.protobuf, */*';
const METADATA = (kind: string): string =>
  ['application/vnd.kubernetes.protobuf', 'application/json']
    .map((type) => `${type};as=${kind};g=meta.k8s.io;v=v1`)
    .concat('application/json')
    .join(',');
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

type End = 'ended' | 'broken' | 'expired';

/**
 * The requests of client-go's reflector, one after the other as it sends them, in protobuf: WatchList until the annotated
 * bookmark, the same stream as watch; a watch from the last version when it ends; all anew after 410; where WatchList is
 * refused, list in pages and watch.
 */
export class Reflector implements AsyncDisposable {
  /** Names with their namespaces, and versions. */
  readonly objects: Map<string, string> = new Map();
  /** `ADDED default/a`, in the order of what was learnt; after all was read anew, only what differs. */
  readonly told: string[] = [];
  /** What was asked, in words: `WatchList`, `list`, `watch`. */
  readonly asked: string[] = [];
  /** Kinds of the objects that were read. */
  readonly kinds: Set<string> = new Set();
  bookmarks = 0;
  synced = false;
  refused: string | undefined;
  readonly #connection: SharedConnection;
  readonly #path: string;
  readonly #options: ReflectorOptions;
  #version = '';
  #stream: http2.ClientHttp2Stream | undefined;
  #stopped = false;
  readonly #running: Promise<void>;

  constructor(connection: SharedConnection, path: string, options: ReflectorOptions = {}) {
    this.#connection = connection;
    this.#path = path;
    this.#options = options;
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#stream?.destroy();
    await this.#running;
  }

  async #run(): Promise<void> {
    let start = this.#options.start ?? 'WatchList';
    while (this.#goesOn()) {
      try {
        let end: End;
        if (start === 'WatchList') end = await this.#watch({ initial: true });
        else {
          await this.#list();
          end = await this.#watch({ initial: false });
        }
        while (end === 'ended' && this.#goesOn()) end = await this.#watch({ initial: false });
        if (end === 'expired') this.#version = '';
        else await this.#pause();
        // a broken stream is taken up where it ended
        while (end === 'broken' && this.synced && this.#goesOn()) {
          end = await this.#watch({ initial: false }).catch((): End => 'broken');
          if (end === 'expired') this.#version = '';
          else if (end === 'broken') await this.#pause();
        }
      } catch (error) {
        if (this.refused !== undefined && start === 'WatchList') start = 'list';
        else if (this.refused !== undefined) throw error;
        else await this.#pause();
      }
    }
  }

  #goesOn(): boolean {
    return !this.#stopped;
  }

  async #pause(): Promise<void> {
    if (this.#goesOn()) await setTimeout(50);
  }

  async #list(): Promise<void> {
    this.asked.push('list');
    const found = new Map<string, string>();
    const accept = this.#options.form === 'metadata' ? METADATA('PartialObjectMetadataList') : WHOLE;
    let token = '';
    do {
      const from = token === '' ? '&resourceVersion=0' : `&continue=${encodeURIComponent(token)}`;
      const { status, headers, body } = await this.#connection.ask('GET', `${this.#path}?limit=500${from}`, accept);
      if (status !== 200) throw new Error(`The list was answered ${status}`);
      if (headers['content-type'] !== 'application/vnd.kubernetes.protobuf') throw new Error('The list is no protobuf');
      const { kind, raw } = openEnvelope(body);
      this.kinds.add(kind);
      const { metadata, items } = anyList(raw);
      for (const item of items) found.set(keyOf(item.metadata), item.metadata.resourceVersion);
      token = metadata.continue;
      this.#version = metadata.resourceVersion;
    } while (token !== '');
    this.#replace(found);
  }

  #watch({ initial }: { readonly initial: boolean }): Promise<End> {
    this.asked.push(initial ? 'WatchList' : 'watch');
    const query = new URLSearchParams({
      allowWatchBookmarks: 'true',
      ...(initial && { resourceVersionMatch: 'NotOlderThan', sendInitialEvents: 'true' }),
      ...(this.#version !== '' && { resourceVersion: this.#version }),
      timeoutSeconds: String(this.#options.timeoutSeconds ?? 400),
      watch: 'true',
    });
    const accept = this.#options.form === 'metadata' ? METADATA('PartialObjectMetadata') : WHOLE;
    const { query: more } = this.#options;
    const stream = this.#connection.request({
      ':method': 'GET',
      ':path': `${this.#path}?${query.toString()}${more === undefined ? '' : `&${more}`}`,
      accept,
    });
    this.#stream = stream;
    const found = initial ? new Map<string, string>() : undefined;
    return new Promise((resolve, reject) => {
      const splitter = new FrameSplitter();
      let end: End = 'ended';
      let pending = found;
      stream.on('response', (headers) => {
        const status = Number(headers[':status']);
        if (status === 200) return;
        this.refused = `${status}`;
        reject(new Error(`The watch was answered ${status}`));
      });
      stream.on('data', (chunk: Buffer) => {
        for (const frame of splitter.push(chunk)) {
          const { type, object } = watchEvent(frame);
          if (type === 'ERROR') {
            if (statusOf(object.raw).code === 410) end = 'expired';
            continue;
          }
          pending = this.#take(type, object.kind, object.raw, pending);
        }
      });
      stream.on('error', () => (end = 'broken'));
      stream.on('close', () => resolve(splitter.isTorn || stream.aborted ? 'broken' : end));
    });
  }

  /** One event; the answer is what is still being gathered before the annotated bookmark. */
  #take(
    type: string,
    kind: string,
    raw: Uint8Array,
    pending: Map<string, string> | undefined,
  ): Map<string, string> | undefined {
    const { metadata } = anyObject(raw);
    const { resourceVersion } = metadata;
    this.kinds.add(kind);
    if (type === 'BOOKMARK') {
      this.bookmarks++;
      this.#version = resourceVersion;
      if (metadata.annotations[INITIAL_EVENTS_END] !== 'true' || pending === undefined) return pending;
      this.#replace(pending);
      return undefined;
    }
    const key = keyOf(metadata);
    if (pending !== undefined) {
      if (type === 'DELETED') pending.delete(key);
      else pending.set(key, resourceVersion);
      return pending;
    }
    this.#version = resourceVersion;
    this.told.push(`${type} ${key}`);
    if (type === 'DELETED') this.objects.delete(key);
    else this.objects.set(key, resourceVersion);
    return undefined;
  }

  #replace(found: ReadonlyMap<string, string>): void {
    for (const key of this.objects.keys()) if (!found.has(key)) this.told.push(`DELETED ${key}`);
    for (const [key, version] of found) {
      const known = this.objects.get(key);
      if (known !== version) this.told.push(`${known === undefined ? 'ADDED' : 'MODIFIED'} ${key}`);
    }
    this.objects.clear();
    for (const [key, version] of found) this.objects.set(key, version);
    this.synced = true;
  }
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}
