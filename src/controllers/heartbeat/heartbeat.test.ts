import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FakeClock } from '../../base/fake-clock.js';
import { silentLogger, type Logger } from '../../base/logger.js';
import { toUnixSeconds } from '../../base/clock.js';
import { createClient } from '../../client/client.js';
import type { Lease } from '../../client/core-objects.js';
import { heartbeatName, isAlive, readHeartbeat, type Heartbeat } from '../../client/heartbeat.js';
import { createMemoryApi, type MemoryApi } from '../../client/testing/memory-api.js';
import { halfRandom, settle } from '../../client/testing/settle.js';
import type { Transport } from '../../kube/exchange.js';
import { failure } from '../../kube/status.js';
import { runControllers } from '../runtime/run-controllers.js';
import { createHeartbeat, type HeartbeatOptions } from './heartbeat.js';

const PATH = '/apis/coordination.k8s.io/v1/namespaces/system/leases/countersign-signer-heartbeat';
const START = 1_700_000_000;

interface Bench {
  readonly api: MemoryApi;
  readonly clock: FakeClock;
  readonly warnings: string[];
  readonly beat: () => Heartbeat | undefined;
  readonly stop: () => Promise<void>;
}

async function started(
  options: Partial<HeartbeatOptions> = {},
  wrap: (transport: Transport) => Transport = (transport) => transport,
): Promise<Bench> {
  const api = createMemoryApi();
  const clock = new FakeClock();
  const warnings: string[] = [];
  const say = (message: string): void => void warnings.push(message);
  const logger: Logger = { ...silentLogger, warn: say, error: say, with: () => logger };
  const heartbeat = createHeartbeat({
    client: createClient(wrap(api.transport), { userAgent: 'test' }),
    clock,
    logger,
    namespace: 'system',
    role: 'signer',
    identity: 'pod-1',
    signerNames: ['example.com/a', 'example.com/b'],
    usages: ['digital signature', 'server auth'],
    ...options,
  });
  const end = new AbortController();
  const running = runControllers([heartbeat], { clock, random: halfRandom, logger }, end.signal);
  await running.ready;
  await settle();
  return {
    api,
    clock,
    warnings,
    beat: () => {
      const lease = api.objects.get(PATH) as Lease | undefined; // nothing else is put there
      return lease === undefined ? undefined : readHeartbeat(lease);
    },
    stop: async () => {
      end.abort();
      await running.ended;
    },
  };
}

suite('heartbeat', () => {
  test('shows at once who works and for which signers', async () => {
    const { beat, stop } = await started();
    assert.deepEqual(beat(), {
      role: 'signer',
      lease: 'system/countersign-signer-heartbeat',
      holder: 'pod-1',
      signerNames: ['example.com/a', 'example.com/b'],
      usages: ['digital signature', 'server auth'],
      hasPolicyFiles: false,
      renewedAt: START,
      durationSeconds: 90,
    });
    await stop();
  });

  test('of an approver shows what it goes by', async () => {
    const reserved = { dnsNames: ['api.example.com'], ips: ['192.0.2.1'] };
    const settings = { clusterDomain: 'c.local', trustDomain: 't.local', reserved };
    const { api, stop } = await started({ role: 'approver', settings, hasPolicyFiles: true });
    const lease = api.objects.get(PATH.replace('signer', 'approver')) as Lease; // nothing else is put there
    const beat = readHeartbeat(lease);
    assert.equal(beat?.role, 'approver');
    assert.deepEqual(beat.settings, {
      clusterDomain: 'c.local',
      trustDomain: 't.local',
      reserved: ['api.example.com', '192.0.2.1'],
    });
    assert.equal(beat.hasPolicyFiles, true);
    await stop();
  });

  test('is renewed every half minute by one write, and never after the end', async () => {
    const { api, clock, beat, stop } = await started();
    const before = api.log.length;
    clock.advance(30_000);
    await settle();
    assert.equal(beat()?.renewedAt, START + 30);
    assert.deepEqual(
      api.log.slice(before).map((line) => line.split(' ')[0]),
      ['PUT'],
    );
    await stop();
    clock.advance(60_000);
    await settle();
    assert.equal(beat()?.renewedAt, START + 30);
  });

  test('goes on after somebody else wrote the Lease, and after it was deleted', async () => {
    const { api, clock, beat, stop } = await started();
    const lease = api.objects.get(PATH);
    assert.ok(lease !== undefined);
    api.put(PATH, { ...lease, ...{ spec: { holderIdentity: 'pod-2', renewTime: '2023-11-14T22:13:30.000000Z' } } });
    clock.advance(30_000);
    await settle();
    assert.equal(beat()?.holder, 'pod-2');
    clock.advance(30_000);
    await settle();
    assert.deepEqual([beat()?.holder, beat()?.renewedAt], ['pod-1', START + 60]);
    api.remove(PATH);
    clock.advance(60_000);
    await settle();
    assert.equal(beat()?.holder, 'pod-1');
    await stop();
  });

  test('that may not be written is told of once', async () => {
    const forbid: (transport: Transport) => Transport = () => async () => ({
      status: 403,
      headers: {},
      body: { kind: 'object', value: failure(403, 'Forbidden', 'leases are forbidden') },
    });
    const { clock, warnings, stop } = await started({}, forbid);
    clock.advance(30_000);
    await settle();
    assert.deepEqual(warnings, ['May not write Lease that shows that it works']);
    await stop();
  });

  const dead: readonly { readonly name: string; readonly lease: Lease }[] = [
    { name: 'without the label', lease: { metadata: {}, spec: { renewTime: '2023-11-14T22:13:20.000000Z' } } },
    {
      name: 'of an unknown role',
      lease: {
        metadata: { labels: { 'countersign.dev/heartbeat': 'cook' } },
        spec: { renewTime: '2023-11-14T22:13:20.000000Z' },
      },
    },
    { name: 'that was never renewed', lease: { metadata: { labels: { 'countersign.dev/heartbeat': 'signer' } } } },
    {
      name: 'with no time for its renewal',
      lease: { metadata: { labels: { 'countersign.dev/heartbeat': 'signer' } }, spec: { renewTime: 'noon' } },
    },
  ];
  for (const { name, lease } of dead) {
    test(`a Lease ${name} is no sign of life`, () => assert.equal(readHeartbeat(lease), undefined));
  }

  test('counts for its duration, and where clocks differ', () => {
    const beat = { renewedAt: toUnixSeconds(START), durationSeconds: 90 };
    const alive = [START - 3600, START, START + 90, START + 91].map((now) => isAlive(beat, toUnixSeconds(now)));
    assert.deepEqual(alive, [true, true, true, false]);
  });

  for (const [signerNames, warned] of [
    [['example.com/other'], 1],
    [['example.com/a', 'example.com/b'], 0],
  ] as const) {
    test(`that a controller for ${signerNames.join(' and ')} renews is told of ${warned} times`, async () => {
      const { api, clock, beat, warnings, stop } = await started();
      const first = api.objects.get(PATH) as Lease; // just written
      const annotations = { ...first.metadata.annotations, 'countersign.dev/signer-names': signerNames.join(',') };
      const take = () =>
        api.put(PATH, {
          ...first,
          metadata: { ...first.metadata, annotations },
          ...{ spec: { ...first.spec, holderIdentity: 'pod-2' } },
        });
      for (let i = 0; i < 2; i++) {
        take();
        for (let beats = 0; beats < 2; beats++) {
          clock.advance(30_000);
          await settle();
        }
        assert.equal(beat()?.holder, 'pod-1');
      }
      const told = 'Shares Lease that shows that it works with a controller for other signers';
      assert.deepEqual(warnings, warned === 0 ? [] : [told]);
      await stop();
    });
  }

  const names: readonly (readonly [role: 'signer' | 'approver', election: string | undefined, name: string])[] = [
    ['signer', undefined, 'countersign-signer-heartbeat'],
    ['approver', undefined, 'countersign-approver-heartbeat'],
    ['signer', 'countersign-controller', 'countersign-signer-heartbeat'],
    ['approver', 'countersign-approver', 'countersign-approver-heartbeat'],
    ['signer', 'countersign-approver', 'countersign-approver-signer-heartbeat'],
    ['signer', 'team-a', 'team-a-signer-heartbeat'],
  ];
  for (const [role, election, name] of names) {
    test(`of a ${role} that elects by ${election ?? 'the usual Lease'} is ${name}`, () => {
      assert.equal(heartbeatName(role, election), name);
    });
  }

  test('of a controller with an election of its own lies beside that of others', async () => {
    const { api, beat, stop } = await started({ electionLease: 'team-a' });
    assert.equal(beat(), undefined);
    assert.ok(api.objects.has(PATH.replace('countersign-signer', 'team-a-signer')));
    await stop();
  });
});
