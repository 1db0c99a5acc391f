import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { Client } from './client.js';

/** Which lease, held by whom, for how long. Durations default to client-go's: 15 s, 10 s, 2 s. */
export interface LeaseElectionOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly namespace: string;
  readonly name: string;
  /** Unique among the contenders. */
  readonly identity: string;
  readonly leaseDurationSeconds?: number;
  readonly renewDeadlineSeconds?: number;
  readonly retryPeriodSeconds?: number;
}

/**
 * Contends for the lease until `signal` aborts. While it is held, `lead` runs; its signal aborts when the lease is
 * lost or `signal` aborts. The lease is given up only after `lead` has ended; after a loss it contends again.
 */
export async function runWithLease(
  _options: LeaseElectionOptions,
  _lead: (signal: AbortSignal) => Promise<void>,
  _signal: AbortSignal,
): Promise<void> {
  throw new Error('not yet');
}
