import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { exportPrivateKeyPem } from '../crypto/private-key.js';
import { encodePem } from '../x509/pem.js';
import { parseRecordKeys, recordKeysConfigMap } from './record-keys.js';
import { testKey } from './testing/test-certificates.js';

const key = await testKey('approver');
const older = await testKey('older');
const pem = encodePem('PUBLIC KEY', key.publicKeyDer);

suite('parseRecordKeys', () => {
  const refused: readonly { readonly name: string; readonly pem: string; readonly message: RegExp }[] = [
    { name: 'refuses nothing', pem: '', message: /no PEM block/ },
    { name: 'refuses text', pem: 'trust me', message: /no PEM block/ },
    {
      name: 'refuses a private key, without a word of it',
      pem: pem + exportPrivateKeyPem(key, { format: 'pkcs8' }),
      message: /^Cannot read public keys: there is a PRIVATE KEY among them$/,
    },
    { name: 'refuses a certificate', pem: encodePem('CERTIFICATE', key.publicKeyDer), message: /a CERTIFICATE among/ },
    {
      name: 'refuses what is no key',
      pem: encodePem('PUBLIC KEY', new Uint8Array([48, 0])),
      message: /^x509: malformed/,
    },
  ];
  for (const { name, pem: text, message } of refused) {
    test(name, () => assert.throws(() => parseRecordKeys(text), { code: 'KEY_INVALID', message }));
  }

  test('reads every key', () => {
    const keys = parseRecordKeys(`of 2026\n${pem}of 2025\n${encodePem('PUBLIC KEY', older.publicKeyDer)}`);
    assert.deepEqual(keys, [key.publicKey, older.publicKey]);
  });
});

suite('recordKeysConfigMap', () => {
  test('adds a key to those that were published before, once', () => {
    const first = recordKeysConfigMap(older.publicKeyDer);
    const both = recordKeysConfigMap(key.publicKeyDer, first.data);
    assert.equal(Object.keys(both.data).length, 2);
    assert.deepEqual(recordKeysConfigMap(older.publicKeyDer, both.data).data, both.data);
    assert.deepEqual(parseRecordKeys(Object.values(both.data).join('')), [older.publicKey, key.publicKey]);
    for (const name of Object.keys(both.data)) assert.match(name, /^[-._a-zA-Z0-9]+$/);
  });
});
