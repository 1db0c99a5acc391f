import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KeyTurns } from './key-turns.js';

test('lets what is done to a key wait for what was asked before, whatever came of that', async () => {
  const turns = new KeyTurns();
  const log: string[] = [];
  const finish: (() => void)[] = [];
  const act =
    (name: string, fails = false) =>
    async (): Promise<string> => {
      log.push(`${name} begins`);
      await new Promise<void>((resolve) => finish.push(resolve));
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
  const first = turns.take('a', act('first', true));
  const second = turns.take('a', act('second'));
  const third = turns.take('a', act('third'));
  const other = turns.take('b', act('other'));
  assert.deepEqual(log, ['first begins', 'other begins']);
  finish[1]?.();
  assert.equal(await other, 'other');
  finish[0]?.();
  await assert.rejects(first, /first/);
  assert.deepEqual(log.slice(2), ['other ends', 'first ends', 'second begins']);
  finish[2]?.();
  assert.equal(await second, 'second');
  finish[3]?.();
  assert.equal(await third, 'third');
  assert.equal(await turns.take('a', async () => 'at once'), 'at once');
});
