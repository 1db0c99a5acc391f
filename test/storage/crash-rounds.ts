import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { openLmdbStore } from '../../src/storage/lmdb/lmdb-store.js';
import type { Revision, Store, StoreEvent } from '../../src/storage/store.js';
import { keyOf, stepOf, valueOf, verbOf } from './write-storm.js';

const STORM = fileURLToPath(new URL('write-storm.ts', import.meta.url));
const WRITERS = 16;

interface Answer {
  readonly step: number;
  readonly revision: Revision;
}

/** How a series of crashes goes. */
export interface CrashRounds {
  readonly rounds: number;
  /** Compact all the time as well. */
  readonly compact: boolean;
  /** How many answers to wait for before the kill, by round. */
  readonly answersBefore: (round: number) => number;
}

/**
 * Kills a process with SIGKILL in the middle of a storm of writes, again and again on the same store, and checks each
 * time that the store opens, holds every answered write, and holds no half of one.
 */
export async function survivesCrashes(t: TestContext, options: CrashRounds): Promise<void> {
  const folder = join(mkdtempSync(join(tmpdir(), 'countersign-crash-')), 'store');
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (let round = 0; round < options.rounds; round++) {
    const answered = await stormUntilKilled(folder, options.answersBefore(round), options.compact);
    const store = await openLmdbStore({ folder });
    try {
      await checkState(store, answered);
      if (!options.compact) await checkHistory(store, answered);
    } finally {
      await store.close();
    }
  }
}

/** Answers by writer, in order. */
type Answered = ReadonlyMap<number, readonly Answer[]>;

async function stormUntilKilled(folder: string, answersBefore: number, compact: boolean): Promise<Answered> {
  const args = ['--import', 'tsx', STORM, folder, String(WRITERS), ...(compact ? ['compact'] : [])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  let lines = 0;
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    output += text;
    lines += text.split('\n').length - 1;
    if (lines >= answersBefore) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('close', resolve));
  assert.equal(child.signalCode, 'SIGKILL', 'the process ended before it was killed');
  const answered = new Map<number, Answer[]>();
  // a last line without its end was cut off by the kill
  for (const line of output.slice(0, output.lastIndexOf('\n')).split('\n')) {
    const [writer = NaN, step = NaN, revision = NaN] = line.split(' ').map(Number);
    const answers = answered.get(writer) ?? [];
    answered.set(writer, [...answers, { step, revision }]);
  }
  return answered;
}

async function checkState(store: Store, answered: Answered): Promise<void> {
  const current = await store.currentRevision();
  for (const [writer, answers] of answered) {
    const last = answers.at(-1);
    assert.ok(last !== undefined);
    assert.ok(last.revision <= current, `revision ${last.revision} was answered, the store is at ${current}`);
    const entry = await store.get(keyOf(writer));
    // one more write may have reached the disk without having been answered
    const step = entry === undefined ? lastDeleteOf(last.step) : stepOf(entry.value);
    assert.ok(step === last.step || step === last.step + 1, `writer ${writer}: step ${last.step} lost, found ${step}`);
    if (entry === undefined) continue;
    assert.deepEqual(Buffer.from(entry.value), Buffer.from(valueOf(writer, step)), `writer ${writer}, step ${step}`);
    assert.ok(step === last.step ? entry.revision === last.revision : entry.revision > last.revision);
  }
  for (const { key, value } of (await store.list('storm/')).entries) {
    const writer = Number(key.split('/')[1]);
    assert.deepEqual(Buffer.from(value), Buffer.from(valueOf(writer, stepOf(value))));
  }
}

/** The step at or just after the last answered one that leaves nothing behind. */
function lastDeleteOf(step: number): number {
  return verbOf(step) === 'delete' ? step : step + 1;
}

async function checkHistory(store: Store, answered: Answered): Promise<void> {
  const events = new Map<Revision, StoreEvent>();
  const end = await store.currentRevision();
  await new Promise<void>((resolve, reject) => {
    void store.watch('', 0, {
      onEvents: (batch, through) => {
        for (const event of batch) events.set(event.revision, event);
        if (through === end) resolve();
      },
      onEnd: reject,
    });
  });
  assert.equal(events.size, end, 'history has a gap');
  for (const [writer, answers] of answered) {
    for (const { step, revision } of answers) {
      const event = events.get(revision);
      assert.equal(event?.key, keyOf(writer));
      assert.equal(event.kind, verbOf(step) === 'delete' ? 'delete' : 'put');
      if (event.kind === 'put') assert.equal(stepOf(event.value), step);
    }
  }
}
