import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KeySpace } from './key-space.js';

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('latin1');

const RANGES = [
  { name: 'everything in an etcd', root: '', prefix: '', key: '\0', end: '\0' },
  { name: 'everything under a root', root: '/t', prefix: '', key: '/t', end: '/u' },
  { name: 'a prefix', root: '/t', prefix: '/registry/a/', key: '/t/registry/a/', end: '/t/registry/a0' },
  { name: 'a prefix that ends in a character of two bytes', root: '', prefix: 'é', key: '\xc3\xa9', end: '\xc3\xaa' },
  {
    name: 'a prefix that ends in the last character',
    root: '',
    prefix: '\u{10ffff}',
    key: '\xf4\x8f\xbf\xbf',
    end: '\xf4\x8f\xbf\xc0',
  },
  { name: 'what follows a key', root: '/t', prefix: 'a/', after: 'a/1', key: '/ta/1\0', end: '/ta0' },
  { name: 'what follows a key before the prefix', root: '/t', prefix: 'a/', after: 'Z', key: '/ta/', end: '/ta0' },
  {
    name: 'what follows a key after the prefix, which is nothing',
    root: '',
    prefix: 'a/',
    after: 'b',
    key: 'b\0',
    end: 'a0',
  },
  { name: 'what follows a key of everything', root: '', prefix: '', after: 'b', key: 'b\0', end: '\0' },
] as const;

for (const { name, root, prefix, key, end, ...rest } of RANGES) {
  test(`knows the range of ${name}`, () => {
    const range = new KeySpace(root).rangeOf(prefix, 'after' in rest ? rest.after : undefined);
    assert.equal(textOf(range.key), key);
    assert.equal(textOf(range.end), end);
  });
}

test('puts the root before keys, and takes it off again', () => {
  for (const root of ['', '/t', '/é']) {
    const space = new KeySpace(root);
    for (const key of ['a', '/registry/pods/x', '\0', '\u{1f600}']) {
      assert.equal(Buffer.from(space.keyOf(key)).toString(), root + key);
      assert.equal(space.nameOf(space.keyOf(key)), key);
    }
  }
});
