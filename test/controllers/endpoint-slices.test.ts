import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { controllerPolicy } from '../../src/apiserver/authorization/bootstrap/controller-roles.js';
import { serviceAccountUser } from '../../src/apiserver/authentication/service-account-name.js';
import type { Client } from '../../src/client/client.js';
import type { EndpointSlice, Pod } from '../../src/client/core-objects.js';
import { ENDPOINT_SLICES, NAMESPACES, PODS, SERVICE_ACCOUNTS, SERVICES } from '../../src/client/resources.js';
import { createEndpointSliceController } from '../../src/controllers/endpointslice/endpoint-slice-controller.js';
import { createGarbageCollector } from '../../src/controllers/garbage-collector/garbage-collector.js';
import {
  keepingLogger,
  maybe,
  openBench,
  rest,
  until,
  type ControlBench,
  type Fate,
  type Line,
} from './control-bench.js';

const NS = 'default';
const SERVICE = {
  metadata: { name: 'web', namespace: NS },
  spec: { selector: { app: 'web' }, ports: [{ name: 'https', port: 443, targetPort: 'tls' }] },
};

interface Running {
  readonly lines: Line[];
  readonly stop: () => Promise<void>;
}

function start(b: ControlBench, client: Client = b.client()): Running {
  const lines: Line[] = [];
  const { clock, random } = b;
  const logger = keepingLogger(lines);
  const collector = createGarbageCollector({ client: b.client(), clock, random, logger });
  return { lines, stop: b.run([createEndpointSliceController({ client, clock, random }), collector], logger) };
}

async function bench(t: TestContext): Promise<ControlBench> {
  const opened = await openBench();
  t.after(() => opened.close());
  // pods need an account to run as, which nobody makes here
  await opened.client().create(SERVICE_ACCOUNTS, { metadata: { name: 'default', namespace: NS } });
  return opened;
}

async function createPod(b: ControlBench, name: string, ip: string, labels: Record<string, string> = { app: 'web' }) {
  const pod: Pod = {
    metadata: { name, namespace: NS, labels },
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ name: 'tls', containerPort: 8443 }] }] },
  };
  const made = await b.client().create(PODS, pod);
  const conditions = [{ type: 'Ready', status: 'True' }];
  const status = { ...made.status, phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions };
  return b.client().updateStatus(PODS, { ...made, status });
}

async function slicesOf(b: ControlBench, service = 'web'): Promise<readonly EndpointSlice[]> {
  const labelSelector = `kubernetes.io/service-name=${service}`;
  return (await b.client().list(ENDPOINT_SLICES, { namespace: NS, labelSelector })).items;
}

/** Makes a role of a controller, and gives it to whom it is meant for. */
async function grantRole(b: ControlBench, name: string): Promise<void> {
  const { roles, bindings } = controllerPolicy([]);
  const { rules } = roles.find((role) => role.name === name) ?? assert.fail();
  const { subjects } = bindings.find((binding) => binding.role === name) ?? assert.fail();
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
  await b.server.ask({ method: 'POST', path: `${rbac}/clusterroles`, body: { metadata: { name }, rules } });
  const body = { metadata: { name }, roleRef, subjects };
  await b.server.ask({ method: 'POST', path: `${rbac}/clusterrolebindings`, body });
}

/** The addresses of a Service, sorted. */
async function addressesOf(b: ControlBench, service = 'web'): Promise<string> {
  const endpoints = (await slicesOf(b, service)).flatMap((slice) => slice.endpoints ?? []);
  return endpoints
    .flatMap(({ addresses }) => addresses)
    .sort()
    .join(' ');
}

suite('endpoint slices', () => {
  test('follow pods as they get addresses, labels and an end', async (t) => {
    const b = await bench(t);
    const { stop } = start(b);
    await b.client().create(SERVICES, SERVICE);
    await until('there is a slice to say that there is nothing', async () => (await slicesOf(b)).length === 1);
    const pod = await createPod(b, 'a', '10.0.0.1');
    await createPod(b, 'b', '10.0.0.2');
    await createPod(b, 'other', '10.0.0.3', { app: 'other' });
    await until('both pods are in it', async () => (await addressesOf(b)) === '10.0.0.1 10.0.0.2');
    const [slice] = await slicesOf(b);
    const endpoint = slice?.endpoints?.find(({ addresses }) => addresses[0] === '10.0.0.1');
    assert.deepEqual(endpoint?.targetRef, { kind: 'Pod', namespace: NS, name: 'a', uid: pod.metadata.uid });
    assert.deepEqual(slice?.ports, [{ name: 'https', protocol: 'TCP', port: 8443 }]);
    await b.client().patch(PODS, 'other', { metadata: { labels: { app: 'web' } } }, { namespace: NS });
    await until('the third is, too', async () => (await addressesOf(b)) === '10.0.0.1 10.0.0.2 10.0.0.3');
    await b.client().patch(PODS, 'b', { metadata: { labels: { app: 'gone' } } }, { namespace: NS });
    await b.client().delete(PODS, 'a', { namespace: NS, gracePeriodSeconds: 0 });
    await until('the others are out', async () => (await addressesOf(b)) === '10.0.0.3');
    await stop();
  });

  test('go with their Service, and those of somebody else stay', async (t) => {
    const b = await bench(t);
    const { stop } = start(b);
    await b.client().create(SERVICES, SERVICE);
    await createPod(b, 'a', '10.0.0.1');
    await until('the pod is in it', async () => (await addressesOf(b)) === '10.0.0.1');
    await b.client().create(ENDPOINT_SLICES, {
      metadata: { name: 'mine', namespace: NS, labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.9.9.9'] }],
      ports: null,
    });
    await b.client().delete(SERVICES, 'web', { namespace: NS });
    await until('they are gone', async () => (await slicesOf(b)).length === 1);
    assert.equal(await addressesOf(b), '10.9.9.9');
    const again = await b.client().create(SERVICES, SERVICE);
    await until('they are there again', async () => (await addressesOf(b)) === '10.0.0.1 10.9.9.9');
    const owned = (await slicesOf(b)).filter(({ metadata }) => metadata.name !== 'mine');
    assert.deepEqual(
      owned.map(({ metadata }) => metadata.ownerReferences?.[0]?.uid),
      [again.metadata.uid],
    );
    await stop();
  });

  test('are repaired, and another one of their name does no harm', async (t) => {
    const b = await bench(t);
    await b.client().create(SERVICES, SERVICE);
    await createPod(b, 'a', '10.0.0.1');
    const first = start(b);
    await until('the pod is in it', async () => (await addressesOf(b)) === '10.0.0.1');
    const [slice] = await slicesOf(b);
    assert.ok(slice !== undefined);
    await b.client().update(ENDPOINT_SLICES, { ...slice, endpoints: [{ addresses: ['10.6.6.6'] }] });
    await until('it is right again', async () => (await addressesOf(b)) === '10.0.0.1');
    const labels = { 'endpointslice.kubernetes.io/managed-by': 'me', 'kubernetes.io/service-name': 'stolen' };
    const current = await b.client().get(ENDPOINT_SLICES, slice.metadata.name ?? '', { namespace: NS });
    await b.client().update(ENDPOINT_SLICES, { ...current, metadata: { ...current.metadata, labels } });
    await until('there is another', async () => (await addressesOf(b)) === '10.0.0.1');
    assert.equal(await addressesOf(b, 'stolen'), '10.0.0.1', 'what was taken away stays as it is');
    await rest();
    assert.equal((await slicesOf(b)).length, 1);
    await first.stop();
  });

  test('are not made in a namespace that goes', async (t) => {
    const b = await bench(t);
    await b.client().create(NAMESPACES, { metadata: { name: 'doomed' } });
    await b.client().create(SERVICES, { ...SERVICE, metadata: { name: 'web', namespace: 'doomed' } });
    await b.client().delete(NAMESPACES, 'doomed');
    const { lines, stop } = start(b);
    await rest();
    await stop();
    assert.deepEqual(
      lines.filter(({ level }) => level === 'error' || level === 'warn'),
      [],
    );
  });

  test('need no more permission than the role of their controller', async (t) => {
    const b = await bench(t);
    const user = serviceAccountUser('kube-system', 'endpointslice-controller');
    await grantRole(b, 'system:controller:endpointslice-controller');
    const { stop } = start(
      b,
      b.client(() => 'pass', user),
    );
    await b.client().create(SERVICES, SERVICE);
    await createPod(b, 'a', '10.0.0.1');
    await until('the pod is in it', async () => (await addressesOf(b)) === '10.0.0.1');
    await b.client().delete(PODS, 'a', { namespace: NS, gracePeriodSeconds: 0 });
    await until('it is out', async () => (await addressesOf(b)) === '');
    await b.client().delete(SERVICES, 'web', { namespace: NS });
    await until('they are gone', async () => (await slicesOf(b)).length === 0);
    await stop();
  });
});

suite('the endpoint slice controller, cut off at any call', () => {
  const CALLS = 8;
  /** One Service loses its pod, one gains some; one is gone, and its slices are the collector's. */
  const prepare = async (b: ControlBench): Promise<void> => {
    const client = b.client();
    const named = (name: string) => ({
      metadata: { name, namespace: NS },
      spec: { ...SERVICE.spec, selector: { app: name } },
    });
    for (const name of ['loses', 'gains', 'gone']) await client.create(SERVICES, named(name));
    await createPod(b, 'l', '10.0.0.1', { app: 'loses' });
    await createPod(b, 'g', '10.0.0.2', { app: 'gone' });
    const { stop } = start(b);
    await until('it has begun', async () => {
      const there = await Promise.all(['loses', 'gone', 'gains'].map(async (name) => (await slicesOf(b, name)).length));
      return there.every((count) => count === 1) && (await addressesOf(b, 'gone')) !== '';
    });
    await rest();
    await stop();
    await client.delete(PODS, 'l', { namespace: NS, gracePeriodSeconds: 0 });
    await client.delete(SERVICES, 'gone', { namespace: NS });
    await client.create(SERVICES, named('new'));
    await createPod(b, 'n', '10.0.0.4', { app: 'new' });
    await createPod(b, 'p', '10.0.0.3', { app: 'gains' });
  };
  const shown = async (b: ControlBench): Promise<string> => {
    const all = (await b.client().list(ENDPOINT_SLICES, { namespace: NS })).items;
    const texts = all.map(({ metadata, endpoints }) => {
      const service = metadata.labels?.['kubernetes.io/service-name'] ?? '';
      return `${service}:${(endpoints ?? []).flatMap(({ addresses }) => addresses).join(',')}`;
    });
    return texts.sort().join(' ');
  };
  const RIGHT = 'gains:10.0.0.3 loses: new:10.0.0.4';

  for (const fate of ['lose-request', 'lose-answer'] as const) {
    test(`a fresh one ends what another began that died at any call (${fate})`, async (t) => {
      let reached = 0;
      for (let cut = 1; cut <= CALLS; cut++) {
        const b = await bench(t);
        await prepare(b);
        let died = false;
        const dying = (call: number): Fate => {
          if (call === cut) {
            died = true;
            reached++;
          }
          return call < cut ? 'pass' : call === cut ? fate : 'lose-request';
        };
        const first = start(b, b.client(dying));
        await maybe(() => died);
        await rest();
        await first.stop();
        const second = start(b);
        await until(`it is right after a death at call ${cut}`, async () => {
          b.clock.advance(100);
          return (await shown(b)) === RIGHT;
        });
        await rest();
        await second.stop();
        assert.equal(await shown(b), RIGHT);
      }
      assert.ok(reached >= 6, `only ${reached} cuts were reached`);
    });

    test(`it goes on by itself after any call broke (${fate})`, async (t) => {
      for (let cut = 1; cut <= CALLS; cut++) {
        const b = await bench(t);
        await prepare(b);
        const running = start(
          b,
          b.client((call) => (call === cut ? fate : 'pass')),
        );
        await until(`it is right though call ${cut} broke`, async () => {
          b.clock.advance(100);
          return (await shown(b)) === RIGHT;
        });
        await rest();
        await running.stop();
        assert.equal(await shown(b), RIGHT);
      }
    });
  }
});
