import { toHex, type Random } from '../base/bytes.js';
import { secondsOf, type Clock } from '../base/clock.js';
import { messageOf } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import { isDnsSubdomain } from '../kube/names.js';
import { formatTime } from '../kube/time.js';
import { hasHttpCode } from './api-failure.js';
import type { Client } from './client.js';
import type { CoreEvent, ObjectReference } from './core-objects.js';
import { EVENTS } from './resources.js';

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

/** The same thing within this time is counted up in one Event instead of written anew (client-go's bound). */
const SAME_EVENT_MS = 10 * 60_000;
/** Per object: this many Events at once, then one every five minutes (client-go's spam filter). */
const BURST = 25;
const REFILL_MS = 5 * 60_000;
const MAX_REMEMBERED = 4096;
const MAX_PENDING = 1000;
const MAX_MESSAGE = 1024;

/**
 * A recorder of core/v1 Events, which are created once and then counted up by PATCH. Too many about one object, or too
 * many at once, are dropped; a failed write is logged.
 */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new CountingRecorder(options);
}

interface Written {
  readonly name: string;
  readonly namespace: string;
  readonly count: number;
  readonly at: number;
}

class CountingRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #written = new Map<string, Written>();
  readonly #budgets = new Map<string, { tokens: number; at: number }>();
  #tail: Promise<void> = Promise.resolve();
  #pending = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(about: ObjectReference, occurrence: Occurrence): void {
    if (this.#pending >= MAX_PENDING || !this.#spend(about)) return;
    this.#pending++;
    // One after the other, so that a repetition finds what the first one wrote.
    this.#tail = this.#tail.then(() => this.#write(about, occurrence));
  }

  flush(): Promise<void> {
    return this.#tail;
  }

  async #write(about: ObjectReference, occurrence: Occurrence): Promise<void> {
    try {
      await this.#createOrCount(about, occurrence);
    } catch (error) {
      const { logger } = this.#options;
      logger.warn('Could not write Event', { about: about.name, reason: occurrence.reason, error: messageOf(error) });
    } finally {
      this.#pending--;
    }
  }

  async #createOrCount(about: ObjectReference, occurrence: Occurrence): Promise<void> {
    const { client, clock } = this.#options;
    const { type, reason, message } = occurrence;
    const identity = JSON.stringify([about.kind, about.namespace, about.name, about.uid, type, reason, message]);
    const known = this.#written.get(identity);
    const now = clock.now();
    if (known !== undefined && now - known.at < SAME_EVENT_MS) {
      const patch = { count: known.count + 1, lastTimestamp: formatTime(secondsOf(clock)) };
      const { name, namespace } = known;
      try {
        await client.patch(EVENTS, name, patch, { namespace, kind: 'strategic' });
        this.#remember(identity, { ...known, count: patch.count, at: now });
        return;
      } catch (error) {
        if (!hasHttpCode(error, 404)) throw error;
        // It has expired meanwhile: begin a new one.
      }
    }
    const event = this.#eventOf(about, occurrence);
    await client.create(EVENTS, event);
    const { name = '', namespace = '' } = event.metadata;
    this.#remember(identity, { name, namespace, count: 1, at: now });
  }

  #eventOf(about: ObjectReference, { type, reason, message }: Occurrence): CoreEvent {
    const { clock, component, instance = '' } = this.#options;
    const now = formatTime(secondsOf(clock));
    // Events about cluster-scoped objects live in `default`, as those of kube-controller-manager do.
    const namespace = about.namespace === undefined || about.namespace === '' ? 'default' : about.namespace;
    return {
      metadata: { name: this.#nameFor(about), namespace },
      involvedObject: about,
      type,
      reason,
      message: message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 3)}...` : message,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      source: instance === '' ? { component } : { component, host: instance },
      reportingComponent: component,
      reportingInstance: instance,
    };
  }

  /** The object's name and something unique; without the object's name where that is no DNS name, as a request's may be. */
  #nameFor(about: ObjectReference): string {
    const unique = toHex(this.#options.random(8));
    const name = `${about.name ?? ''}.${unique}`;
    return isDnsSubdomain(name) ? name : `${(about.kind ?? 'object').toLowerCase()}.${unique}`;
  }

  #remember(identity: string, written: Written): void {
    this.#written.delete(identity);
    this.#written.set(identity, written);
    forgetOldest(this.#written);
  }

  #spend(about: ObjectReference): boolean {
    const key = `${about.kind ?? ''}/${about.namespace ?? ''}/${about.name ?? ''}/${about.uid ?? ''}`;
    const now = this.#options.clock.now();
    const before = this.#budgets.get(key) ?? { tokens: BURST, at: now };
    const tokens = Math.min(BURST, before.tokens + (now - before.at) / REFILL_MS);
    const granted = tokens >= 1;
    this.#budgets.delete(key);
    this.#budgets.set(key, { tokens: granted ? tokens - 1 : tokens, at: now });
    forgetOldest(this.#budgets);
    return granted;
  }
}

/** Maps keep insertion order: the first entry is the one that was written longest ago. */
function forgetOldest(map: Map<string, unknown>): void {
  if (map.size <= MAX_REMEMBERED) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
