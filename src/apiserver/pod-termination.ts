import type { Clock } from '../base/clock.js';
import { messageOf } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import { hasReason } from '../kube/status.js';
import { parseTime } from '../kube/time.js';
import { hasEnded, type Pod } from '../registry/pods/pod.js';
import type { ObjectFilter, ResourceStore } from '../registry/resource-store.js';
import { serverContext } from './authorization/bootstrap/ensure-policy.js';
import { openObjectCache } from './authorization/object-cache.js';

export interface PodTerminationOptions {
  readonly store: ResourceStore<Pod>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const RETRY_MS = 5000;

/** Longer than this no timer waits at once. */
const LONGEST_WAIT_MS = 3_600_000;

/** Pods that are being deleted and have a grace. */
const TERMINATING: ObjectFilter<Pod> = {
  matches: ({ metadata }) =>
    (metadata.deletionTimestamp ?? '') !== '' && (metadata.deletionGracePeriodSeconds ?? 0) > 0,
  everything: false,
};

/**
 * Removes pods that are being deleted once their grace is over, or they have ended: what the kubelet of their node would
 * do, of which there is none here. Knows after a restart what it knew before, for the store tells it. Until `close`.
 */
export async function startPodTermination(options: PodTerminationOptions): Promise<{ close(): void }> {
  const { store, clock, logger } = options;
  const stopping = new AbortController();
  const waiting = new Map<string, () => void>();
  const waitFor = (key: string, pod: Pod, delayMs: number): void => {
    waiting.set(
      key,
      clock.schedule(Math.min(delayMs, LONGEST_WAIT_MS), () => {
        waiting.delete(key);
        const left = msUntilEnd(pod, clock.now());
        if (left > 0) waitFor(key, pod, left);
        else void end(key, pod);
      }),
    );
  };
  const end = async (key: string, pod: Pod): Promise<void> => {
    try {
      await remove(store, pod, options, stopping.signal);
    } catch (error) {
      if (stopping.signal.aborted) return;
      logger.warn('Could not remove Pod whose grace is over', { pod: key, error: messageOf(error) });
      if (!waiting.has(key)) waitFor(key, pod, RETRY_MS);
    }
  };
  const cache = await openObjectCache({
    ...options,
    filter: TERMINATING,
    onChange: (namespace, name, pod) => {
      const key = `${namespace}/${name}`;
      waiting.get(key)?.();
      waiting.delete(key);
      if (pod !== undefined) waitFor(key, pod, msUntilEnd(pod, clock.now()));
    },
  });
  return {
    close: () => {
      stopping.abort();
      cache.close();
      for (const cancel of waiting.values()) cancel();
    },
  };
}

/** How long a pod that is being deleted may stay. */
function msUntilEnd(pod: Pod, nowMs: number): number {
  const end = parseTime(pod.metadata.deletionTimestamp ?? '');
  return end === undefined || hasEnded(pod) ? 0 : Math.max(0, end * 1000 - nowMs);
}

/** Removes this very pod; somebody else may have done so. */
async function remove(
  store: ResourceStore<Pod>,
  { metadata }: Pod,
  { clock }: PodTerminationOptions,
  signal: AbortSignal,
): Promise<void> {
  const { namespace = '', name = '', uid } = metadata;
  try {
    await store.delete(
      { namespace, name },
      {
        context: serverContext(clock, signal),
        gracePeriodSeconds: 0,
        ...(uid === undefined ? {} : { preconditions: { uid } }),
      },
    );
  } catch (error) {
    if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
  }
}
