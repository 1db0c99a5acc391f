import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SharedRead } from './shared-read.js';

interface Read {
  readonly resolve: (value: string) => void;
  readonly reject: (error: Error) => void;
}

function scene(): { readonly shared: SharedRead<string>; readonly reads: Read[] } {
  const reads: Read[] = [];
  const read = (): Promise<string> => new Promise((resolve, reject) => reads.push({ resolve, reject }));
  return { shared: new SharedRead(read), reads };
}

test('who asks while a read is under way shares the next one, and never that one', async () => {
  const { shared, reads } = scene();
  const first = shared.ask();
  const later = [shared.ask(), shared.ask(), shared.ask()];
  assert.equal(reads.length, 1);
  reads[0]?.resolve('old');
  assert.equal(await first, 'old');
  assert.equal(reads.length, 2);
  const latest = shared.ask();
  reads[1]?.resolve('new');
  assert.deepEqual(await Promise.all(later), ['new', 'new', 'new']);
  assert.equal(reads.length, 3);
  reads[2]?.resolve('newest');
  assert.equal(await latest, 'newest');
});

test('a read that fails is told to those who share it, and the next one is made all the same', async () => {
  const { shared, reads } = scene();
  const first = shared.ask();
  const later = [shared.ask(), shared.ask()];
  reads[0]?.reject(new Error('first'));
  await assert.rejects(first, /first/);
  reads[1]?.reject(new Error('second'));
  for (const one of later) await assert.rejects(one, /second/);
  const last = shared.ask();
  reads[2]?.resolve('fine');
  assert.equal(await last, 'fine');
});
