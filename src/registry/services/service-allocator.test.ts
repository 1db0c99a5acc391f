import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CountersignError } from '../../base/error.js';
import { FakeClock } from '../../base/fake-clock.js';
import { parseIpNetwork } from '../../base/ip-network.js';
import { silentLogger } from '../../base/logger.js';
import { StatusError } from '../../kube/status.js';
import { createMemoryStore } from '../../storage/memory/memory-store.js';
import type { Store } from '../../storage/store.js';
import { openTestStore, type TestStore } from '../testing/open-test-store.js';
import { CLAIM_GRACE_SECONDS } from './claims.js';
import type { Service } from './service.js';
import { createServiceAllocator, type ServiceAllocator } from './service-allocator.js';
import { createServices } from './services.js';

const START = 1_767_225_600_000; // as the test store's own clock

interface Replica extends TestStore<Service> {
  readonly allocator: ServiceAllocator;
  readonly make: (name: string, spec?: object, more?: object) => Promise<Service>;
  readonly change: (name: string, spec: object) => Promise<Service>;
  readonly remove: (name: string) => Promise<unknown>;
}

/** A server's Services on a store, which others may share. */
function replica(
  ranges: readonly string[] = ['10.96.0.0/24'],
  store = createMemoryStore(),
  clock = new FakeClock(START),
) {
  const [first, ...others] = ranges.map((range) => {
    const network = parseIpNetwork(range);
    assert.ok(network !== undefined);
    return network;
  });
  assert.ok(first !== undefined);
  let byte = 0;
  const random = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => (byte += 7) % 256);
  const options = { store, clock, random, logger: silentLogger };
  const allocator = createServiceAllocator({ ...options, networks: [first, ...others] });
  const opened = openTestStore(createServices(allocator), { store });
  const { objects, context } = opened;
  const service = (name: string, spec: object): Service => ({
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ port: 80 }], ...spec },
    status: { loadBalancer: {} },
  });
  const made: Replica = {
    ...opened,
    allocator,
    make: (name, spec = {}, more = {}) => objects.create(service(name, spec), { context: context(more) }),
    change: async (name, spec) =>
      (await objects.update({ namespace: 'default', name }, () => service(name, spec), { context: context() })).object,
    remove: (name) => objects.delete({ namespace: 'default', name }, { context: context() }),
  };
  return made;
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StatusError, `expected a refusal, got ${String(error)}`);
  return `${error.httpCode} ${error.message}`;
}

async function claims(store: Store, prefix = '/registry/clusterips/'): Promise<readonly string[]> {
  return (await store.list(prefix)).entries.map(({ key }) => key.slice(prefix.length)).sort();
}

const TAKEN =
  '422 Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: ' +
  'provided IP is already allocated';

suite('cluster IPs', () => {
  test('refuses one that somebody has, in another replica and after a restart too', async () => {
    const { store, make } = replica();
    await make('a', { clusterIP: '10.96.0.10' });
    assert.equal(await refusal(make('b', { clusterIP: '10.96.0.10' })), TAKEN);
    assert.equal(await refusal(replica(['10.96.0.0/24'], store).make('b', { clusterIP: '10.96.0.10' })), TAKEN);
    assert.deepEqual(await claims(store), ['10.96.0.10']);
  });

  for (const ip of ['10.97.0.10', '10.96.0.0', '10.96.0.255']) {
    test(`refuses ${ip}, which is no address of the network`, async () => {
      const { store, make } = replica();
      assert.equal(
        await refusal(make('b', { clusterIP: ip })),
        `422 Service "b" is invalid: spec.clusterIPs: Invalid value: ["${ip}"]: failed to allocate IP ${ip}: ` +
          `the provided IP (${ip}) is not in the valid range. The range of valid IPs is 10.96.0.0/24`,
      );
      assert.equal(await store.currentRevision(), 0);
    });
  }

  test('gives each Service another, however many replicas give at once', async () => {
    const store = createMemoryStore();
    const first = replica(['10.96.0.0/24'], store);
    const second = replica(['10.96.0.0/24'], store);
    const made = await Promise.all(
      Array.from({ length: 254 }, async (_, i) => (await (i % 2 === 0 ? first : second).make(`s-${i}`)).spec.clusterIP),
    );
    assert.equal(new Set(made).size, 254);
    assert.equal(
      await refusal(first.make('more')),
      '500 Internal error occurred: failed to allocate a serviceIP: range is full',
    );
    await first.remove('s-7');
    assert.equal((await first.make('more')).spec.clusterIP, made[7]);
  });

  test('leaves the first ones to those who ask for them', async () => {
    const { make } = replica();
    for (let i = 0; i < 50; i++) {
      const { spec } = await make(`s-${i}`);
      assert.ok(Number(spec.clusterIP?.split('.')[3]) > 16, spec.clusterIP);
    }
  });

  test('gives one of each family where a Service is to have both', async () => {
    const { store, make } = replica(['10.96.0.0/24', 'fd00::/112']);
    const { spec } = await make('a', { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'] });
    const [six = '', four = ''] = spec.clusterIPs ?? [];
    assert.match(six, /^fd00::/);
    assert.match(four, /^10\.96\.0\./);
    assert.equal(spec.clusterIP, six);
    assert.deepEqual(await claims(store), [six, four].sort());
  });

  test('knows an address in every spelling', async () => {
    const { make, remove, store } = replica(['fd00::/112']);
    await make('a', { clusterIP: 'FD00:0::00AB' });
    assert.match(await refusal(make('b', { clusterIP: 'fd00::ab' })), /already allocated/);
    await remove('a');
    assert.deepEqual(await claims(store), []);
  });

  test('takes nothing on a dry run, and yet says what it would be', async () => {
    const { make, store } = replica();
    const { spec } = await make('a', {}, { dryRun: true });
    assert.match(spec.clusterIP ?? '', /^10\.96\.0\./);
    await make('a', { clusterIP: '10.96.0.10' });
    assert.equal(await refusal(make('b', { clusterIP: '10.96.0.10' }, { dryRun: true })), TAKEN);
    assert.deepEqual(await claims(store), ['10.96.0.10']);
  });

  test('gives none to headless ones and aliases, and follows a Service from one type to another', async () => {
    const { make, change, store } = replica();
    await make('h', { clusterIP: 'None' });
    await make('s', { type: 'ExternalName', externalName: 'db.example.com' });
    assert.deepEqual(await claims(store), []);
    const { spec } = await change('s', { type: 'ClusterIP' });
    assert.deepEqual(await claims(store), [spec.clusterIP]);
    await change('s', { type: 'ClusterIP', selector: { app: 'a' } });
    assert.deepEqual(await claims(store), [spec.clusterIP]);
    await change('s', { type: 'ExternalName', externalName: 'db.example.com' });
    assert.deepEqual(await claims(store), []);
  });

  test('takes back what a refused write was given', async () => {
    const { make, store, objects, context } = replica();
    const made = await make('a');
    assert.match(await refusal(make('a', { clusterIP: '10.96.0.10' })), /already exists/);
    assert.deepEqual(await claims(store), [made.spec.clusterIP]);
    await make('x', { type: 'ExternalName', externalName: 'db.example.com' });
    // the write that goes first changes the Service while the other one has its address already
    let races = 1;
    const key = { namespace: 'default', name: 'x' };
    await objects.update(
      key,
      (current) => {
        assert.ok(current !== undefined);
        return { ...current, spec: { type: 'ClusterIP', ports: [{ port: 80 }] } };
      },
      {
        context: context(),
        admit: async (_next, previous) => {
          if (races-- <= 0 || previous === undefined) return;
          const labelled = { ...previous, metadata: { ...previous.metadata, labels: { a: 'b' } } };
          await objects.update(key, () => labelled, { context: context() });
        },
      },
    );
    const { spec } = await objects.get(key);
    assert.deepEqual(await claims(store), [made.spec.clusterIP, spec.clusterIP].sort());
  });

  test('takes it back when the last finalizer goes', async () => {
    const { make, objects, context, store, remove } = replica();
    const { metadata, spec } = await make('a');
    const key = { namespace: 'default', name: 'a' };
    const held = { metadata: { ...metadata, finalizers: ['example.com/hold'] }, spec, status: { loadBalancer: {} } };
    await objects.update(key, () => held, { context: context() });
    await remove('a');
    assert.deepEqual(await claims(store), [spec.clusterIP]);
    await objects.update(
      key,
      (current) => {
        assert.ok(current !== undefined);
        return { ...current, metadata: { ...current.metadata, finalizers: [] } };
      },
      { context: context() },
    );
    assert.deepEqual(await claims(store), []);
  });
});

suite('what a crash leaves behind', () => {
  /** A store that fails at the one write. */
  function failingAt(store: Store, method: 'create' | 'delete', prefix: string): Store {
    const fails = (key: string): void => {
      if (key.startsWith(prefix)) throw new CountersignError('STORE_UNAVAILABLE', 'Cannot write: the disk is gone');
    };
    return {
      ...store,
      currentRevision: () => store.currentRevision(),
      get: (key) => store.get(key),
      list: (keys, options) => store.list(keys, options),
      update: (key, value, expected) => store.update(key, value, expected),
      create: async (key, value) => {
        if (method === 'create') fails(key);
        return store.create(key, value);
      },
      delete: async (key, expected) => {
        if (method === 'delete') fails(key);
        return store.delete(key, expected);
      },
    };
  }

  test('an address of a Service that was never written is free again after a while, and not before', async () => {
    const store = createMemoryStore();
    const clock = new FakeClock(START);
    const broken = replica(['10.96.0.0/24'], failingAt(store, 'create', '/registry/services/'), clock);
    await assert.rejects(broken.make('a', { clusterIP: '10.96.0.10' }), { code: 'STORE_UNAVAILABLE' });
    assert.deepEqual(await claims(store), ['10.96.0.10'], 'the write may have happened');
    const { make } = replica(['10.96.0.0/24'], store, clock);
    clock.advance((CLAIM_GRACE_SECONDS - 1) * 1000);
    assert.equal(await refusal(make('b', { clusterIP: '10.96.0.10' })), TAKEN);
    clock.advance(1000);
    assert.equal((await make('b', { clusterIP: '10.96.0.10' })).spec.clusterIP, '10.96.0.10');
    clock.advance(CLAIM_GRACE_SECONDS * 1000);
    assert.match(await refusal(make('c', { clusterIP: '10.96.0.10' })), /already allocated/);
  });

  test('a delete is done even where the address cannot be given back', async () => {
    const store = createMemoryStore();
    const clock = new FakeClock(START);
    const broken = replica(['10.96.0.0/24'], failingAt(store, 'delete', '/registry/clusterips/'), clock);
    await broken.make('a', { clusterIP: '10.96.0.10' });
    await broken.remove('a');
    clock.advance(CLAIM_GRACE_SECONDS * 1000);
    const { make } = replica(['10.96.0.0/24'], store, clock);
    assert.equal((await make('b', { clusterIP: '10.96.0.10' })).spec.clusterIP, '10.96.0.10');
  });

  test('addresses that nobody has are found before the network is full', async () => {
    const store = createMemoryStore();
    const clock = new FakeClock(START);
    const broken = replica(['10.96.0.0/28'], failingAt(store, 'create', '/registry/services/'), clock);
    for (let i = 0; i < 14; i++) await assert.rejects(broken.make(`lost-${i}`), { code: 'STORE_UNAVAILABLE' });
    const { make } = replica(['10.96.0.0/28'], store, clock);
    assert.match(await refusal(make('a')), /range is full/);
    clock.advance(CLAIM_GRACE_SECONDS * 1000);
    assert.ok((await make('a')).spec.clusterIP !== undefined);
  });

  test('Services of a store without claims get theirs at the start', async () => {
    const { store, make, allocator } = replica();
    const { spec } = await make('a', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] });
    const prefixes = ['/registry/clusterips/', '/registry/nodeports/'];
    for (const prefix of prefixes) {
      for (const { key, revision } of (await store.list(prefix)).entries) await store.delete(key, revision);
    }
    await allocator.restore();
    await allocator.restore();
    assert.deepEqual(await claims(store), [spec.clusterIP]);
    assert.deepEqual(await claims(store, '/registry/nodeports/'), ['30080']);
  });
});

suite('node ports', () => {
  const NODE_PORT = { type: 'NodePort' };
  const portsOf = ({ spec }: Service): readonly number[] => (spec.ports ?? []).map((port) => port.nodePort ?? 0);

  test('refuses one that somebody has, and one that is none', async () => {
    const { make, store } = replica();
    await make('a', { ...NODE_PORT, ports: [{ port: 80, nodePort: 30_080 }] });
    assert.equal(
      await refusal(make('b', { ...NODE_PORT, ports: [{ port: 80, nodePort: 30_080 }] })),
      '422 Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    );
    assert.equal(
      await refusal(make('b', { ...NODE_PORT, ports: [{ port: 80, nodePort: 80 }] })),
      '422 Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. ' +
        'The range of valid ports is 30000-32767',
    );
    assert.equal((await claims(store)).length, 1, 'no address is left of the refused ones');
  });

  test('gives each port its own, and both protocols of one port the same', async () => {
    const { make, store, remove } = replica();
    const ports = [
      { name: 'udp', port: 53, protocol: 'UDP' },
      { name: 'tcp', port: 53, protocol: 'TCP' },
      { name: 'web', port: 80 },
    ];
    const made = portsOf(await make('a', { ...NODE_PORT, ports }));
    assert.equal(made[0], made[1]);
    assert.equal(new Set(made).size, 2);
    assert.deepEqual(await claims(store, '/registry/nodeports/'), [...new Set(made)].map(String).sort());
    await remove('a');
    assert.deepEqual(await claims(store, '/registry/nodeports/'), []);
  });

  test('follows the ports of a Service', async () => {
    const { make, change, store } = replica();
    const [first] = portsOf(await make('a', { ...NODE_PORT, ports: [{ name: 'a', port: 80 }] }));
    const both = await change('a', {
      ...NODE_PORT,
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81 },
      ],
    });
    assert.equal(portsOf(both)[0], first);
    assert.equal((await claims(store, '/registry/nodeports/')).length, 2);
    await change('a', { ports: [{ name: 'a', port: 80 }] });
    assert.deepEqual(await claims(store, '/registry/nodeports/'), []);
  });

  test('gives a load balancer that keeps traffic local one for its health checks', async () => {
    const { make, store } = replica();
    const { spec } = await make('a', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' });
    assert.ok((spec.healthCheckNodePort ?? 0) >= 30_000);
    assert.equal((await claims(store, '/registry/nodeports/')).length, 2);
    const none = await make('b', { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false });
    assert.deepEqual(portsOf(none), [0]);
    const health = {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: spec.healthCheckNodePort,
    };
    assert.equal(
      await refusal(make('c', health)),
      `500 Internal error occurred: failed to allocate requested HealthCheck NodePort ${spec.healthCheckNodePort}: ` +
        'provided port is already allocated',
    );
  });
});
