import assert from 'node:assert/strict';
import { test } from 'node:test';
import { performance } from 'node:perf_hooks';
import { loadCelPackage } from './cel-package.js';
import { LinearPattern } from './linear-pattern.js';

const { compilePattern } = await loadCelPackage();

for (const pattern of [
  '(a*)*b',
  '(a+)+b',
  '(a|a)*b',
  '(a|aa)+b',
  '(.*)*b',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(?:a?){99}a{99}b',
]) {
  test(`${pattern} does not backtrack over two thousand characters`, () => {
    const compiled = new LinearPattern(pattern, compilePattern);
    const started = performance.now();
    assert.equal(compiled.test('a'.repeat(2048)), false);
    // backtracking would outlive the sun; the machine may be busy
    assert.ok(performance.now() - started < 5000);
  });
}

for (const pattern of [
  '(',
  '[',
  '\\',
  'a{2000}',
  '(a{100}){100}',
  '(a)\\1',
  '(?=a)',
  '(?<=a)b',
  '[\\pL]{999}\\pN{100}',
]) {
  test(`refuses ${pattern}`, () => {
    assert.throws(() => new LinearPattern(pattern, compilePattern));
  });
}

test('refuses texts that are too long', () => {
  assert.throws(() => new LinearPattern('a', compilePattern).test('a'.repeat(2049)), /2048 characters at most/);
});

test('says the same before and after it is built anew', () => {
  const pattern = new LinearPattern('^[^a-z]{1,100}$', compilePattern);
  let built = 0;
  const counted = new LinearPattern('^[^a-z]{1,100}$', (text) => {
    built++;
    return compilePattern(text);
  });
  for (let i = 0; i < 1000; i++) {
    const text = String.fromCodePoint(0x4e00 + i).repeat(99);
    assert.equal(pattern.test(text), true);
    assert.equal(counted.test(text), true);
    assert.equal(counted.test(`${text}a`), false);
  }
  assert.ok(built > 2, `built ${built} times`);
});

test('long texts and large patterns cost more', () => {
  const small = new LinearPattern('ab', compilePattern);
  const large = new LinearPattern('[a-z]{400}', compilePattern);
  assert.ok(small.costOf('') >= 1);
  assert.ok(small.costOf('a'.repeat(2048)) > small.costOf('a'));
  assert.ok(large.costOf('a'.repeat(2048)) > 10 * small.costOf('a'.repeat(2048)));
});
