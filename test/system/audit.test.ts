import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AuditEvent } from '../../src/apiserver/audit/audit-event.js';
import { countersign, runCommand } from '../command.js';
import { startServer } from '../server-process.js';
import { requireTool } from '../tools.js';

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-audit-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const POLICY = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';

const refused: readonly { readonly name: string; readonly policy: string; readonly error: RegExp }[] = [
  { name: 'is no YAML', policy: 'a: [', error: /^error: Cannot use audit policy ".*policy\.yaml": Flow sequence/ },
  {
    name: 'names a field twice',
    policy: `${POLICY}rules: [{level: None}]\nrules: [{level: Metadata}]\n`,
    error: /^error: Cannot use audit policy ".*policy\.yaml": Map keys must be unique/,
  },
  {
    name: 'has an unknown level',
    policy: `${POLICY}rules: [{level: Everything}]\n`,
    error: /^error: Cannot use audit policy ".*policy\.yaml": rules\[0\]\.level: Unsupported value: "Everything"/,
  },
];

for (const { name, policy, error } of refused) {
  test(`up refuses an audit policy that ${name}, and serves nothing`, async (t) => {
    const folder = await folderOf(t);
    await writeFile(join(folder, 'policy.yaml'), policy);
    const flags = ['--audit-log-path', 'audit.log', '--audit-policy-file', 'policy.yaml'];
    const ended = await countersign(['up', '--data-dir', 'data', '--listen', '127.0.0.1:0', ...flags], { cwd: folder });
    assert.match(ended.stderr, error);
    assert.equal(ended.code, 1);
    await assert.rejects(stat(join(folder, 'data')), { code: 'ENOENT' });
  });
}

test('up refuses an audit log that it cannot write, and says why', async (t) => {
  const folder = await folderOf(t);
  const flags = ['--audit-log-path', 'none/audit.log'];
  const ended = await countersign(['up', '--data-dir', 'data', '--listen', '127.0.0.1:0', ...flags], { cwd: folder });
  assert.match(ended.stderr, /^error: Cannot use audit log ".*none\/audit\.log": there is no such file or folder/);
  assert.equal(ended.code, 1);
});

test('a session of kubectl is on record, line by line, with the end of its watch, and without a secret', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  const folder = await folderOf(t);
  const path = join(folder, 'audit.log');
  const policy = join(folder, 'policy.yaml');
  const rules = [
    'rules:',
    '- {level: None, userGroups: ["system:serviceaccounts"]}',
    '- {level: None, users: ["system:apiserver"]}',
    '- {level: None, nonResourceURLs: ["*"]}',
    '- {level: RequestResponse, omitManagedFields: true}',
    'omitStages: [RequestReceived]',
    '',
  ];
  await writeFile(policy, POLICY + rules.join('\n'));
  await using server = await startServer(['--audit-log-path', path, '--audit-policy-file', policy]);
  const kubectl = async (...args: readonly string[]) =>
    runCommand('kubectl', ['--kubeconfig', server.kubeconfig, ...args]);
  await kubectl('create', 'secret', 'generic', 'db', '--from-literal=password=hunter2');
  await kubectl('get', 'secret', 'db', '-o', 'yaml');
  await kubectl('label', 'secret', 'db', 'a=b');
  await kubectl('create', 'token', 'default');
  await kubectl('get', 'configmaps', '--watch', '--request-timeout=1s');
  await kubectl('delete', 'secret', 'db', '--as', 'alice');
  await server.stop();
  const text = await readFile(path, 'utf8');
  assert.ok(text.endsWith('\n'));
  const events = text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as AuditEvent);
  assert.doesNotMatch(text, /hunter2|aHVudGVyMg|eyJ/, 'neither the value, nor a token');
  const what = ({ verb, stage, objectRef, responseStatus }: AuditEvent): string =>
    [
      verb,
      [objectRef?.resource, objectRef?.subresource].filter((part) => part !== undefined).join('/'),
      stage,
      responseStatus?.code,
    ].join(' ');
  const seen = events.map(what);
  for (const expected of [
    'create secrets ResponseComplete 201',
    'get secrets ResponseComplete 200',
    'patch secrets ResponseComplete 200',
    'create serviceaccounts/token ResponseComplete 201',
    'watch configmaps ResponseStarted 200',
    'watch configmaps ResponseComplete 200',
    'delete secrets ResponseComplete 403',
  ]) {
    assert.ok(seen.includes(expected), `${expected} is missing among:\n${seen.join('\n')}`);
  }
  const refusedDelete = events.find(({ responseStatus }) => responseStatus?.code === 403);
  assert.equal(refusedDelete?.impersonatedUser?.username, 'alice');
  assert.equal(refusedDelete.annotations?.['authorization.k8s.io/decision'], 'forbid');
  const token = events.find(({ objectRef }) => objectRef?.subresource === 'token');
  assert.match(token?.annotations?.['authentication.kubernetes.io/issued-credential-id'] ?? '', /^JTI=[0-9a-f-]{36}$/);
  assert.match(events[0]?.userAgent ?? '', /^kubectl\//);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('"-" puts events on standard output, between nothing else', async () => {
  await using server = await startServer(['--audit-log-path', '-']);
  await server.stop();
  const lines = server.output().split('\n');
  const events = lines.filter((line) => line.startsWith('{'));
  assert.ok(events.length > 0);
  for (const line of events) assert.equal((JSON.parse(line) as AuditEvent).kind, 'Event');
});
