import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTILE_TEXTS } from '../../test/hostile.js';
import { parseGoUrl, quote } from './go-url.js';

for (const [text, detail] of [
  [':', 'parse ":": missing protocol scheme'],
  ['a\u0001', 'parse "a\\x01": net/url: invalid control character in URL'],
  ['a\u007f', 'parse "a\\x7f": net/url: invalid control character in URL'],
  ['1a:b', 'parse "1a:b": first path segment in URL cannot contain colon'],
  ['http://a:b', 'parse "http://a:b": invalid port ":b" after host'],
  ['http://[::1', 'parse "http://[::1": missing \']\' in host'],
  ['http://[::1]x', 'parse "http://[::1]x": invalid port "x" after host'],
  ['http://a%2fb/', 'parse "http://a%2fb/": invalid URL escape "%2f"'],
  ['http://a/%zz', 'parse "http://a/%zz": invalid URL escape "%zz"'],
  ['http://a/%2', 'parse "http://a/%2": invalid URL escape "%2"'],
  ['http://a b/', 'parse "http://a b/": invalid character " " in host name'],
  ['http://a^b/', 'parse "http://a^b/": invalid character "^" in host name'],
  ['http://a b@c/', 'parse "http://a b@c/": net/url: invalid userinfo'],
  ['http://a/#%', 'parse "http://a/#%": invalid URL escape "%"'],
] as const) {
  test(`refuses ${JSON.stringify(text)} in the words of Go`, () => {
    assert.deepEqual(parseGoUrl(text), { kind: 'invalid', detail });
  });
}

for (const [text, host] of [
  ['', ''],
  ['*', ''],
  ['a', ''],
  ['/a/b', ''],
  ['//a/b', 'a'],
  ['///a', ''],
  ['mailto:a@b', ''],
  ['urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6', ''],
  ['http:a?b%', ''],
  ['spiffe://trust.domain/ns/a/sa/b', 'trust.domain'],
  ['https://user:pw@a.example.com:8443/x?y#z', 'a.example.com:8443'],
  ['http://[::1]:80/', '[::1]:80'],
  ['http://a:/', 'a:'],
  ['http://a_b/', 'a_b'],
  ['http://', ''],
] as const) {
  test(`takes ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseGoUrl(text), { kind: 'url', host });
  });
}

test('quotes as Go does', () => {
  assert.equal(quote('a"\\\n\t\u0000\u007f'), '"a\\"\\\\\\n\\t\\x00\\x7f"');
});

test('takes the hostile texts without harm, and quickly', () => {
  const start = performance.now();
  for (const text of HOSTILE_TEXTS) parseGoUrl(text);
  assert.ok(performance.now() - start < 1_000);
});
