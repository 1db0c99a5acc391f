import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '../base/error.js';
import { createMemoryStore } from '../storage/memory/memory-store.js';
import { storeKeyFiles } from './store-key-files.js';

test('a file that is no text is refused', async () => {
  const store = createMemoryStore();
  await store.create('/countersign/keys/pki/ca.key', Uint8Array.of(0xff));
  await assert.rejects(
    storeKeyFiles(store).read('pki/ca.key'),
    (error) =>
      hasCode(error, 'STORE_CORRUPT') &&
      error.message === 'Cannot read "/countersign/keys/pki/ca.key": it is not UTF-8',
  );
});

test('a store that cannot be reached is no store without files', async () => {
  const store = createMemoryStore();
  await store.close();
  const files = storeKeyFiles(store);
  for (const act of [
    () => files.read('a'),
    () => files.create('a', ''),
    () => files.write('a', ''),
    () => files.replace('a', '', ''),
    () => files.names('pki'),
  ])
    await assert.rejects(act, (error) => hasCode(error, 'STORE_CLOSED'));
});

test('who writes while others do writes all the same, and the last one counts', async () => {
  const store = createMemoryStore();
  const texts = Array.from({ length: 20 }, (_, i) => String(i));
  await Promise.all(texts.map((text) => storeKeyFiles(store).write('ring', text)));
  assert.ok(texts.includes((await storeKeyFiles(store).read('ring')) ?? ''));
});

test('of many who replace the same text one wins', async () => {
  const store = createMemoryStore();
  await storeKeyFiles(store).write('ring', 'old');
  const texts = Array.from({ length: 20 }, (_, i) => String(i));
  const won = await Promise.all(texts.map((text) => storeKeyFiles(store).replace('ring', 'old', text)));
  assert.deepEqual(
    texts.filter((_, i) => won[i]),
    [await storeKeyFiles(store).read('ring')],
  );
});

test('files lie outside the objects of the API, and all of their names are found', async () => {
  const store = createMemoryStore();
  const files = storeKeyFiles(store);
  const names = Array.from({ length: 1203 }, (_, i) => `signers/s${String(i).padStart(4, '0')}/ca.crt`);
  await Promise.all(names.map((name) => files.create(name, 'pem')));
  assert.deepEqual(await files.names('signers'), names);
  assert.deepEqual((await store.list('/registry/')).entries, []);
});
