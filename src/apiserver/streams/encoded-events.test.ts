import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EncodedEvents } from './encoded-events.js';

test('an object is encoded once for each form', () => {
  const encoded = new EncodedEvents();
  const object = {};
  let encodings = 0;
  const encode = (): Uint8Array => new Uint8Array(++encodings);
  const first = encoded.frame(object, 'a', encode);
  assert.equal(encoded.frame(object, 'a', encode), first);
  assert.notEqual(encoded.frame(object, 'b', encode), first);
  assert.equal(encodings, 2);
});

test('equal objects are not the same object', () => {
  const encoded = new EncodedEvents();
  const first = encoded.frame({}, 'a', () => new Uint8Array(1));
  assert.notEqual(
    encoded.frame({}, 'a', () => new Uint8Array(1)),
    first,
  );
});

test('only the latest objects are remembered, and large ones make room for fewer', () => {
  const encoded = new EncodedEvents();
  const remembered = (bytes: number, others: number): boolean => {
    const object = {};
    const frame = encoded.frame(object, 'a', () => new Uint8Array(bytes));
    for (let i = 0; i < others; i++) encoded.frame({}, 'a', () => new Uint8Array(bytes));
    return encoded.frame(object, 'a', () => new Uint8Array(bytes)) === frame;
  };
  assert.equal(remembered(10, 200), true);
  assert.equal(remembered(10, 256), false);
  assert.equal(remembered(1024 * 1024, 3), true);
  assert.equal(remembered(1024 * 1024, 4), false);
  assert.equal(remembered(100 * 1024 * 1024, 0), true, 'one is always kept: its other watchers come right behind');
});
