import { test } from 'node:test';
import { endureRestarts, type Restart } from './rolling.js';

test('three replicas that are restarted over and over lose no acknowledged write and no event', (t) => {
  const rounds = Array.from({ length: 5 }, (_, i): Restart => [i % 3, i % 2 === 0 ? 'SIGKILL' : 'SIGTERM']);
  return endureRestarts(t, 3, [...rounds, ...rounds, ...rounds]);
});
