import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDnsSubdomain } from '../../kube/names.js';
import { sliceName } from './slice-name.js';

test('gives the same name for the same content, and another where that is taken', () => {
  const first = sliceName('web', 'uid IPv4', new Set());
  assert.equal(sliceName('web', 'uid IPv4', new Set()), first);
  const second = sliceName('web', 'uid IPv4', new Set([first]));
  assert.notEqual(second, first);
  assert.notEqual(sliceName('web', 'uid IPv4', new Set([first, second])), second);
});

test('gives names that the API takes, and hardly ever the same to others', () => {
  const names = Array.from({ length: 20_000 }, (_, i) => sliceName('s'.repeat(63), `uid-${i} IPv4 []`, new Set()));
  assert.ok(names.every(isDnsSubdomain));
  assert.ok(new Set(names).size > 19_990);
});
