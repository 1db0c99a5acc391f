import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTILE_TEXTS } from '../../test/hostile.js';
import { toyCertificate } from '../../test/sample-certificate.js';
import type { GeneralName } from './general-name.js';
import { parseIp } from './general-name.js';
import { matchesHostname } from './match-hostname.js';

const dns = (value: string): GeneralName => ({ kind: 'dns', value });
const ip = (text: string): GeneralName => ({ kind: 'ip', bytes: parseIp(text) ?? assert.fail(text) });

const cases: readonly (readonly [GeneralName, string, boolean])[] = [
  [dns('a.example.com'), 'a.example.com', true],
  [dns('A.example.COM'), 'a.EXAMPLE.com', true],
  [dns('a.example.com'), 'a.example.com.', true],
  [dns('a.example.com'), 'a.example.com..', false],
  [dns('a.example.com'), 'b.a.example.com', false],
  [dns('a.example.com'), 'example.com', false],
  [dns('a.example.com'), '', false],
  [dns('*.example.com'), 'a.example.com', true],
  [dns('*.example.com'), 'example.com', false],
  [dns('*.example.com'), 'a.b.example.com', false],
  [dns('*.example.com'), '.example.com', false],
  [dns('*.example.com'), '*.example.com', false],
  [dns('*'), 'localhost', false],
  [dns('a*.example.com'), 'ab.example.com', false],
  [dns('a.*.com'), 'a.b.com', false],
  [dns('a_b.example.com'), 'a_b.example.com', true],
  [dns('xn--bcher-kva.example'), 'xn--bcher-kva.example', true],
  [dns('xn--bcher-kva.example'), 'bücher.example', false],
  [dns('10.0.0.1'), '10.0.0.1', false],
  [ip('10.0.0.1'), '10.0.0.1', true],
  [ip('10.0.0.1'), '10.0.0.2', false],
  [ip('10.0.0.1'), '::ffff:10.0.0.1', true],
  [ip('10.0.0.1'), '10.0.0.1.', false],
  [ip('::1'), '::1', true],
  [ip('::1'), '[::1]', true],
  [ip('::1'), '0:0:0:0:0:0:0:1', true],
  [ip('::1'), '[::1', false],
  [{ kind: 'uri', value: 'https://a.example.com' }, 'a.example.com', false],
  [{ kind: 'email', value: 'x@a.example.com' }, 'a.example.com', false],
];
for (const [name, hostname, expected] of cases) {
  const value = 'value' in name ? name.value : 'bytes' in name ? name.bytes.join('.') : '';
  test(`${name.kind} ${value} ${expected ? 'is' : 'is not'} for ${JSON.stringify(hostname)}`, () => {
    assert.equal(matchesHostname(toyCertificate({ subject: 'x', names: [name] }), hostname), expected);
  });
}

test('never looks at the common name', () => {
  assert.equal(matchesHostname(toyCertificate({ subject: 'a.example.com', names: [] }), 'a.example.com'), false);
});

test('takes the hostile texts without harm', () => {
  const certificate = toyCertificate({ subject: 'a.example.com' });
  for (const text of HOSTILE_TEXTS) assert.equal(matchesHostname(certificate, text), false);
});
