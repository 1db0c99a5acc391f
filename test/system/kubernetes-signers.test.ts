import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { toBase64 } from '../../src/base/base64.js';
import { utf8 } from '../../src/base/bytes.js';
import { testKey } from '../../src/authority/testing/test-certificates.js';
import type { CertificateSigningRequestCondition } from '../../src/certificates/certificate-signing-request.js';
import { createCertificationRequest } from '../../src/crypto/certification-request.js';
import { exportPrivateKeyPem } from '../../src/crypto/private-key.js';
import type { GeneralName } from '../../src/x509/general-name.js';
import { ATTRIBUTE, type NameInput } from '../../src/x509/name.js';
import { encodePem } from '../../src/x509/pem.js';
import { runCommand } from '../command.js';
import { requireTool } from '../tools.js';
import { certificateOf, KubectlStage } from './kubectl-stage.js';

const CLIENT = ['digital signature', 'client auth'];
const SERVER = ['digital signature', 'server auth'];
const NODES = 'system:nodes';
const ROLE = 'system:certificates.k8s.io:certificatesigningrequests:nodeclient';

interface Wish {
  /** After `kubernetes.io/`. */
  readonly signer: string;
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly names?: readonly GeneralName[];
  readonly usages?: readonly string[];
}

/** A request for a signer of Kubernetes. Its key is that of its name. */
async function manifest(name: string, wish: Wish): Promise<string> {
  const { signer, commonName, organizations = [], names = [], usages = CLIENT } = wish;
  const subject: NameInput = [
    ...organizations.map((value) => [{ oid: ATTRIBUTE.organization, value }]),
    [{ oid: ATTRIBUTE.commonName, value: commonName }],
  ];
  const der = await createCertificationRequest(await testKey(name), { subject, subjectAltNames: names });
  const request = toBase64(utf8(encodePem('CERTIFICATE REQUEST', der)));
  return JSON.stringify({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: { request, signerName: `kubernetes.io/${signer}`, usages },
  });
}

test('the signers of Kubernetes, with stock kubectl', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await using stage = await KubectlStage.open();
  await stage.start('--cluster-signing-duration', '24h', '--enable-bootstrap-token-auth');
  const create = async (name: string, wish: Wish, ...flags: readonly string[]) =>
    runCommand('kubectl', ['create', '-f', '-', '--kubeconfig', stage.kubeconfig, ...flags], {
      stdin: await manifest(name, wish),
    });
  const conditionOf = async (name: string, type: string): Promise<CertificateSigningRequestCondition | undefined> =>
    (await stage.read(name)).status.conditions?.find((condition) => condition.type === type);

  await t.test('nobody asks for system:masters', async () => {
    const wish = { signer: 'kube-apiserver-client', commonName: 'martha', organizations: ['system:masters'] };
    const { code, stderr } = await create('masters', wish);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /use of kubernetes\.io\/kube-apiserver-client signer with system:masters group is not allowed/,
    );
  });

  const refusals: readonly (readonly [name: string, wish: Wish, message: string])[] = [
    [
      'a-server',
      { signer: 'kube-apiserver-client', commonName: 'martha', usages: SERVER },
      'invalid usage for client certificate: server auth',
    ],
    [
      'no-node',
      { signer: 'kube-apiserver-client-kubelet', commonName: 'martha', organizations: [NODES] },
      'subject common name does not begin with system:node:',
    ],
    [
      'no-address',
      { signer: 'kubelet-serving', commonName: 'system:node:a', organizations: [NODES], usages: SERVER },
      'DNS or IP subjectAltName is required',
    ],
  ];
  for (const [name, wish, message] of refusals) {
    await t.test(`${wish.signer} marks what it refuses Failed: ${message}`, async () => {
      assert.equal((await create(name, wish)).code, 0);
      await stage.kubectl('certificate', 'approve', name);
      await stage.until('condition=Failed', name);
      const failed = await conditionOf(name, 'Failed');
      assert.deepEqual([failed?.reason, failed?.message, failed?.status], ['SignerValidationFailure', message, 'True']);
    });
  }

  await t.test('a client is who its certificate says, with its groups', async () => {
    const wish = { signer: 'kube-apiserver-client', commonName: 'martha', organizations: ['dev', 'ops'] };
    await create('martha', wish);
    await stage.kubectl('certificate', 'approve', 'martha');
    await stage.issued('martha');
    const certificate = certificateOf(await stage.read('martha'));
    const hours = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 3_600_000;
    assert.equal(hours, 24);
    const [crt, key] = [join(stage.folder, 'martha.crt'), join(stage.folder, 'martha.key')];
    await writeFile(crt, certificate.toString());
    await writeFile(key, exportPrivateKeyPem(await testKey('martha'), { format: 'pkcs8' }), { mode: 0o600 });
    await stage.kubectl('config', 'set-credentials', 'martha', '--client-certificate', crt, '--client-key', key);
    const who = JSON.parse(await stage.kubectl('auth', 'whoami', '-o', 'json', '--user', 'martha')) as {
      readonly status: { readonly userInfo: object };
    };
    const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    assert.deepEqual(who.status.userInfo, {
      username: 'martha',
      groups: ['dev', 'ops', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
    });
  });

  await t.test('a kubelet gets its client certificate by itself, once somebody allows it', async () => {
    const wish = { signer: 'kube-apiserver-client-kubelet', commonName: 'system:node:a', organizations: [NODES] };
    const [user, token] = ['system:bootstrap:abcdef', 'abcdef.0123456789abcdef'];
    const secret = ['secret', 'generic', 'bootstrap-token-abcdef', '--type=bootstrap.kubernetes.io/token'];
    const [id, value] = token.split('.');
    const fields = [`token-id=${id}`, `token-secret=${value}`, 'usage-bootstrap-authentication=true'];
    const literals = fields.map((field) => `--from-literal=${field}`);
    await stage.kubectl('create', ...secret, '-n', 'kube-system', ...literals);
    const role = 'system:node-bootstrapper';
    await stage.kubectl('create', 'clusterrolebinding', 'may-ask', `--clusterrole=${role}`, `--user=${user}`);
    const asked = await stage.asPod(token, ['create', '-f', '-'], await manifest('node-a', wish));
    assert.equal(asked.code, 0, asked.stderr);
    assert.equal((await stage.read('node-a')).spec.username, user);
    assert.equal(await conditionOf('node-a', 'Approved'), undefined);
    await stage.kubectl('create', 'clusterrolebinding', 'approved', `--clusterrole=${ROLE}`, `--user=${user}`);
    await stage.issued('node-a');
    const approved = await conditionOf('node-a', 'Approved');
    const message = 'Auto approving kubelet client certificate after SubjectAccessReview.';
    assert.deepEqual([approved?.reason, approved?.message], ['AutoApproved', message]);
    assert.match(certificateOf(await stage.read('node-a')).subject, /^O=system:nodes\nCN=system:node:a$/);
  });

  await t.test('what a kubelet presents is signed by a CA of its own', async () => {
    const names = [{ kind: 'dns', value: 'node-a' } as const];
    const wish = { signer: 'kubelet-serving', commonName: 'system:node:a', organizations: [NODES], usages: SERVER };
    await create('serving-a', { ...wish, names });
    await stage.kubectl('certificate', 'approve', 'serving-a');
    await stage.issued('serving-a');
    assert.equal(certificateOf(await stage.read('serving-a')).issuer, 'CN=kubernetes.io/kubelet-serving CA');
  });

  await t.test('the root of the server is published in one trust bundle', async () => {
    const template = '{range .items[*]}{.metadata.name} {.spec.signerName} {.spec.trustBundle}{end}';
    const bundles = await stage.kubectl('get', 'clustertrustbundles', '-o', `jsonpath=${template}`);
    const root = await stage.kubectl('get', 'configmap', 'kube-root-ca.crt', '-o', 'jsonpath={.data.ca\\.crt}');
    const [name = '', signerName, ...text] = bundles.split(' ');
    assert.match(name, /^kubernetes\.io:kube-apiserver-serving:[0-9a-f]{24}$/);
    assert.deepEqual([signerName, text.join(' ')], ['kubernetes.io/kube-apiserver-serving', root]);
  });
});

test('leaves the work of kube-controller-manager to one where it is told to', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await using stage = await KubectlStage.open();
  await stage.start('--controllers', '*,-certificatesigningrequest-signing-controller,-csrapproving');
  const wishes: Readonly<Record<string, Wish>> = {
    kubelet: { signer: 'kube-apiserver-client-kubelet', commonName: 'system:node:a', organizations: [NODES] },
    martha: { signer: 'kube-apiserver-client', commonName: 'martha' },
  };
  for (const [name, wish] of Object.entries(wishes))
    await stage.apply(JSON.parse(await manifest(name, wish)) as object);
  await stage.kubectl('certificate', 'approve', 'martha');
  // What others sign goes on: whoever is signed for later would have been by now.
  await stage.apply(await ownRequest());
  await stage.kubectl('certificate', 'approve', 'own');
  await stage.issued('own');
  const { status: kubelet } = await stage.read('kubelet');
  const { status: martha } = await stage.read('martha');
  assert.deepEqual(kubelet, {});
  assert.equal(martha.certificate, undefined);
});

async function ownRequest(): Promise<object> {
  const wish = { signer: 'x', commonName: 'own', usages: SERVER };
  const object = JSON.parse(await manifest('own', wish)) as { readonly spec: object };
  return { ...object, spec: { ...object.spec, signerName: 'countersign.dev/serving' } };
}
