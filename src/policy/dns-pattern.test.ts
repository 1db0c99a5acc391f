import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { dnsPatternProblem, matchesDnsPattern } from './dns-pattern.js';

describe('dnsPatternProblem', () => {
  const refused = [
    '',
    '*',
    '**',
    '*.',
    '**.',
    '*.com',
    '**.com',
    '***.example.com',
    '*.*.example.com',
    'a.*.example.com',
  ];
  const alsoRefused = [
    'w*.example.com',
    '.example.com',
    'example.com.',
    '10.0.0.1',
    '*.10.0.0.1',
    'Example.com',
    'a b.com',
    '**.co.uk',
    'web.shop.svc',
    '**.svc',
  ];
  for (const pattern of [...refused, ...alsoRefused]) {
    it(`refuses ${JSON.stringify(pattern)}`, () => assert.notEqual(dnsPatternProblem(pattern), undefined));
  }

  for (const pattern of ['example.com', 'db', '*.example.com', '**.team.example.com', 'xn--bcher-kva.example']) {
    it(`takes ${JSON.stringify(pattern)}`, () => assert.equal(dnsPatternProblem(pattern), undefined));
  }
});

describe('matchesDnsPattern', () => {
  const cases: readonly (readonly [pattern: string, name: string, expected: boolean])[] = [
    ['*.example.com', 'example.com', false],
    ['*.example.com', '.example.com', false],
    ['*.example.com', 'a.b.example.com', false],
    ['*.example.com', 'evilexample.com', false],
    ['*.example.com', 'a.example.com.evil.net', false],
    ['*.example.com', '*.example.com', false],
    ['**.example.com', 'example.com', false],
    ['**.example.com', 'xexample.com', false],
    ['**.example.com', '*.a.example.com', false],
    ['**.example.com', '*', false],
    ['**.example.com', '.a.example.com', false],
    ['**.example.com', 'a..b.example.com', false],
    ['**.example.com', '..example.com', false],
    ['example.com', 'a.example.com', false],
    ['example.com', '*.com', false],
    ['a.example.com', 'axexample.com', false],
    ['example.com', 'example.com', true],
    ['*.example.com', 'a.example.com', true],
    ['**.example.com', 'a.example.com', true],
    ['**.example.com', 'a.b.c.example.com', true],
  ];
  for (const [pattern, name, expected] of cases) {
    it(`${pattern} ${expected ? 'means' : 'does not mean'} ${name}`, () =>
      assert.equal(matchesDnsPattern(pattern, name), expected));
  }
});
