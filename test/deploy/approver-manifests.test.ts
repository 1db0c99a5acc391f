import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import {
  serviceAccountGroups,
  serviceAccountUsername,
} from '../../src/apiserver/authentication/service-account-name.js';
import { approverRules, signerRules } from '../../src/apiserver/authorization/bootstrap/controller-roles.js';
import { COUNTERSIGN_POLICY } from '../../src/apiserver/authorization/bootstrap/countersign-roles.js';
import { createSoftwareCustody } from '../../src/authority/key-custody.js';
import { testKey } from '../../src/authority/testing/test-certificates.js';
import type { ApprovalPolicy } from '../../src/certificates/approval-policy.js';
import type { CoreEvent, Lease } from '../../src/client/core-objects.js';
import { createEventRecorder } from '../../src/client/event-recorder.js';
import { runWithLease } from '../../src/client/lease-election.js';
import { APPROVAL_POLICIES, CERTIFICATE_RECORDS, EVENTS, LEASES } from '../../src/client/resources.js';
import { createApprover } from '../../src/controllers/approver/approver.js';
import { createPolicyCache } from '../../src/controllers/approver/policy-source.js';
import { createPolicyStatus } from '../../src/controllers/approver/policy-status.js';
import { createFactCaches } from '../../src/controllers/facts/fact-caches.js';
import { runControllers } from '../../src/controllers/runtime/run-controllers.js';
import { createRequestVerifier } from '../../src/crypto/request-verifier.js';
import type { UserInfo } from '../../src/kube/object-meta.js';
import { DEFAULT_SETTINGS } from '../../src/policy/settings.js';
import { scriptedEngine } from '../../src/policy/testing/policies.js';
import { COLLECTION, keepingLogger, type Line, post, read, until } from '../controllers/control-bench.js';
import {
  assertObserved,
  type Attempt,
  type Deployment,
  type ManifestRole,
  only,
  openApplied,
  permissionsOf,
  readManifests,
  statusOf,
} from './manifest-bench.js';

const NAMESPACE = 'countersign-system';
const NAME = 'countersign-approver';
const APPROVER: UserInfo = {
  username: serviceAccountUsername(NAMESPACE, NAME),
  groups: [...serviceAccountGroups(NAMESPACE), 'system:authenticated'],
};
const POLICIES = '/apis/countersign.dev/v1alpha1/approvalpolicies';
const RECORDS = '/apis/countersign.dev/v1alpha1/certificaterecords';

const deploy = readManifests('');
const approver = readManifests('approver/');

function roleOf(name: string): readonly string[] {
  return permissionsOf((only(approver, 'ClusterRole', name) as ManifestRole).rules);
}

/** On a cluster, events are a matter of one namespace. */
function withoutEvents(permissions: readonly string[]): readonly string[] {
  return permissions.filter((permission) => !/ events\./.test(permission));
}

/** Whoever posts requests to the bench may have names of this zone. */
const ZONE: ApprovalPolicy = {
  metadata: { name: 'zone' },
  spec: {
    signerNames: ['example.com/serving'],
    requesters: { groups: ['system:masters'] },
    names: { dns: ['*.team.example'] },
    usages: { allowed: ['digital signature', 'key encipherment', 'server auth'] },
    subject: { commonName: 'Optional' },
  },
};

suite('manifests of the approver', () => {
  test('the kustomizations name every file', () => {
    for (const folder of ['approver/', 'crds/']) {
      const { path, resources } = readManifests(folder);
      const files = readdirSync(path).filter((file) => file !== 'kustomization.yaml');
      assert.deepEqual(resources.filter((resource) => !resource.startsWith('../')).toSorted(), files.toSorted());
    }
    assert.ok(approver.resources.includes('../crds'));
    const namespace = (path: string): string => readFileSync(`${path}namespace.yaml`, 'utf8');
    assert.equal(namespace(approver.path), namespace(deploy.path));
  });

  test('the roles are those of the embedded server', () => {
    const rule = (only(approver, 'ClusterRole', NAME) as ManifestRole).rules.find((r) =>
      r.resources?.includes('signers'),
    );
    const signers = rule?.resourceNames ?? [];
    assert.deepEqual(roleOf(NAME), withoutEvents(permissionsOf(approverRules(signers))));
    for (const { name, rules } of COUNTERSIGN_POLICY.roles) assert.deepEqual(roleOf(name), permissionsOf(rules), name);
    const signer = (only(deploy, 'ClusterRole') as ManifestRole).rules;
    const both = [...permissionsOf(signer), ...roleOf('countersign-controller-records')];
    const patches = ' certificatesigningrequests/status.certificates.k8s.io ';
    assert.deepEqual(
      both.toSorted(),
      withoutEvents(permissionsOf(signerRules(signers))).filter((permission) => permission !== `patch${patches}`),
    );
    for (const { metadata } of approver.objects.filter(({ kind }) => kind === 'ClusterRole')) {
      assert.equal(metadata.labels, undefined, 'a label could make a default role gather it');
    }
  });

  test('the deployment runs an approver with a lease and a key of its own', () => {
    const { spec } = (only(approver, 'Deployment') as Deployment).spec.template;
    const [container] = spec.containers;
    assert.ok(container?.args.includes('--approver') === true && container.args.includes(`--lease-name=${NAME}`));
    assert.equal(spec.serviceAccountName, NAME);
    assert.deepEqual(
      spec.volumes.map(({ secret }) => secret.secretName),
      ['countersign-record-key'],
    );
  });

  test('the pods listen where kubelet and Prometheus ask', () => {
    assertObserved(only(approver, 'Deployment') as Deployment);
  });

  test('with these permissions the approver leads, judges policies, approves on record, and tells what waits', async (t) => {
    const b = await openApplied('', 'approver/');
    t.after(() => b.close());
    const { clock, random } = b;
    const lines: Line[] = [];
    const logger = keepingLogger(lines);
    const client = b.client(undefined, APPROVER);
    await b.client().create(APPROVAL_POLICIES, ZONE);
    const events = createEventRecorder({ client, clock, random, logger, component: 'countersign.dev/approver' });
    const world = { client, clock, random };
    const policies = createPolicyCache({ ...world, engine: scriptedEngine({}) });
    const facts = createFactCaches({ ...world, besides: policies.informers });
    const custody = createSoftwareCustody(await testKey('approver'));
    const verifier = createRequestVerifier();
    const end = new AbortController();
    const running = runWithLease(
      { ...world, logger, namespace: NAMESPACE, name: NAME, identity: 'pod-1' },
      async (leading) => {
        const settings = DEFAULT_SETTINGS;
        const controllers = [
          createApprover({ ...world, logger, verifier, events, facts, policies, settings, custody }),
          ...policies.informers.map((informer) => createPolicyStatus({ client, policies: informer })),
        ];
        await runControllers(controllers, { clock, random, logger }, leading).ended;
      },
      end.signal,
    );
    await post(b.server, 'good.team.example', { dns: 'good.team.example' });
    await post(b.server, 'bad.example', { dns: 'bad.example' });
    await until('the good one is approved', async () => {
      const { status } = await read(b.server, 'good.team.example');
      return status.conditions?.[0]?.type === 'Approved';
    });
    await until('the policy is ready', async () => {
      const { status } = await b.client().get(APPROVAL_POLICIES, 'zone');
      return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
    });
    await until('the other is told what it waits for', async () => {
      await events.flush();
      const { items } = await b.client().list<CoreEvent>(EVENTS, { namespace: 'default' });
      return items.some(({ involvedObject }) => involvedObject.name === 'bad.example');
    });
    const { items: records } = await b.client().list(CERTIFICATE_RECORDS);
    assert.deepEqual(
      records.map(({ spec }) => [spec.request.name, spec.decision.policy?.name]),
      [['good.team.example', 'zone']],
    );
    const lease = await b.client().get<Lease>(LEASES, NAME, { namespace: NAMESPACE });
    assert.equal(lease.spec?.holderIdentity, 'pod-1');
    end.abort();
    await running;
    assert.deepEqual(
      lines.filter(({ level }) => level === 'warn' || level === 'error'),
      [],
    );
  });

  const refusals: readonly Attempt[] = [
    { name: 'sign a request', method: 'PUT', path: `${COLLECTION}/a/status` },
    { name: 'delete a request', method: 'DELETE', path: `${COLLECTION}/a` },
    { name: 'create a request', method: 'POST', path: COLLECTION },
    { name: 'make a policy', method: 'POST', path: POLICIES },
    { name: 'change a policy', method: 'PUT', path: `${POLICIES}/p` },
    { name: 'delete a policy', method: 'DELETE', path: `${POLICIES}/p` },
    { name: 'change a record', method: 'PUT', path: `${RECORDS}/r` },
    { name: 'replace the status of a record', method: 'PUT', path: `${RECORDS}/r/status` },
    { name: 'delete all records', method: 'DELETE', path: RECORDS },
    { name: 'read Secrets', method: 'GET', path: '/api/v1/secrets' },
    { name: 'read the Secrets of its namespace', method: 'GET', path: `/api/v1/namespaces/${NAMESPACE}/secrets` },
    { name: 'make a pod', method: 'POST', path: '/api/v1/namespaces/default/pods' },
    { name: 'take a token', method: 'POST', path: '/api/v1/namespaces/default/serviceaccounts/default/token' },
    { name: "take the controller's Lease", method: 'PUT', path: lease('countersign-controller') },
    { name: 'create Events elsewhere', method: 'POST', path: `/api/v1/namespaces/${NAMESPACE}/events` },
    { name: 'change roles', method: 'POST', path: '/apis/rbac.authorization.k8s.io/v1/clusterroles' },
  ];

  test('with these permissions it can do nothing else', async (t) => {
    const b = await openApplied('', 'approver/');
    t.after(() => b.close());
    for (const attempt of refusals) {
      assert.equal(await statusOf(b, attempt, APPROVER.username, APPROVER.groups), 403, attempt.name);
    }
  });

  test('with these permissions it cannot approve for another signer', async (t) => {
    const b = await openApplied('', 'approver/');
    t.after(() => b.close());
    await post(b.server, 'other', { signerName: 'example.com/other' });
    const csr = await read(b.server, 'other');
    const body = { ...csr, status: { conditions: [{ type: 'Approved', status: 'True', reason: 'R', message: '' }] } };
    const as = { as: APPROVER.username, groups: APPROVER.groups };
    const answer = await b.server.ask({ method: 'PUT', path: `${COLLECTION}/other/approval`, body, ...as });
    assert.equal(answer.status, 403);
    assert.match(answer.text, /not permitted to approve requests with signerName/);
  });

  test('everybody may take the public keys of approvers, and nothing else of kube-public', async (t) => {
    const b = await openApplied('approver/');
    t.after(() => b.close());
    const configMap = (name: string): Attempt => ({
      name,
      method: 'GET',
      path: `/api/v1/namespaces/kube-public/configmaps/${name}`,
    });
    assert.equal(await statusOf(b, configMap('countersign-record-keys'), 'eve', ['system:authenticated']), 404);
    assert.equal(await statusOf(b, configMap('other'), 'eve', ['system:authenticated']), 403);
  });
});

function lease(name: string): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/${name}`;
}
