// A process that writes to a store until a write fails, and says what came of it as one line of JSON.
//   fill-disk.ts FOLDER
import { isCountersignError } from '../../src/base/error.js';
import { openLmdbStore } from '../../src/storage/lmdb/lmdb-store.js';

const store = await openLmdbStore({ folder: process.argv[2] ?? '' });
const value = new Uint8Array(3000).fill(1);

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => 'done',
    (error: unknown) => (isCountersignError(error) ? error.code : String(error)),
  );
}

let answered = 0;
let first = 'done';
for (; first === 'done'; answered++) first = await codeOf(store.create(`k${answered}`, value));
const report = {
  answered: answered - 1,
  first,
  next: await codeOf(store.create('small', new Uint8Array())),
  readable: (await store.list('')).entries.length,
  closed: await codeOf(store.close()),
};
process.stdout.write(`${JSON.stringify(report)}\n`);
