import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { testKey } from '../../src/authority/testing/test-certificates.js';
import type { CertificateRecord } from '../../src/certificates/certificate-record.js';
import type { CertificateSigningRequest } from '../../src/certificates/certificate-signing-request.js';
import { countersign } from '../command.js';
import { requireTool } from '../tools.js';
import { certificateOf, KubectlStage, type Wish } from './kubectl-stage.js';
import { account, pod, REQUESTERS, service } from './shop-manifests.js';

const POLICY = fileURLToPath(new URL('../../examples/workload-serving.yaml', import.meta.url));
const PODS = ['web', 'impostor', 'late', 'batch', 'moving', 'leaving'];

async function openShop(stage: KubectlStage): Promise<void> {
  await stage.start();
  await stage.kubectl('apply', '-f', POLICY);
  await stage.kubectl('create', 'namespace', 'shop');
  await stage.apply(...REQUESTERS, ...PODS.map(account), ...PODS.map(pod), service('web'), service('moving'));
}

function conditionsOf({ status }: CertificateSigningRequest): readonly string[] {
  return (status.conditions ?? []).map(({ type, reason = '' }) => `${type}/${reason}`);
}

async function recordsOf(stage: KubectlStage): Promise<ReadonlyMap<string, CertificateRecord>> {
  const { items } = JSON.parse(await stage.kubectl('get', 'certificaterecords', '-o', 'json')) as {
    readonly items: readonly CertificateRecord[];
  };
  const byRequest = new Map(items.map((record) => [record.spec.request.name, record]));
  assert.equal(byRequest.size, items.length, 'each request has one record');
  return byRequest;
}

test('pods are approved, denied and kept waiting by what is theirs, with stock kubectl and bound tokens', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await using stage = await KubectlStage.open();
  await openShop(stage);
  const own: Wish = { dns: ['web.shop.svc', 'web.shop.svc.cluster.local', 'web.shop.pod.cluster.local'] };

  await t.test('a pod gets what is its own, and nothing else', async () => {
    await stage.giveAddress('web', '10.1.0.7');
    await stage.ask(await stage.podToken('web', 'web'), { web: { ...own, ip: ['10.1.0.7'] } });
    await stage.issued('web');
    const csr = await stage.read('web');
    assert.equal(
      csr.status.conditions?.[0]?.message,
      'approved by policy workload-serving: 3 DNS names and 1 IP belong to pod shop/web, serving Service shop/web',
    );
    assert.match(await stage.kubectl('get', 'csr', 'web'), /system:serviceaccount:shop:web .* Approved,Issued\n/);
    const certificate = certificateOf(csr);
    assert.deepEqual(certificate.subjectAltName?.split(', '), [
      ...(own.dns ?? []).map((name) => `DNS:${name}`),
      'IP Address:10.1.0.7',
    ]);
    assert.equal(certificate.subject, undefined);
    assert.deepEqual(
      new Uint8Array(certificate.publicKey.export({ format: 'der', type: 'spki' })),
      (await testKey('web')).publicKeyDer,
    );
  });

  await t.test('what was granted is on record, and a record that was touched is found out', async () => {
    const { metadata } = await stage.read('web');
    const listed = await countersign(['records', '--name', 'web.shop.svc', '--kubeconfig', stage.kubeconfig]);
    assert.match(listed.stdout, new RegExp(`\n${metadata.uid ?? ''} +web +.* Approved +workload-serving `));
    const keys = await stage.kubectl('get', 'configmap', 'countersign-record-keys', '-n', 'kube-public', '-o', 'json');
    const { data } = JSON.parse(keys) as { readonly data: Readonly<Record<string, string>> };
    const trust = join(stage.folder, 'record-keys.pem');
    await writeFile(trust, Object.values(data).join(''));
    const record = await stage.kubectl('get', 'certificaterecord', metadata.uid ?? '', '-o', 'yaml');
    const verify = (stdin: string) => countersign(['verify-record', '-', '--trust', trust], { stdin });
    const genuine = await verify(record);
    assert.equal(genuine.code, 0, genuine.stderr);
    const touched = await verify(record.replaceAll('web.shop.svc', 'bank.shop.svc'));
    assert.equal(touched.code, 1);
    assert.match(touched.stderr, /not genuine/);
  });

  await t.test('an impostor is denied, and told whose the names are', async () => {
    await stage.giveAddress('impostor', '10.1.0.66');
    const token = await stage.podToken('impostor', 'impostor');
    await stage.ask(token, { names: own, address: { ip: ['10.1.0.7'] } });
    await stage.until('condition=Denied', 'names', 'address');
    const [names, address] = [await stage.read('names'), await stage.read('address')];
    assert.match(
      names.status.conditions?.[0]?.message ?? '',
      /the selector of Service shop\/web does not match pod shop\/impostor/,
    );
    assert.match(address.status.conditions?.[0]?.message ?? '', /IP "10\.1\.0\.7": it belongs to pod shop\/web$/);
    for (const csr of [names, address]) {
      assert.deepEqual(conditionsOf(csr), ['Denied/DeniedByPolicy']);
      assert.equal(csr.status.certificate, undefined);
    }
  });

  await t.test('a pod without address and Service waits, and is approved when it has both', async () => {
    await stage.ask(await stage.podToken('late', 'late'), { late: { dns: ['late.shop.svc'], ip: ['10.1.0.8'] } });
    const events = ['events', '-n', 'default', '--field-selector', 'involvedObject.name=late', '--no-headers'];
    await stage.follow(events, (printed) => /ApprovalDeferred/.test(printed));
    assert.deepEqual(conditionsOf(await stage.read('late')), []);
    await stage.giveAddress('late', '10.1.0.8');
    await stage.follow(events, (printed) => /ApprovalDeferred.*late\.shop\.svc(?!.*10\.1\.0\.8)/.test(printed));
    assert.deepEqual(conditionsOf(await stage.read('late')), []);
    await stage.apply(service('late'));
    await stage.issued('late');
    assert.equal(certificateOf(await stage.read('late')).subjectAltName, 'DNS:late.shop.svc, IP Address:10.1.0.8');
  });

  const batch = Array.from({ length: 12 }, (_, i) => `batch-${i}`);
  let before: ReadonlyMap<string, CertificateRecord> = new Map();
  await t.test('a server that is killed between record and approval decides once', async () => {
    const token = await stage.podToken('batch', 'batch');
    await stage.ask(token, Object.fromEntries(batch.map((name) => [name, { ip: ['10.1.0.9'] }])));
    const columns = '-o=custom-columns=NAME:.spec.request.name,SIGNATURE:.spec.signature.value';
    let asked = false;
    const printed = await stage.follow(['certificaterecords', columns], async (text) => {
      if (/^batch-.*\n/m.test(text)) {
        await stage.stop('SIGKILL');
        return true;
      }
      if (!asked) {
        asked = true;
        // The watch is there: now all of them are decided at once.
        await stage.giveAddress('batch', '10.1.0.9');
      }
      return false;
    });
    await stage.start('--no-signers');
    await stage.until('condition=Approved', ...batch);
    before = await recordsOf(stage);
    for (const [, name = '', signature = ''] of printed.matchAll(/^(batch-\d+) +(\S+)\n/gm)) {
      assert.equal(before.get(name)?.spec.signature.value, signature, `${name} was decided again`);
    }
  });

  await t.test('what is approved and no longer true when a signer comes is never signed', async () => {
    await stage.ask(await stage.podToken('moving', 'moving'), { moving: { dns: ['moving.shop.svc'] } });
    await stage.giveAddress('moving', '10.1.0.10');
    const token = await stage.podToken('leaving', 'leaving');
    await stage.ask(token, { leaving: { ip: ['10.1.0.11'] } });
    await stage.giveAddress('leaving', '10.1.0.11');
    await stage.until('condition=Approved', 'moving', 'leaving');
    await stage.kubectl('patch', 'service', 'moving', '-n', 'shop', '-p', '{"spec":{"selector":{"app":"web"}}}');
    await stage.kubectl('delete', 'pod', 'leaving', '-n', 'shop', '--wait', '--grace-period=0');
    assert.match((await stage.asPod(token, ['auth', 'whoami'])).stderr, /Unauthorized/);
    await stage.stop();
    await stage.start();
    await stage.until('condition=Failed', 'moving', 'leaving');
    for (const name of ['moving', 'leaving']) {
      const csr = await stage.read(name);
      assert.deepEqual(conditionsOf(csr), ['Approved/ApprovedByPolicy', 'Failed/EvidenceStale']);
      assert.equal(csr.status.certificate, undefined);
      assert.match(await stage.kubectl('get', 'csr', name), / Approved,Failed\n/);
    }
  });

  await t.test('what is approved and still true is signed, once', async () => {
    await stage.issued(...batch);
    await stage.kubectl(
      'wait',
      'certificaterecords',
      ...batch.map((name) => before.get(name)?.metadata.name ?? ''),
      '--for=jsonpath={.status.issuance.phase}=Issued',
      '--timeout=60s',
    );
    const after = await recordsOf(stage);
    const list = await stage.kubectl('get', 'csr', ...batch, '-o', 'json');
    for (const csr of (JSON.parse(list) as { readonly items: readonly CertificateSigningRequest[] }).items) {
      const { name = '' } = csr.metadata;
      assert.deepEqual(conditionsOf(csr), ['Approved/ApprovedByPolicy']);
      assert.deepEqual(after.get(name)?.spec, before.get(name)?.spec);
      assert.equal(after.get(name)?.status?.issuance?.serialNumber?.toUpperCase(), certificateOf(csr).serialNumber);
    }
  });
});
