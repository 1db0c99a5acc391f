import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { selfSigned } from '../apiserver/testing/self-signed.js';
import { FakeClock } from '../base/fake-clock.js';
import { hasCode } from '../base/error.js';
import { loadCelEngine } from '../cel/cel-engine.js';
import { silentLogger } from '../base/logger.js';
import { DEFAULT_IDENTITY, openIdentity, type IdentitySettings } from './identity.js';
import { memoryKeyFiles } from './key-files.js';

const engine = await loadCelEngine({ clock: new FakeClock() });

const ca = await selfSigned('client-ca');

suite('keys that users give', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-identity-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const open = (settings: Partial<IdentitySettings>) =>
    openIdentity({
      settings: { ...DEFAULT_IDENTITY, ...settings },
      files: memoryKeyFiles(),
      engine,
      clientCaPem: ca.cert,
      fetchDocument: async () => ({ kind: 'failed', detail: 'nobody is there' }),
      clock: new FakeClock(),
      logger: silentLogger,
    });
  const pems = (bits: number) =>
    generateKeyPairSync('rsa', {
      modulusLength: bits,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
  const strong = pems(2048);
  const weak = pems(1024);
  const ed25519 = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

  const refused: readonly (readonly [string, Partial<IdentitySettings>, RegExp])[] = [
    ['a file that is not there', { signingKeyFile: join(folder, 'no') }, /no: there is no such file/],
    ['a signing key that is public', { signingKeyFile: file('a', strong.publicKey) }, /no PEM block of a private key/],
    ['a signing key of 1024 bits', { signingKeyFile: file('b', weak.privateKey) }, /it is RSA 1024/],
    ['a signing key of Ed25519', { signingKeyFile: file('c', ed25519.privateKey) }, /neither RSA nor ECDSA/],
    ['an empty file of keys', { verificationKeyFiles: [file('d', '')] }, /there is no PEM block of a key/],
    [
      'a weak key among good ones',
      { verificationKeyFiles: [file('e', strong.publicKey + weak.publicKey)] },
      /1024 bits/,
    ],
    ['a key of Ed25519', { verificationKeyFiles: [file('f', ed25519.publicKey)] }, /neither RSA nor ECDSA/],
  ];
  for (const [name, settings, message] of refused) {
    test(`refuses ${name}, and names the file`, async () => {
      await assert.rejects(
        open(settings),
        (error) => hasCode(error, 'CONFIG_INVALID') && message.test(error.message) && error.message.includes(folder),
      );
    });
  }

  test('signs with the one and verifies with all, each once', async () => {
    const { key, cert } = await selfSigned('sa');
    const { tokenKeys } = await open({
      signingKeyFile: file('sa.key', strong.privateKey),
      verificationKeyFiles: [file('sa.pub', strong.publicKey), file('more.pem', cert + key)],
    });
    assert.deepEqual(
      tokenKeys.verification().map(({ algorithm }) => algorithm.name),
      ['RS256', 'ES256'],
    );
    assert.equal(tokenKeys.signing().id, tokenKeys.verification()[0]?.id);
  });

  test('verifies with them besides a key of its own', async () => {
    const identity = await open({ verificationKeyFiles: [file('old.pub', strong.publicKey)] });
    const names = identity.tokenKeys.verification().map(({ algorithm }) => algorithm.name);
    assert.deepEqual(names, ['ES256', 'RS256']);
    identity.close();
  });
});
