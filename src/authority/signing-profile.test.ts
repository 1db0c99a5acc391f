import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '../base/error.js';
import { parseSigningProfile } from './signing-profile.js';
import { leafUsages } from './usage-extensions.js';

const REFUSALS: readonly (readonly [name: string, config: unknown, message: string])[] = [
  ['no object', 'x', 'it is no object'],
  ['nothing', null, 'it is no object'],
  ['a list', [], 'it is no object'],
  ['an unknown field', { lifetime: '1h' }, 'lifetime: is no field of a profile'],
  ['a wish for a CA', { isCA: true }, 'isCA: is no field of a profile'],
  ['the usage cert sign', { usages: ['cert sign'] }, 'usages[0]: "cert sign" is for a CA, no leaf may have it'],
  [
    'the usage crl sign',
    { usages: ['server auth', 'crl sign'] },
    'usages[1]: "crl sign" is for a CA, no leaf may have it',
  ],
  ['an unknown usage', { usages: ['Server Auth'] }, 'usages[0]: "Server Auth" is no known usage'],
  ['usages as text', { usages: 'server auth' }, 'usages: must be a non-empty list of strings'],
  ['no usages', { usages: [] }, 'usages: must be a non-empty list of strings'],
  ['usages that are no text', { usages: [1] }, 'usages: must be a non-empty list of strings'],
  ['a usage twice', { usages: ['any', 'any'] }, 'usages: holds a value twice'],
  ['a key that is too weak', { keys: ['rsa-1024'] }, 'keys[0]: "rsa-1024" is none of'],
  ['no keys', { keys: [] }, 'keys: must be a non-empty list of strings'],
  ['a lifetime without unit', { max: '8760' }, 'max: "8760" is no duration'],
  ['a negative lifetime', { max: -1 }, 'max: -1 is no duration'],
  ['a fraction of a second', { default: 600.5 }, 'default: 600.5 is no duration'],
  ['a lifetime below ten minutes', { max: '9m' }, 'max: is 540 s, it must be at least 600 s'],
  ['a default above the maximum', { default: '2h', max: '1h' }, 'default: is 7200 s, it must not be above max, 3600 s'],
  ['a backdate of two days', { backdate: '48h' }, 'backdate: is 172800 s, it must be from 0 s to 86400 s'],
];

for (const [name, config, message] of REFUSALS) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => parseSigningProfile(config),
      (error) =>
        hasCode(error, 'CONFIG_INVALID') &&
        error.message.startsWith('Cannot read signing profile: ') &&
        error.message.includes(message),
    );
  });
}

test('lists every wrong field at once', () => {
  assert.throws(() => parseSigningProfile({ usages: [], max: 'x', extra: 1 }), /extra: .*usages: .*max: /);
});

test('fills in what is left out', () => {
  const profile = parseSigningProfile({});
  assert.equal(profile.defaultSeconds, 31_536_000);
  assert.equal(profile.maxSeconds, 31_536_000);
  assert.equal(profile.backdateSeconds, 300);
  assert.ok(profile.usages.has('server auth') && profile.usages.has('client auth'));
  assert.equal(profile.keys.size, 7);
});

test('takes the default from the maximum where that is shorter', () => {
  assert.equal(parseSigningProfile({ max: '24h' }).defaultSeconds, 86_400);
});

test('takes every usage of a leaf, lifetimes in words or seconds, and no backdate', () => {
  const profile = parseSigningProfile({
    usages: leafUsages(),
    default: 3600,
    max: '90d',
    backdate: 0,
    keys: ['ed25519'],
  });
  assert.equal(profile.usages.size, 21);
  assert.equal(profile.defaultSeconds, 3600);
  assert.equal(profile.maxSeconds, 7_776_000);
  assert.equal(profile.backdateSeconds, 0);
  assert.deepEqual([...profile.keys], ['ed25519']);
});
