import { LabelledNumbers } from '../apiserver/metrics/labelled-metrics.js';
import type { MetricSource } from '../apiserver/metrics/metric-family.js';

/**
 * How far a controller has come. contending: nothing is known of the lease yet. standby: another one holds it. reading:
 * caches fill. working: they have held everything once. stopping: no new work begins.
 */
export type Stage = 'contending' | 'standby' | 'reading' | 'working' | 'stopping';

/** Where a controller stands among its replicas, for those who ask from outside. */
export interface Standing extends MetricSource {
  /** What is reached now. Nothing comes after stopping. */
  reach(stage: Stage): void;
  /** Why it is not ready to work or to take over; undefined where it is. */
  unready(): string | undefined;
}

const UNREADY: Readonly<Record<Stage, string | undefined>> = {
  contending: 'nothing is known of the lease yet',
  standby: undefined,
  reading: 'caches are being filled',
  working: undefined,
  stopping: 'it is shutting down',
};

/** The standing of a controller that contends for the lease of that name; without a name it is alone. */
export function createStanding(leaseName: string | undefined): Standing {
  let stage: Stage = leaseName === undefined ? 'reading' : 'contending';
  return {
    reach: (next) => {
      if (stage !== 'stopping') stage = next;
    },
    unready: () => UNREADY[stage],
    collect: () => {
      if (leaseName === undefined) return [];
      const leading = new LabelledNumbers({
        name: 'leader_election_master_status',
        help: 'Whether this replica leads: 1, or 0 while it stands by.',
        type: 'gauge',
      });
      leading.set({ name: leaseName }, stage === 'reading' || stage === 'working' ? 1 : 0);
      return leading.collect();
    },
  };
}
