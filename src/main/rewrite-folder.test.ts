import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { toUnixSeconds } from '../base/clock.js';
import { utf8 } from '../base/bytes.js';
import { isCountersignError } from '../base/error.js';
import { random } from '../crypto/digest.js';
import { encodeEncryptionKeys } from '../crypto/encryption-keys.js';
import { createEnvelope, type Envelope, type EnvelopeKey } from '../crypto/envelope.js';
import { openLmdbStore } from '../storage/lmdb/lmdb-store.js';
import type { Store } from '../storage/store.js';
import { openTestTerminal } from '../cli/testing/test-terminal.js';
import { MAIN_COMMANDS } from './commands.js';
import { folderKeyFiles } from './key-files.js';
import { discardSecrets, type IdleFolder, rewriteFolder, unreadableSecrets } from './rewrite-folder.js';
import { sealedKeyFiles } from './sealed-key-files.js';
import { encryptedStore, MAX_SEALED_VALUE_BYTES, SECRETS_PREFIX, takeCensus } from './sealed-storage.js';

const VALUE = utf8('{"data":{"password":"aHVudGVyMg=="}}');
const OTHER = '/registry/configmaps/default/c';

const keyOf = (name: string): EnvelopeKey => ({ name, bytes: new Uint8Array(32).fill(name.charCodeAt(0)) });

/** An envelope with keys of these names, the first of which seals. */
const envelopeOf = (first: string, ...others: readonly string[]): Envelope =>
  createEnvelope([keyOf(first), ...others.map(keyOf)], random);

/** A data folder with an empty store. */
async function newFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rewrite-folder-'));
  t.after(() => rm(folder, { recursive: true }));
  await withStore(folder, async () => undefined);
  return folder;
}

async function withStore<Result>(folder: string, work: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await openLmdbStore({ folder: join(folder, 'store'), maxValueBytes: MAX_SEALED_VALUE_BYTES });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Stores a Secret as a server with these keys would; without keys plain. */
function putSecret(folder: string, name: string, envelope?: Envelope): Promise<unknown> {
  return withStore(folder, (store) =>
    encryptedStore(store, envelope).create(`${SECRETS_PREFIX}default/${name}`, VALUE),
  );
}

async function placeOf(folder: string, first: string, ...others: readonly string[]): Promise<IdleFolder> {
  const keyFile = join(folder, 'keys.json');
  const text = await encodeEncryptionKeys([keyOf(first), ...others.map(keyOf)], { path: keyFile, random });
  await writeFile(keyFile, text, { mode: 0o600 });
  return { folder, encryption: { keyFile }, now: toUnixSeconds(0), random };
}

const states = (folder: string, envelope: Envelope) =>
  withStore(folder, async (store) => {
    const { counts } = await takeCensus(store, envelope);
    return Object.entries(counts).filter(([, count]) => count > 0);
  });

const refusedWith = (code: string, says: RegExp) => (error: unknown) =>
  isCountersignError(error) && error.code === code && says.test(error.message);

void suite('a rewrite of a folder', () => {
  test('is refused where no server has run, without keys, and while a server runs', async (t) => {
    const folder = await newFolder(t);
    const place = await placeOf(folder, 'a');
    const nowhere = { ...place, folder: join(folder, 'nowhere') };
    await assert.rejects(rewriteFolder(nowhere, 'sealed'), refusedWith('CONFIG_INVALID', /no server has run in/));
    await assert.rejects(
      rewriteFolder({ ...place, encryption: {} }, 'sealed'),
      refusedWith('CONFIG_INVALID', /there are no keys: give --encryption-key-file or/),
    );
    await withStore(folder, () =>
      assert.rejects(rewriteFolder(place, 'sealed'), refusedWith('STORE_LOCKED', /process/)),
    );
  });

  test('seals what is plain or older with the newest key, own keys too, and forgets how it was', async (t) => {
    const folder = await newFolder(t);
    await putSecret(folder, 'plain');
    await putSecret(folder, 'older', envelopeOf('a'));
    await putSecret(folder, 'newest', envelopeOf('b', 'a'));
    await withStore(folder, (store) => store.create(OTHER, VALUE));
    await folderKeyFiles(folder).write('pki/server-ca.key', 'PEM');
    const place = await placeOf(folder, 'b', 'a');
    assert.deepEqual(await rewriteFolder(place, 'sealed'), {
      looked: 3,
      rewritten: 2,
      files: ['pki/server-ca.key'],
      unreadable: [],
      keyName: 'b',
      spare: ['a'],
    });
    assert.deepEqual(await states(folder, envelopeOf('b')), [['current', 3]]);
    assert.equal(await sealedKeyFiles(folderKeyFiles(folder), envelopeOf('b')).read('pki/server-ca.key'), 'PEM');
    await withStore(folder, async (store) => {
      assert.deepEqual((await store.get(OTHER))?.value, VALUE);
      for (const { value } of (await encryptedStore(store, envelopeOf('b')).list(SECRETS_PREFIX)).entries) {
        assert.deepEqual(value, VALUE);
      }
      await assert.rejects(store.list('', { revision: 4 }), /compacted/);
    });
    const again = await rewriteFolder(place, 'sealed');
    assert.deepEqual([again.looked, again.rewritten, again.files], [3, 0, []]);
  });

  test('goes on where it was interrupted', async (t) => {
    const folder = await newFolder(t);
    await withStore(folder, async (store) => {
      const names = Array.from({ length: 1100 }, (_, i) => `${SECRETS_PREFIX}default/s${i}`);
      await Promise.all(names.map((key) => store.create(key, VALUE)));
    });
    const place = await placeOf(folder, 'a');
    const stop = (): never => {
      throw new Error('the machine lost power');
    };
    await assert.rejects(rewriteFolder(place, 'sealed', stop), /power/);
    assert.deepEqual(await states(folder, envelopeOf('a')), [
      ['plain', 600],
      ['current', 500],
    ]);
    const told: number[] = [];
    const { rewritten } = await rewriteFolder(place, 'sealed', ({ looked }) => told.push(looked));
    assert.deepEqual([rewritten, told], [600, [500, 1000]]);
  });

  test('goes back to plain only where it is told to', async (t) => {
    const folder = await newFolder(t);
    await putSecret(folder, 'a', envelopeOf('a'));
    await sealedKeyFiles(folderKeyFiles(folder), envelopeOf('a')).write('pki/server-ca.key', 'PEM');
    const { rewritten, files, spare } = await rewriteFolder(await placeOf(folder, 'a'), 'plain');
    assert.deepEqual([rewritten, files, spare], [1, ['pki/server-ca.key'], ['a']]);
    assert.deepEqual(await states(folder, envelopeOf('a')), [['plain', 1]]);
    assert.equal(await folderKeyFiles(folder).read('pki/server-ca.key'), 'PEM');
  });
});

void suite('Secrets whose key is lost', () => {
  test('stay as they are in a rewrite, which names them', async (t) => {
    const folder = await newFolder(t);
    await putSecret(folder, 'lost', envelopeOf('x'));
    await putSecret(folder, 'plain');
    const { rewritten, unreadable, spare } = await rewriteFolder(await placeOf(folder, 'b', 'a'), 'sealed');
    assert.deepEqual([rewritten, unreadable, spare], [1, [`${SECRETS_PREFIX}default/lost`], []]);
  });

  test('are listed, and deleted by name; none that can be read is', async (t) => {
    const folder = await newFolder(t);
    const [lost, good] = [`${SECRETS_PREFIX}default/lost`, `${SECRETS_PREFIX}default/good`];
    await putSecret(folder, 'lost', envelopeOf('x'));
    await putSecret(folder, 'good', envelopeOf('a'));
    const place = await placeOf(folder, 'a');
    assert.deepEqual(await unreadableSecrets(place), [lost]);
    for (const keys of [
      [lost, good],
      [lost, `${SECRETS_PREFIX}default/never`],
    ]) {
      await assert.rejects(
        discardSecrets(place, keys),
        refusedWith('CONFIG_INVALID', /it can be read, or is not there/),
      );
    }
    assert.deepEqual(await unreadableSecrets(place), [lost]);
    await discardSecrets(place, [lost]);
    assert.deepEqual(await states(folder, envelopeOf('a')), [['current', 1]]);
  });
});

void suite('the commands', () => {
  const extra = MAIN_COMMANDS;
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [['rewrite', '--plain'], /^error: Cannot use --plain without --data-dir$/m],
    [
      ['rewrite', '--encryption-key-file', 'keys.json'],
      /^error: Cannot use --encryption-key-file without --data-dir: a running server has its keys$/m,
    ],
    [['discard-unreadable'], /^error: Cannot do without --data-dir$/m],
    [['discard-unreadable', '--data-dir', '.', 'name'], /^error: Cannot use "name": it is not namespace\/name$/m],
    [['discard-unreadable', '--data-dir', '.', 'a/b/c'], /^error: Cannot use "a\/b\/c": it is not namespace\/name$/m],
  ];
  for (const [args, says] of refused) {
    test(`refuse: ${args.join(' ')}`, async (t) => {
      const { exitCode, stderr } = await openTestTerminal(t).run(['store', ...args], { extra });
      assert.match(stderr, says);
      assert.equal(exitCode, 1);
    });
  }

  test('say what was done, what is no longer needed, and fail where something could not be opened', async (t) => {
    const folder = await newFolder(t);
    await putSecret(folder, 'plain');
    await putSecret(folder, 'lost', envelopeOf('x'));
    await placeOf(folder, 'b', 'a');
    const terminal = openTestTerminal(t);
    const flags = ['--data-dir', folder, '--encryption-key-file', join(folder, 'keys.json')];
    const store = (...args: readonly string[]) => terminal.run(['store', ...args], { extra });
    assert.deepEqual(await store('rewrite', ...flags), {
      exitCode: 1,
      stdout: `Rewrote 1 of 2 Secrets and 0 of the server's own files: they are sealed with key "b"\n`,
      stderr: 'error: Cannot open 1 Secret, left as it was:\ndefault/lost\n',
    });
    assert.equal((await store('discard-unreadable', ...flags)).stdout, 'default/lost\n');
    assert.equal(
      (await store('discard-unreadable', 'default/lost', ...flags)).stdout,
      'Secret default/lost discarded\n',
    );
    assert.equal((await store('discard-unreadable', ...flags)).stdout, 'All Secrets can be read\n');
    assert.deepEqual(await store('rewrite', ...flags), {
      exitCode: 0,
      stdout: `Rewrote 0 of 1 Secret and 0 of the server's own files: they are sealed with key "b"\nNo longer needed, but by backups: key "a"\n`,
      stderr: '',
    });
  });
});
