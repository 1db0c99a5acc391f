import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { Client } from './client.js';
import type { ObjectReference } from './core-objects.js';

/** One thing worth telling about an object. */
export interface Occurrence {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, short. */
  readonly reason: string;
  readonly message: string;
}

/** Writes Events about objects. It never fails its caller. */
export interface EventRecorder {
  record(about: ObjectReference, occurrence: Occurrence): void;
  /** Resolves when everything recorded so far is written or given up. */
  flush(): Promise<void>;
}

/** What a recorder is made with. */
export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Name of the reporting controller. */
  readonly component: string;
  /** Which instance of it: a host or pod name. */
  readonly instance?: string;
}

/** A recorder of core/v1 Events. */
export function createEventRecorder(_options: EventRecorderOptions): EventRecorder {
  throw new Error('not yet');
}
