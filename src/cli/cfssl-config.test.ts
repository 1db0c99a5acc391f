import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountersignError } from '../base/error.js';
import { DEFAULT_CFSSL_PROFILE, parseCfsslConfig } from './cfssl-config.js';

const signing = (profile: unknown): string => JSON.stringify({ signing: { default: profile } });

const REFUSALS: readonly (readonly [name: string, text: string, profile: string | undefined, message: RegExp])[] = [
  ['text that is no JSON', 'x', undefined, /^Cannot read JSON: /],
  ['a list', '[]', undefined, /signing configuration: is no object/],
  ['a signing that is no object', '{"signing": 1}', undefined, /signing: is no object/],
  ['an unknown field of signing', '{"signing": {"defaults": {}}}', undefined, /signing\.defaults: is unknown/],
  ['an unknown field of a profile', signing({ usage: [] }), undefined, /signing\.default\.usage: is unknown/],
  ['a CA', signing({ ca_constraint: { is_ca: true } }), undefined, /is_ca: is true, but only leaves are signed here/],
  ['a CA, said in text', signing({ ca_constraint: { is_ca: 'true' } }), undefined, /is_ca: is "true"/],
  [
    'copied extensions',
    signing({ copy_extensions: true }),
    undefined,
    /copy_extensions: is set, but no extension is ever copied/,
  ],
  ['cert sign', signing({ usages: ['cert sign'] }), undefined, /usages\[0\]: "cert sign" is for a CA/],
  ['an unknown usage', signing({ usages: ['server auth', 'TLS'] }), undefined, /usages\[1\]: "TLS" is no known usage/],
  ['no usages', signing({ usages: [] }), undefined, /usages: is no list of usages/],
  ['an expiry that is a number', signing({ expiry: 8760 }), undefined, /expiry: is 8760, it must be like "8760h"/],
  ['an expiry without unit', signing({ expiry: '8760' }), undefined, /expiry: "8760" is no duration/],
  ['a profile that is not there', '{"signing": {"profiles": {"www": {}}}}', 'client', /has no "client", only www/],
  ['a profile where there is just the default', signing({}), 'client', /has no "client", only the default/],
  ['an inherited word as profile', '{"signing": {"profiles": {}}}', 'constructor', /has no "constructor"/],
];

for (const [name, text, profile, message] of REFUSALS) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => parseCfsslConfig(text, profile),
      (error) => error instanceof CountersignError && error.code === 'CONFIG_INVALID' && message.test(error.message),
    );
  });
}

test("reads the tutorial's configuration, with and without the outer object", () => {
  const profile = {
    usages: ['digital signature', 'key encipherment', 'server auth'],
    expiry: '876000h',
    ca_constraint: { is_ca: false },
  };
  const wanted = { usages: profile.usages, expirySeconds: 3_153_600_000, backdateSeconds: 300 };
  assert.deepEqual(parseCfsslConfig(signing(profile), undefined), wanted);
  assert.deepEqual(parseCfsslConfig(JSON.stringify({ default: profile }), 'default'), wanted);
});

test('picks a named profile, and fills in what cfssl fills in', () => {
  const text = JSON.stringify({
    signing: { default: { expiry: '1h' }, profiles: { client: { usages: ['client auth'], backdate: '1h' } } },
  });
  assert.deepEqual(parseCfsslConfig(text, 'client'), {
    usages: ['client auth'],
    expirySeconds: 31_536_000,
    backdateSeconds: 3600,
  });
  assert.deepEqual(parseCfsslConfig('{}', undefined), DEFAULT_CFSSL_PROFILE);
});
