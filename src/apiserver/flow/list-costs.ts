import type { RequestInfo } from '../routing/request-info.js';

/** Bytes of an answer that make a seat. */
const BYTES_PER_SEAT = 32 * 1024;
/** Objects that a list of unknown size may have, in seats. */
const UNKNOWN_SEATS = 40;
/** A watch that begins with what there is: it comes in pages, at the pace of its client. */
const INITIAL_EVENTS_SEATS = 4;
/** How fast a large answer is forgotten when smaller ones follow. */
const FORGETTING = 0.9;

/**
 * How many seats a read takes. Lists are judged by the size of the last ones like them: of the resource, in one
 * namespace or in all, with or without selector, and of about that limit. Clients cannot make up more kinds than that.
 */
export class ListCosts {
  readonly #bytes = new Map<string, number>();

  /** Seats for a request that is about to begin. */
  seatsOf(info: RequestInfo): number {
    if (info.kind !== 'resource') return 1;
    if (info.verb === 'watch') return hasInitialEvents(info) ? INITIAL_EVENTS_SEATS : 1;
    if (info.verb !== 'list') return 1;
    const bytes = this.#bytes.get(kindOf(info));
    return bytes === undefined ? UNKNOWN_SEATS : Math.max(1, Math.ceil(bytes / BYTES_PER_SEAT));
  }

  /** What a request came to. */
  learn(info: RequestInfo, bytes: number): void {
    if (info.kind !== 'resource' || info.verb !== 'list') return;
    const kind = kindOf(info);
    this.#bytes.set(kind, Math.max(bytes, (this.#bytes.get(kind) ?? 0) * FORGETTING));
  }
}

function hasInitialEvents({ query }: RequestInfo): boolean {
  const version = query.get('resourceVersion');
  return version === '' || version === '0' || query.flag('sendInitialEvents') === true;
}

function kindOf({ group, version, resource, namespace, query }: Extract<RequestInfo, { kind: 'resource' }>): string {
  const selects = query.has('labelSelector') || query.has('fieldSelector');
  const limit = Number(query.get('limit'));
  const size = limit >= 1 && query.get('resourceVersion') !== '0' ? Math.min(20, Math.ceil(Math.log2(limit))) : '';
  return `${group}/${version}/${resource} ${namespace === '' ? 'all' : 'one'} ${selects} ${size}`;
}
