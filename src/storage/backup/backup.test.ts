import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { concatBytes, utf8 } from '../../base/bytes.js';
import { hasCode } from '../../base/error.js';
import { beginSha256, sha256 } from '../../crypto/digest.js';
import { createMemoryStore } from '../memory/memory-store.js';
import type { Store } from '../store.js';
import { type BackupFile, type BackupRecord, encodeFrame, type Hashing } from './backup-format.js';
import { readBackup } from './read-backup.js';
import { writeBackup } from './write-backup.js';

const hashing: Hashing = { sha256, begin: beginSha256 };
const header = { createdAt: '2026-11-23T16:58:39Z', program: '0.1.0', keys: 'files' } as const;
const KEY: BackupFile = { name: 'pki/server-ca.key', content: utf8('key') };

async function backupOf(store: Store, files: readonly BackupFile[] = [KEY]): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of writeBackup({ store, files: async () => files, header, hashing })) parts.push(part);
  return concatBytes(parts);
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function recordsOf(bytes: Uint8Array, size = 1000): Promise<readonly BackupRecord[]> {
  const records: BackupRecord[] = [];
  for await (const record of readBackup(pieces(bytes, size), hashing)) records.push(record);
  return records;
}

async function refusal(bytes: Uint8Array): Promise<string> {
  try {
    await recordsOf(bytes);
  } catch (error) {
    assert.ok(hasCode(error, 'BACKUP_INVALID'), String(error));
    return error.message;
  }
  return assert.fail('it was taken');
}

/** A backup of these records, each of them well-formed. */
function assembled(records: readonly BackupRecord[], line = 'countersign-backup 1\n'): Uint8Array {
  const parts = [utf8(line), ...records.map((record) => encodeFrame(record, hashing))];
  const hash = beginSha256();
  for (const part of parts) hash.update(part);
  const count = (kind: string): number => records.filter((record) => record.kind === kind).length;
  const digest = Buffer.from(hash.digest()).toString('hex');
  const end = { entries: count('entry'), files: count('file'), sha256: digest };
  return concatBytes([...parts, encodeFrame({ kind: 'end', end }, hashing)]);
}

const HEADER: BackupRecord = { kind: 'header', header: { revision: 5, ...header } };
const FILE: BackupRecord = { kind: 'file', file: KEY };

function entry(key: string, revision = 1): BackupRecord {
  return { kind: 'entry', entry: { key, revision, value: utf8('v') } };
}

function fileNamed(name: string): BackupRecord {
  return { kind: 'file', file: { name, content: utf8('') } };
}

const refused: readonly { readonly name: string; readonly bytes: Uint8Array; readonly message: string }[] = [
  { name: 'nothing', bytes: new Uint8Array(0), message: 'it does not begin with "countersign-backup 1"' },
  {
    name: 'something else',
    bytes: utf8(`${'x'.repeat(100)}\n`),
    message: 'it does not begin with "countersign-backup 1"',
  },
  { name: 'a long line', bytes: utf8('x'.repeat(5000)), message: 'it does not begin with "countersign-backup 1"' },
  {
    name: 'a newer format',
    bytes: assembled([HEADER], 'countersign-backup 2\n'),
    message: 'it has format 2, known is 1: another version of this program wrote it',
  },
  { name: 'no header', bytes: assembled([entry('/a')]), message: 'it has no header' },
  { name: 'two headers', bytes: assembled([HEADER, HEADER]), message: 'it has two headers' },
  { name: 'a key twice', bytes: assembled([HEADER, entry('/a'), entry('/a')]), message: 'key "/a" is not in order' },
  {
    name: 'keys in disorder',
    bytes: assembled([HEADER, entry('/b'), entry('/a')]),
    message: 'key "/a" is not in order',
  },
  {
    name: 'an entry of the future',
    bytes: assembled([HEADER, entry('/a', 6)]),
    message: 'key "/a" has revision 6, newer than the backup',
  },
  { name: 'an entry without revision', bytes: assembled([HEADER, entry('/a', 0)]), message: 'an entry is malformed' },
  { name: 'an entry without key', bytes: assembled([HEADER, entry('')]), message: 'an entry is malformed' },
  { name: 'an entry after a file', bytes: assembled([HEADER, FILE, entry('/a')]), message: 'an entry follows a file' },
  ...['../a', '/etc/passwd', 'pki/../../a', 'pki//a', 'a', 'pki/.a', 'pki/a.new', 'pki/a\nb', 'pki\\a'].map((name) => ({
    name: `a file called ${JSON.stringify(name)}`,
    bytes: assembled([HEADER, fileNamed(name)]),
    message: `${JSON.stringify(name)} is no name of a file`,
  })),
  {
    name: 'a length beyond all bounds',
    bytes: concatBytes([utf8('countersign-backup 1\n'), Uint8Array.of(0xff, 0, 0, 0, 2)]),
    message: 'at byte 21: a record claims 4278190080 bytes',
  },
  {
    name: 'something after its end',
    bytes: concatBytes([assembled([HEADER]), utf8('x')]),
    message: 'something follows its end',
  },
  {
    name: 'a backup after its end',
    bytes: concatBytes([assembled([HEADER]), encodeFrame(FILE, hashing)]),
    message: 'something follows its end',
  },
];

suite('reading refuses', () => {
  for (const { name, bytes, message } of refused) {
    test(name, async () => {
      assert.equal(await refusal(bytes), `Cannot read backup: ${message}`);
    });
  }

  test('a part that was taken out, or told twice', async () => {
    const whole = [HEADER, entry('/a'), entry('/b')] as const;
    const end = assembled(whole).subarray(-(await lengthOfEnd(whole)));
    for (const kept of [[HEADER, entry('/a')], [HEADER]]) {
      const parts = [utf8('countersign-backup 1\n'), ...kept.map((record) => encodeFrame(record, hashing)), end];
      assert.match(await refusal(concatBytes(parts)), /its parts are not those that its end tells of/);
    }
  });

  test('every backup that is cut off, wherever', async () => {
    const bytes = assembled([HEADER, entry('/a'), FILE]);
    for (let length = 0; length < bytes.length; length++) {
      assert.match(await refusal(bytes.subarray(0, length)), /cut off|does not begin/, String(length));
    }
  });

  test('every backup with one bit that is wrong, wherever', async () => {
    const bytes = assembled([HEADER, entry('/a'), FILE]);
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
      await assert.rejects(recordsOf(damaged), (error) => hasCode(error, 'BACKUP_INVALID'), `byte ${at}`);
    }
  });
});

async function lengthOfEnd(records: readonly BackupRecord[]): Promise<number> {
  const before = [utf8('countersign-backup 1\n'), ...records.map((record) => encodeFrame(record, hashing))];
  return assembled(records).length - concatBytes(before).length;
}

test('what was written is read, however it is cut into pieces', async () => {
  const store = createMemoryStore();
  for (let i = 0; i < 450; i++) await store.create(`/registry/x/${String(i).padStart(3, '0')}`, utf8(`value ${i}`));
  const revision = await store.update('/registry/x/007', utf8('x'.repeat(100_000)), 8);
  await store.delete('/registry/x/008', 9);
  const bytes = await backupOf(store);
  const { entries } = await store.list('');
  const expected: readonly BackupRecord[] = [
    { kind: 'header', header: { revision: revision + 1, ...header } },
    ...entries.map((e): BackupRecord => ({ kind: 'entry', entry: { ...e, value: new Uint8Array(e.value) } })),
    FILE,
  ];
  for (const size of [7, 1000, bytes.length]) {
    const records = await recordsOf(bytes, size);
    assert.deepEqual(plain(records.slice(0, -1)), plain(expected), String(size));
    const last = records.at(-1);
    assert.ok(last?.kind === 'end');
    assert.deepEqual([last.end.entries, last.end.files], [449, 1]);
  }
});

function plain(records: readonly BackupRecord[]): unknown {
  return records.map((record) => {
    if (record.kind === 'entry') return { ...record.entry, value: Buffer.from(record.entry.value).toString() };
    return record.kind === 'file' ? [record.file.name, Buffer.from(record.file.content).toString()] : record;
  });
}

test('a store that is written to meanwhile is shown as it was when the backup began', async () => {
  const store = createMemoryStore();
  for (let i = 0; i < 500; i++) await store.create(`/k/${String(i).padStart(3, '0')}`, utf8('x'.repeat(1000)));
  const parts: Uint8Array[] = [];
  let round = 0;
  for await (const part of writeBackup({ store, files: async () => [], header, hashing })) {
    parts.push(part);
    const { entries } = await store.list('/k/4');
    for (const { key, revision } of entries.slice(0, 5)) await store.update(key, utf8('new'), revision);
    await store.create(`/k/9${round++}`, utf8('new'));
  }
  const records = await recordsOf(concatBytes(parts));
  assert.equal(records.length, 502);
  for (const record of records) if (record.kind === 'entry') assert.equal(record.entry.value.length, 1000);
});

test('a backup that history does not wait for fails, and what there is of it is refused', async () => {
  const store = createMemoryStore();
  for (let i = 0; i < 500; i++) await store.create(`/k/${String(i).padStart(3, '0')}`, utf8('x'.repeat(1000)));
  const parts: Uint8Array[] = [];
  await assert.rejects(
    async () => {
      for await (const part of writeBackup({ store, files: async () => [], header, hashing })) {
        parts.push(part);
        await store.create(`/later/${parts.length}`, utf8(''));
        await store.compact(await store.currentRevision());
      }
    },
    (error) => hasCode(error, 'STORE_COMPACTED'),
  );
  assert.match(await refusal(concatBytes(parts)), /it has no end: it was cut off/);
});
