import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FakeClock } from '../base/fake-clock.js';
import { silentLogger } from '../base/logger.js';
import type { Transport } from '../kube/exchange.js';
import { createClient } from './client.js';
import type { Lease } from './core-objects.js';
import { runWithLease } from './lease-election.js';
import { createMemoryApi, type MemoryApi } from './testing/memory-api.js';
import { halfRandom, settle } from './testing/settle.js';

const PATH = '/apis/coordination.k8s.io/v1/namespaces/ns/leases/signer';

interface Contender {
  readonly leading: () => boolean;
  /** Tells it to stop, and waits. */
  readonly stop: () => Promise<void>;
  /** While it is cut, no request is answered, and none is given up either. */
  readonly cable: { cut: boolean };
  readonly terms: () => number;
  /** How often it was told that another one leads. */
  readonly standbys: () => number;
}

function contender(api: MemoryApi, clock: FakeClock, identity: string): Contender {
  const end = new AbortController();
  let leading = false;
  let terms = 0;
  let standbys = 0;
  const cable = { cut: false };
  const transport: Transport = (request) => (cable.cut ? new Promise(() => undefined) : api.transport(request));
  const client = createClient(transport, { userAgent: identity });
  const options = {
    client,
    clock,
    random: halfRandom,
    logger: silentLogger,
    namespace: 'ns',
    name: 'signer',
    identity,
    onStandby: () => standbys++,
  };
  const running = runWithLease(
    options,
    (signal) =>
      new Promise((resolve) => {
        leading = true;
        terms++;
        const leave = (): void => {
          leading = false;
          resolve();
        };
        if (signal.aborted) leave();
        else signal.addEventListener('abort', leave, { once: true });
      }),
    end.signal,
  );
  return {
    leading: () => leading,
    terms: () => terms,
    standbys: () => standbys,
    cable,
    stop: async () => {
      end.abort();
      await running;
    },
  };
}

function leaseOf(api: MemoryApi): Lease | undefined {
  return api.objects.get(PATH);
}

/** Lets `seconds` pass in small steps. */
async function pass(clock: FakeClock, seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 2; i++) {
    clock.advance(500);
    await settle();
  }
}

suite('lease election', () => {
  test('creates the lease that is not there, renews it, and gives it up at the end', async () => {
    const api = createMemoryApi();
    const clock = new FakeClock(1_700_000_000_000);
    const one = contender(api, clock, 'one');
    await settle();
    assert.equal(one.leading(), true);
    assert.deepEqual(leaseOf(api)?.spec, {
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      acquireTime: '2023-11-14T22:13:20.000000Z',
      renewTime: '2023-11-14T22:13:20.000000Z',
      leaseTransitions: 0,
    });
    await pass(clock, 2);
    assert.equal(leaseOf(api)?.spec?.renewTime, '2023-11-14T22:13:22.000000Z');
    assert.equal(leaseOf(api)?.spec?.acquireTime, '2023-11-14T22:13:20.000000Z');
    await one.stop();
    assert.equal(leaseOf(api)?.spec?.holderIdentity, '');
    assert.equal(leaseOf(api)?.spec?.leaseDurationSeconds, 1);
  });

  test('renews with one conditional PUT and nothing else', async () => {
    const api = createMemoryApi();
    const clock = new FakeClock();
    const one = contender(api, clock, 'one');
    await settle();
    const before = api.log.length;
    await pass(clock, 4);
    assert.deepEqual(api.log.slice(before), [`PUT ${PATH}`, `PUT ${PATH}`]);
    await one.stop();
  });

  test('has one leader at a time, and the next one soon after it went', async () => {
    const api = createMemoryApi();
    const clock = new FakeClock();
    const one = contender(api, clock, 'one');
    await settle();
    const two = contender(api, clock, 'two');
    await settle();
    assert.deepEqual([one.standbys(), two.standbys()], [0, 1]);
    await pass(clock, 60);
    assert.deepEqual([one.leading(), two.leading()], [true, false]);
    assert.equal(one.standbys(), 0);
    await one.stop();
    await pass(clock, 5);
    assert.equal(two.leading(), true);
    assert.equal(leaseOf(api)?.spec?.leaseTransitions, 1);
    await two.stop();
  });

  test('stops leading before another one may begin, when it is cut off', async () => {
    const api = createMemoryApi();
    const clock = new FakeClock();
    const one = contender(api, clock, 'one');
    await settle();
    const two = contender(api, clock, 'two');
    await pass(clock, 5);
    one.cable.cut = true;
    let begun: number | undefined;
    let ended: number | undefined;
    for (let i = 0; i < 60; i++) {
      await pass(clock, 0.5);
      assert.equal(one.leading() && two.leading(), false, 'two leaders at once');
      if (!one.leading()) ended ??= i;
      if (two.leading()) begun ??= i;
    }
    assert.equal((ended ?? Infinity) < (begun ?? -1), true, `ended at ${ended}, begun at ${begun}`);
    one.cable.cut = false;
    await pass(clock, 30);
    assert.deepEqual([one.leading(), two.leading()], [false, true]);
    await two.stop();
    await pass(clock, 5);
    assert.equal(one.leading(), true, 'contends again after a loss');
    assert.equal(one.terms(), 2);
    await one.stop();
  });

  test('waits for the duration the holder wrote, from when it saw the lease, whatever the clocks say', async () => {
    const api = createMemoryApi();
    const clock = new FakeClock();
    const spec = { holderIdentity: 'other', leaseDurationSeconds: 40, renewTime: '1990-01-01T00:00:00.000000Z' };
    api.put(PATH, { metadata: { namespace: 'ns', name: 'signer' }, spec } as Lease);
    const one = contender(api, clock, 'one');
    await pass(clock, 39);
    assert.equal(one.leading(), false);
    await pass(clock, 6);
    assert.equal(one.leading(), true);
    await one.stop();
  });

  test('takes its own lease back at once after a restart', async () => {
    const api = createMemoryApi();
    const clock = new FakeClock();
    const spec = { holderIdentity: 'one', leaseDurationSeconds: 40, leaseTransitions: 3 };
    api.put(PATH, { metadata: { namespace: 'ns', name: 'signer' }, spec } as Lease);
    const one = contender(api, clock, 'one');
    await settle();
    assert.equal(one.leading(), true);
    assert.equal(leaseOf(api)?.spec?.leaseTransitions, 3);
    await one.stop();
  });

  test('loses at once when somebody else has taken the lease', async () => {
    const api = createMemoryApi();
    const clock = new FakeClock();
    const one = contender(api, clock, 'one');
    await settle();
    api.put(PATH, {
      ...leaseOf(api),
      metadata: leaseOf(api)?.metadata ?? {},
      spec: { holderIdentity: 'two', leaseDurationSeconds: 15 },
    } as Lease);
    await pass(clock, 3);
    assert.equal(one.leading(), false);
    await one.stop();
    assert.equal(leaseOf(api)?.spec?.holderIdentity, 'two');
  });

  test('gives the lease up only after the work has ended, and passes on its failure', async () => {
    const api = createMemoryApi();
    const clock = new FakeClock();
    const client = createClient(api.transport, { userAgent: 'test' });
    const options = {
      client,
      clock,
      random: halfRandom,
      logger: silentLogger,
      namespace: 'ns',
      name: 'signer',
      identity: 'one',
    };
    const failure = new Error('the work failed');
    let heldAtTheEnd: string | undefined;
    await assert.rejects(
      runWithLease(
        options,
        async () => {
          await settle();
          heldAtTheEnd = leaseOf(api)?.spec?.holderIdentity;
          throw failure;
        },
        new AbortController().signal,
      ),
      failure,
    );
    assert.equal(heldAtTheEnd, 'one');
    assert.equal(leaseOf(api)?.spec?.holderIdentity, '');
  });
});
