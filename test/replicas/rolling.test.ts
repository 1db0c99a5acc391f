import { test } from 'node:test';
import { endureRestarts } from './rolling.js';

test('replicas that are restarted one by one, in order and by force, lose no acknowledged write and no event', (t) =>
  endureRestarts(t, 2, [
    [0, 'SIGTERM'],
    [1, 'SIGKILL'],
  ]));
