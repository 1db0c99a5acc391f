import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newSerialNumber } from './serial-number.js';

test('refuses a source that gives fewer bytes than asked for', () => {
  assert.throws(() => newSerialNumber(() => new Uint8Array([1, 2, 3])), /Cannot make a serial number/);
  assert.throws(() => newSerialNumber(() => new Uint8Array(0)), /Cannot make a serial number/);
});

test('never gives zero: it draws again', () => {
  let draws = 0;
  const serial = newSerialNumber((count) => {
    draws += 1;
    return new Uint8Array(count).fill(draws === 1 ? 0 : 7);
  });
  assert.equal(draws, 2);
  assert.deepEqual([...serial], new Array<number>(16).fill(7));
});

test('drops leading zeros, which an INTEGER does not have', () => {
  const serial = newSerialNumber((count) => {
    const bytes = new Uint8Array(count);
    bytes[15] = 200;
    return bytes;
  });
  assert.deepEqual([...serial], [200]);
});
