import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as passed } from 'node:timers/promises';

import { startEtcd } from '../etcd.js';
import type { EtcdCluster, EtcdMember } from '../etcd.js';
import { requireTool } from '../tools.js';
import { endures } from './endurance.js';
import type { Load } from './endurance.js';

/** What may happen to a cluster of three; each leaves it whole. */
const MISFORTUNES: readonly {
  readonly name: string;
  readonly happens: (cluster: EtcdCluster, load: Load) => Promise<void>;
}[] = [
  {
    name: 'the leader dies',
    happens: async (cluster, load) => {
      const leader = await cluster.leader();
      await leader.end();
      await load.progress(200);
      leader.start();
    },
  },
  {
    name: 'a follower dies',
    happens: async (cluster, load) => {
      const [follower] = await followersOf(cluster);
      await follower.end();
      await load.progress(200);
      follower.start();
    },
  },
  {
    name: 'the leader hangs, and comes back when another one leads',
    happens: async (cluster, load) => {
      const leader = await cluster.leader();
      leader.freeze();
      await load.progress(200);
      leader.thaw();
    },
  },
  {
    name: 'a follower hangs',
    happens: async (cluster, load) => {
      const [follower] = await followersOf(cluster);
      follower.freeze();
      await load.progress(200);
      follower.thaw();
    },
  },
  {
    name: 'the quorum is gone for seconds',
    happens: async (cluster) => {
      const followers = await followersOf(cluster);
      await Promise.all(followers.map((follower) => follower.end()));
      await passed(4000);
      for (const follower of followers) follower.start();
    },
  },
  {
    name: 'everything is killed at once',
    happens: async (cluster) => {
      await Promise.all(cluster.members.map((member) => member.end()));
      for (const member of cluster.members) member.start();
    },
  },
  {
    name: 'members are restarted one after the other, as for an upgrade',
    happens: async (cluster, load) => {
      for (const member of cluster.members) {
        await member.end('SIGTERM');
        await load.progress(100);
        member.start();
        await cluster.ready();
      }
    },
  },
];

async function followersOf(cluster: EtcdCluster): Promise<readonly [EtcdMember, EtcdMember]> {
  const leader = await cluster.leader();
  const [first, second] = cluster.members.filter((member) => member !== leader);
  assert.ok(first !== undefined && second !== undefined);
  return [first, second];
}

for (const keepRevisions of [undefined, 100]) {
  const how = keepRevisions === undefined ? '' : ', while all but the newest history is forgotten';
  test(`three members through every misfortune, flushed to the disk${how}`, async (t) => {
    if (!requireTool(t, 'etcd') || !requireTool(t, 'etcdctl')) return;
    const cluster = await startEtcd({ members: 3, fsync: true });
    t.after(() => cluster.close());
    const result = await endures(t, {
      cluster,
      ...(keepRevisions === undefined ? {} : { keepRevisions }),
      happens: async (load) => {
        for (const { name, happens } of MISFORTUNES) {
          const begun = performance.now();
          await happens(cluster, load);
          await load.progress(200);
          t.diagnostic(`${name}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
        }
      },
    });
    t.diagnostic(JSON.stringify(result));
    assert.ok(result.slowestMs < 15_000, `a write took ${result.slowestMs} ms`);
  });
}

test('one member killed twenty times loses no acknowledged write', async (t) => {
  if (!requireTool(t, 'etcd') || !requireTool(t, 'etcdctl')) return;
  const cluster = await startEtcd({ fsync: true });
  t.after(() => cluster.close());
  const [member] = cluster.members;
  assert.ok(member !== undefined);
  const result = await endures(t, {
    cluster,
    happens: async (load) => {
      for (let round = 0; round < 20; round++) {
        await member.end();
        member.start();
        await load.progress(30 + 17 * round);
      }
    },
  });
  t.diagnostic(JSON.stringify(result));
});
