import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { after, test, type TestContext } from 'node:test';
import { toBase64 } from '../../src/base/base64.js';
import { utf8 } from '../../src/base/bytes.js';
import { FakeClock } from '../../src/base/fake-clock.js';
import { CERTIFICATE_SIGNING_REQUESTS, SECRETS } from '../../src/client/resources.js';
import type { CertificateSigningRequest } from '../../src/certificates/certificate-signing-request.js';
import type { CommandResult, TestTerminal } from '../../src/cli/testing/test-terminal.js';
import { testCertificate, testKey, cn } from '../../src/authority/testing/test-certificates.js';
import { openCliServer } from './open-cli.js';

const server = await openCliServer();
after(() => server.close());

const AUTO = ['--signer', 'example.com/auto'];

/** Runs `request` and calls `then` once it has said `said` on standard error. */
async function requestAnd(
  terminal: TestTerminal,
  args: readonly string[],
  said: RegExp,
  then: () => Promise<unknown>,
  signal?: AbortSignal,
): Promise<CommandResult> {
  let text = '';
  let acted: Promise<unknown> | undefined;
  const result = await terminal.run(['request', ...args], {
    ...(signal === undefined ? {} : { signal }),
    onStderr: (part) => {
      text += part;
      if (acted === undefined && said.test(text)) acted = then();
    },
  });
  await acted;
  return result;
}

const read = (name: string): Promise<CertificateSigningRequest> =>
  server.client.get(CERTIFICATE_SIGNING_REQUESTS, name);
const files = (terminal: TestTerminal): readonly string[] => readdirSync(terminal.folder).sort();
const mode = (path: string): number => statSync(path).mode & 0o777;

test('makes a key, asks, tells who must approve, and writes key, certificate and root', async (t) => {
  const terminal = server.terminal(t);
  const name = server.unique('web');
  const args = [name, ...AUTO, '--dns', 'web.example', '--ip', '10.0.0.1', '--duration', '24h'];
  const result = await requestAnd(terminal, args, /Waiting for approval/, () => terminal.run(['approve', name]));
  assert.equal(result.exitCode, 0, result.stderr);
  assert.equal(result.stdout, `certificatesigningrequest.certificates.k8s.io/${name} issued\n`);
  assert.match(
    result.stderr,
    new RegExp(`countersign approve ${name} {4}\\(or: kubectl certificate approve ${name}\\)`),
  );
  assert.match(result.stderr, /Approved \(CountersignApprove: .*\)\. Waiting for signer example\.com\/auto\.\n/);
  assert.match(result.stderr, /Issued by CN=example\.com\/auto CA, valid until /);
  assert.deepEqual(files(terminal), ['ca.crt', `${name}-key.pem`, `${name}.crt`].sort());
  assert.equal(mode(terminal.path(`${name}-key.pem`)), 0o600);
  const check = /To check it: countersign (.*)\n/.exec(result.stderr)?.[1]?.split(' ');
  assert.ok(check);
  const verified = await terminal.run(check);
  assert.equal(verified.exitCode, 0, verified.stderr);
  const { spec } = await read(name);
  assert.deepEqual(spec.usages, ['digital signature', 'server auth']);
  assert.equal(spec.expirationSeconds, 86_400);
});

test('goes on with the same key and request when it is run again', async (t) => {
  const terminal = server.terminal(t);
  const name = server.unique('again');
  const args = [name, ...AUTO, '--dns', 'a.example'];
  const first = await terminal.run(['request', ...args, '--no-wait']);
  assert.equal(first.exitCode, 0);
  assert.match(first.stderr, /Not waiting\. To approve it: kubectl certificate approve/);
  const key = readFileSync(terminal.path(`${name}-key.pem`), 'utf8');
  const { uid } = (await read(name)).metadata;
  await terminal.run(['approve', name]);
  const second = await terminal.run(['request', ...args]);
  assert.equal(second.exitCode, 0, second.stderr);
  assert.match(second.stderr, /Using the key of an earlier run/);
  assert.match(second.stderr, /Going on with .*, which asks for the same with this key/);
  assert.equal(readFileSync(terminal.path(`${name}-key.pem`), 'utf8'), key);
  assert.equal((await read(name)).metadata.uid, uid);
  assert.ok(existsSync(terminal.path(`${name}.crt`)));
});

test('keeps the key on Ctrl-C and says how to go on', async (t) => {
  const terminal = server.terminal(t);
  const name = server.unique('stop');
  const interrupt = new AbortController();
  const args = [name, '--dns', 'a.example'];
  const result = await requestAnd(
    terminal,
    args,
    /Waiting for approval/,
    async () => interrupt.abort(),
    interrupt.signal,
  );
  assert.equal(result.exitCode, 130);
  assert.equal(result.stdout, '');
  assert.match(
    result.stderr,
    new RegExp(
      `\\nInterrupted\\. The key is kept in ${name}-key\\.pem and the request ${name} on the server\\. To go on, run the same`,
    ),
  );
  assert.deepEqual(files(terminal), [`${name}-key.pem`]);
});

/** Every difference that keeps a request from being taken for the same. */
const OTHERS: readonly (readonly [change: readonly string[], difference: string])[] = [
  [['--dns', 'b.example', '--cn', 'a.example'], 'its names are DNS:a.example'],
  [['--dns', 'a.example', '--cn', 'b'], 'its subject is another one'],
  [['--dns', 'a.example', '--usages', 'client auth'], 'its usages are digital signature, server auth'],
  [['--dns', 'a.example', '--duration', '1h'], "its duration is the signer's default"],
  [['--dns', 'a.example', '--signer', 'example.com/other'], 'its signer is countersign.dev/serving'],
  [['--dns', 'a.example', '--force'], 'its key is not the one to be made here'],
];

for (const [change, difference] of OTHERS) {
  test(`takes no other request for its own: ${difference}`, async (t) => {
    const terminal = server.terminal(t);
    const name = server.unique('other');
    assert.equal((await terminal.run(['request', name, '--dns', 'a.example', '--no-wait'])).exitCode, 0);
    const key = readFileSync(terminal.path(`${name}-key.pem`), 'utf8');
    const result = await terminal.run(['request', name, ...change]);
    assert.equal(readFileSync(terminal.path(`${name}-key.pem`), 'utf8'), key);
    assert.equal(result.exitCode, 1);
    assert.ok(result.stderr.includes(difference), result.stderr);
    assert.match(result.stderr, new RegExp(`choose another name, or remove it with: kubectl delete csr ${name}\n$`));
  });
}

test('makes no key for a request whose key is elsewhere', async (t) => {
  const name = server.unique('elsewhere');
  assert.equal((await server.terminal(t).run(['request', name, '--dns', 'a.example', '--no-wait'])).exitCode, 0);
  const terminal = server.terminal(t);
  const result = await terminal.run(['request', name, '--dns', 'a.example']);
  assert.equal(result.exitCode, 1);
  assert.deepEqual(files(terminal), []);
});

test('takes no request of the same name with another key for its own', async (t) => {
  const terminal = server.terminal(t);
  const name = server.unique('another');
  assert.equal((await terminal.run(['request', name, '--dns', 'a.example', '--no-wait'])).exitCode, 0);
  await terminal.run(['genkey', '--bare', 'mine'], { stdin: '{"CN": "x"}' });
  const result = await terminal.run(['request', name, '--dns', 'a.example', '--key', 'mine-key.pem']);
  assert.equal(result.exitCode, 1);
  assert.match(result.stderr, /it is for another key/);
});

test('says who denied it and why, and ends', async (t) => {
  const terminal = server.terminal(t);
  const name = server.unique('denied');
  const deny = (): Promise<CommandResult> =>
    terminal.run(['deny', name, '--reason', 'NotYours', '--message', 'ask team b']);
  const result = await requestAnd(terminal, [name, ...AUTO, '--dns', 'a.example'], /Waiting for approval/, deny);
  assert.equal(result.exitCode, 1);
  assert.match(
    result.stderr,
    new RegExp(`error: Request "${name}" was denied: NotYours: ask team b; nothing more will happen to it\n$`),
  );
});

test('says why a signer can never sign it', async (t) => {
  const terminal = server.terminal(t);
  const name = server.unique('failed');
  const args = [name, ...AUTO, '--dns', 'a.example', '--usages', 'code signing'];
  const result = await requestAnd(terminal, args, /Waiting for approval/, () => terminal.run(['approve', name]));
  assert.equal(result.exitCode, 1);
  assert.match(result.stderr, /error: Request ".*" cannot be signed: .*"code signing" is not in this signer's profile/);
});

test('notices that the request was deleted', async (t) => {
  const terminal = server.terminal(t);
  const name = server.unique('gone');
  const remove = (): Promise<unknown> => server.client.delete(CERTIFICATE_SIGNING_REQUESTS, name);
  const result = await requestAnd(terminal, [name, '--dns', 'a.example'], /Waiting for approval/, remove);
  assert.equal(result.exitCode, 1);
  assert.match(result.stderr, /it was deleted\n$/);
});

test('tells after a while that no signer answers, and what was missing when time is up', async (t) => {
  const clock = new FakeClock(Date.now());
  const terminal = server.terminal(t, { clock });
  const name = server.unique('nobody');
  let text = '';
  const result = await terminal.run(
    ['request', name, '--signer', 'example.com/nobody', '--dns', 'a.example', '--wait-timeout', '1m'],
    {
      onStderr: (part) => {
        text += part;
        if (/Waiting for approval/.test(part)) void terminal.run(['approve', name]);
        if (/Waiting for signer/.test(part)) queueMicrotask(() => clock.advance(10_000));
        if (/No signer has answered/.test(part)) queueMicrotask(() => clock.advance(60_000));
      },
    },
  );
  assert.equal(result.exitCode, 1);
  assert.match(
    text,
    /No signer has answered for example\.com\/nobody yet\. Is one running\? countersign explain .* tells\. To run one:\n {2}countersign controller --signer example\.com\/nobody/,
  );
  assert.match(
    text,
    /error: No certificate after 1m: it is approved, but no signer answers for example\.com\/nobody\n$/,
  );
});

test('says that nobody has approved when time is up', async (t) => {
  const clock = new FakeClock(Date.now());
  const terminal = server.terminal(t, { clock });
  const name = server.unique('late');
  const result = await terminal.run(['request', name, '--dns', 'a.example', '--wait-timeout', '1m'], {
    onStderr: (part) => /Waiting for approval/.test(part) && queueMicrotask(() => clock.advance(60_000)),
  });
  assert.match(
    result.stderr,
    new RegExp(`nobody has approved it yet; to approve it: kubectl certificate approve ${name}\n$`),
  );
});

test('refuses a certificate for another key, and writes nothing', async (t) => {
  const terminal = server.terminal(t);
  const name = server.unique('swapped');
  const swap = async (): Promise<void> => {
    const pem = await testCertificate({ subject: cn('a'), key: await testKey('other') });
    const csr = await read(name);
    await server.client.updateStatus(CERTIFICATE_SIGNING_REQUESTS, {
      ...csr,
      status: { certificate: toBase64(utf8(pem)) },
    });
  };
  const result = await requestAnd(
    terminal,
    [name, '--signer', 'example.com/by-hand', '--dns', 'a.example'],
    /Waiting for approval/,
    swap,
  );
  assert.equal(result.exitCode, 1);
  assert.match(result.stderr, /error: Cannot use the certificate that the signer delivered: it is for another key/);
  assert.deepEqual(files(terminal), [`${name}-key.pem`]);
});

test('writes a Secret instead of files, and removes the key file then', async (t) => {
  const terminal = server.terminal(t);
  const name = server.unique('secret');
  const args = [name, ...AUTO, '--dns', 'a.example', '--secret', name];
  const result = await requestAnd(terminal, args, /Waiting for approval/, () => terminal.run(['approve', name]));
  assert.equal(result.exitCode, 0, result.stderr);
  assert.deepEqual(files(terminal), []);
  const secret = await server.client.get(SECRETS, name, { namespace: 'default' });
  assert.equal(secret.type, 'kubernetes.io/tls');
  assert.deepEqual(Object.keys(secret.data ?? {}).sort(), ['ca.crt', 'tls.crt', 'tls.key']);
});

test("refuses to touch somebody else's Secret before it asks for anything", async (t) => {
  const terminal = server.terminal(t);
  const name = server.unique('taken');
  await server.client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' } });
  const result = await terminal.run(['request', name, '--dns', 'a.example', '--secret', name]);
  assert.equal(result.exitCode, 1);
  assert.match(
    result.stderr,
    /error: Cannot write Secret default\/.*: it exists and is not of this request; --force replaces it\n$/,
  );
  assert.deepEqual(files(terminal), []);
  await assert.rejects(read(name), /not found/);
});

test('leaves a ca.crt of another signer alone', async (t) => {
  const terminal = server.terminal(t);
  const name = server.unique('root');
  writeFileSync(terminal.path('ca.crt'), 'another root\n');
  const args = [name, ...AUTO, '--dns', 'a.example'];
  const result = await requestAnd(terminal, args, /Waiting for approval/, () => terminal.run(['approve', name]));
  assert.equal(readFileSync(terminal.path('ca.crt'), 'utf8'), 'another root\n');
  assert.match(result.stderr, /warning: ca\.crt holds another root and is left alone; this one is in ca-new\.crt\n/);
});

test('uses the key it is given, and refuses one that is none before it asks', async (t) => {
  const terminal = server.terminal(t);
  await terminal.run(['genkey', '--bare', 'mine'], { stdin: '{"CN": "x"}' });
  const good = server.unique('given');
  assert.equal((await terminal.run(['request', good, '--cn', 'x', '--key', 'mine-key.pem', '--no-wait'])).exitCode, 0);
  assert.ok(!existsSync(terminal.path(`${good}-key.pem`)));
  const bad = server.unique('given');
  const result = await terminal.run(['request', bad, '--cn', 'x', '--key', 'mine.csr']);
  assert.match(result.stderr, /^error: Cannot use the key in "mine\.csr": /);
  await assert.rejects(read(bad), /not found/);
});

test('a dry run asks for nothing and writes nothing', async (t) => {
  const terminal = server.terminal(t);
  const name = server.unique('dry');
  const client = await terminal.run(['request', name, '--dns', 'a.example', '--dry-run', 'client']);
  assert.match(client.stdout, new RegExp(`kind: CertificateSigningRequest\nmetadata:\n {2}name: ${name}\n`));
  const checked = await terminal.run(['request', name, '--dns', 'a.example', '--dry-run=server']);
  assert.equal(checked.stdout, `certificatesigningrequest.certificates.k8s.io/${name} created (server dry run)\n`);
  assert.deepEqual(files(terminal), []);
  await assert.rejects(read(name), /not found/);
});

test('shows what the server refuses, in its words', async (t) => {
  const nobody = server.terminal(t, { user: { username: 'nobody', groups: ['system:authenticated'] } });
  const result = await nobody.run(['request', server.unique('x'), '--dns', 'a.example']);
  assert.equal(result.exitCode, 1);
  assert.match(
    result.stderr,
    /Error from server \(Forbidden\): certificatesigningrequests\.certificates\.k8s\.io is forbidden: User "nobody" cannot create/,
  );
});

test('makes folders for their owner only', async (t: TestContext) => {
  const terminal = server.terminal(t);
  const name = server.unique('folder');
  assert.equal(
    (await terminal.run(['request', name, '--dns', 'a.example', '--out-dir', 'new/tls', '--no-wait'])).exitCode,
    0,
  );
  assert.equal(mode(terminal.path('new')), 0o700);
  assert.equal(mode(terminal.path('new/tls')), 0o700);
  assert.equal(mode(terminal.path(`new/tls/${name}-key.pem`)), 0o600);
});
