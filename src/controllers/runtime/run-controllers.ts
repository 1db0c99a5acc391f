import type { Random } from '../../base/bytes.js';
import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { Controller } from './controller.js';

/** Counts what the loops do; all of it optional to look at. */
export interface ControllerMetrics {
  /** A key was worked on. */
  reconciled(controller: string, outcome: 'done' | 'wait' | 'retry' | 'error', seconds: number): void;
  /** Length of the queue after a change. */
  queueDepth(controller: string, depth: number): void;
}

/** What the loops run in. */
export interface RuntimeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics?: ControllerMetrics;
  /** How long a shutdown waits for work in progress before it is told to stop. Default 10. */
  readonly drainSeconds?: number;
}

/** Controllers that have been started. */
export interface RunningControllers {
  /** Resolves when every cache has held everything once and work has begun. */
  readonly ready: Promise<void>;
  /** Resolves when everything has ended, after `signal` aborted. Never rejects. */
  readonly ended: Promise<void>;
}

/** Runs controllers and their caches until `signal` aborts; then no new work begins and work in progress is drained. */
export function runControllers(
  _controllers: readonly Controller[],
  _options: RuntimeOptions,
  _signal: AbortSignal,
): RunningControllers {
  throw new Error('not yet');
}
