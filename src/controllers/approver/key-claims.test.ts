import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FakeClock } from '../../base/fake-clock.js';
import { createKeyClaims } from './key-claims.js';

suite('key claims', () => {
  test('a key is claimed by one holder at a time, however often', () => {
    const claims = createKeyClaims(new FakeClock());
    assert.equal(claims.claim('k1', 'a'), true);
    assert.equal(claims.claim('k1', 'b'), false);
    assert.equal(claims.claim('k1', 'a'), true);
    assert.equal(claims.claim('k2', 'b'), true);
  });

  test('a claim ends a minute after it was last made', () => {
    const clock = new FakeClock();
    const claims = createKeyClaims(clock);
    claims.claim('k1', 'a');
    clock.advance(40_000);
    claims.claim('k2', 'a');
    claims.claim('k1', 'a');
    clock.advance(59_999);
    assert.equal(claims.claim('k1', 'b'), false);
    clock.advance(1);
    assert.equal(claims.claim('k1', 'b'), true);
    assert.equal(claims.claim('k2', 'b'), true);
  });
});
