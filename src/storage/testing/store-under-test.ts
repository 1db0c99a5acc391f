import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import type { ErrorCode } from '../../base/error.js';
import { isCountersignError } from '../../base/error.js';
import { utf8 } from '../../base/bytes.js';
import type { Entry, Page, Revision, Store, StoreEvent, Watcher } from '../store.js';

/** A fresh, empty store, and how to open it again. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Opens what a closed store has left; absent where nothing outlives it. */
  readonly reopen?: () => Promise<Store>;
}

/** Makes a fresh, empty store for one test; what it needs besides is cleaned up through `t.after`. */
export type OpenStore = (t: TestContext) => Promise<StoreUnderTest>;

/** Opens a store that is closed when the test ends. */
export async function openStore(t: TestContext, open: OpenStore): Promise<Store> {
  const { store } = await open(t);
  t.after(() => store.close());
  return store;
}

/** The bytes of a text. */
export function bytes(text: string): Uint8Array {
  return utf8(text);
}

/** The text of an entry's value. */
export function textOf(entry: Entry | undefined): string | undefined {
  return entry === undefined ? undefined : Buffer.from(entry.value).toString('utf8');
}

/** A page as `key=value@revision` lines. */
export function linesOf(page: Page): readonly string[] {
  return page.entries.map((entry) => `${entry.key}=${textOf(entry) ?? ''}@${entry.revision}`);
}

/** An event in one line, with what it replaced. */
export function lineOf(event: StoreEvent): string {
  const { kind, key, revision, previous } = event;
  const value = kind === 'put' ? `=${Buffer.from(event.value).toString('utf8')}` : '';
  const replaced = previous === undefined ? '' : ` was ${textOf(previous) ?? ''}@${previous.revision}`;
  return `${kind} ${key}${value}@${revision}${replaced}`;
}

/** Asserts that something is refused with one of our codes. */
export async function refusedWith(code: ErrorCode, attempt: Promise<unknown>): Promise<void> {
  await assert.rejects(attempt, (error: unknown) => {
    assert.ok(isCountersignError(error), `expected ${code}, got ${String(error)}`);
    assert.equal(error.code, code, error.message);
    return true;
  });
}

/** A watcher that keeps what it is told, and checks what every delivery promises. */
export class RecordingWatcher implements Watcher {
  readonly events: StoreEvent[] = [];
  readonly ends: Error[] = [];
  /** As told by the last delivery. */
  through: Revision = 0;
  #waiting: { readonly met: () => boolean; readonly resolve: () => void }[] = [];
  readonly #onDelivery: ((events: readonly StoreEvent[]) => void) | undefined;

  constructor(onDelivery?: (events: readonly StoreEvent[]) => void) {
    this.#onDelivery = onDelivery;
  }

  onEvents(events: readonly StoreEvent[], through: Revision): void {
    assert.ok(events.length > 0, 'an empty batch was delivered');
    assert.equal(this.ends.length, 0, 'a delivery came after the end');
    for (const event of events) {
      const before = this.events.at(-1);
      assert.ok(before === undefined || event.revision > before.revision, 'events are out of order');
      this.events.push(event);
    }
    assert.ok(through >= (events.at(-1)?.revision ?? 0), 'a batch claims less than it holds');
    this.through = through;
    this.#wake();
    this.#onDelivery?.(events);
  }

  onEnd(error: Error): void {
    this.ends.push(error);
    this.#wake();
  }

  /** Resolves when a write with this revision has been delivered. */
  delivered(revision: Revision): Promise<void> {
    return this.#until(() => (this.events.at(-1)?.revision ?? 0) >= revision);
  }

  /** Resolves when the watch has ended. */
  ended(): Promise<void> {
    return this.#until(() => this.ends.length > 0);
  }

  lines(): readonly string[] {
    return this.events.map(lineOf);
  }

  #until(met: () => boolean): Promise<void> {
    if (met()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ met, resolve }));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) {
      if (one.met()) one.resolve();
      else this.#waiting.push(one);
    }
  }
}
