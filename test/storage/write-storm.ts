// A process that writes to a store as fast as it can and says what has been answered, until it is killed.
//   write-storm.ts FOLDER WRITERS [compact]
// Each writer works on one key: create, update three times, delete, and again. A line `WRITER STEP REVISION` on stdout
// says that a write has been answered.
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import { openLmdbStore } from '../../src/storage/lmdb/lmdb-store.js';
import type { Revision, Store } from '../../src/storage/store.js';

/** The key of a writer. */
export function keyOf(writer: number): string {
  return `storm/${writer}`;
}

/** What a writer does at a step. */
export function verbOf(step: number): 'create' | 'update' | 'delete' {
  return step % 5 === 0 ? 'create' : step % 5 === 4 ? 'delete' : 'update';
}

/** The value of a step: from a few bytes to several pages, and different everywhere, so that no half of it passes. */
export function valueOf(writer: number, step: number): Uint8Array {
  const head = `${writer} ${step} `;
  const length = 20 + ((writer * 7919 + step * 104_729) % 9000);
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + step * 17 + writer) & 255;
  bytes.write(head);
  return bytes;
}

/** The step that a value says it is from. */
export function stepOf(value: Uint8Array): number {
  return Number(Buffer.from(value).toString('latin1').split(' ')[1]);
}

async function storm(store: Store, writer: number): Promise<never> {
  const key = keyOf(writer);
  const found = await store.get(key);
  if (found !== undefined) await store.delete(key, found.revision);
  let revision: Revision = 0;
  for (let step = 0; ; step++) {
    const verb = verbOf(step);
    if (verb === 'create') revision = await store.create(key, valueOf(writer, step));
    else if (verb === 'update') revision = await store.update(key, valueOf(writer, step), revision);
    else revision = await store.delete(key, revision);
    say(`${writer} ${step} ${revision}\n`);
  }
}

/** Writes to stdout at once, and again while the pipe is full: a kill must not find an answer still in this process. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    }
  }
}

async function compactForever(store: Store): Promise<never> {
  for (;;) {
    await store.compact(await store.currentRevision());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder = '', writers = '1', compact] = process.argv.slice(2);
  const store = await openLmdbStore({ folder });
  const loops: Promise<never>[] = Array.from({ length: Number(writers) }, (_, writer) => storm(store, writer));
  if (compact === 'compact') loops.push(compactForever(store));
  await Promise.all(loops);
}
