import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { recordKeysConfigMap } from '../../authority/record-keys.js';
import { testKey } from '../../authority/testing/test-certificates.js';
import { testRecord } from '../../authority/testing/test-records.js';
import { FakeClock } from '../../base/fake-clock.js';
import type { CertificateRecord } from '../../certificates/certificate-record.js';
import { createMemoryApi } from '../../client/testing/memory-api.js';
import { exportPrivateKeyPem } from '../../crypto/private-key.js';
import { encodePem } from '../../x509/pem.js';
import { openTestTerminal, type TestTerminal } from '../testing/test-terminal.js';

const RECORDS = '/apis/countersign.dev/v1alpha1/certificaterecords';
const KEYS = '/api/v1/namespaces/kube-public/configmaps/countersign-record-keys';

const NAMES: CertificateRecord['spec']['names'] = [
  ...['my-svc.my-namespace.svc.cluster.local', 'my-pod.my-namespace.pod.cluster.local'].map((value) => ({
    type: 'DNS',
    value,
    grantedBy: 'ServiceDNS',
    because: 'pod my-namespace/my-pod backs it',
  })),
  ...['192.0.2.24', '10.0.34.2'].map((value) => ({
    type: 'IP',
    value,
    grantedBy: 'PodIP',
    because: 'pod my-namespace/my-pod holds it',
    evidence: [{ kind: 'Pod', namespace: 'my-namespace', name: 'my-pod', uid: 'pod-1', resourceVersion: '7' }],
  })),
  {
    type: 'CN',
    value: 'my-pod.my-namespace.pod.cluster.local',
    grantedBy: 'PodDNS',
    because: 'it is a name of the request',
  },
];

const key = await testKey('approver');
const genuine = await testRecord({ names: NAMES });
const tampered = { ...genuine, spec: { ...genuine.spec, facts: 'more' } };
const NOW_MS = Date.parse('2026-11-24T00:00:00Z');

function openWorkshop(t: { after(cleanUp: () => void): void }): TestTerminal {
  const api = createMemoryApi();
  const terminal = openTestTerminal(t, { clock: new FakeClock(NOW_MS), transport: api.transport });
  api.put(`${RECORDS}/csr-1`, { ...genuine });
  api.put(KEYS, { ...recordKeysConfigMap(key.publicKeyDer) });
  const write = (name: string, text: string): void => writeFileSync(terminal.path(name), text);
  write('good.yaml', stringify(genuine));
  write('good.json', JSON.stringify(genuine));
  write('tampered.yaml', stringify(tampered));
  write(
    'impostor.yaml',
    stringify({ ...genuine, spec: { ...genuine.spec, signature: { keyID: 'x', value: 'AA==' } } }),
  );
  write('short.yaml', stringify({ kind: 'List', items: [genuine, tampered] }));
  write('broken.yaml', 'a: [');
  write('empty.yaml', '\n---\n');
  write('bomb.yaml', `a: &a [x]\n${Array.from({ length: 200 }, (_, i) => `b${i}: *a`).join('\n')}\n`);
  write('trust.pem', encodePem('PUBLIC KEY', key.publicKeyDer));
  write('private.pem', exportPrivateKeyPem(key, { format: 'pkcs8' }));
  return terminal;
}

const REFUSALS: readonly (readonly [name: string, args: string, stderr: RegExp])[] = [
  [
    'a file that is not there',
    'nope.yaml --trust trust.pem',
    /^error: Cannot read "nope\.yaml": there is no such file/,
  ],
  ['what is no YAML', 'broken.yaml --trust trust.pem', /^error: Cannot read "broken\.yaml": it is no YAML/],
  ['a file without record', 'empty.yaml --trust trust.pem', /^error: Cannot read "empty\.yaml": it holds no record/],
  ['a file of references to references', 'bomb.yaml --trust trust.pem', /^error: /],
  ['a private key for a public one', 'good.yaml --trust private.pem', /there is a PRIVATE KEY among them\n$/],
  ['a record that is on no server', 'other', /^Error from server \(NotFound\)/],
  [
    'a record that was changed',
    'tampered.yaml --trust trust.pem',
    /^error: tampered\.yaml: not genuine: its signature does not verify: it is not what the approver wrote\n$/,
  ],
  [
    'a record of somebody else',
    'impostor.yaml --trust trust.pem',
    /^error: impostor\.yaml: not genuine: it is signed by the key "x", which is not trusted\n$/,
  ],
  ['a list with one that was changed', 'short.yaml --trust trust.pem', /^error: short\.yaml\[1\]: not genuine: /],
];

for (const [name, args, stderr] of REFUSALS) {
  test(`verify-record refuses ${name}`, async (t) => {
    const { exitCode, stderr: said, stdout } = await openWorkshop(t).run(['verify-record', ...args.split(' ')]);
    assert.match(said, stderr);
    assert.equal(exitCode, 1);
    if (!args.startsWith('short')) assert.equal(stdout, '');
  });
}

test('verify-record refuses a genuine record that grants less than its request asks for', async (t) => {
  const terminal = openWorkshop(t);
  writeFileSync(terminal.path('less.yaml'), stringify(await testRecord()));
  const { exitCode, stderr } = await terminal.run(['verify-record', 'less.yaml', '--trust', 'trust.pem']);
  assert.equal(exitCode, 1);
  assert.match(stderr, /not genuine: its record grants no DNS "my-svc\.my-namespace\.svc\.cluster\.local"/);
});

test('verify-record says in words what a record shows, without a server', async (t) => {
  const terminal = openTestTerminal(t, { clock: new FakeClock(NOW_MS) });
  writeFileSync(terminal.path('trust.pem'), encodePem('PUBLIC KEY', key.publicKeyDer));
  const status = { issuance: { phase: 'Issued', serialNumber: '0a', notAfter: '2026-12-24T00:00:00Z' } };
  const stdin = stringify({ ...genuine, status });
  const { exitCode, stdout, stderr } = await terminal.run(['verify-record', '-', '--trust', 'trust.pem'], { stdin });
  assert.equal(stderr, '');
  assert.equal(exitCode, 0);
  assert.match(stdout, /^standard input: genuine\n {2}Decision: +approved by policy workload-serving, generation 3\n/);
  for (const line of [
    /Requester: +system:serviceaccount:my-namespace:my-account\n/,
    /Identity: +pod my-namespace\/my-pod\n/,
    /IP 10\.0\.34\.2: granted as PodIP: pod my-namespace\/my-pod holds it\n +seen: Pod my-namespace\/my-pod \(uid pod-1, version 7\)\n/,
    /Outcome: +issued \(says the API; the signature does not cover this\)\n +serial number 0a\n/,
  ]) {
    assert.match(stdout, line);
  }
});

test('verify-record takes the record, the keys or both from the cluster', async (t) => {
  const terminal = openWorkshop(t);
  for (const args of ['csr-1', 'csr-1 --trust trust.pem', 'good.json', 'good.yaml']) {
    const { exitCode, stdout, stderr } = await terminal.run(['verify-record', ...args.split(' ')]);
    assert.equal(stderr, '');
    assert.match(stdout, /^[^ ]+: genuine\n/);
    assert.equal(exitCode, 0);
  }
});

test('verify-record answers programs in JSON', async (t) => {
  const terminal = openWorkshop(t);
  const run = async (file: string) => {
    const { stdout, exitCode } = await terminal.run(['verify-record', file, '--trust', 'trust.pem', '-o', 'json']);
    return { exitCode, value: JSON.parse(stdout) as { genuine: boolean; reason?: string } };
  };
  const good = await run('good.yaml');
  assert.deepEqual([good.exitCode, good.value.genuine], [0, true]);
  const bad = await run('tampered.yaml');
  assert.deepEqual([bad.exitCode, bad.value.genuine], [1, false]);
  assert.match(bad.value.reason ?? '', /does not verify/);
});

test('verify-record shows nothing that a terminal would obey', async (t) => {
  const terminal = openWorkshop(t);
  const hostile = await testRecord({ names: NAMES, decision: { message: 'ok\u001b[2J\u202e' } });
  writeFileSync(terminal.path('hostile.json'), JSON.stringify(hostile));
  const { stdout } = await terminal.run(['verify-record', 'hostile.json', '--trust', 'trust.pem']);
  assert.match(stdout, /ok\\u\{1b\}\[2J\\u\{202e\}/);
});
