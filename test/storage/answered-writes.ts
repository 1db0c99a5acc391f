// A process that makes a few durable writes, some one after the other and some at once, and says on stdout when each is
// answered: `answered MARK`, where the value written holds MARK.
//   answered-writes.ts FOLDER
import { writeSync } from 'node:fs';

import { openLmdbStore } from '../../src/storage/lmdb/lmdb-store.js';

const store = await openLmdbStore({ folder: process.argv[2] ?? '' });

async function write(mark: string): Promise<void> {
  // larger than a page for some, so that both ways in which LMDB keeps values are seen
  await store.create(mark, Buffer.from(`<${mark}>`.padEnd(mark.endsWith('3') ? 9000 : 200, '.')));
  writeSync(1, `answered <${mark}>\n`);
}

for (let i = 0; i < 5; i++) await write(`alone-${i}`);
await Promise.all(Array.from({ length: 20 }, (_, i) => write(`together-${i}`)));
await store.close();
