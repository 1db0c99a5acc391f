import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicSuffixLabel } from './public-suffix.js';
import { TOP_LEVEL_DOMAINS } from './top-level-domains.js';

for (const label of ['com', 'org', 'net', 'dev', 'app', 'shop', 'cloud', 'COM', 'Shop', 'arpa', 'museum']) {
  test(`${label} is a top-level domain`, () => assert.ok(isPublicSuffixLabel(label)));
}

for (const label of ['de', 'UK', 'io', 'ai', 'zz']) {
  test(`${label} is, or may become, a country`, () => assert.ok(isPublicSuffixLabel(label)));
}

for (const label of ['xn--p1ai', 'XN--FIQS8S', 'xn--']) {
  test(`${label} is a label in another script`, () => assert.ok(isPublicSuffixLabel(label)));
}

for (const label of ['', '.', 'a.com', 'com.', 'рф', 'co\u0000m', 'c om', '*', '_tcp', 'a'.repeat(64)]) {
  test(`${JSON.stringify(label)} is no label and proves nothing`, () => assert.ok(isPublicSuffixLabel(label)));
}

for (const label of ['svc', 'default', 'kube-system', 'payments', 'team-a', 'x', '10', 'a1', '1a', 'constructor']) {
  test(`${label} is none`, () => assert.ok(!isPublicSuffixLabel(label)));
}

test('the list holds labels of three and more letters, in lower case', () => {
  assert.ok(TOP_LEVEL_DOMAINS.size > 1000, `${TOP_LEVEL_DOMAINS.size}`);
  for (const label of TOP_LEVEL_DOMAINS) assert.match(label, /^[a-z]{3,63}$/);
});
