import { toUnixSeconds, type UnixSeconds } from '../../base/clock.js';
import { parseTime } from '../../kube/time.js';
import { markedAsDeleted } from '../deletion-marks.js';
import type { MaybePromise } from '../resource.js';
import { hasEnded, type Pod } from './pod.js';

/** Whether there is a node of that name. */
export type NodeLookup = (name: string) => MaybePromise<boolean>;

/**
 * What a delete makes of a pod: it stays for its grace while a node may still run it, and a further delete can only
 * shorten that. Undefined when it goes at once: it was never placed, has ended, its node is gone, or no grace is wished.
 */
export async function beginDelete(
  pod: Pod,
  now: UnixSeconds,
  wished: number | undefined,
  nodeExists: NodeLookup,
): Promise<Pod | undefined> {
  const { nodeName = '', terminationGracePeriodSeconds = 0 } = pod.spec;
  if (nodeName === '' || hasEnded(pod) || !(await nodeExists(nodeName))) return undefined;
  const { deletionTimestamp, deletionGracePeriodSeconds: pending = 0 } = pod.metadata;
  const end = parseTime(deletionTimestamp ?? '');
  if (end === undefined) {
    const grace = wished ?? terminationGracePeriodSeconds;
    return grace === 0 ? undefined : markedAsDeleted(pod, now, grace < 0 ? 1 : grace);
  }
  if (pending === 0 || wished === 0) return undefined;
  if (wished === undefined || wished >= pending) return pod;
  return markedAsDeleted(pod, toUnixSeconds(end - pending), wished);
}
