import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createMemoryStore } from '../storage/memory/memory-store.js';
import { folderKeyFiles, type KeyFiles, keyFilesUnder, memoryKeyFiles } from './key-files.js';
import { storeKeyFiles } from './store-key-files.js';

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'key-files-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** Each opens the same files as often as it is called. */
const PLACES: Readonly<Record<string, (t: TestContext) => Promise<() => KeyFiles>>> = {
  'in memory': async () => {
    const files = memoryKeyFiles();
    return () => files;
  },
  'in a folder': async (t) => {
    const folder = await folderFor(t);
    return () => folderKeyFiles(folder);
  },
  'below a folder': async (t) => {
    const folder = await folderFor(t);
    return () => keyFilesUnder(folderKeyFiles(folder), 'signers/example.com_web');
  },
  'in a store': async (t) => {
    const store = createMemoryStore();
    t.after(() => store.close());
    return () => storeKeyFiles(store);
  },
};

for (const [place, openPlace] of Object.entries(PLACES)) {
  test(`${place}: nothing is read where nothing is`, async (t) => {
    assert.equal(await (await openPlace(t))().read('pki/ca.key'), undefined);
  });

  test(`${place}: who creates second gets what is there, and leaves it`, async (t) => {
    const open = await openPlace(t);
    assert.equal(await open().create('pki/ca.key', 'first'), 'first');
    assert.equal(await open().create('pki/ca.key', 'second'), 'first');
    assert.equal(await open().read('pki/ca.key'), 'first');
  });

  test(`${place}: of many who create at once one wins, and all learn what it wrote`, async (t) => {
    const open = await openPlace(t);
    const texts = Array.from({ length: 8 }, (_, i) => `key ${i}`);
    const answers = await Promise.all(texts.map((text) => open().create('pki/ca.key', text)));
    assert.equal(new Set(answers).size, 1);
    assert.equal(await open().read('pki/ca.key'), answers[0]);
  });

  test(`${place}: who replaces what is no longer there changes nothing`, async (t) => {
    const files = (await openPlace(t))();
    assert.equal(await files.replace('pki/ca.key', 'old', 'new'), false);
    await files.write('pki/ca.key', 'other');
    assert.equal(await files.replace('pki/ca.key', 'old', 'new'), false);
    assert.equal(await files.read('pki/ca.key'), 'other');
    assert.equal(await files.replace('pki/ca.key', 'other', 'new'), true);
    assert.equal(await files.read('pki/ca.key'), 'new');
  });

  test(`${place}: the names below a folder are told, in order, and no others`, async (t) => {
    const files = (await openPlace(t))();
    assert.deepEqual(await files.names('pki'), []);
    for (const name of ['signers/b/ca.key', 'pki/ca.key', 'signers/a/ca.key', 'signers.key']) {
      await files.write(name, 'text');
    }
    assert.deepEqual(await files.names('signers'), ['signers/a/ca.key', 'signers/b/ca.key']);
    assert.deepEqual(await keyFilesUnder(files, 'signers').names('a'), ['a/ca.key']);
  });

  test(`${place}: writing replaces what is there`, async (t) => {
    const files = (await openPlace(t))();
    await files.create('serving.json', 'old');
    await files.write('serving.json', 'new');
    assert.equal(await files.read('serving.json'), 'new');
  });
}

test('a folder does not count what a crash left as a file', async (t) => {
  const folder = await folderFor(t);
  const files = folderKeyFiles(folder);
  await files.write('pki/ca.key', 'text');
  await writeFile(join(folder, 'pki', 'ca.key.0123.new'), 'te');
  assert.deepEqual(await files.names('pki'), ['pki/ca.key']);
});

test('a folder holds files of their owner only, and no draft', async (t) => {
  const folder = await folderFor(t);
  const files = folderKeyFiles(folder);
  await Promise.all([files.create('pki/ca.key', 'a'), files.create('pki/ca.key', 'b'), files.write('pki/ca.crt', 'c')]);
  assert.deepEqual((await readdir(join(folder, 'pki'))).sort(), ['ca.crt', 'ca.key']);
  assert.equal((await stat(join(folder, 'pki'))).mode & 0o777, 0o700);
  for (const name of ['ca.crt', 'ca.key']) assert.equal((await stat(join(folder, 'pki', name))).mode & 0o777, 0o600);
});
