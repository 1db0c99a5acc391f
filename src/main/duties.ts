import { messageOf } from '../base/error.js';
import { type LeaseElectionOptions, runWithLease } from '../client/lease-election.js';
import type { Standing } from './standing.js';

/** A duty at work. */
export interface DutyAtWork {
  /** Resolves when it works, or never will because of its signal. */
  readonly ready: Promise<void>;
  /** Resolves when it has ended, after its signal aborted. */
  readonly ended: Promise<void>;
}

/** What one process does for all of them: it works until `signal` aborts, and may be begun again after it has ended. */
export type Duty = (signal: AbortSignal) => DutyAtWork;

/** How replicas find out which of them has the duties: by a Lease. */
export interface Election extends Omit<
  LeaseElectionOptions,
  'renewDeadlineSeconds' | 'retryPeriodSeconds' | 'onStandby'
> {
  readonly leaseDurationSeconds: number;
  readonly standing: Standing;
}

/**
 * Does duties until the answer is called, which resolves when they have ended. Without an election they are this
 * process's own, and work when this resolves. With one it resolves at once, and they work while the Lease is held: a
 * lost one ends them, and the end hands it over.
 */
export async function startDuties(
  duties: readonly Duty[],
  election: Election | undefined,
): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  if (election === undefined) {
    const work = begin(duties, stopping.signal);
    await work.ready;
    return async () => {
      stopping.abort();
      await work.ended;
    };
  }
  const contending = contend(duties, election, stopping.signal);
  return async () => {
    election.standing.reach('stopping');
    stopping.abort();
    await contending;
  };
}

function begin(duties: readonly Duty[], signal: AbortSignal): DutyAtWork {
  const works = duties.map((duty) => duty(signal));
  return {
    ready: Promise.all(works.map(({ ready }) => ready)).then(() => undefined),
    ended: Promise.all(works.map(({ ended }) => ended)).then(() => undefined),
  };
}

async function contend(duties: readonly Duty[], election: Election, signal: AbortSignal): Promise<void> {
  const { standing, logger, leaseDurationSeconds: duration } = election;
  const lead = async (leading: AbortSignal): Promise<void> => {
    standing.reach('reading');
    const work = begin(duties, leading);
    await work.ready;
    if (!leading.aborted) standing.reach('working');
    await work.ended;
    standing.reach('contending');
  };
  // as client-go's defaults are to each other: 15 s, 10 s and 2 s
  const times = { renewDeadlineSeconds: (duration * 2) / 3, retryPeriodSeconds: (duration * 2) / 15 };
  const options = { ...election, ...times, onStandby: () => standing.reach('standby') };
  while (!signal.aborted) {
    try {
      await runWithLease(options, lead, signal);
    } catch (error) {
      // The lease is given up by now: whoever gets it next begins anew.
      logger.error('Duties of the server failed', { error: messageOf(error) });
    }
  }
}
