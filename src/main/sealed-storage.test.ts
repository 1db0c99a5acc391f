import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { utf8 } from '../base/bytes.js';
import { toUnixSeconds } from '../base/clock.js';
import { isCountersignError } from '../base/error.js';
import { FakeClock } from '../base/fake-clock.js';
import type { Logger } from '../base/logger.js';
import { random } from '../crypto/digest.js';
import { encodeEncryptionKeys } from '../crypto/encryption-keys.js';
import { isSealedText, sealedKeyName } from '../crypto/envelope.js';
import { createSecrets } from '../registry/secrets/secrets.js';
import { createMemoryStore } from '../storage/memory/memory-store.js';
import { DEFAULT_MAX_VALUE_BYTES, type Store } from '../storage/store.js';
import { type EncryptionFiles, openEnvelope } from './encryption-keys-file.js';
import { type KeyFiles, memoryKeyFiles } from './key-files.js';
import { LOCKED_KEYS_FILE } from './sealed-key-files.js';
import { MAX_SEALED_VALUE_BYTES, sealStorage, SECRETS_PREFIX } from './sealed-storage.js';

const DB = `${SECRETS_PREFIX}default/db`;
const PLAIN = utf8('{"data":{}}');

/** A server's things, which outlive it. */
interface Place {
  readonly store: Store;
  readonly files: KeyFiles;
}

const newPlace = (): Place => ({
  store: createMemoryStore({ maxValueBytes: MAX_SEALED_VALUE_BYTES }),
  files: memoryKeyFiles(),
});

/** What was logged: level and message. */
function recordingLogger(lines: string[]): Logger {
  const log =
    (level: string) =>
    (message: string): void => {
      lines.push(`${level} ${message}`);
    };
  const logger: Logger = {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    with: () => logger,
  };
  return logger;
}

function start({ store, files }: Place, encryption: EncryptionFiles, lines: string[] = []) {
  const logger = recordingLogger(lines);
  return sealStorage({ store, files, sharedFiles: files, encryption, clock: new FakeClock(0), random, logger });
}

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sealed-storage-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** A file of keys; each name gives bytes of its own, unless told otherwise. */
async function keyFile(folder: string, ...names: readonly (string | { name: string; fill: number })[]) {
  const [first, ...rest] = names.map((key) => {
    const { name, fill } = typeof key === 'string' ? { name: key, fill: key.charCodeAt(0) } : key;
    return { name, bytes: new Uint8Array(32).fill(fill) };
  });
  assert.ok(first !== undefined);
  const keyFile = join(folder, `${names.length}-${first.name}-${first.bytes[0] ?? 0}.json`);
  await writeFile(keyFile, await encodeEncryptionKeys([first, ...rest], { path: keyFile, random }), { mode: 0o600 });
  return { keyFile };
}

async function passphraseFile(folder: string, text: string): Promise<EncryptionFiles> {
  const path = join(folder, `${text.length}.passphrase`);
  await writeFile(path, `${text}\n`);
  await chmod(path, 0o600);
  return { passphraseFile: path };
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    assert.ok(isCountersignError(error), String(error));
    return `${error.code} ${error.message}`;
  }
  assert.fail('it was not refused');
}

test('seals where Secrets lie', () => {
  assert.equal(createSecrets().keyPrefix, SECRETS_PREFIX);
});

test('refuses, and changes nothing, where a Secret is sealed with a key that is not at hand', async (t) => {
  const folder = await folderFor(t);
  const place = newPlace();
  const { store } = await start(place, await keyFile(folder, 'a'));
  await store.create(DB, PLAIN);
  await place.files.write('pki/new.key', 'PEM');
  const remedy =
    'give --encryption-key-file with it, or, if it is lost, remove them with "countersign store discard-unreadable"';
  const refusals = [
    {
      encryption: {},
      says: `SEAL_KEY_UNKNOWN Cannot open the store: 1 Secret cannot be read, such as "${DB}": its key "a" is not at hand: ${remedy}`,
    },
    {
      encryption: await keyFile(folder, 'b'),
      says: `SEAL_KEY_UNKNOWN Cannot open the store: 1 Secret cannot be read, such as "${DB}": its key "a" is not at hand: ${remedy}`,
    },
    {
      encryption: await keyFile(folder, { name: 'a', fill: 9 }),
      says: `SEAL_INVALID Cannot open the store: 1 Secret cannot be read, such as "${DB}": its key "a" is another one in the file of keys: ${remedy}`,
    },
  ];
  for (const { encryption, says } of refusals) {
    assert.equal(await refusal(start(place, encryption)), says);
    assert.equal(await place.files.read('pki/new.key'), 'PEM');
  }
});

test('refuses where an own key is sealed with a key that is not at hand', async (t) => {
  const folder = await folderFor(t);
  const place = newPlace();
  const { files } = await start(place, await keyFile(folder, 'a'));
  await files.write('pki/server-ca.key', 'PEM');
  assert.match(
    await refusal(start(place, await keyFile(folder, 'b'))),
    /^SEAL_KEY_UNKNOWN Cannot open "pki\/server-ca.key": it is sealed with key "a", and here is "b"$/,
  );
  const withoutKeys = await start(place, {});
  assert.match(await refusal(withoutKeys.files.read('pki/server-ca.key')), /give --encryption-key-file or/);
});

test('refuses a passphrase with a typing error, and makes no new keys where the old ones were lost', async (t) => {
  const folder = await folderFor(t);
  const place = newPlace();
  const right = await passphraseFile(folder, 'correct horse');
  const first = await start(place, right);
  await first.store.create(DB, PLAIN);
  await first.files.write('pki/server-ca.key', 'PEM');
  const locked = (await place.files.read(LOCKED_KEYS_FILE)) ?? '';
  assert.match(
    await refusal(start(place, await passphraseFile(folder, 'correct horses'))),
    /^CONFIG_INVALID Cannot read encryption keys: pki\/encryption-keys.json: the passphrase is not the one that locks key/,
  );
  assert.equal(await place.files.read(LOCKED_KEYS_FILE), locked);
  const again = await start(place, right);
  assert.deepEqual((await again.store.get(DB))?.value, PLAIN);
  const lost: KeyFiles = {
    ...place.files,
    read: async (name) => (name === LOCKED_KEYS_FILE ? undefined : place.files.read(name)),
  };
  const options = { encryption: right, files: lost, now: toUnixSeconds(0), random };
  assert.match(
    await refusal(openEnvelope(options)),
    /^CONFIG_INVALID Cannot open encryption keys: pki\/encryption-keys.json is missing in the data folder, and pki\/server-ca.key is sealed with key "1970-01-01-[0-9a-f]{6}": put it back/,
  );
});

test('refuses a passphrase alone where servers share a store', async (t) => {
  const { store, files } = newPlace();
  const encryption = await passphraseFile(await folderFor(t), 'correct horse');
  const logger = recordingLogger([]);
  const clock = new FakeClock(0);
  assert.equal(
    await refusal(sealStorage({ store, files, sharedFiles: memoryKeyFiles(), encryption, clock, random, logger })),
    'CONFIG_INVALID Cannot use --encryption-passphrase-file alone with a store that servers share: make a file with "countersign store genkey", and give it to each with --encryption-key-file',
  );
  assert.deepEqual(await files.names('pki'), []);
});

test('seals Secrets that are written and own keys at the start, and nothing else', async (t) => {
  const place = newPlace();
  await place.files.write('pki/server-ca.key', 'PEM');
  await place.store.create(DB, PLAIN);
  const lines: string[] = [];
  const { store, files, envelope } = await start(place, await keyFile(await folderFor(t), 'a'), lines);
  assert.deepEqual(lines, [
    'info Own keys sealed',
    'warn Secrets not sealed with the newest key: "countersign store rewrite" does it',
  ]);
  assert.equal(envelope?.keyName, 'a');
  assert.ok(isSealedText((await place.files.read('pki/server-ca.key')) ?? ''));
  assert.equal(await files.read('pki/server-ca.key'), 'PEM');
  assert.deepEqual(await store.get(DB), { key: DB, value: PLAIN, revision: 1, stale: true });
  await store.update(DB, PLAIN, 1);
  await store.create('/registry/configmaps/default/db', PLAIN);
  assert.equal(sealedKeyName((await place.store.get(DB))?.value ?? PLAIN), 'a');
  assert.deepEqual((await place.store.get('/registry/configmaps/default/db'))?.value, PLAIN);
});

test('goes on with a newer key, and tells once more what is still under the old one', async (t) => {
  const folder = await folderFor(t);
  const place = newPlace();
  const old = await start(place, await keyFile(folder, 'a'));
  await old.store.create(DB, PLAIN);
  const lines: string[] = [];
  const { store } = await start(place, await keyFile(folder, 'b', 'a'), lines);
  assert.deepEqual(lines, ['warn Secrets not sealed with the newest key: "countersign store rewrite" does it']);
  assert.equal((await store.get(DB))?.stale, true);
});

test('starts where one Secret is damaged, and says so', async (t) => {
  const place = newPlace();
  await place.store.create(DB, utf8('countersign:enc:v1:a'));
  const lines: string[] = [];
  const { store } = await start(place, await keyFile(await folderFor(t), 'a'), lines);
  assert.deepEqual(lines, ['error Secrets damaged']);
  assert.match(await refusal(store.get(DB)), /^SEAL_INVALID/);
});

test('takes the largest value of a store, sealed', async (t) => {
  const { store } = await start(newPlace(), await keyFile(await folderFor(t), 'k'.repeat(64)));
  await store.create(DB, new Uint8Array(DEFAULT_MAX_VALUE_BYTES));
});
