import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIpNetwork } from '../base/ip-network.js';
import { silentLogger } from '../base/logger.js';
import { createPooledRandom } from '../crypto/pooled-random.js';
import type { KubeObject } from '../kube/object-meta.js';
import { createResourceStore } from '../registry/generic-store.js';
import type { ResourceStore } from '../registry/resource-store.js';
import { createResources } from '../registry/resources.js';
import { createServiceAllocator } from '../registry/services/service-allocator.js';
import { createMemoryStore } from '../storage/memory/memory-store.js';
import { FakeClock } from '../base/fake-clock.js';
import { announceServers, type ServerAddress } from './kubernetes-service.js';

interface Seen extends KubeObject {
  readonly subsets?: readonly { readonly addresses: readonly { readonly ip: string }[] }[];
  readonly endpoints?: readonly { readonly addresses: readonly string[] }[] | null;
  readonly ports?: readonly { readonly port: number }[];
  readonly addressType?: string;
  readonly spec?: { readonly ports: readonly { readonly targetPort: number }[] };
}

function openStage() {
  const store = createMemoryStore();
  const clock = new FakeClock();
  const random = createPooledRandom();
  const network = parseIpNetwork('10.96.0.0/16');
  assert.ok(network !== undefined);
  const shared = { store, clock, random, logger: silentLogger };
  const serviceAllocator = createServiceAllocator({ ...shared, networks: [network] });
  const verifier = { verify: () => Promise.resolve({ kind: 'invalid', detail: '' } as const) };
  const resources = createResources({ requestVerifier: verifier, serviceAllocator });
  let uids = 0;
  const storeOf = (plural: string): ResourceStore => {
    const resource = resources.find((each) => each.resource === plural);
    assert.ok(resource !== undefined);
    return createResourceStore(resource, { ...shared, newUid: () => `uid-${++uids}` });
  };
  const stores = {
    services: storeOf('services'),
    endpoints: storeOf('endpoints'),
    endpointSlices: storeOf('endpointslices'),
  };
  const key = { name: 'kubernetes', namespace: 'default' };
  return {
    announce: (...servers: readonly ServerAddress[]): Promise<void> =>
      announceServers({ ...stores, clusterIp: '10.96.0.1', servers, clock, logger: silentLogger }),
    seen: async () => ({
      service: (await stores.services.get(key)) as Seen,
      slice: (await stores.endpointSlices.get(key)) as Seen,
      endpoints: (await stores.endpoints.get(key)) as Seen,
    }),
    revision: () => store.currentRevision(),
  };
}

const A = { ip: '192.0.2.1', port: 7443 };
const B = { ip: '192.0.2.2', port: 7443 };

test('a server that nobody else can reach is no endpoint', async () => {
  const stage = openStage();
  await stage.announce({ ip: '127.0.0.1', port: 7443 }, { ip: 'localhost', port: 7444 });
  const { service, slice, endpoints } = await stage.seen();
  assert.equal(slice.endpoints, null);
  assert.equal(endpoints.subsets, undefined);
  assert.deepEqual([slice.ports?.[0]?.port, service.spec?.ports[0]?.targetPort], [7443, 7443]);
});

test('all replicas are there, in the same order whoever writes, and nothing is written twice', async () => {
  const stage = openStage();
  await stage.announce(B, A, B);
  const written = await stage.revision();
  await stage.announce(A, B);
  assert.equal(await stage.revision(), written);
  const { slice, endpoints } = await stage.seen();
  assert.deepEqual(
    slice.endpoints?.flatMap(({ addresses }) => addresses),
    [A.ip, B.ip],
  );
  assert.deepEqual(
    endpoints.subsets?.map(({ addresses }) => addresses.map(({ ip }) => ip)),
    [[A.ip, B.ip]],
  );
  await stage.announce(B);
  assert.deepEqual((await stage.seen()).slice.endpoints?.length, 1);
});

test('a slice has one port and one family; Endpoints have all of them', async () => {
  const stage = openStage();
  await stage.announce({ ip: '2001:db8::1', port: 7443 }, A, { ip: '192.0.2.3', port: 6443 });
  const { service, slice, endpoints } = await stage.seen();
  assert.deepEqual([slice.addressType, slice.ports?.[0]?.port], ['IPv4', 6443]);
  assert.equal(service.spec?.ports[0]?.targetPort, 6443);
  assert.deepEqual(
    endpoints.subsets?.map(({ addresses }) => addresses.map(({ ip }) => ip)),
    [['192.0.2.3'], [A.ip, '2001:db8::1']],
  );
});

test('replicas that announce at the same time leave one Service that names them', async () => {
  const stage = openStage();
  await Promise.all([stage.announce(A, B), stage.announce(A, B), stage.announce(A, B)]);
  assert.equal((await stage.seen()).slice.endpoints?.length, 2);
});
