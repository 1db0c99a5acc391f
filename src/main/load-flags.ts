import type { Command } from 'commander';
import { parseGoDuration } from '../apiserver/bodies/go-duration.js';
import { type ApiLimits, DEFAULT_LIMITS } from '../apiserver/limits.js';
import { usageError } from '../cli/failure.js';
import { type RawFlags, textFlag } from '../cli/flags.js';

/** How much the server takes on, and how it ends. */
export interface LoadSettings {
  readonly limits: Partial<ApiLimits>;
  /** For so long it says that it is not ready, and serves on, before it ends. */
  readonly shutdownDelayMs: number;
}

/** The settings without any flag. */
export const DEFAULT_LOAD: LoadSettings = { limits: {}, shutdownDelayMs: 0 };

const LONGEST_DELAY_MS = 3_600_000;
const MOST_SEATS = 1_000_000;

/** Adds the flags about load and shutdown. They are those of kube-apiserver. */
export function addLoadFlags(command: Command): Command {
  return command
    .option('--max-requests-inflight <number>', 'reads at once', String(DEFAULT_LIMITS.maxReadsInFlight))
    .option('--max-mutating-requests-inflight <number>', 'writes at once', String(DEFAULT_LIMITS.maxWritesInFlight))
    .option('--request-timeout <duration>', 'longest time for a request that is no watch', '1m0s')
    .option(
      '--shutdown-delay-duration <duration>',
      'how long to serve on once told to stop, while /readyz says that it ends',
      '0s',
    );
}

/** What these flags say. USAGE for what cannot be meant. */
export function loadSettings(flags: RawFlags): LoadSettings {
  const timeout = '--request-timeout';
  const requestTimeoutMs = durationMs(textFlag(flags, 'requestTimeout') ?? '1m', timeout);
  if (requestTimeoutMs < 1000) throw usageError(`Cannot use ${timeout}: it must be at least 1s`);
  return {
    limits: {
      maxReadsInFlight: seats(textFlag(flags, 'maxRequestsInflight'), '--max-requests-inflight', 'maxReadsInFlight'),
      maxWritesInFlight: seats(
        textFlag(flags, 'maxMutatingRequestsInflight'),
        '--max-mutating-requests-inflight',
        'maxWritesInFlight',
      ),
      requestTimeoutMs,
    },
    shutdownDelayMs: durationMs(textFlag(flags, 'shutdownDelayDuration') ?? '0s', '--shutdown-delay-duration'),
  };
}

function durationMs(text: string, flag: string): number {
  const ms = parseGoDuration(text);
  if (ms === undefined)
    throw usageError(`Cannot use ${flag}: ${JSON.stringify(text)} is no duration such as 10s or 1m30s`);
  if (ms < 0 || ms > LONGEST_DELAY_MS) throw usageError(`Cannot use ${flag}: ${text} is not between 0s and 1h`);
  return ms;
}

function seats(text: string | undefined, flag: string, otherwise: 'maxReadsInFlight' | 'maxWritesInFlight'): number {
  if (text === undefined) return DEFAULT_LIMITS[otherwise];
  const number = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MOST_SEATS) return number;
  throw usageError(`Cannot use ${flag}: ${JSON.stringify(text)} is no whole number from 1 to ${MOST_SEATS}`);
}
