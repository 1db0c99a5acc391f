import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { suite, test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { AuditFile, type AuditFileOptions } from './audit-file.js';
import { AuditStream } from './audit-stream.js';

interface Opened {
  readonly folder: string;
  readonly path: string;
  readonly file: AuditFile;
  readonly lost: { count: number; reasons: string[] };
  readonly problems: string[];
  /** Moves the file's clock on. */
  readonly later: (ms: number) => void;
  readonly text: () => Promise<string>;
  /** Names of the files beside the log. */
  readonly others: () => Promise<readonly string[]>;
}

const DAY_MS = 86_400_000;

async function prepared(t: TestContext, options: Partial<AuditFileOptions> = {}, name = 'audit.log'): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-audit-'));
  const path = join(folder, name);
  let now = Date.parse('2026-11-23T16:58:39.123Z');
  const lost: Opened['lost'] = { count: 0, reasons: [] };
  const problems: string[] = [];
  const file = new AuditFile({
    path,
    maxBytes: 1_000_000,
    maxAgeDays: 0,
    maxBackups: 0,
    compress: false,
    now: () => now,
    onLost: (count, reason) => {
      lost.count += count;
      lost.reasons.push(reason);
    },
    onProblem: (reason) => problems.push(reason),
    ...options,
  });
  t.after(async () => {
    await file.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    folder,
    path,
    file,
    lost,
    problems,
    later: (ms) => {
      now += ms;
    },
    text: () => readFile(path, 'utf8'),
    others: async () => (await readdir(folder)).filter((other) => other !== name).sort(),
  };
}

async function opened(t: TestContext, options: Partial<AuditFileOptions> = {}, name?: string): Promise<Opened> {
  const log = await prepared(t, options, name);
  await log.file.open();
  return log;
}

suite('opening refuses', () => {
  test('a folder in its place, and a folder that is not there', async (t) => {
    const log = await prepared(t);
    await mkdir(log.path);
    await assert.rejects(log.file.open(), { code: 'EISDIR' });
    const other = await prepared(t, {}, 'none/audit.log');
    await assert.rejects(other.file.open(), { code: 'ENOENT' });
  });
});

test('every event is a line of a file that only its owner may read', async (t) => {
  const log = await opened(t);
  assert.deepEqual(await Promise.all(['{"a":1}', '{"b":2}', '{"ü":3}'].map((line) => log.file.write(line))), [
    true,
    true,
    true,
  ]);
  assert.equal(await log.text(), '{"a":1}\n{"b":2}\n{"ü":3}\n');
  assert.equal((await stat(log.path)).mode & 0o777, 0o600);
});

test('a file that is there is continued, with the rights that it has', async (t) => {
  const log = await prepared(t);
  await writeFile(log.path, 'old\n');
  await chmod(log.path, 0o640);
  await log.file.open();
  await log.file.write('new');
  assert.equal(await log.text(), 'old\nnew\n');
  assert.equal((await stat(log.path)).mode & 0o777, 0o640);
});

test('half a line that a crash left is ended first', async (t) => {
  const log = await prepared(t);
  await writeFile(log.path, 'whole\nha');
  await log.file.open();
  await log.file.write('new');
  await log.file.write('newer');
  assert.equal(await log.text(), 'whole\nha\nnew\nnewer\n');
});

suite('a full file', () => {
  test('is put aside under the time, and a new one begins with its rights', async (t) => {
    const log = await prepared(t, { maxBytes: 10 });
    await writeFile(log.path, '');
    await chmod(log.path, 0o640);
    await log.file.open();
    for (const line of ['12345', '6789', 'abc']) await log.file.write(line);
    log.later(1000);
    await log.file.write('this is longer than a file may be');
    assert.equal(await log.text(), 'this is longer than a file may be\n');
    const [first, second, ...more] = await log.others();
    assert.deepEqual(
      [first, second, more],
      ['audit-2026-11-23T16-58-39.123.log', 'audit-2026-11-23T16-58-40.123.log', []],
    );
    assert.equal(await readFile(join(log.folder, first ?? ''), 'utf8'), '12345\n');
    assert.equal(await readFile(join(log.folder, second ?? ''), 'utf8'), '6789\nabc\n');
    assert.equal((await stat(log.path)).mode & 0o777, 0o640);
  });

  test('never takes the place of one that was put aside in the same millisecond', async (t) => {
    const log = await opened(t, { maxBytes: 4 });
    for (const line of ['aaa', 'bbb', 'ccc']) await log.file.write(line);
    const names = await log.others();
    assert.deepEqual(names, ['audit-2026-11-23T16-58-39.123.log', 'audit-2026-11-23T16-58-39.124.log']);
  });

  test('grows on where it cannot be put aside', async (t) => {
    const log = await opened(t, { maxBytes: 10, now: () => Number.NaN });
    await log.file.write('aaaaaaaa');
    assert.equal(await log.file.write('bbb'), true);
    assert.equal(await log.text(), 'aaaaaaaa\nbbb\n');
    assert.equal(log.problems.length, 1);
    assert.equal(log.lost.count, 0);
  });

  test('under load loses nothing and tears no line', async (t) => {
    const log = await opened(t, { maxBytes: 20_000 });
    const lines = Array.from({ length: 5000 }, (_, i) => JSON.stringify({ i, filler: 'x'.repeat(i % 50) }));
    for (let i = 0; i < lines.length; i += 37) {
      const written = lines.slice(i, i + 37).map((line) => log.file.write(line));
      if (i % 5 === 0) await Promise.all(written);
    }
    await log.file.close();
    const parts = await Promise.all((await log.others()).map((name) => readFile(join(log.folder, name), 'utf8')));
    assert.ok(parts.length > 5);
    assert.ok(parts.every((part) => part.endsWith('\n')));
    assert.equal([...parts, await log.text()].join(''), lines.map((line) => `${line}\n`).join(''));
    assert.equal(log.lost.count, 0);
  });
});

suite('of files put aside', () => {
  /** Names like those of files put aside so many days ago. */
  const ago = (days: number, extension = '.log'): string => {
    const stamp = new Date(Date.parse('2026-11-23T16:58:39.123Z') - days * DAY_MS).toISOString();
    return `audit-${stamp.slice(0, -1).replaceAll(':', '-')}${extension}`;
  };

  async function tidied(t: TestContext, options: Partial<AuditFileOptions>, names: readonly string[]) {
    const log = await prepared(t, options);
    for (const name of names) await writeFile(join(log.folder, name), name);
    await log.file.open();
    await log.file.close();
    assert.deepEqual(log.problems, []);
    return log;
  }

  test('only the newest stay, the compressed among them', async (t) => {
    const log = await tidied(t, { maxBackups: 2 }, [ago(3), ago(2, '.log.gz'), ago(1), ago(4)]);
    assert.deepEqual(await log.others(), [ago(2, '.log.gz'), ago(1)]);
  });

  test('only those of the last days stay', async (t) => {
    const log = await tidied(t, { maxAgeDays: 2 }, [ago(3), ago(2.5, '.log.gz'), ago(1)]);
    assert.deepEqual(await log.others(), [ago(1)]);
  });

  test('each is compressed, whole, and nothing of another name is touched', async (t) => {
    const others = ['audit-notes.log', 'other.log', 'audit-2026-11-23.log', 'audit.log.1'];
    const log = await tidied(t, { compress: true, maxBackups: 1, maxAgeDays: 1 }, [ago(0.5), ...others]);
    assert.deepEqual(await log.others(), [ago(0.5, '.log.gz'), ...others].sort());
    const bytes = await readFile(join(log.folder, ago(0.5, '.log.gz')));
    assert.equal(gunzipSync(bytes).toString(), ago(0.5));
  });
});

suite('a file that somebody else', () => {
  test('moved away, or removed, is begun anew within a second', async (t) => {
    const log = await opened(t);
    await log.file.write('a');
    await rename(log.path, `${log.path}.1`);
    log.later(1000);
    await log.file.write('b');
    assert.equal(await log.text(), 'b\n');
    assert.equal(await readFile(`${log.path}.1`, 'utf8'), 'a\n');
    await rm(log.path);
    log.later(1000);
    await log.file.write('c');
    assert.equal(await log.text(), 'c\n');
  });

  test('emptied is gone on with', async (t) => {
    const log = await opened(t, { maxBytes: 10 });
    await log.file.write('12345678');
    await truncate(log.path);
    log.later(1000);
    await log.file.write('abc');
    assert.equal(await log.text(), 'abc\n');
    assert.deepEqual(await log.others(), []);
  });
});

suite('events are lost, counted and told', () => {
  test('when the file cannot be opened again, and written again once it can', async (t) => {
    const log = await opened(t);
    await rm(log.folder, { recursive: true });
    log.later(1000);
    assert.deepEqual(await Promise.all([log.file.write('a'), log.file.write('b')]), [false, false]);
    assert.equal(log.lost.count, 2);
    assert.match(log.lost.reasons[0] ?? '', /ENOENT/);
    await mkdir(log.folder);
    assert.equal(await log.file.write('c'), true);
    assert.equal(await log.text(), 'c\n');
  });

  test('when the disk is full', async (t) => {
    const log = await prepared(t, { path: '/dev/full' });
    await log.file.open();
    assert.equal(await log.file.write('a'), false);
    assert.match(log.lost.reasons[0] ?? '', /ENOSPC/);
  });

  test('when more waits than there is room for', async (t) => {
    const log = await opened(t);
    const line = 'x'.repeat(1024 * 1024);
    const written = await Promise.all(Array.from({ length: 40 }, () => log.file.write(line)));
    const lost = written.filter((ok) => !ok).length;
    assert.ok(lost > 0 && lost < 10);
    assert.equal(log.lost.count, lost);
    assert.equal(await log.file.write('after'), true);
  });

  test('when the log is closed', async (t) => {
    const log = await opened(t);
    const last = log.file.write('last');
    await log.file.close();
    assert.equal(await last, true);
    assert.equal(await log.file.write('late'), false);
    assert.equal(await log.text(), 'last\n');
    assert.equal(log.lost.count, 1);
    await log.file.close();
  });

  test('when a stream fails, or nobody reads it', async () => {
    const reasons: string[] = [];
    const onLost = (_count: number, reason: string): void => void reasons.push(reason);
    const broken = new Writable({
      write: (_chunk, _encoding, done) => {
        done(new Error('broken pipe'));
      },
    });
    broken.on('error', () => undefined);
    assert.equal(await new AuditStream(broken, onLost).write('a'), false);
    const stuck = new Writable({ write: () => undefined });
    const stream = new AuditStream(stuck, onLost);
    for (let i = 0; i < 32; i++) void stream.write('x'.repeat(1024 * 1024));
    assert.equal(await stream.write('one more'), false);
    assert.deepEqual(reasons, ['broken pipe', 'the reader is too slow']);
  });
});

test('a stream gets one line an event', async () => {
  const stream = new PassThrough();
  const log = new AuditStream(stream, () => assert.fail('nothing is lost'));
  assert.deepEqual(await Promise.all([log.write('a'), log.write('b')]), [true, true]);
  assert.equal(String(stream.read()), 'a\nb\n');
});
