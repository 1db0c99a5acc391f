import assert from 'node:assert/strict';
import { test } from 'node:test';
import { USAGE_NAMES, USAGES, usageNamed, x509Usages } from './usages.js';

test('knows the 23 usages of the API, sorted as the API lists them', () => {
  assert.deepEqual(USAGE_NAMES, [
    'any',
    'cert sign',
    'client auth',
    'code signing',
    'content commitment',
    'crl sign',
    'data encipherment',
    'decipher only',
    'digital signature',
    'email protection',
    'encipher only',
    'ipsec end system',
    'ipsec tunnel',
    'ipsec user',
    'key agreement',
    'key encipherment',
    'microsoft sgc',
    'netscape sgc',
    'ocsp signing',
    's/mime',
    'server auth',
    'signing',
    'timestamping',
  ]);
  assert.equal(USAGES.length, USAGE_NAMES.length);
});

test('knows a usage to the letter only', () => {
  for (const name of ['', 'Server Auth', 'server auth ', 'serverAuth', '__proto__', 'constructor']) {
    assert.equal(usageNamed(name), undefined);
  }
});

test('writes each purpose once, in the order of the table, whatever the order of the request', () => {
  const { keyUsage, extKeyUsage } = x509Usages(['s/mime', 'server auth', 'email protection', 'any', 'signing', 'nope']);
  assert.deepEqual([...keyUsage], ['digitalSignature']);
  assert.deepEqual(extKeyUsage, ['2.5.29.37.0', '1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.4']);
});

test('says nothing for no usages', () => {
  assert.deepEqual(x509Usages([]), { keyUsage: new Set(), extKeyUsage: [] });
});
