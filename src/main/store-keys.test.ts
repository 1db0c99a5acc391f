import assert from 'node:assert/strict';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { suite, test, type TestContext } from 'node:test';
import { openTestTerminal, type TestTerminal } from '../cli/testing/test-terminal.js';
import { MAIN_COMMANDS } from './commands.js';

const STORE = { extra: MAIN_COMMANDS };
const NAME = '[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{6}';

/** A terminal in whose folder `keys.json` and a passphrase lie. */
async function withKeys(t: TestContext, ...args: readonly string[]): Promise<TestTerminal> {
  const terminal = openTestTerminal(t);
  await writeFile(terminal.path('passphrase'), 'correct horse\n', { mode: 0o600 });
  const made = await terminal.run(['store', 'genkey', 'keys.json', ...args], STORE);
  assert.equal(made.exitCode, 0, made.stderr);
  return terminal;
}

/** Names of the keys in the file, in order. */
async function namesIn(terminal: TestTerminal): Promise<readonly string[]> {
  const file = JSON.parse(await readFile(terminal.path('keys.json'), 'utf8')) as { keys: { name: string }[] };
  return file.keys.map(({ name }) => name);
}

interface Refusal {
  readonly name: string;
  readonly args: readonly string[];
  readonly mode?: number;
  readonly says: RegExp;
}

const REFUSED: readonly Refusal[] = [
  {
    name: 'genkey over a file',
    args: ['genkey', 'keys.json'],
    says: /^error: Cannot make encryption keys: .*keys\.json: it is there already$/m,
  },
  {
    name: 'rotate-key of no file',
    args: ['rotate-key', 'no.json'],
    says: /^error: Cannot use --encryption-key-file: .*no\.json: there is no such file or folder\n$/,
  },
  {
    name: 'rotate-key of a file that others may read',
    args: ['rotate-key', 'keys.json'],
    mode: 0o644,
    says: /keys\.json: its mode is 0644, and must be 0600/,
  },
  {
    name: 'rotate-key with a passphrase that locks nothing',
    args: ['rotate-key', 'keys.json', '--encryption-passphrase-file', 'passphrase'],
    says: /keys\.json: it is not locked, and a passphrase was given$/m,
  },
  {
    name: 'a new key in two places',
    args: ['rotate-key', 'keys.json', '--standby', '--use', 'a'],
    says: /^error: Cannot use --standby together with --use$/m,
  },
  {
    name: 'to use a key that is not there',
    args: ['rotate-key', 'keys.json', '--use', 'a'],
    says: new RegExp(`^error: Cannot find key "a" in keys\\.json: it holds ${NAME}$`, 'm'),
  },
  {
    name: 'to drop a key that is not there',
    args: ['drop-key', 'keys.json', 'a'],
    says: /^error: Cannot find key "a" in /,
  },
];

void suite('store refuses', () => {
  for (const { name, args, mode, says } of REFUSED) {
    test(`${name}, and leaves the file as it is`, async (t) => {
      const terminal = await withKeys(t);
      const before = await readFile(terminal.path('keys.json'), 'utf8');
      if (mode !== undefined) await chmod(terminal.path('keys.json'), mode);
      const { exitCode, stdout, stderr } = await terminal.run(['store', ...args], STORE);
      assert.match(stderr, says);
      assert.deepEqual([exitCode, stdout], [1, '']);
      assert.equal(await readFile(terminal.path('keys.json'), 'utf8'), before);
    });
  }

  test('to drop the key that seals', async (t) => {
    const terminal = await withKeys(t);
    const [name = ''] = await namesIn(terminal);
    const { exitCode, stderr } = await terminal.run(['store', 'drop-key', 'keys.json', name], STORE);
    assert.equal(exitCode, 1);
    assert.match(stderr, /it is the one that seals: rotate-key makes another$/m);
  });
});

test('makes a file for its owner alone, and shows names and no keys', async (t) => {
  const terminal = openTestTerminal(t);
  const { stdout, stderr } = await terminal.run(['store', 'genkey', 'keys.json'], STORE);
  assert.match(stdout, new RegExp(`^KEY +USE\n${NAME} +seals and opens\n$`));
  assert.match(stderr, /^Keep a copy apart from the data folder/);
  assert.equal((await stat(terminal.path('keys.json'))).mode & 0o777, 0o600);
  const [key] = /"key": "(.*)"/.exec(await readFile(terminal.path('keys.json'), 'utf8'))?.slice(1) ?? [];
  assert.ok(key !== undefined && !(stdout + stderr).includes(key));
});

test('rotates: the new key first, the old one behind, and the old one can go', async (t) => {
  const terminal = await withKeys(t);
  const [old = ''] = await namesIn(terminal);
  const { stdout, stderr } = await terminal.run(['store', 'rotate-key', 'keys.json'], STORE);
  assert.match(stdout, new RegExp(`^KEY +USE\n${NAME} +seals and opens\n${old} +opens\n$`));
  assert.match(stderr, /Restart the server with this file, then: countersign store rewrite/);
  const [first, second] = await namesIn(terminal);
  assert.equal(second, old);
  await terminal.run(['store', 'drop-key', 'keys.json', old], STORE);
  assert.deepEqual(await namesIn(terminal), [first]);
});

test('rotates in two steps for several servers: on standby, then in use', async (t) => {
  const terminal = await withKeys(t);
  const [old] = await namesIn(terminal);
  await terminal.run(['store', 'rotate-key', 'keys.json', '--standby'], STORE);
  const [still, next = ''] = await namesIn(terminal);
  assert.equal(still, old);
  await terminal.run(['store', 'rotate-key', 'keys.json', '--use', next], STORE);
  assert.deepEqual(await namesIn(terminal), [next, old]);
});

test('keeps a locked file locked, and needs its passphrase', async (t) => {
  const lock = ['--encryption-passphrase-file', 'passphrase'];
  const terminal = await withKeys(t, ...lock);
  const without = await terminal.run(['store', 'rotate-key', 'keys.json'], STORE);
  assert.match(without.stderr, /keys\.json: it is locked and needs its passphrase$/m);
  const { exitCode } = await terminal.run(['store', 'rotate-key', 'keys.json', ...lock], STORE);
  assert.equal(exitCode, 0);
  assert.equal((await namesIn(terminal)).length, 2);
  assert.match(await readFile(terminal.path('keys.json'), 'utf8'), /"scrypt"/);
});
