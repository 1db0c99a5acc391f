import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { requireTool } from '../tools.js';
import { parseSystemCalls } from './system-calls.js';
import type { SystemCall } from './system-calls.js';

const CHILD = fileURLToPath(new URL('answered-writes.ts', import.meta.url));
const TRACED = 'openat,write,writev,pwrite64,pwritev,pwritev2,fdatasync,fsync,close';

test('no write is answered before its bytes, a flush and the page that makes them count are on the disk', (t) => {
  if (!requireTool(t, 'strace')) return;
  const folder = mkdtempSync(join(tmpdir(), 'countersign-durability-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const trace = join(folder, 'trace');
  const strace = ['-f', '-qq', '-s', '65536', '-e', 'signal=none', '-e', `trace=${TRACED}`, '-o', trace];
  const run = spawnSync('strace', [...strace, process.execPath, '--import', 'tsx', CHILD, join(folder, 'store')], {
    encoding: 'utf8',
  });
  if (run.status !== 0 && /ptrace|PTRACE/.test(run.stderr)) {
    const message = `strace may not trace here: ${run.stderr.trim().split('\n')[0] ?? ''}`;
    process.stderr.write(`\n*** SKIPPED: the order of system calls was not checked: ${message}\n`);
    t.skip(message);
    return;
  }
  assert.equal(run.status, 0, run.stderr);
  const calls = callsOnStore(parseSystemCalls(readFileSync(trace, 'latin1')));
  const answers = run.stdout.trim().split('\n');
  assert.equal(answers.length, 25);
  for (const line of answers) checkOrder(calls, line.replace('answered ', ''));
});

test('a flush that comes too early, or a page that comes too late, would be noticed', () => {
  const calls = (order: readonly string[]): StoreCalls => callsOnStore(parseSystemCalls(order.join('\n')));
  const open = ['1 openat(AT_FDCWD, "x/data.mdb", O_RDWR|O_CREAT, 0600) = 20'];
  const openMeta = ['1 openat(AT_FDCWD, "x/data.mdb", O_WRONLY|O_DSYNC|O_CLOEXEC) = 21'];
  const data = ['2 pwrite64(20, "<m>", 3, 8192 <unfinished ...>', '2 <... pwrite64 resumed>) = 3'];
  const flush = ['2 fdatasync(20) = 0'];
  const meta = ['2 pwrite64(21, "meta", 4, 40) = 4'];
  const answer = ['1 write(1, "answered <m>\\n", 13) = 13'];
  const head = [...open, ...openMeta];
  checkOrder(calls([...head, ...data, ...flush, ...meta, ...answer]), '<m>');
  const wrong = [
    [...head, ...flush, ...data, ...meta, ...answer],
    [...head, ...data, ...meta, ...flush, ...answer],
    [...head, ...data, ...flush, ...answer, ...meta],
    [...head, ...data, ...meta, ...answer],
    [...head, ...data, '2 fdatasync(20) = -1 EIO (Input/output error)', ...meta, ...answer],
  ];
  for (const order of wrong) assert.throws(() => checkOrder(calls(order), '<m>'), assert.AssertionError);
});

/** The calls that matter, by what they do. */
interface StoreCalls {
  readonly dataWrites: readonly SystemCall[];
  readonly flushes: readonly SystemCall[];
  /** Writes through the descriptor opened with O_DSYNC: they return when they are on the disk. */
  readonly metaWrites: readonly SystemCall[];
  readonly answers: readonly SystemCall[];
}

function callsOnStore(calls: readonly SystemCall[]): StoreCalls {
  const opened = calls.filter((call) => call.name === 'openat' && call.text.includes('/data.mdb"') && call.result >= 0);
  const isSynchronous = (call: SystemCall): boolean => call.text.includes('O_DSYNC');
  const data = opened.findLast((call) => !isSynchronous(call))?.result;
  const meta = opened.findLast(isSynchronous)?.result;
  assert.ok(data !== undefined && meta !== undefined, 'the data file was not opened twice');
  const on = (descriptor: number, name: RegExp): readonly SystemCall[] =>
    calls.filter((call) => name.test(call.name) && call.text.startsWith(`${call.name}(${descriptor},`));
  return {
    dataWrites: on(data, /write/),
    flushes: calls.filter(
      (call) => call.text.startsWith(`fdatasync(${data})`) || call.text.startsWith(`fsync(${data})`),
    ),
    metaWrites: on(meta, /write/),
    answers: on(1, /^write$/),
  };
}

/** Asserts: value written, then flushed, then the meta page written and flushed, then the answer given. */
function checkOrder(calls: StoreCalls, mark: string): void {
  const answer = calls.answers.find((call) => call.text.includes(`answered ${mark}`));
  const data = calls.dataWrites.find((call) => call.text.includes(mark));
  assert.ok(answer !== undefined, `${mark}: no answer was seen`);
  assert.ok(data !== undefined, `${mark}: its bytes were never written`);
  const flush = calls.flushes.find((call) => call.start > data.end && call.result === 0);
  assert.ok(flush !== undefined, `${mark}: nothing was flushed after its bytes were written`);
  const meta = calls.metaWrites.find((call) => call.start > flush.end && call.result > 0);
  assert.ok(meta !== undefined, `${mark}: no meta page was written after the flush`);
  assert.ok(answer.start > meta.end, `${mark}: it was answered before it was on the disk`);
}
