import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { toUnixSeconds } from '../../base/clock.js';
import { FakeClock } from '../../base/fake-clock.js';
import { NOW, cn, testCertificate, testKey } from '../../authority/testing/test-certificates.js';
import { exportPrivateKeyPem } from '../../crypto/private-key.js';
import { extKeyUsageExtension, subjectAltNameExtension } from '../../x509/extension.js';
import { openTestTerminal, type TestTerminal } from '../testing/test-terminal.js';

const root = { subject: cn('root'), key: await testKey('root') };
const mid = { subject: cn('mid'), key: await testKey('mid') };
const other = { subject: cn('other'), key: await testKey('other') };
const leafKey = await testKey('leaf');
const rootPem = await testCertificate(root);
const midPem = await testCertificate({ ...mid, issuer: root });
const leaf = {
  subject: cn('web'),
  key: leafKey,
  issuer: mid,
  constraints: { ca: false },
  usages: ['digitalSignature'],
  notAfter: toUnixSeconds(NOW + 86_400),
  extensions: [
    extKeyUsageExtension(['1.3.6.1.5.5.7.3.1']),
    subjectAltNameExtension([{ kind: 'dns', value: 'web.example' }], false),
  ],
} as const;

async function openWorkshop(t: { after(cleanUp: () => void): void }): Promise<TestTerminal> {
  const terminal = openTestTerminal(t, { clock: new FakeClock(NOW * 1000) });
  const write = (name: string, text: string): void => writeFileSync(terminal.path(name), text);
  write('root.pem', rootPem);
  write('mid.pem', midPem);
  write('other.pem', await testCertificate(other));
  write('leaf.pem', await testCertificate(leaf));
  write('chain.pem', (await testCertificate(leaf)) + midPem);
  write('leaf-key.pem', exportPrivateKeyPem(leafKey, { format: 'pkcs8' }));
  write('other-key.pem', exportPrivateKeyPem(other.key, { format: 'pkcs8' }));
  write('empty.pem', '');
  return terminal;
}

const REFUSALS: readonly (readonly [name: string, args: string, stderr: RegExp])[] = [
  [
    'a file that is not there',
    'nope.pem --ca root.pem',
    /^error: Cannot read "nope\.pem": there is no such file or folder\n$/,
  ],
  [
    'a file without certificate',
    'leaf-key.pem --ca root.pem',
    /^error: Cannot read "leaf-key\.pem": it holds no certificate\n$/,
  ],
  ['an empty root file', 'leaf.pem --ca empty.pem', /^error: Cannot read "empty\.pem": it holds no certificate\n$/],
  ['a key file without key', 'chain.pem --ca root.pem --key root.pem', /^error: Cannot use the key in "root\.pem": /],
  [
    'a time that is none',
    'chain.pem --ca root.pem --at tomorrow',
    /^error: Cannot use --at: "tomorrow" is no RFC 3339 time/,
  ],
  [
    'a usage that is no extended one',
    'chain.pem --ca root.pem --usage signing',
    /^error: Cannot use --usage: "signing" is no extended usage/,
  ],
  ['a chain without its intermediate', 'leaf.pem --ca root.pem', /^error: leaf\.pem: [^\n]+\n$/],
  ['another root', 'chain.pem --ca other.pem', /^error: chain\.pem: [^\n]+\n$/],
  [
    'another host name',
    'chain.pem --ca root.pem --hostname a.example',
    /^error: chain\.pem: it is not for a\.example: it is for DNS:web\.example\n$/,
  ],
  [
    'the common name as host name',
    'chain.pem --ca root.pem --hostname web',
    /it is not for web: it is for DNS:web\.example\n$/,
  ],
  ['another usage', 'chain.pem --ca root.pem --usage', /^error: option '--usage <usage>' argument missing/],
  [
    'another key',
    'chain.pem --ca root.pem --key other-key.pem',
    /^error: chain\.pem: the private key belongs to another certificate\n$/,
  ],
  [
    'an expired certificate',
    'chain.pem --ca root.pem --at 2024-01-01T00:00:00Z',
    /^error: chain\.pem: it expired at 2023-11-15T22:13:20Z\n$/,
  ],
  [
    'a certificate of tomorrow',
    'chain.pem --ca root.pem --at 2023-11-14T00:00:00Z',
    /^error: chain\.pem: it is not valid before 2023-11-14T21:13:20Z\n$/,
  ],
];

for (const [name, args, stderr] of REFUSALS) {
  test(`refuses ${name}`, async (t) => {
    const result = await (await openWorkshop(t)).run(['verify', ...args.split(' ')]);
    assert.match(result.stderr, stderr);
    assert.deepEqual([result.exitCode, result.stdout], [1, '']);
  });
}

test('refuses a certificate for another usage', async (t) => {
  const result = await (
    await openWorkshop(t)
  ).run(['verify', 'chain.pem', '--ca', 'root.pem', '--usage', 'client auth']);
  assert.equal(result.exitCode, 1);
});

test('lists every reason at once', async (t) => {
  const terminal = await openWorkshop(t);
  const args = [
    '--ca',
    'other.pem',
    '--hostname',
    'a.example',
    '--key',
    'other-key.pem',
    '--at',
    '2024-01-01T00:00:00Z',
  ];
  const result = await terminal.run(['verify', 'chain.pem', ...args]);
  assert.equal(result.exitCode, 1);
  const lines = result.stderr.trimEnd().split('\n');
  assert.equal(lines.length, 4, result.stderr);
  assert.ok(lines.every((line) => line.startsWith('error: chain.pem: ')));
  const json = await terminal.run(['verify', 'chain.pem', ...args, '-o', 'json']);
  assert.equal(json.exitCode, 1);
  const parsed: unknown = JSON.parse(json.stdout);
  assert.ok(typeof parsed === 'object' && parsed !== null && 'ok' in parsed && 'reasons' in parsed);
  assert.equal(parsed.ok, false);
  assert.ok(Array.isArray(parsed.reasons) && parsed.reasons.length === 4);
});

test('shows the path and what was checked', async (t) => {
  const terminal = await openWorkshop(t);
  const checks = ['--hostname', 'web.example', '--key', 'leaf-key.pem'];
  const wanted = {
    exitCode: 0,
    stderr: '',
    stdout:
      'chain.pem: OK\n  CN=web\n    CN=mid\n      CN=root\n  is for web.example\n  belongs to the key\n' +
      '  valid until 2023-11-15T22:13:20Z (in 24h)\n',
  };
  assert.deepEqual(await terminal.run(['verify', 'chain.pem', '--ca', 'root.pem', ...checks]), wanted);
  const apart = await terminal.run([
    'verify',
    'leaf.pem',
    '--ca',
    'other.pem',
    '--ca',
    'root.pem',
    '--chain',
    'mid.pem',
    ...checks,
  ]);
  assert.deepEqual(apart, { ...wanted, stdout: wanted.stdout.replace('chain.pem', 'leaf.pem') });
});

test('takes an intermediate as root where that is what is trusted', async (t) => {
  const result = await (await openWorkshop(t)).run(['verify', 'leaf.pem', '--ca', 'mid.pem']);
  assert.deepEqual([result.exitCode, result.stderr], [0, '']);
});
