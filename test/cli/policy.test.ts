import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { after, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { conditionText } from '../../src/certificates/conditions.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../src/client/resources.js';
import { openTestTerminal, type CommandResult, type TestTerminal } from '../../src/cli/testing/test-terminal.js';
import { MAIN_COMMANDS } from '../../src/main/commands.js';
import { until } from '../controllers/control-bench.js';
import { openCliServer } from './open-cli.js';
import { createPolicy, openShop } from './shop.js';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

function policy(terminal: TestTerminal, ...args: readonly string[]): Promise<CommandResult> {
  return terminal.run(['policy', ...args], { extra: MAIN_COMMANDS });
}

const POLICY = `apiVersion: countersign.dev/v1alpha1
kind: ApprovalPolicy
metadata:
  name: workload-serving
spec:
  signerNames: [countersign.dev/serving]
  requesters:
    serviceAccounts: [{ namespaces: [shop] }]
  names:
    provable: [PodIP, ServiceDNS]
  usages:
    allowed: [digital signature, server auth]
`;

const CASES = `policies: [policy.yaml]
facts:
  - { apiVersion: v1, kind: Pod, metadata: { namespace: shop, name: web }, status: { podIP: 10.0.0.7 } }
request: { signerName: countersign.dev/serving, usages: [server auth] }
requester: { pod: shop/web }
cases:
  - { name: its address, request: { ips: [10.0.0.7] }, expect: approve, policy: workload-serving }
`;

suite('policy check', () => {
  test('has nothing against the examples', async (t) => {
    const files = readdirSync(EXAMPLES).filter((file) => file.endsWith('.yaml'));
    const result = await policy(openTestTerminal(t), 'check', ...files.map((file) => `${EXAMPLES}${file}`));
    assert.deepEqual(result, { exitCode: 0, stdout: '', stderr: `${files.length} policies can be used\n` });
  });

  test('says everything that is wrong, with file, document and field', async (t) => {
    const terminal = openTestTerminal(t);
    const bad = POLICY.replace('[PodIP, ServiceDNS]', '[PodIP, Everything]').replace('serving]', '*]');
    writeFileSync(terminal.path('a.yaml'), `${bad}  mode: Dream\n---\nkind: Pod\n`);
    writeFileSync(terminal.path('b.yaml'), `${POLICY.replace('workload-serving', 'other')}  colour: red\n`);
    const result = await policy(terminal, 'check', 'a.yaml', 'b.yaml', 'c.yaml');
    assert.equal(result.exitCode, 1);
    assert.equal(result.stderr, '6 problems found\n');
    const lines = result.stdout.trimEnd().split('\n');
    for (const [i, line] of [
      /^a\.yaml, document 1: spec\.mode: Unsupported value: "Dream"/,
      /^a\.yaml, document 1: spec\.signerNames\[0\]: Invalid value: "countersign\.dev\/\*"/,
      /^a\.yaml, document 1: spec\.names\.provable\[1\]: Unsupported value: "Everything"/,
      /^a\.yaml, document 2: it is no countersign\.dev\/v1alpha1 ApprovalPolicy$/,
      /^b\.yaml, document 1: unknown field "spec\.colour"$/,
      /^c\.yaml: there is no such file or folder$/,
    ].entries()) {
      assert.match(lines[i] ?? '', line);
    }
    const json = await policy(terminal, 'check', 'b.yaml', '-o', 'json');
    assert.deepEqual(JSON.parse(json.stdout), {
      policies: ['other'],
      problems: [{ file: 'b.yaml', document: 1, detail: 'unknown field "spec.colour"' }],
    });
  });

  test('does not take a file without policies for a good one', async (t) => {
    const terminal = openTestTerminal(t);
    writeFileSync(terminal.path('a.yaml'), '');
    assert.deepEqual(await policy(terminal, 'check', 'a.yaml'), {
      exitCode: 1,
      stdout: '',
      stderr: 'There is no policy in these files\n',
    });
  });
});

suite('policy test', () => {
  for (const file of readdirSync(`${EXAMPLES}policy-tests`).filter((name) => name !== 'shop.yaml')) {
    test(`finds every case of the example ${file} as expected`, async (t) => {
      const result = await policy(openTestTerminal(t), 'test', `${EXAMPLES}policy-tests/${file}`);
      assert.equal(result.exitCode, 0, result.stdout + result.stderr);
      assert.match(result.stderr, /^(\d+) of \1 cases as expected\n$/);
    });
  }

  test('shows what is not as expected, with the reason, and ends with 1', async (t) => {
    const terminal = openTestTerminal(t);
    writeFileSync(terminal.path('policy.yaml'), POLICY);
    const more = `  - name: another's address
    request: { ips: [10.0.0.8], usages: [client auth] }
    expect: deny
    violations: ['request.subjectAltNames[0]', rules]
`;
    writeFileSync(terminal.path('cases.yaml'), CASES + more);
    const result = await policy(terminal, 'test', 'cases.yaml');
    assert.equal(result.exitCode, 1);
    assert.equal(result.stderr, '1 of 2 cases as expected\n');
    assert.equal(
      result.stdout,
      `CASE                EXPECTED   GOT       RESULT
its address         approve    approve   ok
another's address   deny       defer     FAILED

FAILED another's address (cases.yaml)
  - deny
  + defer
  - violation of rules
  + violation of spec.usages[0]
  because it waits for a person: policy workload-serving: request.subjectAltNames[0]: IP "10.0.0.8": pod shop/web does not hold it; it has 10.0.0.7; spec.usages[0]: it is "client auth", must be one of digital signature, server auth
`,
    );
  });

  const unusable: readonly { readonly name: string; readonly cases: string; readonly stderr: RegExp }[] = [
    { name: 'no object', cases: '[]', stderr: /^error: "cases\.yaml": it is no object\n$/ },
    {
      name: 'no case',
      cases: 'policies: [policy.yaml]\ncases: []',
      stderr: /file\.cases: it must be a list with at least/,
    },
    { name: 'no YAML', cases: 'a: [', stderr: /^error: "cases\.yaml": / },
    {
      name: 'a field that is not known',
      cases: `${CASES}colour: red\n`,
      stderr: /file: it has an unknown field "colour"/,
    },
    { name: 'an expectation that is none', cases: CASES.replace('approve', 'hope'), stderr: /cases\[0\]\.expect: / },
    {
      name: 'two who ask at once',
      cases: CASES.replace('{ pod: shop/web }', '{ pod: shop/web, user: martha }'),
      stderr: /cases\[0\]\.requester: it must be one of pod, serviceAccount, node, user/,
    },
    { name: 'a pod that is not there', cases: CASES.replace('pod: shop/web', 'pod: shop/db'), stderr: /no such pod/ },
    {
      name: 'an address that is none',
      cases: CASES.replace('ips: [10.0.0.7]', 'ips: [ten]'),
      stderr: /"ten" is no IP/,
    },
    {
      name: 'a kind of key that is none',
      cases: CASES.replace('{ ips', '{ key: dsa, ips'),
      stderr: /Cannot make key: "dsa"/,
    },
    { name: 'facts of another kind', cases: CASES.replace('kind: Pod', 'kind: Secret'), stderr: /from a "Secret"/ },
    {
      name: 'facts with a mistake in writing',
      cases: CASES.replace('podIP: 10.0.0.7', 'podIp: 10.0.0.7'),
      stderr: /unknown fields status\.podIp/,
    },
    {
      name: 'a reserved name that is none',
      cases: `settings: { reserve: [a b] }\n${CASES}`,
      stderr: /Cannot use --reserve: "a b" is no DNS name/,
    },
    { name: 'a time that is none', cases: `now: noon\n${CASES}`, stderr: /file\.now: it is no time/ },
    {
      name: 'a policy that is none',
      cases: CASES.replace('policy.yaml', 'none.yaml'),
      stderr: /none\.yaml: there is no such file or folder/,
    },
    {
      name: 'names beside a file',
      cases: CASES.replace('{ ips', '{ file: web.csr, ips'),
      stderr: /with a file, names and key are those of the file/,
    },
  ];
  for (const { name, cases, stderr } of unusable) {
    test(`ends with 2 at a file that cannot be used: ${name}`, async (t) => {
      const terminal = openTestTerminal(t);
      writeFileSync(terminal.path('policy.yaml'), POLICY);
      writeFileSync(terminal.path('cases.yaml'), cases);
      const result = await policy(terminal, 'test', 'cases.yaml');
      assert.equal(result.exitCode, 2, result.stderr);
      assert.match(result.stderr, stderr);
    });
  }

  test('knows what the settings reserve', async (t) => {
    const terminal = openTestTerminal(t);
    writeFileSync(terminal.path('policy.yaml'), POLICY);
    const cases = `settings: { reserve: [10.0.0.7, api.example.com] }\n${CASES}`;
    writeFileSync(
      terminal.path('cases.yaml'),
      cases.replace('expect: approve, policy: workload-serving', 'expect: defer'),
    );
    const result = await policy(terminal, 'test', 'cases.yaml');
    assert.equal(result.exitCode, 0, result.stdout + result.stderr);
  });

  test('takes a request from a file, and facts as records hold them', async (t) => {
    const terminal = openTestTerminal(t);
    writeFileSync(terminal.path('policy.yaml'), POLICY);
    const made = await terminal.run(['genkey', '--bare', 'web', '-'], { stdin: '{"CN": "", "hosts": ["10.0.0.7"]}' });
    assert.equal(made.exitCode, 0, made.stderr);
    const facts = `facts:
  - pods:
      - { name: web, namespace: shop, uid: p, resourceVersion: '1', labels: {}, serviceAccountName: web, nodeName: '',
          hostNetwork: false, hostname: '', subdomain: '', phase: Running, deleting: false, ips: [10.0.0.7], hostIPs: [] }
    serviceAccounts: [{ name: web, namespace: shop, uid: a, resourceVersion: '1', deleting: false }]
`;
    const cases = CASES.replace('{ ips: [10.0.0.7] }', '{ file: web.csr }').replace(/facts:\n.*\n/, facts);
    writeFileSync(terminal.path('cases.yaml'), cases);
    const result = await policy(terminal, 'test', 'cases.yaml', '-o', 'json');
    assert.equal(result.exitCode, 0, result.stdout + result.stderr);
    const [outcome] = JSON.parse(result.stdout) as readonly { readonly got: string }[]; // one case was given
    assert.equal(outcome?.got, 'approve');
  });
});

suite('policy replay', async () => {
  const server = await openCliServer();
  after(() => server.close());
  const shop = await openShop(server.client);
  await shop.giveAddress('10.0.34.2');
  await createPolicy(server.client, 'workload-serving', { onViolation: 'Deny' });

  async function decided(t: { after(cleanUp: () => void): void }, name: string, ...flags: readonly string[]) {
    const terminal = server.terminal(t, { user: shop.pod });
    const asked = await terminal.run(['request', name, '--no-wait', ...flags]);
    assert.equal(asked.exitCode, 0, asked.stderr);
    await until(`${name} is decided`, async () => {
      return conditionText(await server.client.get(CERTIFICATE_SIGNING_REQUESTS, name)) !== 'Pending';
    });
  }

  test('says what a changed policy would change, and ends with 1 where something would no longer be approved', async (t) => {
    const terminal = server.terminal(t);
    await decided(t, 'by-name', '--dns', 'web.shop.svc.cluster.local');
    await decided(t, 'by-address', '--ip', '10.0.34.2');
    await decided(t, 'for-code', '--dns', 'web.shop.svc.cluster.local', '--usages', 'server auth,client auth');
    const same = await policy(terminal, 'replay');
    assert.deepEqual([same.exitCode, same.stderr], [0, '3 decisions: 3 the same\n']);
    writeFileSync(
      terminal.path('policy.yaml'),
      POLICY.replace('[PodIP, ServiceDNS]', '[ServiceDNS]').replace('server auth]', 'server auth, client auth]'),
    );
    const replayed = await policy(terminal, 'replay', '--policy', 'policy.yaml', '--changed');
    assert.equal(replayed.exitCode, 1);
    assert.equal(replayed.stderr, '3 decisions: 1 the same, 1 would be approved now, 1 would NO LONGER be approved\n');
    const lines = replayed.stdout.trimEnd().split('\n').slice(1).sort();
    assert.match(
      lines[0] ?? '',
      /^by-address .* Approved +would NO LONGER be approved +waits for a person: .*IP "10\.0\.34\.2"/,
    );
    assert.match(lines[1] ?? '', /^for-code .* Denied +would be approved now +approved by policy workload-serving/);
    assert.equal(lines.length, 2);
  });

  test('needs no server for records and policies of files', async (t) => {
    const terminal = openTestTerminal(t);
    const records = await server.terminal(t).run(['records', '-o', 'yaml']);
    writeFileSync(terminal.path('records.yaml'), records.stdout);
    writeFileSync(
      terminal.path('policy.yaml'),
      `${POLICY}  rules: [{ name: r, expression: "facts.namespace.name == 'shop'" }]\n`,
    );
    const flags = ['-f', 'records.yaml', '--policy', 'policy.yaml', '--only-files', '-o', 'json'];
    const result = await policy(terminal, 'replay', ...flags);
    assert.equal(result.stderr, '3 decisions: 2 the same, 1 would wait now\n');
    assert.equal(result.exitCode, 0);
    const told = JSON.parse(result.stdout) as readonly {
      readonly request: string;
      readonly replay: { readonly kind: string };
    }[];
    assert.deepEqual(told.map(({ request, replay }) => `${request} ${replay.kind}`).sort(), [
      'by-address same',
      'by-name same',
      'for-code noLongerDenied',
    ]);
  });

  const mistakes: readonly (readonly [line: string, stderr: RegExp])[] = [
    ['--only-files', /^error: Cannot use --only-files without --policy\n$/],
    ['--policy none.yaml', /^error: Cannot use policies: none\.yaml: there is no such file or folder\n$/],
    ['-f none.yaml', /^error: Cannot read "none\.yaml": there is no such file or folder\n$/],
    ['-o wide', /^error: Cannot use --output: /],
  ];
  for (const [line, stderr] of mistakes) {
    test(`refuses: replay ${line}`, async (t) => {
      const result = await policy(server.terminal(t), 'replay', ...line.split(' '));
      assert.equal(result.exitCode, 1);
      assert.match(result.stderr, stderr);
    });
  }
});
