import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { suite, test } from 'node:test';
import {
  serviceAccountGroups,
  serviceAccountUsername,
} from '../../src/apiserver/authentication/service-account-name.js';
import type { CoreEvent, Lease } from '../../src/client/core-objects.js';
import { createEventRecorder } from '../../src/client/event-recorder.js';
import { runWithLease } from '../../src/client/lease-election.js';
import { EVENTS, LEASES } from '../../src/client/resources.js';
import { runControllers } from '../../src/controllers/runtime/run-controllers.js';
import { createSigner } from '../../src/controllers/signer/signer.js';
import { createRequestVerifier } from '../../src/crypto/request-verifier.js';
import type { UserInfo } from '../../src/kube/object-meta.js';
import {
  COLLECTION,
  keepingLogger,
  type Line,
  post,
  postApproved,
  read,
  testAuthority,
  until,
} from '../controllers/control-bench.js';
import {
  assertObserved,
  type Attempt,
  type Deployment,
  type ManifestRole,
  only,
  openApplied,
  readManifests,
  statusOf,
} from './manifest-bench.js';

const NAMESPACE = 'countersign-system';
const CONTROLLER: UserInfo = {
  username: serviceAccountUsername(NAMESPACE, 'countersign-controller'),
  groups: [...serviceAccountGroups(NAMESPACE), 'system:authenticated'],
};

const deploy = readManifests('');

suite('manifests', () => {
  test('the kustomization names every file', () => {
    const files = readdirSync(deploy.path).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml');
    assert.deepEqual(deploy.resources.toSorted(), files.toSorted());
  });

  test('the deployment signs for the signers that the role allows, and no others', () => {
    const { spec } = (only(deploy, 'Deployment') as Deployment).spec.template;
    const args = spec.containers[0]?.args ?? [];
    const signers = args.filter((arg) => arg.startsWith('--signer=')).map((arg) => arg.slice('--signer='.length));
    const rule = (only(deploy, 'ClusterRole') as ManifestRole).rules.find(({ resources }) =>
      resources?.includes('signers'),
    );
    assert.deepEqual(rule?.resourceNames, signers);
    assert.equal(spec.serviceAccountName, 'countersign-controller');
  });

  test('the pods listen where kubelet and Prometheus ask', () => {
    assertObserved(only(deploy, 'Deployment') as Deployment);
  });

  test('with these permissions the controller leads, signs, fails and tells', async (t) => {
    const b = await openApplied('');
    t.after(() => b.close());
    const { clock, random } = b;
    const lines: Line[] = [];
    const logger = keepingLogger(lines);
    const client = b.client(undefined, CONTROLLER);
    const events = createEventRecorder({ client, clock, random, logger, component: 'countersign.dev/signer' });
    const ca = await testAuthority(clock);
    const end = new AbortController();
    const name = 'countersign-controller';
    const election = { client, clock, random, logger, namespace: NAMESPACE, name, identity: 'pod-1' };
    const running = runWithLease(
      election,
      async (leading) => {
        const issuers = new Map([['example.com/serving', ca]]);
        const verifier = createRequestVerifier();
        const signer = createSigner({ client, clock, random, logger, verifier, events, issuers });
        await runControllers([signer], { clock, random, logger }, leading).ended;
      },
      end.signal,
    );
    await postApproved(b.server, 'good');
    await postApproved(b.server, 'bad', { usages: ['cert sign'] });
    await until('both are settled', async () => {
      const [good, bad] = [await read(b.server, 'good'), await read(b.server, 'bad')];
      return good.status.certificate !== undefined && (bad.status.conditions?.length ?? 0) === 2;
    });
    await events.flush();
    const lease = await b.client().get<Lease>(LEASES, name, { namespace: NAMESPACE });
    assert.equal(lease.spec?.holderIdentity, 'pod-1');
    clock.advance(2000);
    await until('the lease is renewed', async () => {
      const renewed = await b.client().get<Lease>(LEASES, name, { namespace: NAMESPACE });
      return renewed.metadata.resourceVersion !== lease.metadata.resourceVersion;
    });
    const { items } = await b.client().list<CoreEvent>(EVENTS, { namespace: 'default' });
    assert.deepEqual(
      items.map(({ involvedObject }) => involvedObject.name),
      ['bad'],
    );
    end.abort();
    await running;
    assert.deepEqual(
      lines.filter(({ level }) => level === 'warn' || level === 'error'),
      [],
    );
  });

  const refusals: readonly Attempt[] = [
    { name: 'approve a request', method: 'PUT', path: `${COLLECTION}/a/approval` },
    { name: 'delete a request', method: 'DELETE', path: `${COLLECTION}/a` },
    { name: 'change a request', method: 'PATCH', path: `${COLLECTION}/a` },
    { name: 'create a request', method: 'POST', path: COLLECTION },
    { name: 'read Secrets', method: 'GET', path: '/api/v1/secrets' },
    { name: 'read the Secrets of its namespace', method: 'GET', path: `/api/v1/namespaces/${NAMESPACE}/secrets` },
    { name: 'list Leases', method: 'GET', path: `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases` },
    {
      name: 'take another Lease',
      method: 'PUT',
      path: `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/x`,
    },
    {
      name: 'create a Lease elsewhere',
      method: 'POST',
      path: '/apis/coordination.k8s.io/v1/namespaces/default/leases',
    },
    { name: 'read Events', method: 'GET', path: '/api/v1/namespaces/default/events' },
    { name: 'create Events elsewhere', method: 'POST', path: `/api/v1/namespaces/${NAMESPACE}/events` },
    { name: 'change roles', method: 'POST', path: '/apis/rbac.authorization.k8s.io/v1/clusterroles' },
  ];
  test('with these permissions it can do nothing else', async (t) => {
    const b = await openApplied('');
    t.after(() => b.close());
    await post(b.server, 'a');
    for (const attempt of refusals) {
      assert.equal(await statusOf(b, attempt, CONTROLLER.username, CONTROLLER.groups), 403, attempt.name);
    }
  });

  test('with these permissions it cannot sign for another signer', async (t) => {
    const b = await openApplied('');
    t.after(() => b.close());
    await postApproved(b.server, 'good');
    await postApproved(b.server, 'other', { signerName: 'example.com/other' });
    const sign = async (name: string): Promise<number> => {
      const csr = await read(b.server, name);
      const certificate = Buffer.from((await testAuthority(b.clock)).anchorPem).toString('base64');
      const body = { ...csr, status: { ...csr.status, certificate } };
      const as = { as: CONTROLLER.username, groups: CONTROLLER.groups };
      return (await b.server.ask({ method: 'PUT', path: `${COLLECTION}/${name}/status`, body, ...as })).status;
    };
    assert.equal(await sign('other'), 403);
    assert.equal(await sign('good'), 200);
  });
});
