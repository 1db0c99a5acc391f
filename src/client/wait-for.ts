import { delay, type Clock } from '../base/clock.js';
import { hasCode } from '../base/error.js';
import type { KubeObject } from '../kube/object-meta.js';
import { aborted, hasHttpCode, isExpired, isVersionTooLarge } from './api-failure.js';
import type { NamespacedOptions } from './call-options.js';
import type { Client } from './client.js';
import type { ResourceType } from './resource-type.js';

/** Options of a wait. */
export interface WaitOptions extends NamespacedOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

/**
 * Follows one object until `done` answers something else than undefined; that is the result. `done` gets undefined
 * while the object does not exist. Outlasts lost connections, restarts and throttling of the server; any other refusal
 * is thrown. Ends with ABORTED when `signal` aborts.
 */
export async function waitFor<T extends KubeObject, Result>(
  client: Client,
  resource: ResourceType<T>,
  name: string,
  done: (object: T | undefined) => Result | undefined,
  options: WaitOptions,
): Promise<Result> {
  const { clock, signal } = options;
  const where = {
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    fieldSelector: `metadata.name=${escapeFieldValue(name)}`,
  };
  for (let waitMs = FIRST_WAIT_MS; !signal.aborted;) {
    try {
      const list = await client.list(resource, { ...where, signal });
      const first = done(list.items[0]);
      if (first !== undefined) return first;
      waitMs = FIRST_WAIT_MS;
      const later = await untilEvent(client, resource, { ...where, ...list.metadata }, done, signal);
      if (later !== undefined) return later.result;
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
    await delay(clock, waitMs, signal);
    waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
  }
  throw aborted(`wait for ${resource.resource} ${JSON.stringify(name)}`, signal);
}

/** Escapes a value for a field selector: backslash, comma and equals sign mean something there. */
export function escapeFieldValue(value: string): string {
  return value.replaceAll(/[\\,=]/g, (c) => `\\${c}`);
}

async function untilEvent<T extends KubeObject, Result>(
  client: Client,
  resource: ResourceType<T>,
  from: { readonly namespace?: string; readonly fieldSelector: string; readonly resourceVersion?: string },
  done: (object: T | undefined) => Result | undefined,
  signal: AbortSignal,
): Promise<{ readonly result: Result } | undefined> {
  let found: { readonly result: Result } | undefined;
  const attempt = new AbortController();
  const abort = (): void => attempt.abort();
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort(); // by `done`, when it saw the list
  const { namespace, fieldSelector, resourceVersion } = from;
  try {
    await client.watch(
      resource,
      {
        ...(namespace === undefined ? {} : { namespace }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        fieldSelector,
        signal: attempt.signal,
      },
      (event) => {
        if (event.type === 'BOOKMARK' || found !== undefined) return;
        const result = done(event.type === 'DELETED' ? undefined : event.object);
        if (result === undefined) return;
        found = { result };
        attempt.abort();
      },
    );
  } finally {
    signal.removeEventListener('abort', abort);
  }
  return found;
}

/** Whether a failure passes by itself: the server is away, restarting, busy, or has forgotten our version. */
function isPassing(error: unknown): boolean {
  return (
    isExpired(error) ||
    isVersionTooLarge(error) ||
    hasCode(error, 'CLIENT_UNREACHABLE') ||
    hasHttpCode(error, 429, 500, 502, 503, 504)
  );
}
