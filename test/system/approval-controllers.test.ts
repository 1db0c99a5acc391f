import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { testKey } from '../../src/authority/testing/test-certificates.js';
import { exportPrivateKeyPem } from '../../src/crypto/private-key.js';
import { encodePem } from '../../src/x509/pem.js';
import { countersign } from '../command.js';
import { type ProgramProcess, startProgram } from '../server-process.js';
import { requireTool } from '../tools.js';
import { certificateOf, KubectlStage } from './kubectl-stage.js';
import { account, pod, REQUESTERS } from './shop-manifests.js';

const SIGNERS = ['trusting', 'mistaken', 'untold'] as const;

function signerName(signer: string): string {
  return `example.com/${signer}`;
}

const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ApprovalPolicy',
  metadata: { name: 'pod-addresses' },
  spec: {
    signerNames: SIGNERS.map(signerName),
    requesters: { serviceAccounts: [{ namespaceSelector: {} }] },
    minimumIdentity: 'Pod',
    names: { provable: ['PodIP'], maxCount: 1 },
    usages: { required: ['server auth'], allowed: ['digital signature', 'server auth'] },
    onViolation: 'Deny',
  },
};

test('an approver and signers are processes of their own, and a signer goes by the records that it trusts', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await using stage = await KubectlStage.open();
  await stage.start('--no-approver', '--no-signers');
  const file = async (name: string, text: string): Promise<string> => {
    const path = join(stage.folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const publicKeyFile = async (name: string): Promise<string> =>
    file(`${name}.pem`, encodePem('PUBLIC KEY', (await testKey(name)).publicKeyDer));
  const recordKey = exportPrivateKeyPem(await testKey('approver'), { format: 'pkcs8' });
  const ca = await countersign(['ca', 'init', '--bare', 'ca'], { cwd: stage.folder, stdin: '{"CN": "Shop CA"}' });
  assert.equal(ca.code, 0, ca.stderr);

  const run = (...args: readonly string[]): Promise<ProgramProcess> => {
    const common = ['--kubeconfig', stage.kubeconfig, '--no-leader-elect'];
    return startProgram(['controller', ...common, ...args], /Controllers started/);
  };
  const sign = (signer: string, ...args: readonly string[]): Promise<ProgramProcess> => {
    const authority = ['--ca', join(stage.folder, 'ca.pem'), '--ca-key', join(stage.folder, 'ca-key.pem')];
    return run('--signer', signerName(signer), ...authority, ...args);
  };
  await using _approver = await run('--approver', '--record-key', await file('record.key', recordKey));
  await using _trusting = await sign('trusting', '--record-trust', await publicKeyFile('approver'));
  await using _mistaken = await sign('mistaken', '--record-trust', await publicKeyFile('another approver'));
  await using _untold = await sign('untold');

  await stage.apply(POLICY);
  await stage.kubectl('create', 'namespace', 'shop');
  await stage.apply(...REQUESTERS, account('web'), pod('web'));
  const wishes = SIGNERS.map((signer) => [signer, { ip: ['10.1.0.7'], signerName: signerName(signer) }] as const);
  await stage.ask(await stage.podToken('web', 'web'), Object.fromEntries(wishes));
  await stage.giveAddress('web', '10.1.0.7');
  await stage.until('condition=Approved', ...SIGNERS);

  await t.test('one that trusts the approver signs', async () => {
    await stage.issued('trusting');
    const certificate = certificateOf(await stage.read('trusting'));
    assert.equal(certificate.issuer, 'CN=Shop CA');
    assert.equal(certificate.subjectAltName, 'IP Address:10.1.0.7');
  });

  await t.test('one that trusts somebody else refuses for good', async () => {
    await stage.until('condition=Failed', 'mistaken');
    const { status } = await stage.read('mistaken');
    assert.deepEqual(
      status.conditions?.map(({ type, reason }) => [type, reason]),
      [
        ['Approved', 'ApprovedByPolicy'],
        ['Failed', 'RecordInvalid'],
      ],
    );
    assert.equal(status.certificate, undefined);
  });

  await t.test('one that was not told whom to trust says so and waits', async () => {
    const events = ['events', '-n', 'default', '--field-selector', 'involvedObject.name=untold', '--no-headers'];
    await stage.follow(events, (printed) => /Warning +RecordTrustMissing .*--record-trust/.test(printed));
    const { status } = await stage.read('untold');
    assert.deepEqual([status.conditions?.length, status.certificate], [1, undefined]);
  });
});
