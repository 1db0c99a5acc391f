import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { testRecord } from '../../authority/testing/test-records.js';
import { FakeClock } from '../../base/fake-clock.js';
import { CERTIFICATE_PEM, REQUEST_PEM } from '../../certificates/testing/samples.js';
import { PUBLIC_KEY_DIGEST } from '../../certificates/testing/records.js';
import { createMemoryApi } from '../../client/testing/memory-api.js';
import { openTestTerminal, type TestTerminal } from '../testing/test-terminal.js';

const RECORDS = '/apis/countersign.dev/v1alpha1/certificaterecords';

async function openWorkshop(t: { after(cleanUp: () => void): void }): Promise<TestTerminal> {
  const api = createMemoryApi();
  const terminal = openTestTerminal(t, {
    clock: new FakeClock(Date.parse('2026-11-23T18:28:06Z')),
    transport: api.transport,
  });
  const issued = await testRecord();
  const issuance = { phase: 'Issued', serialNumber: '0abc', notAfter: '2026-12-23T17:28:06Z' };
  api.put(`${RECORDS}/csr-1`, { ...issued, ...{ status: { issuance } } });
  const other = await testRecord({
    request: {
      uid: 'csr-0',
      name: 'api',
      signerName: 'example.com/client',
      publicKeyDigest: `sha256:${'0'.repeat(64)}`,
    },
    decision: { by: 'Other', reason: 'KubectlApprove', decidedAt: '2026-11-23T17:00:00Z' },
    names: [
      { type: 'IP', value: 'fd00::7', because: 'approved by somebody else' },
      { type: 'CN', value: 'API', because: 'approved by somebody else' },
    ],
  });
  const { policy: _, ...decision } = other.spec.decision;
  api.put(`${RECORDS}/csr-0`, { ...other, ...{ spec: { ...other.spec, decision } } });
  writeFileSync(terminal.path('request.pem'), REQUEST_PEM);
  writeFileSync(terminal.path('certificate.pem'), CERTIFICATE_PEM);
  return terminal;
}

const REFUSALS: readonly (readonly [args: string, stderr: RegExp])[] = [
  ['csr-1 --name x', /^error: Cannot use names together with --name/],
  ['--serial xyz', /^error: Cannot use --serial: "xyz" is not hexadecimal/],
  ['--public-key nope.pem', /^error: Cannot read "nope\.pem"/],
  ['-o xml', /^error: Cannot use --output: "xml"/],
  ['nobody', /^Error from server \(NotFound\)/],
];
for (const [args, expected] of REFUSALS) {
  test(`records ${args} is refused`, async (t) => {
    const { exitCode, stderr, stdout } = await (await openWorkshop(t)).run(['records', ...args.split(' ')]);
    assert.match(stderr, expected);
    assert.equal(exitCode, 1);
    assert.equal(stdout, '');
  });
}

test('records prints a table in the order of the decisions', async (t) => {
  const { stdout, exitCode } = await (await openWorkshop(t)).run(['records']);
  assert.equal(exitCode, 0);
  assert.equal(
    stdout,
    `NAME    REQUEST               REQUESTOR                                       SIGNERNAME            DECISION   POLICY             OUTCOME   EXPIRES                AGE
csr-0   api                   system:serviceaccount:my-namespace:my-account   example.com/client    Approved   <none>             <none>    <none>                 88m
csr-1   my-svc.my-namespace   system:serviceaccount:my-namespace:my-account   example.com/serving   Approved   workload-serving   Issued    2026-12-23T17:28:06Z   60m
`,
  );
});

const SEARCHES: readonly (readonly [args: string, found: string])[] = [
  ['--name my-pod.my-namespace.pod.cluster.local', 'csr-1'],
  ['--name MY-POD.my-namespace.pod.cluster.local', 'csr-1'],
  ['--name FD00:0::7', 'csr-0'],
  ['--name api', 'csr-0'],
  ['--name pod.cluster.local', ''],
  ['--name *', ''],
  ['--serial 0A:BC', 'csr-1'],
  ['--serial abc', 'csr-1'],
  ['--serial abcd', ''],
  ['--requester system:serviceaccount:my-namespace:my-account', 'csr-0,csr-1'],
  ['--requester system', ''],
  ['--signer example.com/serving', 'csr-1'],
  ['--signer example.com/serving --name api', ''],
  [`--public-key ${PUBLIC_KEY_DIGEST}`, 'csr-1'],
  ['--public-key request.pem', 'csr-1'],
  ['--public-key certificate.pem', 'csr-1'],
  ['csr-1', 'csr-1'],
];
for (const [args, found] of SEARCHES) {
  test(`records ${args} finds ${found === '' ? 'nothing' : found}`, async (t) => {
    const { stdout, exitCode } = await (await openWorkshop(t)).run(['records', ...args.split(' '), '-o', 'name']);
    assert.equal(exitCode, 0);
    const names = stdout.split('\n').map((line) => line.replace('certificaterecord.countersign.dev/', ''));
    assert.equal(names.filter((line) => line !== '').join(','), found);
  });
}

test('records says where there is nothing, and shows more with -o wide', async (t) => {
  const terminal = await openWorkshop(t);
  const none = await terminal.run(['records', '--name', 'nobody']);
  assert.deepEqual(none, { exitCode: 0, stdout: '', stderr: 'No resources found\n' });
  const { stdout } = await terminal.run(['records', '--serial', 'abc', '-o', 'wide']);
  assert.match(
    stdout,
    /IDENTITY +SERIAL +NAMES\n.* pod my-namespace\/my-pod +0abc +DNS:my-pod\.my-namespace\.pod\.cluster\.local\n$/,
  );
});

test('records answers programs with objects', async (t) => {
  const terminal = await openWorkshop(t);
  const one = JSON.parse((await terminal.run(['records', 'csr-1', '-o', 'json'])).stdout) as { kind: string };
  assert.equal(one.kind, 'CertificateRecord');
  const list = JSON.parse((await terminal.run(['records', '-o', 'json'])).stdout) as { kind: string; items: unknown[] };
  assert.equal(list.kind, 'List');
  assert.equal(list.items.length, 2);
});
