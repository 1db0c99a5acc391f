import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandEntry } from './command-entry.js';
import { openTestTerminal } from './testing/test-terminal.js';

const REFUSALS: readonly (readonly [line: string, stderr: RegExp])[] = [
  ['nonsense', /^error: unknown command 'nonsense'\n/],
  ['aprove x', /^error: unknown command 'aprove'\n\(Did you mean approve\?\)\n/],
  ['get --nonsense', /^error: unknown option '--nonsense'\nSee 'countersign get --help' for usage\.\n$/],
  ['get -o xml', /^error: Cannot use --output: "xml" is none of wide, json, yaml, name\n$/],
  ['get -o', /^error: option '-o, --output <format>' argument missing\n/],
  ['-v loud get', /^error: Cannot use --v: "loud" is no number from 0 to 99\n$/],
  ['get', /^error: Cannot read kubeconfig: there is none\n$/],
  ['approve', /^error: Cannot choose requests: name at least one, or give a file with -f\n$/],
  ['approve csr', /^error: Cannot choose requests: name at least one\n$/],
  ['approve a --dry-run b', /^error: Cannot use --dry-run: "b" is none of none, client, server\n$/],
  ['describe', /^error: missing required argument 'name'\n/],
  ['sign', /^error: required option '--ca <file>' not specified\n/],
  ['verify x', /^error: required option '--ca <file>' not specified\n/],
  ['ca make', /^error: unknown command 'make'\n/],
  ['trust export', /^error: Cannot export: say from where: --signer, --ca or --from-configmap\n$/],
  ['trust export --ca a --from-configmap b', /^error: Cannot use --ca together with --from-configmap\n$/],
  ['trust export --ca a --out b --configmap c', /^error: Cannot use --out together with --configmap\n$/],
  ['publish', /^error: missing required argument 'name'\n/],
  ['version extra', /^error: too many arguments/],
];

for (const [line, stderr] of REFUSALS) {
  test(`refuses '${line}' with exit code 1, and says nothing on standard output`, async (t) => {
    const result = await openTestTerminal(t).run(line.split(' '));
    assert.match(result.stderr, stderr);
    assert.equal(result.stdout, '');
    assert.equal(result.exitCode, 1);
  });
}

test('never shows a stack, but for the unexpected at -v 9', async (t) => {
  const terminal = openTestTerminal(t);
  const breaking: CommandEntry = {
    name: 'break',
    summary: 'fails as only a fault of ours does',
    load: async () => (command) => {
      command.action(() => {
        throw new TypeError('boom');
      });
    },
  };
  const extra = [breaking];
  const quiet = await terminal.run(['break'], { extra });
  assert.deepEqual(quiet, { exitCode: 1, stdout: '', stderr: 'error: unexpected: boom\n' });
  const loud = await terminal.run(['-v', '9', 'break'], { extra });
  assert.match(loud.stderr, /^error: unexpected: boom\nTypeError: boom\n {4}at /);
});

test('shows help on standard output, with the commands that main adds first', async (t) => {
  const terminal = openTestTerminal(t);
  const extra = [{ name: 'up', summary: 'run it here', load: async () => () => undefined }];
  for (const args of [[], ['--help'], ['help']]) {
    const result = await terminal.run(args, { extra });
    assert.equal(result.exitCode, 0);
    assert.equal(result.stderr, '');
    assert.match(result.stdout, /Commands:\n {2}up +run it here\n {2}request /);
  }
});

test('shows the flags of a command and the global ones in its help', async (t) => {
  const result = await openTestTerminal(t).run(['help', 'get']);
  assert.match(result.stdout, /--signer <name>/);
  assert.match(result.stdout, /Global Options:\n.*--namespace/s);
});

test('tells its version, also for programs', async (t) => {
  const terminal = openTestTerminal(t);
  assert.match((await terminal.run(['version'])).stdout, /^countersign \d+\.\d+\.\d+ \(Node v\d+/);
  const parsed: unknown = JSON.parse((await terminal.run(['version', '-o', 'json'])).stdout);
  assert.ok(typeof parsed === 'object' && parsed !== null && 'version' in parsed);
  assert.match((await terminal.run(['version', '-o=yaml'])).stdout, /^version: \d/);
});
