import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { status } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';

import { startScriptedMember, statusMessage, watchMessage } from '../../../test/scripted-etcd.js';
import type { Script, ScriptedWatchMessage } from '../../../test/scripted-etcd.js';
import { hasCode } from '../../base/error.js';
import { lineOf, RecordingWatcher } from '../testing/store-under-test.js';
import { openEtcdStore } from './open-etcd-store.js';
import type { StoreInEtcd } from './open-etcd-store.js';

type ScriptedEvent = NonNullable<ScriptedWatchMessage['events']>[number];

const created = (key: string, revision: number): ScriptedEvent => ({
  kind: 'put',
  current: { key, value: `${revision}`, revision, version: 1 },
});

async function opened(t: TestContext, script: Script): Promise<StoreInEtcd> {
  const member = await startScriptedMember(script);
  t.after(() => member.close());
  const store = await openEtcdStore({ address: `etcd://${member.endpoint}`, progressMs: 20 });
  t.after(() => store.close());
  return store;
}

/** A store whose first watch in etcd plays some messages, and then nothing. */
async function told(t: TestContext, messages: readonly ScriptedWatchMessage[]): Promise<RecordingWatcher> {
  let play: () => void = () => undefined;
  const store = await opened(t, {
    watch: (watch, n) => {
      if (n > 0) return;
      play = () => messages.forEach((message) => watch.send(watchMessage(message)));
    },
  });
  const watcher = new RecordingWatcher();
  await store.watch('', 10, watcher);
  play();
  return watcher;
}

/** The revision that a watch was asked to start from. */
function startOf(request: Uint8Array | undefined): number {
  const reader = protobuf.Reader.create(request ?? new Uint8Array());
  assert.equal(reader.uint32() >>> 3, 1, 'a request to create a watch');
  const end = reader.uint32() + reader.pos;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 3) return Number(reader.int64());
    reader.skipType(tag & 7);
  }
  return assert.fail('no start');
}

const ENDED: readonly { readonly name: string; readonly message: ScriptedWatchMessage }[] = [
  { name: 'etcd says that it has compacted', message: { canceled: true, compactRevision: 40 } },
  {
    name: 'etcd says so in words only',
    message: { canceled: true, reason: 'etcdserver: mvcc: required revision has been compacted' },
  },
  {
    name: 'what an update replaced is not told',
    message: { events: [{ kind: 'put', current: { key: 'a', value: 'x', revision: 11, version: 2 } }] },
  },
  {
    name: 'what was deleted is not told',
    message: { events: [{ kind: 'delete', current: { key: 'a', revision: 11 } }] },
  },
];

for (const { name, message } of ENDED) {
  test(`watches end with STORE_COMPACTED when ${name}`, async (t) => {
    const watcher = await told(t, [message]);
    await watcher.ended();
    assert.ok(hasCode(watcher.ends[0], 'STORE_COMPACTED'), String(watcher.ends[0]));
    assert.deepEqual(watcher.lines(), []);
  });
}

test('tells a batch that comes in fragments at once', async (t) => {
  const watcher = await told(t, [
    { fragment: true, events: [created('a', 11)] },
    { fragment: true, events: [created('b', 12)] },
    { events: [created('c', 13)] },
    { events: [created('d', 14)] },
  ]);
  await watcher.delivered(14);
  assert.deepEqual(watcher.lines(), ['put a=11@11', 'put b=12@12', 'put c=13@13', 'put d=14@14']);
});

test('tells nothing twice that a member sends again', async (t) => {
  const watcher = await told(t, [
    { events: [created('a', 11), created('b', 12)] },
    { events: [created('a', 11), created('b', 12)] },
    { events: [created('b', 12), created('c', 13)] },
    { events: [created('z', 9)] },
    { events: [created('d', 14)] },
  ]);
  await watcher.delivered(14);
  assert.deepEqual(watcher.events.map(lineOf), ['put a=11@11', 'put b=12@12', 'put c=13@13', 'put d=14@14']);
});

test('goes on after the last revision told, whatever ended the stream', async (t) => {
  const starts: number[] = [];
  let play: () => void = () => undefined;
  const store = await opened(t, {
    call: (method, n) => (method === 'KV/Range' && n > 0 ? { message: watchMessage({ revision: 99 }) } : undefined),
    watch: (watch, n) => {
      starts.push(startOf(watch.requests[0]));
      const step = (): void => {
        watch.send(watchMessage({ events: [created(`k${n}`, 11 + n)] }));
        if (n === 0) watch.fail(status.UNAVAILABLE, 'etcdserver: no leader');
        if (n === 1) watch.send(watchMessage({ canceled: true, reason: 'some reason' }));
        if (n === 2) watch.end();
      };
      if (n === 0) play = step;
      else step();
    },
  });
  const watcher = new RecordingWatcher();
  await store.watch('', 10, watcher);
  play();
  await watcher.delivered(14);
  assert.deepEqual(starts, [11, 12, 13, 14]);
  assert.deepEqual(watcher.lines(), ['put k0=11@11', 'put k1=12@12', 'put k2=13@13', 'put k3=14@14']);
  assert.deepEqual(watcher.ends, []);
});

test('takes what a member tells of its progress, and never goes back', async (t) => {
  let tell: (revision: number) => void = () => undefined;
  const store = await opened(t, {
    watch: (watch) => (tell = (revision) => watch.send(watchMessage({ revision }))),
  });
  const watcher = new RecordingWatcher();
  const watch = await store.watch('', 10, watcher);
  tell(15);
  tell(12);
  while (watch.through() < 15) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(watch.through(), 15);
  assert.deepEqual(watcher.lines(), []);
});

for (const { version, asked } of [
  { version: '3.4.23', asked: false },
  { version: '3.5.16', asked: true },
] as const) {
  test(`a member of version ${version} is ${asked ? '' : 'not '}asked how far a watch is complete`, async (t) => {
    let requests: readonly Uint8Array[] = [];
    let statuses = 0;
    const store = await opened(t, {
      call: (method, n) => {
        if (method === 'KV/Range' && n > 0) return { message: watchMessage({ revision: 20 }) };
        if (method !== 'Maintenance/Status') return undefined;
        statuses++;
        return { message: statusMessage(version) };
      },
      watch: (watch) => (requests = watch.requests),
    });
    // others have written: reads know more than watches
    assert.equal(await store.currentRevision(), 20);
    while (statuses === 0 || (asked && requests.length < 2)) await new Promise((resolve) => setImmediate(resolve));
    // what follows on the same connection is answered after a request that was sent before it
    await store.currentRevision();
    assert.deepEqual(
      requests.slice(1).map((request) => Buffer.from(request).toString('hex')),
      asked ? ['1a00'] : [],
    );
  });
}
