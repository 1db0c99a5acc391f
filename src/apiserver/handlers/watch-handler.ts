import type { ApiResponse, SourceStream } from '../../kube/exchange.js';
import type { WatchEvent } from '../../kube/object-meta.js';
import { failure, StatusError } from '../../kube/status.js';
import type { ObjectWatch } from '../../registry/resource-store.js';
import { parseWatchQuery, type WatchOptions } from '../bodies/list-options.js';
import { negotiate, type Representation } from '../negotiation/negotiate.js';
import { parseIncludeObject } from '../negotiation/table.js';
import { PROTOBUF } from '../protobuf/envelope.js';
import { headersOf } from '../responses/respond.js';
import type { ResourceRequest } from '../routing/request-info.js';
import type { ServedRequest } from '../served-request.js';
import type { ServedResource } from '../served-resource.js';
import type { ServerParts } from '../server-parts.js';
import { EVENTS, framingFor } from '../streams/event-framing.js';
import { type Framing, WatchStream } from '../streams/watch-stream.js';

/** A last bookmark goes out this long before the server ends a watch, so that its client resumes where it was. */
const LAST_BOOKMARK_MS = 2000;
const MIN_WATCH_SECONDS = 1800;
/** What a timer can wait; beyond it platforms wrap around to no wait at all. */
const LONGEST_MS = 2 ** 31 - 1;

/** GET of a collection with `watch`: a stream of events. */
export async function watchObjects(
  parts: ServerParts,
  served: ServedRequest<ResourceRequest>,
  target: ServedResource,
): Promise<ApiResponse> {
  const form = negotiate(served.accept, { shape: 'watch', table: true, partialMetadata: true });
  const options = parseWatchQuery(served.info, target.resource);
  if (served.inProcess) {
    const stream = await startWatch(parts, served, target, options, EVENTS);
    return { status: 200, headers: headersOf(served, 'application/json'), body: { kind: 'events', stream } };
  }
  if (parts.watches.isFull(served.user.username)) throw tooManyWatches();
  const includeObject = parseIncludeObject(served.info.query.get('includeObject'));
  const framing = framingFor(form, target.resource, includeObject, parts.clock, parts.encoded);
  const stream = await startWatch(parts, served, target, options, framing);
  return { status: 200, headers: headersOf(served, streamType(form)), body: { kind: 'stream', stream } };
}

function streamType(form: Representation): string {
  return form.encoding === 'protobuf' ? `${PROTOBUF};stream=watch` : 'application/json';
}

function tooManyWatches(): StatusError {
  const message = 'too many watches are open on this server, please try again later';
  return new StatusError(failure(429, 'TooManyRequests', message, { retryAfterSeconds: 5 }));
}

async function startWatch<Out extends Uint8Array | WatchEvent>(
  parts: ServerParts,
  served: ServedRequest<ResourceRequest>,
  { resource, store }: ServedResource,
  { query, timeoutSeconds }: WatchOptions,
  framing: Framing<Out>,
): Promise<SourceStream<Out>> {
  const cleanups: (() => void)[] = [];
  const limits = { maxEvents: parts.limits.watchBufferEvents, maxBytes: parts.limits.watchBufferBytes };
  const stream = new WatchStream<Out>(framing, limits, (cutOff) => {
    for (const cleanup of cleanups) cleanup();
    served.audit?.streamEnded();
    if (!cutOff) return;
    parts.metrics.watchCutOff();
    parts.logger.warn('Cut off slow watch', { resource: resource.resource, user: served.user.username });
  });
  cleanups.push(parts.watches.add(stream, served.inProcess ? undefined : served.user.username));
  let watch: ObjectWatch;
  try {
    watch = await store.watch(query, stream.receive);
  } catch (error) {
    stream.stop();
    throw error;
  }
  if (stream.over) {
    watch.stop();
    return stream;
  }
  stream.goLive();
  cleanups.push(() => {
    watch.stop();
  });
  const lifetimeMs = timeoutSeconds > 0 ? Math.min(timeoutSeconds * 1000, LONGEST_MS) : randomLifetimeMs(parts);
  cleanups.push(parts.clock.schedule(lifetimeMs, () => stream.end()));
  if (query.allowBookmarks) cleanups.push(scheduleBookmarks(parts, watch, stream.receive, lifetimeMs));
  return stream;
}

/** Between half an hour and an hour, so that the watches of a restart do not all end together. */
function randomLifetimeMs(parts: ServerParts): number {
  const [high = 0, low = 0] = parts.random(2);
  return (MIN_WATCH_SECONDS + (MIN_WATCH_SECONDS * (high * 256 + low)) / 65_536) * 1000;
}

/** A bookmark every interval, and one just before the end. The answer stops them. */
function scheduleBookmarks(
  parts: ServerParts,
  watch: ObjectWatch,
  receive: (events: readonly WatchEvent[]) => Promise<void> | undefined,
  lifetimeMs: number,
): () => void {
  const interval = parts.limits.bookmarkIntervalMs;
  const end = parts.clock.now() + lifetimeMs;
  let cancel = (): void => undefined;
  const next = (): void => {
    const left = end - parts.clock.now() - LAST_BOOKMARK_MS;
    if (left <= 0) return;
    cancel = parts.clock.schedule(Math.min(interval, left), () => {
      const bookmark = watch.bookmark();
      if (bookmark !== undefined) void receive([bookmark]);
      next();
    });
  };
  next();
  return () => cancel();
}
