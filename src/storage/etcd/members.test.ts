import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { status } from '@grpc/grpc-js';

import { startScriptedMember } from '../../../test/scripted-etcd.js';
import type { Script, ScriptedAnswer, ScriptedMember } from '../../../test/scripted-etcd.js';
import { isCountersignError } from '../../base/error.js';
import type { ErrorCode } from '../../base/error.js';
import { openEtcdStore } from './open-etcd-store.js';
import type { StoreInEtcd } from './open-etcd-store.js';

interface Stage {
  readonly members: readonly ScriptedMember[];
  readonly store: StoreInEtcd;
}

async function stage(t: TestContext, ...scripts: readonly Script[]): Promise<Stage> {
  const members = await Promise.all(scripts.map(startScriptedMember));
  t.after(() => members.forEach((member) => member.close()));
  const address = `etcd://${members.map(({ endpoint }) => endpoint).join(',')}`;
  const store = await openEtcdStore({ address, timeoutMs: 700 });
  t.after(() => store.close());
  return { members, store };
}

/** How failures of a call are told, and how often the call is made when only its first attempt fails. */
const FAILURES: readonly {
  readonly name: string;
  readonly answer: ScriptedAnswer;
  /** How often a write is sent; more than once only where it is certain that it was not made. */
  readonly writes: 1 | 2;
  readonly reads: 1 | 2;
  readonly code: ErrorCode;
  readonly words: RegExp;
}[] = [
  {
    name: 'no leader',
    answer: { code: status.UNAVAILABLE, details: 'etcdserver: no leader' },
    writes: 2,
    reads: 2,
    code: 'STORE_UNAVAILABLE',
    words: /no leader$/,
  },
  {
    name: 'too many requests',
    answer: { code: status.RESOURCE_EXHAUSTED, details: 'etcdserver: too many requests' },
    writes: 2,
    reads: 2,
    code: 'STORE_UNAVAILABLE',
    words: /too many requests$/,
  },
  {
    name: 'a member that only learns',
    answer: { code: status.UNAVAILABLE, details: 'etcdserver: rpc not supported for learner' },
    writes: 2,
    reads: 2,
    code: 'STORE_UNAVAILABLE',
    words: /not supported for learner$/,
  },
  {
    name: 'a leader that changed',
    answer: { code: status.UNAVAILABLE, details: 'etcdserver: leader changed' },
    writes: 1,
    reads: 2,
    code: 'STORE_UNAVAILABLE',
    words: /leader changed; it may have happened or not$/,
  },
  {
    name: 'a leader that failed',
    answer: {
      code: status.UNAVAILABLE,
      details: 'etcdserver: request timed out, possibly due to previous leader failure',
    },
    writes: 1,
    reads: 2,
    code: 'STORE_UNAVAILABLE',
    words: /it may have happened or not$/,
  },
  {
    name: 'a member that stops',
    answer: { code: status.UNAVAILABLE, details: 'etcdserver: server stopped' },
    writes: 1,
    reads: 2,
    code: 'STORE_UNAVAILABLE',
    words: /it may have happened or not$/,
  },
  {
    name: 'members that disagree',
    answer: { code: status.DATA_LOSS, details: 'etcdserver: corrupt cluster' },
    writes: 1,
    reads: 1,
    code: 'STORE_UNAVAILABLE',
    words: /corrupt cluster; members disagree about their data/,
  },
  {
    name: 'a permission that is missing',
    answer: { code: status.PERMISSION_DENIED, details: 'etcdserver: permission denied' },
    writes: 1,
    reads: 1,
    code: 'STORE_UNAVAILABLE',
    words: /permission denied; the client certificate must be/,
  },
  {
    name: 'no such method',
    answer: { code: status.UNIMPLEMENTED, details: '' },
    writes: 1,
    reads: 1,
    code: 'STORE_UNAVAILABLE',
    words: /status 12$/,
  },
  {
    name: 'an answer that cannot be read',
    answer: { message: new Uint8Array([0x0a, 0xff]) },
    writes: 1,
    reads: 2,
    code: 'STORE_UNAVAILABLE',
    words: /it may have happened or not$/,
  },
];

for (const { name, answer, writes, reads, code, words } of FAILURES) {
  test(`a write is sent ${writes === 1 ? 'once' : 'again'} after ${name}`, async (t) => {
    const script: Script = { call: (method, n) => (method === 'KV/Txn' && n === 0 ? answer : undefined) };
    const { members, store } = await stage(t, script);
    const refused = await refusalOf(store.create('a', new Uint8Array()));
    assert.equal(members[0]?.calls.get('KV/Txn'), writes);
    // the second answer, of a transaction that was not made, is as good as any: it is an answer
    if (writes === 2) assert.equal(refused.code, 'STORE_EXISTS');
    else assert.equal(refused.code, code);
    if (writes === 1) assert.match(refused.message, words);
  });
  test(`a read is made ${reads === 1 ? 'once' : 'again'} after ${name}`, async (t) => {
    // the first read opens the store
    const script: Script = { call: (method, n) => (method === 'KV/Range' && n === 1 ? answer : undefined) };
    const { members, store } = await stage(t, script);
    if (reads === 2) assert.equal(await store.get('a'), undefined);
    else assert.equal((await refusalOf(store.get('a'))).code, code);
    assert.equal(members[0]?.calls.get('KV/Range'), 1 + reads);
  });
  test(`a write that always meets ${name} fails in time`, async (t) => {
    const { store } = await stage(t, { call: (method) => (method === 'KV/Txn' ? answer : undefined) });
    const refused = await refusalOf(store.create('a', new Uint8Array()));
    assert.equal(refused.code, code);
    assert.match(refused.message, words);
  });
}

test('a write that is not answered fails in time, and is sent once', async (t) => {
  const { members, store } = await stage(t, { call: (method) => (method === 'KV/Txn' ? { silent: true } : undefined) });
  const refused = await refusalOf(store.create('a', new Uint8Array()));
  assert.match(
    refused.message,
    /^Cannot create "a": etcd at [0-9.:]+: Deadline exceeded.*; it may have happened or not$/,
  );
  assert.equal(members[0]?.calls.get('KV/Txn'), 1);
});

test('writes that wait for others of the same key fail in time as well', async (t) => {
  const { members, store } = await stage(t, { call: (method) => (method === 'KV/Txn' ? { silent: true } : undefined) });
  const writes = Array.from({ length: 10 }, () => refusalOf(store.create('a', new Uint8Array())));
  const words = (await Promise.all(writes)).map(({ message }) => /busy with what|may have happened/.exec(message)?.[0]);
  // a second one may begin just before the time of all is up
  const sent = members[0]?.calls.get('KV/Txn') ?? 0;
  assert.ok(sent === 1 || sent === 2, `${sent} were sent`);
  assert.deepEqual(words, [
    ...Array.from({ length: sent }, () => 'may have happened'),
    ...Array.from({ length: 10 - sent }, () => 'busy with what'),
  ]);
});

test('another member is asked when one has no leader, and goes on being asked', async (t) => {
  // either may be the first that can be reached; that one has no leader from its second read on
  let first = 0;
  const scriptOf = (self: number): Script => ({
    call: (method, n) => {
      if (method !== 'KV/Range') return undefined;
      if (first === 0) first = self;
      return first === self && n > 0 ? { code: status.UNAVAILABLE, details: 'etcdserver: no leader' } : undefined;
    },
  });
  const { members, store } = await stage(t, scriptOf(1), scriptOf(2));
  for (let i = 0; i < 3; i++) assert.equal(await store.get('a'), undefined);
  assert.deepEqual(members.map(({ calls }) => calls.get('KV/Range')).sort(), [2, 3]);
});

test('another member is asked when one goes away', async (t) => {
  const { members, store } = await stage(t, {}, {});
  const first = members.find(({ calls }) => calls.has('KV/Range'));
  const other = members.find((member) => member !== first);
  first?.close();
  assert.equal(await store.get('a'), undefined);
  assert.equal(first?.calls.get('KV/Range'), 1);
  assert.equal(other?.calls.has('KV/Range'), true);
});

test('tells of each member how it is, or why it is not known', async (t) => {
  const { members, store } = await stage(t, {}, {});
  members[1]?.close();
  const { members: found, alarms } = await store.usage();
  assert.deepEqual(alarms, []);
  assert.deepEqual(found[0], { endpoint: members[0]?.endpoint, version: '', fileBytes: 0, usedBytes: 0 });
  assert.ok(found[1] !== undefined && 'problem' in found[1]);
  assert.match(found[1].problem, /^etcd at /);
});

async function refusalOf(attempt: Promise<unknown>): Promise<{ readonly code: ErrorCode; readonly message: string }> {
  try {
    await attempt;
  } catch (error) {
    assert.ok(isCountersignError(error), String(error));
    return error;
  }
  return assert.fail('it was not refused');
}
