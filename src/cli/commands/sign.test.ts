import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { secondsOf } from '../../base/clock.js';
import { FakeClock } from '../../base/fake-clock.js';
import { parseCertificate, type Certificate } from '../../x509/certificate.js';
import { formatGeneralName } from '../../x509/general-name.js';
import { formatName } from '../../x509/name.js';
import { firstPemBlock } from '../../x509/pem.js';
import { requireTool } from '../../../test/tools.js';
import { openTestTerminal, type TestTerminal } from '../testing/test-terminal.js';

const CSR_JSON = JSON.stringify({
  hosts: ['my-svc.my-namespace.svc.cluster.local', 'my-pod.my-namespace.pod.cluster.local', '192.0.2.24', '10.0.34.2'],
  CN: 'my-pod.my-namespace.pod.cluster.local',
  key: { algo: 'ecdsa', size: 256 },
});
const CA_JSON = JSON.stringify({ CN: 'My Example Signer', key: { algo: 'rsa', size: 2048 } });
const CONFIG = JSON.stringify({
  signing: {
    default: {
      usages: ['digital signature', 'key encipherment', 'server auth'],
      expiry: '876000h',
      ca_constraint: { is_ca: false },
    },
    profiles: { client: { usages: ['client auth'], expiry: '24h' } },
  },
});
const SIGN = ['sign', '--ca', 'ca.pem', '--ca-key', 'ca-key.pem'];
// openssl and cfssl look at the machine's clock
const clock = new FakeClock(Date.now());

/** A terminal with ca.pem, server.csr and server-signing-config.json in its folder. */
async function openWorkshop(t: { after(cleanUp: () => void): void }): Promise<TestTerminal> {
  const terminal = openTestTerminal(t, { clock });
  assert.equal((await terminal.run(['ca', 'init', '--bare', 'ca'], { stdin: CA_JSON })).exitCode, 0);
  assert.equal((await terminal.run(['genkey', '--bare', 'server'], { stdin: CSR_JSON })).exitCode, 0);
  writeFileSync(terminal.path('server-signing-config.json'), CONFIG);
  return terminal;
}

function certificateAt(path: string): Certificate {
  const block = firstPemBlock(readFileSync(path, 'utf8'));
  assert.ok(block);
  return parseCertificate(block.bytes);
}

const mode = (path: string): number => statSync(path).mode & 0o777;

test('refuses what it cannot sign, one clear reason each', async (t) => {
  const terminal = await openWorkshop(t);
  await terminal.run(['ca', 'init', '--bare', 'other'], { stdin: '{"CN": "other"}' });
  const csr = readFileSync(terminal.path('server.csr'), 'utf8');
  const damaged = Buffer.from(firstPemBlock(csr)?.bytes ?? new Uint8Array());
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
  writeFileSync(terminal.path('damaged.csr'), damaged);
  const refusals: readonly (readonly [args: readonly string[], stderr: RegExp])[] = [
    [[...SIGN, 'nowhere.csr'], /^error: Cannot read "nowhere\.csr": there is no such file or folder\n$/],
    [[...SIGN, '.'], /^error: Cannot read "\.": it is a folder\n$/],
    [[...SIGN, 'ca.pem'], /^error: PEM block type must be CERTIFICATE REQUEST\n$/],
    [[...SIGN, 'damaged.csr'], /^error: Cannot sign "damaged\.csr": x509: ECDSA verification failure\n$/],
    [[...SIGN, 'server.csr', '--profile', 'x'], /^error: Cannot use --profile without --config\n$/],
    [[...SIGN, 'server.csr', '--config', 'server-signing-config.json', '--profile', 'x'], /has no "x", only client\n$/],
    [[...SIGN, 'server.csr', '--hostname', 'a b'], /^error: Cannot use --dns: "a b" is no DNS name/],
    [
      ['sign', 'server.csr', '--ca', 'ca.pem', '--ca-key', 'other-key.pem'],
      /^error: Cannot use CA: the key belongs to another certificate\n$/,
    ],
    [
      ['sign', 'server.csr', '--ca', 'server.csr', '--ca-key', 'ca-key.pem'],
      /^error: Cannot use CA: there is no CERTIFICATE block\n$/,
    ],
  ];
  for (const [args, stderr] of refusals) {
    const result = await terminal.run(args);
    assert.match(result.stderr, stderr);
    assert.deepEqual([result.exitCode, result.stdout], [1, '']);
  }
});

test('never overwrites a key without --force', async (t) => {
  const terminal = await openWorkshop(t);
  const before = readFileSync(terminal.path('ca-key.pem'), 'utf8');
  const certificate = readFileSync(terminal.path('ca.pem'), 'utf8');
  for (const args of [
    ['ca', 'init', '--bare', 'ca'],
    ['genkey', '--bare', 'ca'],
  ]) {
    const result = await terminal.run(args, { stdin: CSR_JSON });
    assert.equal(result.exitCode, 1);
    assert.match(
      result.stderr,
      /error: Cannot write "ca-key\.pem": it exists already, and a key is never overwritten without --force\n$/,
    );
  }
  assert.equal(readFileSync(terminal.path('ca-key.pem'), 'utf8'), before);
  assert.equal(readFileSync(terminal.path('ca.pem'), 'utf8'), certificate);
  assert.equal((await terminal.run(['ca', 'init', '--bare', 'ca', '--force'], { stdin: CA_JSON })).exitCode, 0);
  assert.notEqual(readFileSync(terminal.path('ca-key.pem'), 'utf8'), before);
  assert.equal(mode(terminal.path('ca-key.pem')), 0o600);
});

test('refuses to make a request for nobody, or for a CA', async (t) => {
  const terminal = openTestTerminal(t);
  assert.match((await terminal.run(['genkey'], { stdin: '{}' })).stderr, /it names nobody: give CN, names or hosts/);
  assert.match(
    (await terminal.run(['genkey'], { stdin: '{"CN": "a", "ca": {}}' })).stderr,
    /use 'countersign ca init'/,
  );
  assert.match((await terminal.run(['ca', 'init'], { stdin: '{}' })).stderr, /Cannot make CA: the subject is empty/);
});

test('writes the files of cfssljson -bare, the keys for their owner only', async (t) => {
  const terminal = await openWorkshop(t);
  assert.equal(mode(terminal.path('ca-key.pem')), 0o600);
  assert.equal(mode(terminal.path('server-key.pem')), 0o600);
  assert.equal(mode(terminal.path('ca.pem')), 0o644);
  assert.match(readFileSync(terminal.path('ca-key.pem'), 'utf8'), /^-----BEGIN RSA PRIVATE KEY-----\n/);
  assert.match(readFileSync(terminal.path('server-key.pem'), 'utf8'), /^-----BEGIN EC PRIVATE KEY-----\n/);
  assert.match(readFileSync(terminal.path('ca.csr'), 'utf8'), /^-----BEGIN CERTIFICATE REQUEST-----\n/);
  const signed = await terminal.run([
    ...SIGN,
    '--config',
    'server-signing-config.json',
    'server.csr',
    '--bare',
    'signed',
  ]);
  assert.equal(signed.stdout, '');
  assert.match(signed.stderr, /^Signed certificate with serial number [0-9a-f]+, valid until /);
  assert.match(
    signed.stderr,
    /The profile says 876000h, but a certificate is of no use after its CA: it ends with it\n/,
  );
  const certificate = certificateAt(terminal.path('signed.pem'));
  assert.equal(certificate.notAfter, certificateAt(terminal.path('ca.pem')).notAfter);
  assert.deepEqual([...(certificate.keyUsage ?? [])], ['digitalSignature', 'keyEncipherment']);
  assert.deepEqual(certificate.subjectAltNames.map(formatGeneralName), [
    'DNS:my-svc.my-namespace.svc.cluster.local',
    'DNS:my-pod.my-namespace.pod.cluster.local',
    'IP Address:192.0.2.24',
    'IP Address:10.0.34.2',
  ]);
});

test('signs DER from standard input, other names and another profile when told to', async (t) => {
  const terminal = await openWorkshop(t);
  const der = firstPemBlock(readFileSync(terminal.path('server.csr'), 'utf8'))?.bytes ?? new Uint8Array();
  const args = [
    ...SIGN,
    '--config',
    'server-signing-config.json',
    '--profile',
    'client',
    '--hostname',
    'x.example, 10.9.8.7',
  ];
  const result = await terminal.run([...args, '--bare', 'x'], { stdin: der });
  assert.equal(result.exitCode, 0, result.stderr);
  assert.doesNotMatch(result.stderr, /The profile says/);
  const certificate = certificateAt(terminal.path('x.pem'));
  assert.deepEqual(certificate.subjectAltNames.map(formatGeneralName), ['DNS:x.example', 'IP Address:10.9.8.7']);
  assert.deepEqual(certificate.extKeyUsage, ['1.3.6.1.5.5.7.3.2']);
  assert.equal(certificate.notAfter - certificate.notBefore, 86_400);
  assert.equal(certificate.notBefore, secondsOf(clock) - 300);
});

test("takes cfssl's flags with one hyphen", async (t) => {
  const terminal = await openWorkshop(t);
  const args = [
    'sign',
    '-ca',
    'ca.pem',
    '-ca-key=ca-key.pem',
    '-config',
    'server-signing-config.json',
    '-profile=client',
    '-',
  ];
  const result = await terminal.run(args, { stdin: readFileSync(terminal.path('server.csr')) });
  assert.equal(result.exitCode, 0, result.stderr);
  const output: unknown = JSON.parse(result.stdout);
  assert.ok(typeof output === 'object' && output !== null && 'cert' in output);
});

test('opens an encrypted CA key with the passphrase of the environment', async (t) => {
  if (!requireTool(t, 'openssl')) return;
  const terminal = await openWorkshop(t);
  execFileSync('openssl', ['pkey', '-in', 'ca-key.pem', '-aes256', '-passout', 'pass:secret', '-out', 'locked.pem'], {
    cwd: terminal.folder,
  });
  const args = ['sign', '--ca', 'ca.pem', '--ca-key', 'locked.pem', 'server.csr'];
  assert.equal((await terminal.run(args)).exitCode, 1);
  assert.equal((await terminal.run(args, { env: { COUNTERSIGN_KEY_PASSPHRASE: 'secret' } })).exitCode, 0);
});

test('pipes into cfssljson, and openssl and cfssl read all of it', async (t) => {
  if (!requireTool(t, 'cfssl') || !requireTool(t, 'cfssljson') || !requireTool(t, 'openssl')) return;
  const terminal = openTestTerminal(t, { clock });
  const cwd = terminal.folder;
  const pipe = async (args: readonly string[], stdin: string, bare: string): Promise<void> => {
    const result = await terminal.run(args, { stdin });
    assert.equal(result.exitCode, 0, result.stderr);
    execFileSync('cfssljson', ['-bare', bare], { cwd, input: result.stdout });
  };
  await pipe(['ca', 'init', '-'], CA_JSON, 'ca');
  await pipe(['genkey', '-'], CSR_JSON, 'server');
  writeFileSync(terminal.path('config.json'), CONFIG);
  await pipe([...SIGN, '--config', 'config.json', '-'], readFileSync(terminal.path('server.csr'), 'utf8'), 'signed');
  const verified = spawnSync(
    'openssl',
    ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', 'ca.pem', 'signed.pem'],
    { cwd, encoding: 'utf8' },
  );
  assert.equal(verified.stdout, 'signed.pem: OK\n', verified.stderr);
  const info: unknown = JSON.parse(
    execFileSync('cfssl', ['certinfo', '-csr', 'server.csr'], { cwd, encoding: 'utf8' }),
  );
  assert.ok(typeof info === 'object' && info !== null && 'DNSNames' in info && 'IPAddresses' in info);
  assert.deepEqual(info.DNSNames, ['my-svc.my-namespace.svc.cluster.local', 'my-pod.my-namespace.pod.cluster.local']);
  assert.deepEqual(info.IPAddresses, ['192.0.2.24', '10.0.34.2']);
  // cfssl signs our request with our CA, by the same configuration
  const theirs = spawnSync(
    'cfssl',
    ['sign', '-ca', 'ca.pem', '-ca-key', 'ca-key.pem', '-config', 'config.json', 'server.csr'],
    { cwd, encoding: 'utf8' },
  );
  assert.equal(theirs.status, 0, theirs.stderr);
});

test("signs cfssl's requests with cfssl's CA by cfssl's configuration, as cfssl does", async (t) => {
  if (!requireTool(t, 'cfssl') || !requireTool(t, 'cfssljson')) return;
  const terminal = openTestTerminal(t, { clock });
  const cwd = terminal.folder;
  writeFileSync(terminal.path('config.json'), CONFIG.replace('876000h', '8760h'));
  const request = JSON.stringify({
    ...(JSON.parse(CSR_JSON) as object), // an object, written above
    names: [{ C: 'DE', ST: 'BE', L: 'Berlin', O: 'Example', OU: 'Web' }],
  });
  const cfssl = (args: readonly string[], bare: string, input = ''): void => {
    const made = execFileSync('cfssl', args, { cwd, input, stdio: ['pipe', 'pipe', 'ignore'] });
    execFileSync('cfssljson', ['-bare', bare], { cwd, input: made });
  };
  cfssl(['gencert', '-initca', '-'], 'ca', CA_JSON);
  cfssl(['genkey', '-'], 'server', request);
  const files = ['-ca', 'ca.pem', '-ca-key', 'ca-key.pem', '-config', 'config.json', 'server.csr'];
  cfssl(['sign', ...files], 'theirs');
  const ours = await terminal.run(['sign', ...files, '--bare', 'ours']);
  assert.equal(ours.exitCode, 0, ours.stderr);
  const [a, b] = [certificateAt(terminal.path('theirs.pem')), certificateAt(terminal.path('ours.pem'))];
  assert.equal(formatName(b.issuer), formatName(a.issuer));
  assert.deepEqual(new Set(formatName(b.subject).split(',')), new Set(formatName(a.subject).split(',')));
  assert.deepEqual(b.subjectAltNames.map(formatGeneralName), a.subjectAltNames.map(formatGeneralName));
  assert.deepEqual([...(b.keyUsage ?? [])], [...(a.keyUsage ?? [])]);
  assert.deepEqual(b.extKeyUsage, a.extKeyUsage);
  assert.equal(b.notAfter - b.notBefore, a.notAfter - a.notBefore);
  assert.deepEqual(b.basicConstraints?.ca, false);
  assert.deepEqual(b.authorityKeyIdentifier, a.authorityKeyIdentifier);
  assert.deepEqual(new Set(b.extensions.map((e) => e.oid)), new Set(a.extensions.map((e) => e.oid)));
});

test('refuses an intermediate of half a parent, and makes one whose leaves come with it', async (t) => {
  const terminal = openTestTerminal(t, { clock });
  const stdin = JSON.stringify({ CN: 'Example Root', ca: { pathlen: 1 } });
  assert.equal((await terminal.run(['ca', 'init', '--bare', 'root'], { stdin })).exitCode, 0);
  for (const half of [
    ['--parent', 'root.pem'],
    ['--parent-key', 'root-key.pem'],
  ]) {
    const refused = await terminal.run(['ca', 'init', '--bare', 'none', ...half], { stdin: '{"CN": "Issuing CA"}' });
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /^error: Cannot make an intermediate CA: give both --parent and --parent-key\n/);
  }
  const parent = ['--parent', 'root.pem', '--parent-key', 'root-key.pem'];
  const made = await terminal.run(['ca', 'init', '--bare', 'ca', ...parent], { stdin: '{"CN": "Issuing CA"}' });
  assert.equal(made.exitCode, 0, made.stderr);
  assert.equal((await terminal.run(['genkey', '--bare', 'server'], { stdin: CSR_JSON })).exitCode, 0);
  const signed = await terminal.run([...SIGN, '--bare', 'server', 'server.csr']);
  assert.equal(signed.exitCode, 0, signed.stderr);
  const chain = readFileSync(terminal.path('server.pem'), 'utf8');
  assert.equal(chain.match(/BEGIN CERTIFICATE/g)?.length, 2);
  assert.equal(formatName(certificateAt(terminal.path('server.pem')).issuer), 'CN=Issuing CA');
});
