import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../command.js';
import { startServer } from '../server-process.js';
import { requireKubectl, requireTool } from '../tools.js';
import { runSteps, runTutorial } from './kubectl-steps.js';
import { ABSENT, ACCESS, APPLYING, CHANGING, DISCOVERING, MAKING, WAITING } from './kubectl-table.js';

test('kubectl 1.20 of Debian works as with its own server', { concurrency: 3 }, async (t) => {
  const program = requireKubectl(t, '1.20');
  if (program === undefined) return;
  await using server = await startServer();
  const on = { program, server };
  await Promise.all([
    t.test('kubectl 1.20 makes, shows and deletes objects', (group) => runSteps(group, on, MAKING)),
    t.test('kubectl 1.20 checks, applies, compares and replaces manifests', (group) => runSteps(group, on, APPLYING)),
    t.test('kubectl 1.20 changes objects in place', (group) => runSteps(group, on, CHANGING)),
    t.test('kubectl 1.20 asks and grants who may do what', (group) => runSteps(group, on, ACCESS)),
    t.test('kubectl 1.20 finds out and explains what is served', (group) => runSteps(group, on, DISCOVERING)),
    t.test('kubectl 1.20 waits, watches and shows events', (group) => runSteps(group, on, WAITING)),
    t.test('kubectl 1.20 is told plainly what is not here', (group) => runSteps(group, on, ABSENT)),
  ]);
});

test('the tutorial with cfssl, step by step, with kubectl 1.20', async (t) => {
  const program = requireKubectl(t, '1.20');
  for (const tool of ['cfssl', 'cfssljson', 'jq', 'openssl']) if (!requireTool(t, tool)) return;
  if (program === undefined) return;
  await using server = await startServer();
  await runTutorial({ program, server });
});

test('a key of openssl gets its certificate, watched and fetched with kubectl 1.20', async (t) => {
  const program = requireKubectl(t, '1.20');
  if (!requireTool(t, 'openssl') || program === undefined) return;
  await using server = await startServer();
  const env = { ...process.env, HOME: server.folder, KUBECONFIG: server.kubeconfig };
  const run = async (command: string, args: readonly string[], stdin = ''): Promise<string> => {
    const { code, stdout, stderr } = await runCommand(command, args, { env, cwd: server.folder, stdin });
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const kubectl = (line: string, stdin?: string): Promise<string> => run(program, line.split(' '), stdin);

  const name = 'web.shop.svc';
  const asked = ['-addext', `subjectAltName=DNS:${name}`, '-subj', '/'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'web.key'];
  const request = await run('openssl', ['req', '-new', ...key, ...asked]);
  const csr = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'web' },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: 'countersign.dev/serving',
      usages: ['digital signature', 'server auth'],
    },
  };
  assert.match(await kubectl('create -f -', JSON.stringify(csr)), /^certificatesigningrequest\S*\/web created/);
  assert.match(await kubectl('describe csr web'), /^Status: +Pending\n[^]*DNS Names: +web\.shop\.svc\n/m);

  const watching = spawn(program, ['get', 'csr', 'web', '--watch', '-o', 'jsonpath={.status.certificate}'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  });
  assert.match(await kubectl('certificate approve web'), /^certificatesigningrequest\S*\/web approved/);
  for await (const text of watching.stdout) if (String(text) !== '') break;
  watching.kill();
  assert.match(await kubectl('get csr web --no-headers'), / Approved,Issued\n$/);

  const certificate = await kubectl('get csr web -o jsonpath={.status.certificate}');
  await writeFile(join(server.folder, 'web.crt'), Buffer.from(certificate, 'base64'));
  const roots = await kubectl('get cm trust.countersign.dev.serving -n kube-public -o jsonpath={.data.ca\\.crt}');
  await writeFile(join(server.folder, 'ca.crt'), roots);
  const verify = ['verify', '-CAfile', 'ca.crt', '-purpose', 'sslserver', '-verify_hostname', name, 'web.crt'];
  assert.match(await run('openssl', verify), /^web\.crt: OK$/m);
  await kubectl('create secret tls web --cert=web.crt --key=web.key');
  assert.equal(await kubectl('get secret web -o jsonpath={.type}'), 'kubernetes.io/tls');
  assert.match(await kubectl('delete csr web'), /^certificatesigningrequest\S* "web" deleted/);
});
