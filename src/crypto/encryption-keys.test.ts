import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toBase64 } from '../base/base64.js';
import { toUnixSeconds } from '../base/clock.js';
import { isCountersignError } from '../base/error.js';
import { HOSTILE_TEXTS } from '../../test/hostile.js';
import { random } from './digest.js';
import {
  encodeEncryptionKeys,
  type EncryptionKeys,
  type KeySource,
  newEncryptionKey,
  parseEncryptionKeys,
} from './encryption-keys.js';

const PLAIN: KeySource = { path: 'keys.json', random };
const LOCKED: KeySource = { ...PLAIN, passphrase: 'correct horse' };
const KEY = toBase64(new Uint8Array(32).fill(7));
const KEYS: EncryptionKeys = [
  { name: 'new', bytes: new Uint8Array(32).fill(8) },
  { name: 'old', bytes: new Uint8Array(32).fill(7) },
];
const SCRYPT = { salt: toBase64(new Uint8Array(16)), cost: 2, blockSize: 8, parallelism: 1 };

interface Refusal {
  readonly name: string;
  /** Fields over those of a good file. */
  readonly file?: object;
  readonly text?: string;
  readonly source?: KeySource;
  readonly says: string;
}

const REFUSED: readonly Refusal[] = [
  { name: 'what is no JSON', text: KEY, says: 'it is no JSON' },
  { name: 'nothing', text: '', says: 'it is no JSON' },
  { name: 'a list', text: '[]', says: 'it is no object' },
  { name: 'another kind', file: { kind: 'EncryptionConfiguration' }, says: 'kind must be "EncryptionKeys"' },
  { name: 'a newer version', file: { version: 2 }, says: 'version must be 1: is it of a newer program?' },
  { name: 'a field it does not know', file: { secret: KEY }, says: 'unknown field "secret"' },
  { name: 'keys that are no list', file: { keys: {} }, says: 'keys must be a list' },
  { name: 'no key', file: { keys: [] }, says: 'keys must hold at least one key' },
  { name: 'a key that is no object', file: { keys: [KEY] }, says: 'keys[0] must be an object' },
  {
    name: 'a key with a field that it does not know',
    file: { keys: [{ name: 'a', key: KEY, id: 1 }] },
    says: 'keys[0]: unknown field "id"',
  },
  {
    name: 'a name that is none',
    file: { keys: [{ name: 'a:b', key: KEY }] },
    says: 'keys[0].name must be 1 to 64 letters, digits, dashes, underscores or dots',
  },
  {
    name: 'one name twice',
    file: {
      keys: [
        { name: 'a', key: KEY },
        { name: 'a', key: KEY },
      ],
    },
    says: 'keys[1].name: "a" comes twice',
  },
  { name: 'a key that is no text', file: { keys: [{ name: 'a', key: 1 }] }, says: 'keys[0].key must be text' },
  {
    name: 'a key that is no base64',
    file: { keys: [{ name: 'a', key: `${KEY}%` }] },
    says: 'keys[0].key must be base64 of 32 bytes',
  },
  {
    name: 'a short key',
    file: { keys: [{ name: 'a', key: toBase64(new Uint8Array(31)) }] },
    says: 'keys[0].key must be base64 of 32 bytes',
  },
  {
    name: 'a passphrase for keys that are not locked',
    source: LOCKED,
    says: 'it is not locked, and a passphrase was given',
  },
  { name: 'a lock that is no object', file: { scrypt: 'N' }, says: 'scrypt must be an object' },
  { name: 'a salt that is no text', file: { scrypt: { ...SCRYPT, salt: 1 } }, says: 'scrypt.salt must be base64' },
  {
    name: 'a short salt',
    file: { scrypt: { ...SCRYPT, salt: 'AAAA' } },
    says: 'scrypt.salt must have 16 to 64 bytes',
  },
  {
    name: 'a cost that is no number',
    file: { scrypt: { ...SCRYPT, cost: '2' } },
    says: 'scrypt.cost must be a number',
  },
  {
    name: 'a cost that is no power of two',
    file: { scrypt: { ...SCRYPT, cost: 3 } },
    says: 'scrypt.cost must be a power of two',
  },
  {
    name: 'a cost that would take all memory',
    file: { scrypt: { ...SCRYPT, cost: 2 ** 30 } },
    says: 'scrypt.cost and blockSize ask for more than 1 GiB of memory',
  },
  {
    name: 'no block size',
    file: { scrypt: { ...SCRYPT, blockSize: 0 } },
    says: 'scrypt.blockSize must be from 1 to 32',
  },
  {
    name: 'a parallelism that would take all time',
    file: { scrypt: { ...SCRYPT, parallelism: 17 } },
    says: 'scrypt.parallelism must be from 1 to 16',
  },
  {
    name: 'keys that are not locked behind a lock',
    file: { scrypt: SCRYPT },
    source: LOCKED,
    says: 'the passphrase is not the one that locks key "a", or the file is damaged',
  },
];

void suite('refuses a file of keys with', () => {
  for (const { name, file, text, source, says } of REFUSED) {
    test(name, async () => {
      const good = { kind: 'EncryptionKeys', version: 1, keys: [{ name: 'a', key: KEY }] };
      const refusal = await refusalOf(text ?? JSON.stringify({ ...good, ...file }), source ?? PLAIN);
      assert.equal(refusal.code, 'CONFIG_INVALID');
      assert.equal(refusal.message, `Cannot read encryption keys: keys.json: ${says}`);
      assert.ok(!refusal.message.includes(KEY));
    });
  }

  test('hostile text', async () => {
    for (const text of HOSTILE_TEXTS) assert.equal((await refusalOf(text, PLAIN)).code, 'CONFIG_INVALID');
  });
});

test('reads what it wrote, in order', async () => {
  const text = await encodeEncryptionKeys(KEYS, PLAIN);
  assert.deepEqual(await parseEncryptionKeys(text, PLAIN), KEYS);
});

test('locks keys with a passphrase, and opens them with no other', async () => {
  const text = await encodeEncryptionKeys(KEYS, LOCKED);
  for (const { bytes } of KEYS) assert.ok(!text.includes(toBase64(bytes)));
  assert.deepEqual(await parseEncryptionKeys(text, LOCKED), KEYS);
  const wrong = await refusalOf(text, { ...PLAIN, passphrase: 'correct horsf' });
  assert.equal(
    wrong.message,
    'Cannot read encryption keys: keys.json: the passphrase is not the one that locks key "new", or the file is damaged',
  );
  const none = await refusalOf(text, PLAIN);
  assert.deepEqual(
    [none.code, none.message],
    ['KEY_PASSPHRASE_REQUIRED', 'Cannot read encryption keys: keys.json: it is locked and needs its passphrase'],
  );
  const renamed = await refusalOf(text.replace('"old"', '"odd"'), LOCKED);
  assert.match(renamed.message, /locks key "odd", or the file is damaged$/);
});

test('locks with no passphrase of a few letters', async () => {
  await assert.rejects(
    encodeEncryptionKeys(KEYS, { ...PLAIN, passphrase: 'horse' }),
    /^CountersignError: Cannot lock encryption keys: the passphrase has 5 characters, and must have 8 at least$/,
  );
});

test('names a new key after its day', () => {
  const key = newEncryptionKey(toUnixSeconds(1_795_651_200), (count) => new Uint8Array(count).fill(0xab));
  assert.deepEqual(key, { name: '2026-11-26-ababab', bytes: new Uint8Array(32).fill(0xab) });
});

async function refusalOf(
  text: string,
  source: KeySource,
): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await parseEncryptionKeys(text, source);
  } catch (error) {
    assert.ok(isCountersignError(error));
    return error;
  }
  assert.fail('it was taken');
}
