import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { FakeClock } from '../../base/fake-clock.js';
import { NOW, cn, testCertificate, testKey } from '../../authority/testing/test-certificates.js';
import { createCertificationRequest } from '../../crypto/certification-request.js';
import { exportPrivateKeyPem } from '../../crypto/private-key.js';
import { ATTRIBUTE } from '../../x509/name.js';
import { encodePem, firstPemBlock } from '../../x509/pem.js';
import { requireTool } from '../../../test/tools.js';
import { openTestTerminal } from '../testing/test-terminal.js';

const key = await testKey('root');
const leafKey = await testKey('leaf');
const certificatePem = await testCertificate({ subject: cn('root'), key });
const leafPem = await testCertificate({
  subject: cn('leaf'),
  key: leafKey,
  issuer: { subject: cn('root'), key },
  constraints: { ca: false },
  usages: ['digitalSignature'],
});
const keyPem = exportPrivateKeyPem(key, { format: 'pkcs8' });
const requestDer = await createCertificationRequest(leafKey, {
  subject: cn('web'),
  subjectAltNames: [{ kind: 'dns', value: 'web.example' }],
});
const clock = new FakeClock(NOW * 1000);

const REFUSALS: readonly (readonly [name: string, input: string | Uint8Array, stderr: string])[] = [
  ['nothing', '', 'error: Cannot inspect: the input is empty\n'],
  ['prose', 'hello', 'error: Cannot inspect: it is neither PEM nor DER\n'],
  ['binary', Uint8Array.from([0xff, 0, 1]), 'error: Cannot inspect: it is neither PEM nor DER\n'],
  [
    'damaged PEM',
    '-----BEGIN CERTIFICATE-----\nMII?\n-----END CERTIFICATE-----\n',
    'error: Cannot inspect: the PEM in it is damaged: BEGIN and END lines must match and the text between them must be base64\n',
  ],
  [
    'more than a mebibyte',
    new Uint8Array(1024 * 1024 + 1),
    'error: Cannot read standard input: it has more than 1048576 bytes\n',
  ],
];

for (const [name, stdin, stderr] of REFUSALS) {
  test(`refuses ${name}`, async (t) => {
    assert.deepEqual(await openTestTerminal(t, { clock }).run(['inspect'], { stdin }), {
      exitCode: 1,
      stdout: '',
      stderr,
    });
  });
}

test('shows what cannot be read beside what can, and ends with exit code 1', async (t) => {
  const stdin = `${encodePem('CERTIFICATE', Uint8Array.from([0x30, 0]))}${certificatePem}${encodePem('X509 CRL', Uint8Array.from([0x30, 0]))}`;
  const result = await openTestTerminal(t, { clock }).run(['inspect'], { stdin });
  assert.equal(result.exitCode, 1);
  assert.match(result.stdout, /\[1\] Unreadable CERTIFICATE\n {2}Why: +x509: malformed/);
  assert.match(result.stdout, /\[2\] Certificate\n {2}Subject: +CN=root\n/);
  assert.match(result.stdout, /\[3\] Unreadable X509 CRL\n {2}Why: +nothing here reads this kind of block\n/);
  assert.equal(
    (await openTestTerminal(t).run(['inspect'], { stdin: Uint8Array.from([0x30, 3, 2, 1, 1]) })).exitCode,
    1,
  );
});

test('shows a certificate for people', async (t) => {
  const result = await openTestTerminal(t, { clock }).run(['inspect'], { stdin: certificatePem });
  assert.equal(result.exitCode, 0);
  assert.match(
    result.stdout,
    /^Certificate\n {2}Subject: +CN=root\n {2}Issuer: +CN=root \(itself\)\n {2}Valid from: +2023-11-14T21:13:20Z \(60m ago\)\n/,
  );
  assert.match(result.stdout, /Authority: +yes\n {2}Usages: +cert sign, crl sign\n {2}Key: +ECDSA P-256\n/);
});

test('marks what has expired', async (t) => {
  const late = new FakeClock((NOW + 11 * 31_536_000) * 1000);
  const result = await openTestTerminal(t, { clock: late }).run(['inspect'], { stdin: certificatePem });
  assert.match(result.stdout, /Valid until: +\S+ \(365d ago\) EXPIRED\n/);
});

test('tells which key belongs to what, and who names whom as issuer', async (t) => {
  const terminal = openTestTerminal(t, { clock });
  writeFileSync(terminal.path('chain.pem'), leafPem + certificatePem);
  writeFileSync(terminal.path('key.pem'), keyPem);
  const result = await terminal.run(['inspect', 'chain.pem', 'key.pem']);
  assert.match(
    result.stdout,
    /The private key of item 3 belongs to item 2\nThe certificate of item 1 names item 2 as its issuer\n$/,
  );
  writeFileSync(terminal.path('chain.pem'), leafPem);
  assert.match(
    (await terminal.run(['inspect', 'chain.pem', 'key.pem'])).stdout,
    /The private key of item 2 belongs to NONE of the others\n$/,
  );
});

test('reads DER of every kind', async (t) => {
  const terminal = openTestTerminal(t, { clock });
  const der = (pem: string): Uint8Array => firstPemBlock(pem)?.bytes ?? new Uint8Array();
  const kinds: readonly (readonly [title: RegExp, der: Uint8Array])[] = [
    [/^Certificate\n/, der(certificatePem)],
    [/^Certificate request \(PKCS#10\)\n/, requestDer],
    [/^Private key\n/, der(keyPem)],
    [/^Private key\n/, der(exportPrivateKeyPem(key, { format: 'sec1' }))],
    [/^Public key\n/, key.publicKeyDer],
  ];
  for (const [title, stdin] of kinds) assert.match((await terminal.run(['inspect'], { stdin })).stdout, title);
});

test('shows requests with what a signer would refuse, and whether the signature is good', async (t) => {
  const terminal = openTestTerminal(t, { clock });
  const der = await createCertificationRequest(leafKey, { subject: [[{ oid: ATTRIBUTE.emailAddress, value: 'a@b' }]] });
  const damaged = Uint8Array.from(der);
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
  const result = await terminal.run(['inspect'], { stdin: encodePem('CERTIFICATE REQUEST', damaged) });
  assert.match(result.stdout, /Signature: +ECDSA-SHA256, NOT VALID: x509: ECDSA verification failure\n/);
  assert.match(result.stdout, /Warning: +subject\[0\]\.\S+: an attribute of this type is never certified\n/);
  const good = await terminal.run(['inspect'], { stdin: encodePem('CERTIFICATE REQUEST', requestDer) });
  assert.match(good.stdout, /DNS Names: +web\.example\n {2}Key: +ECDSA P-256\n {2}Signature: +ECDSA-SHA256, valid\n$/);
});

test('never prints a private key, and says how to open an encrypted one', async (t) => {
  const terminal = openTestTerminal(t, { clock });
  const secret = keyPem.split('\n').slice(1, 3).join('');
  for (const output of [[], ['-o', 'json'], ['-o', 'yaml']]) {
    const result = await terminal.run(['inspect', ...output], { stdin: keyPem });
    assert.ok(!result.stdout.replaceAll(/\s/g, '').includes(secret.slice(0, 40)));
  }
  const stdin = exportPrivateKeyPem(key, { format: 'pkcs8', passphrase: 'secret' });
  assert.match(
    (await terminal.run(['inspect'], { stdin })).stdout,
    /^Private key, encrypted\n.*set COUNTERSIGN_KEY_PASSPHRASE\n/s,
  );
  const opened = await terminal.run(['inspect'], { stdin, env: { COUNTERSIGN_KEY_PASSPHRASE: 'secret' } });
  assert.match(opened.stdout, /^Private key\n {2}Key: +ECDSA P-256\n/);
});

test('opens the encrypted traditional keys that openssl writes', async (t) => {
  if (!requireTool(t, 'openssl')) return;
  const terminal = openTestTerminal(t, { clock });
  writeFileSync(terminal.path('key.pem'), keyPem);
  execFileSync('openssl', ['ec', '-in', 'key.pem', '-aes128', '-passout', 'pass:secret', '-out', 'locked.pem'], {
    cwd: terminal.folder,
    stdio: 'ignore',
  });
  assert.match(readFileSync(terminal.path('locked.pem'), 'utf8'), /Proc-Type: 4,ENCRYPTED/);
  const opened = await terminal.run(['inspect', 'locked.pem'], { env: { COUNTERSIGN_KEY_PASSPHRASE: 'secret' } });
  assert.match(opened.stdout, /^Private key\n {2}Key: +ECDSA P-256\n/);
});

test('gives programs a list of items', async (t) => {
  const result = await openTestTerminal(t, { clock }).run(['inspect', '-o', 'json'], { stdin: leafPem });
  const [item]: unknown[] = JSON.parse(result.stdout) as unknown[]; // a list, being printed by inspect
  assert.ok(typeof item === 'object' && item !== null);
  const { kind, subject, notBefore, ca, keyUsage } = item as Readonly<Record<string, unknown>>; // an object, checked above
  assert.deepEqual(
    { kind, subject, notBefore, ca, keyUsage },
    {
      kind: 'certificate',
      subject: 'CN=leaf',
      notBefore: '2023-11-14T21:13:20Z',
      ca: false,
      keyUsage: ['digitalSignature'],
    },
  );
});
