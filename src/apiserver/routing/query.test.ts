import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryOf } from './query.js';

test('parameters that cannot be read are dropped, the others stay', () => {
  const query = queryOf('a=%zz&b=1&c;d=2&%ff=3&e=4');
  assert.deepEqual([query.has('a'), query.get('b'), query.has('c'), query.get('e')], [false, '1', false, '4']);
});

test('a plus and %20 are spaces, and the first of several values counts', () => {
  const query = queryOf('a=x+y&a=z&b=x%20y%2B');
  assert.equal(query.get('a'), 'x y');
  assert.deepEqual(query.all('a'), ['x y', 'z']);
  assert.equal(query.get('b'), 'x y+');
});

test('false and 0 are false, anything else that is given is true', () => {
  const query = queryOf('a=false&b=0&c=False&d=&e&f=no');
  assert.deepEqual(
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => query.flag(name)),
    [false, false, false, true, true, true, undefined],
  );
});

test('a parameter named like a part of an object is only a parameter', () => {
  assert.equal(queryOf('__proto__=1').get('__proto__'), '1');
  assert.equal(queryOf('a=1').has('constructor'), false);
});
