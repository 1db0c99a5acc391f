import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../command.js';
import { startServer } from '../server-process.js';
import { requireTool } from '../tools.js';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

function manifest(spec: object): string {
  return JSON.stringify({
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalPolicy',
    metadata: { name: 'p' },
    spec,
  });
}

const GOOD = {
  signerNames: ['example.com/serving', 'example.com/client'],
  requesters: { users: ['eve'] },
  names: { dns: ['x.example.com'] },
  usages: { allowed: ['server auth'] },
};

/** kubectl itself knows no resource `signers`. */
const CLIENT_APPROVER = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'client-approver' },
  rules: [
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['signers'],
      resourceNames: ['example.com/client'],
      verbs: ['approve'],
    },
  ],
};

test('stock kubectl works with kinds of ours', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await using server = await startServer();
  const kubectl = (args: readonly string[], stdin?: string) =>
    runCommand('kubectl', [...args, '--kubeconfig', server.kubeconfig], stdin === undefined ? {} : { stdin });

  await t.test('explains them', async () => {
    const names = await kubectl(['explain', 'approvalpolicy.spec.names']);
    assert.match(names.stdout, /provable\s+<\[\]string>\n\s+Kinds of name that are granted where the cluster proves/);
    const records = await kubectl(['explain', 'certrec.spec', '--recursive']);
    assert.match(records.stdout, /publicKeyDigest\t<string> -required-/);
  });

  await t.test('refuses a policy with every error at once', async () => {
    const bad = { mode: 'Dream', signerNames: ['*'] };
    const structure = await kubectl(['apply', '-f', '-'], manifest(bad));
    for (const error of [
      'spec.mode: Unsupported value: "Dream": supported values: "Enforce", "Shadow"',
      'spec.signerNames[0]: Invalid value: "*"',
      'spec.requesters: Required value',
      'spec.names: Required value',
      'spec.usages: Required value',
    ]) {
      assert.ok(structure.stderr.includes(error), `${error}\n${structure.stderr}`);
    }
    const rules = [{ name: 'a', expression: 'request.' }];
    const meaning = await kubectl(['apply', '-f', '-'], manifest({ ...GOOD, names: { dns: ['*'] }, rules }));
    assert.match(meaning.stderr, /spec\.names\.dns\[0\]: Invalid value: "\*"/);
    assert.match(meaning.stderr, /spec\.rules\[0\]\.expression: Invalid value: "request\."/);
  });

  await t.test('refuses a policy for signers that its author may not approve for', async () => {
    await kubectl(['create', 'clusterrolebinding', 'eve', '--clusterrole=countersign-policy-editor', '--user=eve']);
    await kubectl(['apply', '-f', '-'], JSON.stringify(CLIENT_APPROVER));
    await kubectl(['create', 'clusterrolebinding', 'eve-client', '--clusterrole=client-approver', '--user=eve']);
    const refused = await kubectl(['apply', '--as', 'eve', '-f', '-'], manifest(GOOD));
    assert.match(
      refused.stderr,
      /approvalpolicies\.countersign\.dev "p" is forbidden: user not permitted to approve requests with signerName "example\.com\/serving"$/m,
    );
    const taken = await kubectl(
      ['apply', '--as', 'eve', '-f', '-'],
      manifest({ ...GOOD, signerNames: ['example.com/client'] }),
    );
    assert.equal(taken.code, 0, taken.stderr);
    assert.equal((await kubectl(['delete', 'apol', 'p', '--as', 'eve'])).code, 0);
  });

  await t.test('takes every example, and lists them', async () => {
    const applied = await kubectl(['apply', '-f', EXAMPLES]);
    assert.equal(applied.code, 0, applied.stderr);
    // the approver of the embedded server says what it makes of them
    await kubectl(['wait', '--for=condition=Ready', '--timeout=30s', 'approvalpolicies', '--all']);
    const { stdout } = await kubectl(['get', 'approvalpolicies', '-o', 'wide']);
    assert.match(stdout, /^NAME +MODE +ONVIOLATION +SIGNERS +READY +REASON +AGE$/m);
    assert.match(
      stdout,
      /^workload-serving +Enforce +Deny +\["countersign\.dev\/serving"\] +True +the approver goes by it in mode Enforce +\d+s$/m,
    );
    assert.match(
      (await kubectl(['get', 'countersign'])).stdout,
      /^approvalpolicy\.countersign\.dev\/kubelet-serving /m,
    );
  });

  await t.test('applies a change once, and counts it', async () => {
    const file = `${EXAMPLES}workload-serving.yaml`;
    assert.match((await kubectl(['apply', '-f', file])).stdout, /unchanged/);
    await kubectl(['patch', 'apol', 'workload-serving', '--type=merge', '-p={"spec":{"mode":"Shadow"}}']);
    const generation = await kubectl(['get', 'apol', 'workload-serving', '-o', 'jsonpath={.metadata.generation}']);
    assert.equal(generation.stdout, '2');
  });

  await t.test('selects records by what they hold, and by nothing else', async () => {
    const by = (selector: string) => kubectl(['get', 'certificaterecords', `--field-selector=${selector}`]);
    assert.match((await by('spec.requester.username=eve,spec.request.signerName=a')).stderr, /No resources found/);
    assert.match((await by('spec.facts=x')).stderr, /field label not supported: spec\.facts/);
  });
});
