import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CERTIFICATE_SIGNING_REQUESTS, EVENTS, LEASES } from '../../src/client/resources.js';
import type { CommandResult, TestTerminal } from '../../src/cli/testing/test-terminal.js';
import type { Explanation } from '../../src/cli/explain/explanation.js';
import { conditionText } from '../../src/certificates/conditions.js';
import { MAIN_COMMANDS } from '../../src/main/commands.js';
import { until } from '../controllers/control-bench.js';
import { openCliServer } from './open-cli.js';
import { allow, createPolicy, openShop, rule } from './shop.js';

const server = await openCliServer();
after(() => server.close());
const shop = await openShop(server.client);
await createPolicy(server.client, 'workload-serving', { onViolation: 'Deny' });
await createPolicy(server.client, 'foreign', { signerNames: ['example.com/foreign'] });
await createPolicy(server.client, 'trial', { mode: 'Shadow', requesters: { users: ['martha'] } });
await until('the signer shows that it works', async () => (await server.client.list(LEASES)).items.length > 1);

const SERVING = 'countersign.dev/serving';
const WEB = 'web.shop.svc.cluster.local';

type Cleaner = { after(cleanUp: () => void): void };

function explain(terminal: TestTerminal, ...args: readonly string[]): Promise<CommandResult> {
  return terminal.run(['explain', ...args], { extra: MAIN_COMMANDS });
}

/** A request of the pod. */
async function asked(t: Cleaner, name: string, signer: string, ...flags: readonly string[]): Promise<void> {
  const terminal = server.terminal(t, { user: shop.pod });
  const result = await terminal.run(['request', name, '--signer', signer, '--no-wait', ...flags]);
  assert.equal(result.exitCode, 0, result.stderr);
}

async function comesTo(name: string, state: string): Promise<void> {
  await until(`${name} is ${state}`, async () => {
    return conditionText(await server.client.get(CERTIFICATE_SIGNING_REQUESTS, name)) === state;
  });
}

async function told(reason: string, name: string): Promise<void> {
  await until(`${reason} is told of ${name}`, async () => {
    const events = (await server.client.list(EVENTS)).items;
    return events.some((event) => event.reason === reason && event.involvedObject.name === name);
  });
}

/** What differs from run to run, by its name. */
function settled(page: string): string {
  return page
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \((?:in )?\d+[a-z0-9]*(?: ago)?\)/g, 'TIME')
    .replace(/is from (?:\d+s ago|just now)/g, 'is from AGO')
    .replace(/Certificate [0-9a-f]{20,}/g, 'Certificate SERIAL')
    .replace(/Record [0-9a-f-]{36}/g, 'Record UID')
    .replace(/certificate: (?:Intended|Issued)/g, 'certificate: PHASE');
}

/** Compares with a page that is kept; with UPDATE_PAGES=1, keeps it. */
function assertPage(file: string, page: string): void {
  const path = fileURLToPath(new URL(`pages/${file}.txt`, import.meta.url));
  if (process.env['UPDATE_PAGES'] === '1') writeFileSync(path, settled(page));
  assert.equal(settled(page), readFileSync(path, 'utf8'));
}

suite('explain', () => {
  test('tells of a request for which there is no policy and no signer', async (t) => {
    await asked(t, 'stranger', 'example.com/stranger', '--dns', WEB);
    assertPage('pending', (await explain(server.terminal(t), 'csr/stranger')).stdout);
  });

  test('tells what a request waits for that a policy will approve', async (t) => {
    await asked(t, 'early', SERVING, '--dns', WEB, '--ip', '10.0.34.2', '--duration', '24h');
    await told('ApprovalDeferred', 'early');
    assertPage('deferred', (await explain(server.terminal(t), 'early')).stdout);
  });

  test('tells why a request was denied, name by name', async (t) => {
    await asked(t, 'greedy', SERVING, '--dns', `${WEB},db.shop.svc.cluster.local`, '--usages', 'client auth');
    await comesTo('greedy', 'Denied');
    assertPage('denied', (await explain(server.terminal(t), 'greedy')).stdout);
  });

  test('tells of an approved request that nobody signs', async (t) => {
    await asked(t, 'unsigned', 'example.com/unsigned', '--dns', WEB);
    await server.terminal(t).run(['approve', 'unsigned']);
    assertPage('unsigned', (await explain(server.terminal(t), 'unsigned')).stdout);
  });

  test('tells of a certificate that is there, with its record', async (t) => {
    await asked(t, 'good', SERVING, '--dns', WEB);
    await comesTo('good', 'Approved,Issued');
    assertPage('issued', (await explain(server.terminal(t), 'good')).stdout);
  });

  test('guesses nothing that the caller may not see', async (t) => {
    assertPage('hidden', (await explain(server.terminal(t, { user: shop.pod }), 'early')).stdout);
  });

  test('believes what is there, and not that the rest is missing, where the caller may look at a part', async (t) => {
    const may = [
      rule('certificates.k8s.io', 'certificatesigningrequests', 'get'),
      rule('countersign.dev', 'approvalpolicies', 'list'),
      rule('', 'pods serviceaccounts', 'get list'),
      rule('discovery.k8s.io', 'endpointslices', 'get list'),
    ];
    await allow(server.client, 'onlooker', 'olga', may);
    const olga = server.terminal(t, { user: { username: 'olga', groups: ['system:authenticated'] } });
    assertPage('partly-hidden', (await explain(olga, 'early')).stdout);
  });

  test('goes by what the approver says of its cluster', async (t) => {
    const lease = await server.client.get(LEASES, 'countersign-approver-heartbeat', { namespace: 'kube-public' });
    const annotations = { ...lease.metadata.annotations, 'countersign.dev/cluster-domain': 'example.internal' };
    const other = await server.client.update(LEASES, { ...lease, metadata: { ...lease.metadata, annotations } });
    const { stdout } = await explain(server.terminal(t), 'early');
    const { resourceVersion = '' } = other.metadata;
    await server.client.update(LEASES, { ...lease, metadata: { ...lease.metadata, resourceVersion } });
    assert.match(stdout, /\[no\] {2}DNS web\.shop\.svc\.cluster\.local +the policy grants no such name/);
    const flagged = await explain(server.terminal(t), 'early', '--cluster-domain', 'other.internal');
    assert.match(flagged.stdout, /\[no\] {2}DNS web\.shop\.svc\.cluster\.local/);
  });

  test('passes on what the approver could not do', async (t) => {
    await asked(t, 'foreign', 'example.com/foreign', '--dns', WEB);
    await told('ApprovalForbidden', 'foreign');
    const { stdout } = await explain(server.terminal(t), 'foreign');
    assert.match(
      stdout,
      /Last word of countersign\.dev\/approver, .*\n +ApprovalForbidden: .*not permitted to approve requests/,
    );
  });

  test('tells what would become of a request that was not submitted, asked by a pod', async (t) => {
    const terminal = server.terminal(t);
    await asked(t, 'draft', 'example.com/draft', '--dns', WEB);
    const pem = (await terminal.run(['get', 'draft', '-o', 'request'])).stdout;
    const yaml = (await terminal.run(['get', 'draft', '-o', 'yaml'])).stdout;
    const piped = await terminal.run(
      ['explain', '-f', '-', '--pod', 'shop/web-7f', '--signer', SERVING, '--usages', 'digital signature,server auth'],
      { extra: MAIN_COMMANDS, stdin: pem },
    );
    // The key is on record for this very pod, from no other request.
    assertPage('unsubmitted', piped.stdout);
    const flags = ['--as', 'system:serviceaccount:shop:web', '-o', 'json'];
    const weaker = await terminal.run(['explain', '-f', '-', ...flags], { extra: MAIN_COMMANDS, stdin: yaml });
    // What -o json prints is an Explanation.
    const told = JSON.parse(weaker.stdout) as Explanation;
    assert.equal(told.request.signerName, 'example.com/draft');
    assert.equal(told.requester.identity, 'ServiceAccount');
    assert.equal(told.requester.notMore, 'it is not known as a pod: its token is not bound to a pod');
    assert.equal(told.state.kind, 'unsubmitted');
    const own = await terminal.run(['explain', '-f', '-', '-o', 'yaml'], { extra: MAIN_COMMANDS, stdin: yaml });
    assert.match(own.stdout, /^ {2}username: kubernetes-admin$/m);
  });

  test('foretells what a signer refuses, by its own rules or by those of kube-controller-manager', async (t) => {
    const terminal = server.terminal(t);
    await asked(t, 'code', 'example.com/auto', '--dns', WEB, '--usages', 'code signing');
    const refused = await explain(terminal, 'code');
    assert.match(
      refused.stdout,
      /a signer of Countersign refuses it: usage "code signing" is not in this signer's profile/,
    );
    await asked(t, 'kubelet', 'kubernetes.io/kubelet-serving', '--dns', WEB);
    const kubelet = await explain(terminal, 'kubelet');
    assert.match(kubelet.stdout, /kube-controller-manager refuses it: subject organization is not system:nodes/);
    assert.match(kubelet.stdout, /It can never be signed: deny it:\n {4}countersign deny kubelet/);
  });

  test('draws signs where the locale has them', async (t) => {
    const result = await server
      .terminal(t)
      .run(['explain', 'stranger'], { extra: MAIN_COMMANDS, env: { LANG: 'C.UTF-8' } });
    assert.match(result.stdout, /^ {2}✗ nobody is known to sign for example\.com\/stranger/m);
    assert.doesNotMatch(result.stdout, /\u001b/);
  });

  const mistakes: readonly (readonly [line: string, stderr: RegExp])[] = [
    ['', /^error: Cannot explain: name one request, or give one with -f\n$/],
    ['a b', /^error: Cannot explain: name one request/],
    ['a -f b', /^error: Cannot explain: name one request/],
    ['a --as x', /^error: Cannot use --as without -f\n$/],
    ['a -o wide', /^error: Cannot use --output: "wide" is none of json, yaml\n$/],
    ['-f none.pem', /^error: Cannot read "none\.pem": there is no such file or folder\n$/],
    [
      '-f - --as system:serviceaccount:shop',
      /^error: Cannot use --as: "system:serviceaccount:shop" is no service account/,
    ],
    [
      '-f - --pod shop/web-7f --as martha',
      /^error: Cannot use --pod: only service accounts of namespace shop have tokens/,
    ],
    ['-f - --as-group x', /^error: Cannot use --as-group without --as\n$/],
    ['-f - --as martha', /^error: Cannot read standard input: it is neither a PEM request nor a CertificateSigningReq/],
    [
      'nobody',
      /^Error from server \(NotFound\): certificatesigningrequests\.certificates\.k8s\.io "nobody" not found\n$/,
    ],
  ];
  for (const [line, stderr] of mistakes) {
    test(`refuses: explain ${line}`, async (t) => {
      const result = await explain(server.terminal(t), ...line.split(' ').filter((word) => word !== ''));
      assert.deepEqual([result.exitCode, result.stdout], [1, '']);
      assert.match(result.stderr, stderr);
    });
  }
});
