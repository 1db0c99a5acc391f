import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../src/client/resources.js';
import type { TestTerminal } from '../../src/cli/testing/test-terminal.js';
import { openCliServer } from './open-cli.js';

const server = await openCliServer();
after(() => server.close());

const QUALIFIED = 'certificatesigningrequest.certificates.k8s.io';

async function submitted(terminal: TestTerminal, prefix: string, ...flags: readonly string[]): Promise<string> {
  const name = server.unique(prefix);
  const result = await terminal.run(['request', name, '--dns', 'a.example', '--no-wait', ...flags]);
  assert.equal(result.exitCode, 0, result.stderr);
  return name;
}

test('approves and denies as kubectl does, with reasons of its own', async (t) => {
  const terminal = server.terminal(t);
  for (const [verb, type, done] of [
    ['approve', 'Approved', 'approved'],
    ['deny', 'Denied', 'denied'],
  ] as const) {
    const name = await submitted(terminal, verb, '--signer', 'example.com/by-hand');
    const result = await terminal.run([verb, `csr/${name}`]);
    assert.deepEqual([result.exitCode, result.stdout], [0, `${QUALIFIED}/${name} ${done}\n`]);
    assert.match(result.stderr, /^ {2}Subject: CN=a\.example; DNS Names: a\.example\n$/);
    const [condition] = (await server.client.get(CERTIFICATE_SIGNING_REQUESTS, name)).status.conditions ?? [];
    assert.equal(condition?.type, type);
    assert.equal(condition.status, 'True');
    assert.equal(condition.reason, verb === 'approve' ? 'CountersignApprove' : 'CountersignDeny');
    assert.equal(condition.message, `This CSR was ${done} by countersign ${verb}.`);
  }
});

test('refuses the opposite of what was decided, and repeats the same without a write', async (t) => {
  const terminal = server.terminal(t);
  const name = await submitted(terminal, 'twice', '--signer', 'example.com/by-hand');
  await terminal.run(['deny', name]);
  const before = await server.client.get(CERTIFICATE_SIGNING_REQUESTS, name);
  const opposite = await terminal.run(['approve', name]);
  assert.deepEqual(
    [opposite.exitCode, opposite.stdout, opposite.stderr],
    [1, '', `error: certificate signing request "${name}" is already Denied\n`],
  );
  const again = await terminal.run(['deny', name]);
  assert.deepEqual([again.exitCode, again.stdout], [0, `${QUALIFIED}/${name} denied\n`]);
  const after = await server.client.get(CERTIFICATE_SIGNING_REQUESTS, name);
  assert.equal(after.metadata.resourceVersion, before.metadata.resourceVersion);
});

test('decides about the requests of a file, and about no request twice', async (t) => {
  const terminal = server.terminal(t);
  const signer = ['--signer', 'example.com/by-hand'];
  const [first, second] = [await submitted(terminal, 'file', ...signer), await submitted(terminal, 'file', ...signer)];
  const stdin = [
    'kind: CertificateSigningRequest',
    `metadata: { name: ${first} }`,
    '---',
    'kind: List',
    'items:',
    `- { kind: CertificateSigningRequest, metadata: { name: ${second} } }`,
  ].join('\n');
  const result = await terminal.run(['deny', second, '-f', '-'], { stdin });
  assert.equal(result.exitCode, 0, result.stderr);
  assert.equal(result.stdout, `${QUALIFIED}/${second} denied\n${QUALIFIED}/${first} denied\n`);
});

test('writes nothing in a dry run', async (t) => {
  const terminal = server.terminal(t);
  const name = await submitted(terminal, 'dry', '--signer', 'example.com/by-hand');
  assert.equal(
    (await terminal.run(['approve', name, '--dry-run=client'])).stdout,
    `${QUALIFIED}/${name} approved (dry run)\n`,
  );
  const onServer = await terminal.run(['approve', name, '--dry-run=server', '-o', 'json']);
  assert.match(onServer.stdout, /"type": "Approved"/);
  assert.equal((await server.client.get(CERTIFICATE_SIGNING_REQUESTS, name)).status.conditions, undefined);
});

test('says what the server says to somebody who may not approve', async (t) => {
  const name = await submitted(server.terminal(t), 'forbidden', '--signer', 'example.com/by-hand');
  const nobody = server.terminal(t, { user: { username: 'jane', groups: ['system:authenticated'] } });
  const result = await nobody.run(['approve', name]);
  assert.equal(result.exitCode, 1);
  assert.match(
    result.stderr,
    /^Error from server \(Forbidden\): certificatesigningrequests\.certificates\.k8s\.io "forbidden-/,
  );
});

test('warns of what a signer will refuse, before it is too late', async (t) => {
  const terminal = server.terminal(t);
  const name = server.unique('odd');
  await terminal.run(['request', name, '--cn', 'a\u200bb', '--no-wait']);
  const result = await terminal.run(['approve', name]);
  assert.match(result.stderr, /Subject: CN=a(\\u\{200b\}|[^\u200b]*)b/);
  assert.match(
    result.stderr,
    /warning: subject\[0\]\.CN: it has control or invisible characters; a countersign signer refuses/,
  );
});

test('lists requests as kubectl does, and with their content in wide', async (t) => {
  const terminal = server.terminal(t);
  const name = await submitted(
    terminal,
    'list',
    '--signer',
    'example.com/listed',
    '--ip',
    '10.0.0.1',
    '--duration',
    '2h',
  );
  const table = await terminal.run(['get', '--signer', 'example.com/listed']);
  assert.match(table.stdout, /^NAME +AGE +SIGNERNAME +REQUESTOR +REQUESTEDDURATION +CONDITION\n/);
  assert.match(table.stdout, new RegExp(`\n${name} +\\d+s +example.com/listed +kubernetes-admin +120m +Pending\n$`));
  const wide = await terminal.run(['get', 'csr', name, '-o', 'wide']);
  assert.match(wide.stdout, /ECDSA P-256 +CN=a\.example +DNS:a\.example,IP Address:10\.0\.0\.1 +<none>\n$/);
  assert.equal((await terminal.run(['get', name, '-o', 'name'])).stdout, `${QUALIFIED}/${name}\n`);
  assert.match(
    (await terminal.run(['get', name, '-o', 'yaml'])).stdout,
    /^apiVersion: certificates\.k8s\.io\/v1\nkind: CertificateSigningRequest\n/,
  );
  assert.match((await terminal.run(['get', name, '-o', 'request'])).stdout, /^-----BEGIN CERTIFICATE REQUEST-----\n/);
  const none = await terminal.run(['get', '--signer', 'example.com/none']);
  assert.deepEqual(none, { exitCode: 0, stdout: '', stderr: 'No resources found\n' });
  const early = await terminal.run(['get', name, '-o', 'certificate']);
  assert.equal(early.stderr, `error: Cannot get the certificate of "${name}": it has no certificate; it is Pending\n`);
});

test('shows each exchange with the server at -v 6, and nothing of what it carries', async (t) => {
  const terminal = server.terminal(t);
  const result = await terminal.run(['-v=6', 'get']);
  assert.match(
    result.stderr,
    /^GET \/apis\/certificates\.k8s\.io\/v1\/certificatesigningrequests\?limit=500 200 in \d+ ms\n/,
  );
});

test('describes a request with its PKCS#10, its conditions, its certificate, and the next step', async (t) => {
  const terminal = server.terminal(t);
  const name = await submitted(
    terminal,
    'tell',
    '--signer',
    'example.com/auto',
    '--ip',
    '10.0.0.1',
    '--uri',
    'spiffe://a/b',
  );
  const pending = await terminal.run(['describe', name]);
  assert.match(pending.stdout, /Requesting user: +kubernetes-admin\n/);
  assert.match(
    pending.stdout,
    /PKCS#10 request:\n {2}Subject: +CN=a\.example\n {2}DNS Names: +a\.example\n {2}IP Addresses: +10\.0\.0\.1\n {2}URIs: +spiffe:\/\/a\/b\n {2}Key: +ECDSA P-256\n {2}Signature: +ECDSA-SHA256, valid\n/,
  );
  assert.match(
    pending.stderr,
    new RegExp(`Next: somebody who may approve for example.com/auto runs: countersign approve ${name}`),
  );
  await terminal.run(['approve', name]);
  await terminal.run([
    'request',
    name,
    '--signer',
    'example.com/auto',
    '--dns',
    'a.example',
    '--ip',
    '10.0.0.1',
    '--uri',
    'spiffe://a/b',
  ]);
  const issued = await terminal.run(['describe', name]);
  assert.match(issued.stdout, /Status: +Approved,Issued\n/);
  assert.match(issued.stdout, /TYPE +STATUS +WHEN +WHY\n {2}Approved +True +\d+s ago +CountersignApprove: /);
  assert.match(issued.stdout, /Certificate:\n {2}Subject: +CN=a\.example\n {2}Issuer: +CN=example\.com\/auto CA\n/);
  assert.match(issued.stderr, new RegExp(`countersign get ${name} -o certificate > ${name}\\.crt`));
});

test('describes why a request failed, with the event about it', async (t) => {
  const terminal = server.terminal(t);
  const name = await submitted(terminal, 'fail', '--signer', 'example.com/auto', '--usages', 'code signing');
  await terminal.run(['approve', name]);
  await terminal.run([
    'request',
    name,
    '--signer',
    'example.com/auto',
    '--dns',
    'a.example',
    '--usages',
    'code signing',
  ]);
  const failed = await terminal.run(['describe', name]);
  assert.match(failed.stdout, /Status: +Approved,Failed\n/);
  assert.match(failed.stderr, /This request cannot be signed: .*code signing.*Make a new one under another name\.\n$/);
});

test('publishes a certificate for an approved request, once, and for nothing else', async (t) => {
  const terminal = server.terminal(t);
  const name = await submitted(terminal, 'publish', '--signer', 'example.com/by-hand');
  await terminal.run(['ca', 'init', '--bare', 'ca'], { stdin: '{"CN": "hand"}' });
  const request = (await terminal.run(['get', name, '-o', 'request'])).stdout;
  await terminal.run(['sign', '--ca', 'ca.pem', '--ca-key', 'ca-key.pem', '--bare', 'signed'], { stdin: request });
  const publish = (): Promise<{ exitCode: number; stdout: string; stderr: string }> =>
    terminal.run(['publish', name, 'signed.pem']);
  assert.match(
    (await publish()).stderr,
    /^error: Cannot publish "signed\.pem" for request ".*": the request is not approved\n$/,
  );
  await terminal.run(['approve', name]);
  assert.match((await terminal.run(['publish', name, 'ca.pem'])).stderr, /it is for another key than the request\n$/);
  assert.deepEqual(await publish(), { exitCode: 0, stdout: `${QUALIFIED}/${name} issued\n`, stderr: '' });
  assert.match((await publish()).stderr, /the request has a certificate already, which stays\n$/);
});

test('shows changes as they come, until Ctrl-C', async (t) => {
  const terminal = server.terminal(t);
  const name = await submitted(terminal, 'watch', '--signer', 'example.com/by-hand');
  const stop = new AbortController();
  let text = '';
  const watching = terminal.run(['get', name, '-w'], {
    signal: stop.signal,
    onStdout: (part) => {
      text += part;
      if (part.includes('Pending')) void terminal.run(['approve', name]);
      if (part.includes('Approved')) stop.abort();
    },
  });
  assert.equal((await watching).exitCode, 0);
  assert.match(text, new RegExp(`^NAME .*\n${name} .*Pending\n${name} .*Approved\n$`));
});

test('refuses flags of get that contradict each other', async (t) => {
  const terminal = server.terminal(t);
  for (const [line, stderr] of [
    ['get a b -w', /^error: Cannot use --watch with more than one name\n$/],
    ['get a --signer example.com/x', /^error: Cannot use --signer or --selector together with names\n$/],
    ['get -w -o json', /^error: Cannot use --watch with this --output/],
  ] as const) {
    const result = await terminal.run(line.split(' '));
    assert.match(result.stderr, stderr);
    assert.equal(result.exitCode, 1);
  }
});
