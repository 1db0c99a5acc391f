import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sending } from './sending.js';

test('what has not gone in time is cut off, once, and what has gone is left alone', () => {
  let now = 0;
  const cut: string[] = [];
  const sender = (name: string) => ({ destroy: () => cut.push(name) });
  const [slow, quick, later] = [sender('slow'), sender('quick'), sender('later')];
  const sending = new Sending(100, () => now);
  sending.begin(slow);
  sending.begin(quick);
  now = 50;
  sending.begin(later);
  sending.end(quick);
  now = 99;
  sending.sweep();
  assert.deepEqual(cut, []);
  now = 100;
  sending.sweep();
  sending.sweep();
  assert.deepEqual(cut, ['slow']);
  now = 150;
  sending.sweep();
  assert.deepEqual(cut, ['slow', 'later']);
});
