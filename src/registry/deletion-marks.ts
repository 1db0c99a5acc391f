import { toUnixSeconds, type UnixSeconds } from '../base/clock.js';
import type { KubeObject } from '../kube/object-meta.js';
import { formatTime } from '../kube/time.js';
import { orderedMetadata } from './ordered-metadata.js';

/** An object that goes after a grace of some seconds. That it goes is something wanted, too: a generation of its own. */
export function markedAsDeleted<T extends KubeObject>(object: T, now: UnixSeconds, graceSeconds: number): T {
  const { generation, deletionTimestamp } = object.metadata;
  const first = (deletionTimestamp ?? '') === '';
  const marks = {
    deletionTimestamp: formatTime(toUnixSeconds(now + graceSeconds)),
    deletionGracePeriodSeconds: graceSeconds,
    generation: generation === undefined || !first ? generation : generation + 1,
  };
  return { ...object, metadata: orderedMetadata({ ...object.metadata, ...marks }, object.metadata.resourceVersion) };
}
