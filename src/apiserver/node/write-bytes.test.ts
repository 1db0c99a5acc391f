import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { test } from 'node:test';
import { writeAndEnd } from './write-bytes.js';

const KIB = 1024;

for (const length of [0, 1, 256 * KIB, 256 * KIB + 1, 1024 * KIB, 1000 * KIB + 7]) {
  test(`${length} bytes arrive whole, and no more of them wait than a client takes`, async () => {
    const received: Buffer[] = [];
    let most = 0;
    const writable = new Writable({
      highWaterMark: 16 * KIB,
      write(chunk: Buffer, _encoding, done) {
        most = Math.max(most, this.writableLength);
        received.push(chunk);
        setImmediate(done);
      },
    });
    const bytes = Buffer.from(Array.from({ length }, (_, i) => i % 251));
    writeAndEnd(writable, bytes);
    await finished(writable);
    assert.ok(Buffer.concat(received).equals(bytes));
    assert.ok(most <= 256 * KIB, String(most));
  });
}

test('a client that leaves gets nothing more', () => {
  let writes = 0;
  const writable = new Writable({
    highWaterMark: 1,
    write() {
      writes++; // and is never done
    },
  });
  writeAndEnd(writable, Buffer.alloc(1024 * KIB));
  writable.destroy();
  writable.emit('drain');
  assert.equal(writes, 1);
});
