import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { secondsOf, toUnixSeconds } from '../base/clock.js';
import { FakeClock } from '../base/fake-clock.js';
import { silentLogger, type Logger } from '../base/logger.js';
import { generateKeyPair } from '../crypto/generate-key-pair.js';
import { exportPrivateKeyPem } from '../crypto/private-key.js';
import { memoryKeyFiles, type KeyFiles } from './key-files.js';
import { openTokenKeyRing, rotateTokenKey, type RotatingTokenKeys } from './token-key-files.js';

const RING = 'service-account-keys.json';
const USE = 'service-account-key-use.json';

async function rotate(files: KeyFiles, clock: FakeClock, revokeOld = false): Promise<void> {
  const pem = exportPrivateKeyPem(await generateKeyPair('ecdsa-p256'), { format: 'pkcs8' });
  await rotateTokenKey(files, { pem, now: secondsOf(clock), publishSeconds: 60, revokeOld });
}

/** Lets what the last look began come to its end. */
async function looked(clock: FakeClock): Promise<void> {
  clock.advance(5000);
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

const ids = (keys: RotatingTokenKeys): readonly string[] => keys.verification().map(({ id }) => id);

async function open(files: KeyFiles, clock: FakeClock, logger: Logger = silentLogger): Promise<RotatingTokenKeys> {
  return openTokenKeyRing({ files, others: [], clock, logger });
}

suite('token keys of a server', () => {
  test('a file that is damaged keeps a server from starting, and one at work from nothing', async () => {
    const files = memoryKeyFiles();
    const clock = new FakeClock();
    const lines: string[] = [];
    const keys = await open(files, clock, { ...silentLogger, error: (message) => lines.push(message) });
    const before = ids(keys);
    await files.write(RING, '{');
    await looked(clock);
    assert.deepEqual(ids(keys), before);
    assert.deepEqual(lines, ['Token keys could not be read']);
    await assert.rejects(open(files, clock), { code: 'CONFIG_INVALID' });
  });

  test('rotating before there is a key does nothing', async () => {
    const files = memoryKeyFiles();
    await rotate(files, new FakeClock());
    assert.equal(await files.read(RING), undefined);
  });

  test('a server at work takes a rotation: published first, signing later, old until its tokens have ended', async () => {
    const files = memoryKeyFiles();
    const clock = new FakeClock();
    const keys = await open(files, clock);
    const [old = ''] = ids(keys);
    await keys.willSign(old, toUnixSeconds(secondsOf(clock) + 3600));
    await rotate(files, clock);
    await looked(clock);
    assert.equal(keys.signing().id, old);
    const [, next = ''] = ids(keys);
    assert.deepEqual(ids(keys), [old, next]);
    clock.advance(60_000);
    assert.equal(keys.signing().id, next);
    assert.deepEqual(ids(keys), [next, old]);
    const restarted = await open(files, clock);
    assert.deepEqual([restarted.signing().id, ids(restarted)], [next, [next, old]]);
    clock.advance(27 * 3_600_000);
    assert.deepEqual(ids(keys), [next]);
  });

  test('a key of an older server, which kept no record, stays for a year', async () => {
    const files = memoryKeyFiles();
    const clock = new FakeClock();
    const pem = exportPrivateKeyPem(await generateKeyPair('ecdsa-p256'), { format: 'pkcs8' });
    await files.write('service-account.key', pem);
    const keys = await open(files, clock);
    await rotate(files, clock);
    await looked(clock);
    clock.advance(364 * 86_400_000);
    assert.equal(ids(keys).length, 2);
    clock.advance(2 * 86_400_000);
    assert.equal(ids(keys).length, 1);
  });

  test('revoking drops the old key at once', async () => {
    const files = memoryKeyFiles();
    const clock = new FakeClock();
    const keys = await open(files, clock);
    const [old] = ids(keys);
    await rotate(files, clock, true);
    await looked(clock);
    assert.equal(ids(keys).length, 1);
    assert.notEqual(ids(keys)[0], old);
  });

  test('what two servers know of the use of a key comes together, whoever writes last', async () => {
    const files = memoryKeyFiles();
    const clock = new FakeClock();
    const [one, other] = [await open(files, clock), await open(files, clock)];
    const [id = ''] = ids(one);
    assert.equal(one.signing().id, other.signing().id);
    const end = toUnixSeconds(secondsOf(clock) + 1_000_000);
    await one.willSign(id, end);
    await files.write(USE, '{}');
    await looked(clock);
    assert.deepEqual(JSON.parse((await files.read(USE)) ?? ''), { [id]: end + 86_400 });
  });

  test('most tokens cost no write', async () => {
    let writes = 0;
    const memory = memoryKeyFiles();
    const files: KeyFiles = {
      ...memory,
      write: (name, text) => {
        writes++;
        return memory.write(name, text);
      },
    };
    const clock = new FakeClock();
    const keys = await open(files, clock);
    const { id } = keys.signing();
    await keys.willSign(id, toUnixSeconds(secondsOf(clock) + 3600));
    for (let i = 0; i < 100; i++) {
      clock.advance(60_000);
      await keys.willSign(id, toUnixSeconds(secondsOf(clock) + 3600));
    }
    assert.equal(writes, 1);
  });
});
