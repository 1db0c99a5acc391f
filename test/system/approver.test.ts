import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { toBase64 } from '../../src/base/base64.js';
import { utf8 } from '../../src/base/bytes.js';
import { silentLogger } from '../../src/base/logger.js';
import { parseRecordKeys } from '../../src/authority/record-keys.js';
import { verifyRecord } from '../../src/authority/record-signature.js';
import { cn, testKey } from '../../src/authority/testing/test-certificates.js';
import type { CertificateSigningRequest } from '../../src/certificates/certificate-signing-request.js';
import { createClient, type Client } from '../../src/client/client.js';
import type { CoreEvent } from '../../src/client/core-objects.js';
import { createInProcessTransport } from '../../src/client/in-process-transport.js';
import { resourceType, type ResourceType } from '../../src/client/resource-type.js';
import {
  APPROVAL_POLICIES,
  CERTIFICATE_RECORDS,
  CERTIFICATE_SIGNING_REQUESTS,
  CONFIG_MAPS,
  EVENTS,
  NAMESPACES,
  NODES,
  PODS,
  SERVICE_ACCOUNTS,
} from '../../src/client/resources.js';
import { createCertificationRequest } from '../../src/crypto/certification-request.js';
import type { KubeObject, UserInfo } from '../../src/kube/object-meta.js';
import { type Embedded, startEmbedded } from '../../src/main/embedded.js';
import { createSystemClock } from '../../src/main/system-clock.js';
import type { GeneralName } from '../../src/x509/general-name.js';
import { encodePem } from '../../src/x509/pem.js';

const SIGNER = 'countersign.dev/serving';
const POLICY = fileURLToPath(new URL('../../examples/workload-serving.yaml', import.meta.url));
const ADMIN: UserInfo = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };

const SERVICES: ResourceType = resourceType('', 'v1', 'services', 'Service', true);
const ENDPOINT_SLICES: ResourceType = resourceType('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice', true);
const TOKEN_REVIEWS: ResourceType<TokenReview> = resourceType(
  'authentication.k8s.io',
  'v1',
  'tokenreviews',
  'TokenReview',
  false,
);
const CLUSTER_ROLES: ResourceType = resourceType(
  'rbac.authorization.k8s.io',
  'v1',
  'clusterroles',
  'ClusterRole',
  false,
);
const CLUSTER_ROLE_BINDINGS: ResourceType = resourceType(
  'rbac.authorization.k8s.io',
  'v1',
  'clusterrolebindings',
  'ClusterRoleBinding',
  false,
);

interface TokenReview extends KubeObject {
  readonly spec: { readonly token: string };
  readonly status?: { readonly authenticated?: boolean; readonly user?: UserInfo };
}

interface TokenRequest extends KubeObject {
  readonly spec: object;
  readonly status?: { readonly token: string };
}

suite('the embedded approver', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-approver-'));
  let embedded: Embedded;
  let admin: Client;
  const clientAs = (user: UserInfo): Client =>
    createClient(createInProcessTransport(embedded.transport, user), { userAgent: 'test' });

  before(async () => {
    embedded = await startEmbedded({
      host: '127.0.0.1',
      port: 0,
      kubeconfigPath: join(folder, 'kubeconfig'),
      signerNames: [SIGNER],
      policyFiles: [POLICY],
      clock: createSystemClock(),
      logger: silentLogger,
    });
    admin = clientAs(ADMIN);
    await admin.create(NAMESPACES, { metadata: { name: 'shop' } });
    for (const name of ['web', 'other']) {
      await admin.create(SERVICE_ACCOUNTS, { metadata: { namespace: 'shop', name } });
    }
    await admin.create(NODES, {
      metadata: { name: 'n1' },
      ...{ status: { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] } },
    });
    const rules = [
      { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'], verbs: ['create', 'get'] },
    ];
    await admin.create(CLUSTER_ROLES, { metadata: { name: 'requester' }, ...{ rules } });
    const group = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:serviceaccounts:shop' };
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'requester' };
    await admin.create(CLUSTER_ROLE_BINDINGS, { metadata: { name: 'requester' }, ...{ roleRef, subjects: [group] } });
  });

  after(async () => {
    await embedded.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const createPod = async (name: string, account: string): Promise<void> => {
    const spec = { serviceAccountName: account, nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] };
    await admin.create(PODS, { metadata: { namespace: 'shop', name, labels: { app: name } }, spec });
  };
  const giveAddress = async (name: string, ip: string): Promise<void> => {
    const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }], hostIP: '192.0.2.1' };
    await admin.patch(PODS, name, { status }, { namespace: 'shop', subresource: 'status' });
  };
  /** Who a pod is to the server, by a token that is bound to it. */
  const podUser = async (name: string, account: string): Promise<UserInfo> => {
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name };
    const { status } = await admin.createSubresource<TokenRequest>(
      SERVICE_ACCOUNTS,
      account,
      'token',
      { metadata: {}, spec: { boundObjectRef } },
      { namespace: 'shop' },
    );
    const review = await admin.create(TOKEN_REVIEWS, { metadata: {}, spec: { token: status?.token ?? '' } });
    assert.equal(review.status?.authenticated, true);
    return review.status.user ?? { username: '', groups: [] };
  };
  const serve = async (name: string, pods: readonly { readonly name: string; readonly ip: string }[]) => {
    const service = await admin.create(SERVICES, {
      metadata: { namespace: 'shop', name },
      ...{ spec: { selector: { app: pods[0]?.name }, ports: [{ port: 443 }] } },
    });
    const endpoints = await Promise.all(
      pods.map(async (pod) => {
        const { metadata } = await admin.get(PODS, pod.name, { namespace: 'shop' });
        return { addresses: [pod.ip], targetRef: { kind: 'Pod', name: pod.name, uid: metadata.uid } };
      }),
    );
    const { uid = '' } = service.metadata;
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Service', name, uid, controller: true }];
    const metadata = { namespace: 'shop', name: `${name}-byhand`, ownerReferences };
    await admin.create(ENDPOINT_SLICES, { metadata, ...{ addressType: 'IPv4', endpoints, ports: [] } });
  };
  const ask = async (name: string, user: UserInfo, names: readonly GeneralName[]): Promise<void> => {
    const [first] = names;
    const subject = first?.kind === 'dns' ? cn(first.value) : [];
    const der = await createCertificationRequest(await testKey(name), { subject, subjectAltNames: names });
    await clientAs(user).create(CERTIFICATE_SIGNING_REQUESTS, {
      metadata: { name },
      spec: {
        request: toBase64(utf8(encodePem('CERTIFICATE REQUEST', der))),
        signerName: SIGNER,
        usages: ['digital signature', 'server auth'],
        expirationSeconds: 3600,
      },
      status: {},
    });
  };
  const read = (name: string): Promise<CertificateSigningRequest> => admin.get(CERTIFICATE_SIGNING_REQUESTS, name);
  /** Looks until there is something; fails after a while. */
  const eventually = async <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => {
    for (let i = 0; i < 500; i++) {
      const seen = await look();
      if (seen !== undefined) return seen;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`It never came: ${what}`);
  };
  const until = (name: string, done: (csr: CertificateSigningRequest) => boolean) =>
    eventually(`the end of ${name}`, async () => {
      const csr = await read(name);
      return done(csr) ? csr : undefined;
    });
  const isDecided = ({ status }: CertificateSigningRequest): boolean => (status.conditions ?? []).length > 0;
  const isIssued = ({ status }: CertificateSigningRequest): boolean => status.certificate !== undefined;
  /** The first thing that was told about a request. */
  const toldOf = (name: string): Promise<string> =>
    eventually(`an Event about ${name}`, async () => {
      const { items } = await admin.list<CoreEvent>(EVENTS, { namespace: 'default' });
      const event = items.find(({ involvedObject }) => involvedObject.name === name);
      return event === undefined ? undefined : `${event.reason ?? ''}: ${event.message ?? ''}`;
    });

  test('goes by the policy that was given, and says so in its status', async () => {
    const ready = await eventually('its status', async () => {
      const { status } = await admin.get(APPROVAL_POLICIES, 'workload-serving');
      return status?.conditions?.find(({ type }) => type === 'Ready');
    });
    assert.deepEqual([ready.status, ready.observedGeneration], ['True', 1]);
  });

  test('approves what a pod can prove, on record, and the signer signs it', async () => {
    await createPod('front', 'web');
    await giveAddress('front', '10.1.0.7');
    await serve('front', [{ name: 'front', ip: '10.1.0.7' }]);
    await ask('front', await podUser('front', 'web'), [
      { kind: 'dns', value: 'front.shop.svc.cluster.local' },
      { kind: 'ip', bytes: new Uint8Array([10, 1, 0, 7]) },
    ]);
    const csr = await until('front', isIssued);
    const [condition] = csr.status.conditions ?? [];
    assert.equal(condition?.reason, 'ApprovedByPolicy');
    assert.equal(
      condition.message,
      'approved by policy workload-serving: 1 DNS name and 1 IP belong to pod shop/front, serving Service shop/front',
    );
    const record = await admin.get(CERTIFICATE_RECORDS, csr.metadata.uid ?? '');
    const { data = {} } = await admin.get(CONFIG_MAPS, 'countersign-record-keys', { namespace: 'kube-public' });
    assert.equal(verifyRecord(record, parseRecordKeys(Object.values(data).join(''))).kind, 'valid');
    assert.equal(record.spec.requester.identity.podName, 'front');
  });

  test('waits for an address and a Service, says so, and approves when they are there', async () => {
    await createPod('late', 'web');
    await ask('late', await podUser('late', 'web'), [
      { kind: 'dns', value: 'late.shop.svc' },
      { kind: 'ip', bytes: new Uint8Array([10, 1, 0, 8]) },
    ]);
    assert.match(await toldOf('late'), /^ApprovalDeferred: .*10\.1\.0\.8/);
    assert.equal(isDecided(await read('late')), false);
    await giveAddress('late', '10.1.0.8');
    await serve('late', [{ name: 'late', ip: '10.1.0.8' }]);
    await until('late', isIssued);
  });

  test('denies a pod the names of another one, and says whose they are', async () => {
    await createPod('owner', 'web');
    await giveAddress('owner', '10.1.0.9');
    await createPod('impostor', 'other');
    await giveAddress('impostor', '10.1.0.10');
    await ask('impostor', await podUser('impostor', 'other'), [{ kind: 'ip', bytes: new Uint8Array([10, 1, 0, 9]) }]);
    const csr = await until('impostor', isDecided);
    const [condition] = csr.status.conditions ?? [];
    assert.equal(condition?.type, 'Denied');
    assert.match(condition.message ?? '', /shop\/owner/);
    const record = await admin.get(CERTIFICATE_RECORDS, csr.metadata.uid ?? '');
    assert.equal(record.spec.decision.verdict, 'Denied');
  });

  test('leaves what comes from a service account that shows no pod to people', async () => {
    const { metadata } = await admin.get(SERVICE_ACCOUNTS, 'web', { namespace: 'shop' });
    const user: UserInfo = {
      username: 'system:serviceaccount:shop:web',
      ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
      groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
    };
    await ask('unbound', user, [{ kind: 'dns', value: 'front.shop.svc.cluster.local' }]);
    assert.match(await toldOf('unbound'), /^ApprovalDeferred: .*service account shop\/web/);
    assert.equal(isDecided(await read('unbound')), false);
  });

  test('keeps on record what came of a request, and who else has a certificate', async () => {
    const issuanceOf = async (name: string) => {
      const uid = (await read(name)).metadata.uid ?? '';
      const { items } = await admin.list(CERTIFICATE_RECORDS);
      const record = items.find(({ metadata }) => metadata.name === uid);
      return record?.status?.issuance?.phase === 'Issued' ? record : undefined;
    };
    const byPolicy = await eventually('what came of front', () => issuanceOf('front'));
    assert.match(byPolicy.status?.issuance?.fingerprint ?? '', /^sha256:[0-9a-f]{64}$/);

    await ask('byhand', ADMIN, [{ kind: 'dns', value: 'byhand.example.org' }]);
    const csr = await read('byhand');
    const conditions = [{ type: 'Approved', status: 'True', reason: 'KubectlApprove', message: 'by kubectl' }];
    await admin.updateSubresource(CERTIFICATE_SIGNING_REQUESTS, 'approval', { ...csr, status: { conditions } });
    const byHand = await eventually('the record of byhand', () => issuanceOf('byhand'));
    assert.equal(byHand.spec.decision.by, 'Other');
    assert.equal(byHand.spec.names[0]?.value, 'byhand.example.org');
  });
});
