import { hasCode } from '../base/error.js';
import type { KubeObject } from '../kube/object-meta.js';
import { badRequest, expired, failure, StatusError } from '../kube/status.js';
import type { Entry, Revision } from '../storage/store.js';
import { type ContinueToken, encodeContinueToken, LATEST, parseContinueToken } from './continue-token.js';
import { isStorable, type ObjectScope, scopeOf } from './object-scope.js';
import type { WatchSources } from './object-watcher.js';
import { parseResourceVersion } from './parse-resource-version.js';
import { reachedRevision } from './reached-revision.js';
import type { ListQuery, ObjectList } from './resource-store.js';

/** What a list needs of its resource. */
export type ListSources<T extends KubeObject> = Omit<WatchSources<T>, 'feed'>;

/** Entries read from the store at once where a list has no limit, or must look for what its selectors match. */
const CHUNK = 500;

/** What a list is to show. */
interface Snapshot {
  /** The newest where undefined. */
  readonly revision?: Revision;
  /** 0 = everything. */
  readonly limit: number;
  readonly token?: ContinueToken;
}

/** Lists objects as `ResourceStore.list` promises it: one snapshot, in the order of keys, in pages where asked. */
export async function listObjects<T extends KubeObject>(
  sources: ListSources<T>,
  query: ListQuery<T>,
): Promise<ObjectList<T>> {
  const snapshot = await snapshotOf(sources, query);
  const scope = scopeOf(sources.resource, query);
  try {
    return scope.single ? await listOne(sources, scope, snapshot) : await listMany(sources, scope, snapshot);
  } catch (error) {
    if (!hasCode(error, 'STORE_COMPACTED')) throw error;
    throw snapshot.token === undefined ? expired(TOO_OLD) : expiredToken(snapshot.token);
  }
}

const TOO_OLD = 'The resourceVersion for the provided list is too old.';

const TOKEN_TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.';

/** 410 with a token that goes on from there in what is newest. */
function expiredToken({ after }: ContinueToken): StatusError {
  const status = failure(410, 'Expired', TOKEN_TOO_OLD);
  return new StatusError({
    ...status,
    metadata: { continue: encodeContinueToken({ revision: LATEST, after }) },
  });
}

async function snapshotOf<T extends KubeObject>(sources: ListSources<T>, query: ListQuery<T>): Promise<Snapshot> {
  const { resourceVersion, resourceVersionMatch, limit = 0 } = query;
  if (query.continue !== undefined) {
    const token = parseContinueToken(query.continue);
    if (resourceVersion !== '' && resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    if (token.revision === LATEST) return { limit, token };
    await reachedRevision(sources.store, sources.clock, token.revision);
    return { revision: token.revision, limit, token };
  }
  const version = parseResourceVersion(resourceVersion);
  if (version.kind === 'invalid') {
    const shown = JSON.stringify(resourceVersion);
    throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${shown}: ${version.detail}`);
  }
  const { revision } = version;
  // version 0 is what a cache has at hand, all of it
  if (revision === 0) return { limit: resourceVersion === '' ? limit : 0 };
  await reachedRevision(sources.store, sources.clock, revision);
  const exact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0);
  return exact ? { revision, limit } : { limit };
}

async function listOne<T extends KubeObject>(
  { store, objects, resource }: ListSources<T>,
  { keys, filter }: ObjectScope<T>,
  { revision, token }: Snapshot,
): Promise<ObjectList<T>> {
  const page = await store.list(isStorable(keys) ? keys : resource.keyPrefix, {
    limit: 1,
    ...(revision === undefined ? {} : { revision }),
  });
  const entry = page.entries[0];
  const items: T[] = [];
  if (entry?.key === keys && token === undefined) {
    const { item } = objects.of(entry);
    if (filter.everything || filter.matches(item)) items.push(item);
  }
  return { metadata: { resourceVersion: String(page.revision) }, items };
}

async function listMany<T extends KubeObject>(
  { store, objects, pause }: ListSources<T>,
  { keys, filter }: ObjectScope<T>,
  { revision, limit, token }: Snapshot,
): Promise<ObjectList<T>> {
  const items: T[] = [];
  const known = token?.revision === LATEST ? undefined : token?.remaining;
  const countable = limit > 0 && filter.everything;
  let shown = revision;
  let after = token === undefined ? undefined : keys + token.after;
  for (;;) {
    const page = await store.list(keys, {
      limit: countable ? limit : CHUNK,
      ...(after === undefined ? {} : { after }),
      ...(shown === undefined ? {} : { revision: shown }),
      ...(countable && known === undefined ? { count: true } : {}),
    });
    shown = page.revision;
    const read = addMatching(page.entries, items, limit);
    const more = page.more || read < page.entries.length;
    after = page.entries[read - 1]?.key ?? after;
    if (!more) return { metadata: { resourceVersion: String(shown) }, items };
    if (limit > 0 && items.length >= limit) {
      const remaining = countable ? (page.remaining ?? Math.max(1, (known ?? 0) - items.length)) : undefined;
      return { metadata: pageMetadata(shown, (after ?? keys).slice(keys.length), remaining), items };
    }
    await pause?.();
  }

  /** Adds what matches until the page is full; the answer is how many entries have been looked at. */
  function addMatching(entries: readonly Entry[], into: T[], most: number): number {
    let read = 0;
    for (const entry of entries) {
      if (most > 0 && into.length >= most) break;
      read++;
      const { item } = objects.of(entry, 'many');
      if (filter.everything || filter.matches(item)) into.push(item);
    }
    return read;
  }
}

function pageMetadata(revision: Revision, after: string, remaining: number | undefined): ObjectList<never>['metadata'] {
  const counted = remaining === undefined ? {} : { remaining };
  return {
    resourceVersion: String(revision),
    continue: encodeContinueToken({ revision, after, ...counted }),
    ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
  };
}
