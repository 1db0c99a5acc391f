import type { Random } from '../base/bytes.js';
import { delay, type Clock } from '../base/clock.js';
import { messageOf } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import { formatMicroTime } from '../kube/time.js';
import { aborted, hasHttpCode } from './api-failure.js';
import { randomFraction } from './backoff.js';
import type { Client } from './client.js';
import type { Lease, LeaseSpec } from './core-objects.js';
import { LEASES } from './resources.js';

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
  /** How long others wait after the last renewal they saw. */
  readonly leaseDurationSeconds?: number;
  /** How long the holder goes on without a renewal. Less than the lease duration. */
  readonly renewDeadlineSeconds?: number;
  /** Time between two tries. */
  readonly retryPeriodSeconds?: number;
  /** Told at each look at the lease that finds another one to hold it. */
  readonly onStandby?: () => void;
}

const RELEASE_TIMEOUT_MS = 5000;

/**
 * Contends for the lease until `signal` aborts. While it is held, `lead` runs; its signal aborts when the lease is
 * lost or `signal` aborts. The lease is given up only after `lead` has ended; after a loss it contends again. Rejects
 * with what `lead` rejects with, after giving the lease up.
 *
 * Who holds the lease is decided by the time at which *this* process saw it change, never by comparing the clock of
 * another machine (client-go's leaderelection does the same).
 */
export async function runWithLease(
  options: LeaseElectionOptions,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const contender = new Contender(options);
  while (!signal.aborted) {
    if (!(await contender.acquire(signal))) return;
    await leadWhileHeld(contender, options, lead, signal);
  }
}

async function leadWhileHeld(
  contender: Contender,
  options: LeaseElectionOptions,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { logger, namespace, name, identity } = options;
  const term = new AbortController();
  const renewals = new AbortController();
  const stop = (): void => term.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  logger.info('Acquired Lease', { namespace, name, identity });
  const renewing = contender.keepRenewing(renewals.signal).then((outcome) => {
    if (outcome === 'lost') logger.error('Lost Lease', { namespace, name, identity });
    term.abort(outcome);
  });
  try {
    await lead(term.signal);
  } finally {
    signal.removeEventListener('abort', stop);
    renewals.abort();
    await renewing;
    await contender.release();
  }
}

class Contender {
  readonly #options: LeaseElectionOptions;
  readonly #durationSeconds: number;
  readonly #deadlineMs: number;
  readonly #retryMs: number;
  /** The lease as last seen, and when it was first seen so. */
  #seen: Lease | undefined;
  #seenAt = 0;
  #held = false;

  constructor(options: LeaseElectionOptions) {
    this.#options = options;
    this.#durationSeconds = options.leaseDurationSeconds ?? 15;
    this.#deadlineMs = (options.renewDeadlineSeconds ?? 10) * 1000;
    this.#retryMs = (options.retryPeriodSeconds ?? 2) * 1000;
  }

  /** Tries until the lease is held; false when `signal` aborted first. */
  async acquire(signal: AbortSignal): Promise<boolean> {
    const { clock, random, logger, namespace, name } = this.#options;
    while (!signal.aborted) {
      if (await this.#within(this.#deadlineMs, signal)) return true;
      // Jitter as client-go's: up to 2.2 periods, so that contenders do not move in step.
      await delay(clock, this.#retryMs * (1 + 1.2 * randomFraction(random)), signal);
    }
    logger.debug('Gave up contending for Lease', { namespace, name });
    return false;
  }

  /** Renews every period; resolves with `lost` when it could not for the renew deadline, or another one holds it. */
  async keepRenewing(signal: AbortSignal): Promise<'lost' | 'stopped'> {
    const { clock } = this.#options;
    let renewedAt = clock.now();
    for (;;) {
      await delay(clock, this.#retryMs, signal);
      if (signal.aborted) return 'stopped';
      const leftMs = renewedAt + this.#deadlineMs - clock.now();
      const startedAt = clock.now();
      if (leftMs > 0 && (await this.#within(leftMs, signal))) renewedAt = startedAt;
      else if (!this.#held || clock.now() - renewedAt >= this.#deadlineMs) {
        this.#held = false;
        return 'lost';
      }
    }
  }

  /** Lets others have the lease at once. Does nothing where it is not held; a failure is logged, for it expires anyway. */
  async release(): Promise<void> {
    if (!this.#held || this.#seen === undefined) return;
    this.#held = false;
    const { client, clock, logger, namespace, name } = this.#options;
    const now = this.#microNow();
    const spec: LeaseSpec = {
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: this.#seen.spec?.leaseTransitions ?? 0,
    };
    const timeout = new AbortController();
    const cancel = clock.schedule(RELEASE_TIMEOUT_MS, () => timeout.abort());
    try {
      const released = client.update(LEASES, { ...this.#seen, spec }, { signal: timeout.signal });
      this.#see(await unlessAborted(released, timeout.signal));
    } catch (error) {
      logger.warn('Could not release Lease', { namespace, name, error: messageOf(error) });
    } finally {
      cancel();
    }
  }

  /** One try, given up after `limitMs`. */
  async #within(limitMs: number, signal: AbortSignal): Promise<boolean> {
    const { clock, logger, namespace, name } = this.#options;
    const attempt = new AbortController();
    const abort = (): void => attempt.abort();
    signal.addEventListener('abort', abort, { once: true });
    const cancel = clock.schedule(limitMs, abort);
    try {
      return await this.#tryAcquireOrRenew(attempt.signal);
    } catch (error) {
      const failed = { namespace, name, error: messageOf(error) };
      // A lost race is no news; everything else is, for it may cost the lease.
      if (hasHttpCode(error, 409)) logger.debug('Lost race for Lease', failed);
      else if (!signal.aborted) logger.warn('Could not write Lease', failed);
      return false;
    } finally {
      cancel();
      signal.removeEventListener('abort', abort);
    }
  }

  async #tryAcquireOrRenew(signal: AbortSignal): Promise<boolean> {
    const { client, clock, identity, namespace, name } = this.#options;
    if (this.#held && this.#seen !== undefined) {
      try {
        this.#see(await unlessAborted(client.update(LEASES, this.#renewed(this.#seen), { signal }), signal));
        return true;
      } catch (error) {
        if (!hasHttpCode(error, 404, 409)) throw error;
        // Somebody wrote in between: look who holds it now.
      }
    }
    const lease = await this.#read(signal);
    if (lease === undefined) {
      const first = { metadata: { namespace, name }, spec: this.#newTerm(undefined) };
      this.#see(await unlessAborted(client.create(LEASES, first, { signal }), signal));
      this.#held = true;
      return true;
    }
    this.#see(lease);
    const holder = lease.spec?.holderIdentity ?? '';
    if (holder !== '' && holder !== identity) {
      this.#held = false;
      const durationMs = (lease.spec?.leaseDurationSeconds ?? 0) * 1000;
      if (this.#seenAt + durationMs > clock.now()) {
        this.#options.onStandby?.();
        return false;
      }
    }
    const next = holder === identity ? this.#renewed(lease) : { ...lease, spec: this.#newTerm(lease.spec) };
    this.#see(await unlessAborted(client.update(LEASES, next, { signal }), signal));
    this.#held = true;
    return true;
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    const { client, namespace, name } = this.#options;
    try {
      return await unlessAborted(client.get(LEASES, name, { namespace, signal }), signal);
    } catch (error) {
      if (hasHttpCode(error, 404)) return undefined;
      throw error;
    }
  }

  /** Remembers the lease, and the time where it is not the one already seen. */
  #see(lease: Lease): void {
    const same = lease.metadata.resourceVersion === this.#seen?.metadata.resourceVersion;
    if (!same || this.#seen === undefined) this.#seenAt = this.#options.clock.now();
    this.#seen = lease;
  }

  #renewed(lease: Lease): Lease {
    const spec: LeaseSpec = {
      ...lease.spec,
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: this.#durationSeconds,
      renewTime: this.#microNow(),
    };
    return { ...lease, spec };
  }

  #newTerm(previous: LeaseSpec | undefined): LeaseSpec {
    const now = this.#microNow();
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: this.#durationSeconds,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: previous === undefined ? 0 : (previous.leaseTransitions ?? 0) + 1,
    };
  }

  #microNow(): string {
    return formatMicroTime(Math.floor(this.#options.clock.now() * 1000));
  }
}

/**
 * What a call gives, unless `signal` aborts first. A server in the same process finishes what it has begun, and the lease
 * must not be waited for longer than it lasts.
 */
function unlessAborted<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(aborted('write Lease', signal));
    signal.addEventListener('abort', giveUp, { once: true });
    call.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
