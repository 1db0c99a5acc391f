import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { startEtcd } from '../etcd.js';
import type { EtcdCluster, EtcdOptions } from '../etcd.js';
import { requireTool } from '../tools.js';
import { endures } from './endurance.js';

async function clusterFor(t: TestContext, options: EtcdOptions): Promise<EtcdCluster | undefined> {
  if (!requireTool(t, 'etcd') || !requireTool(t, 'etcdctl')) return undefined;
  const cluster = await startEtcd(options);
  t.after(() => cluster.close());
  return cluster;
}

test('kill -9 and restart of the only member loses no acknowledged write and disturbs no watch', async (t) => {
  const cluster = await clusterFor(t, { fsync: true });
  const member = cluster?.members[0];
  if (cluster === undefined || member === undefined) return;
  const result = await endures(t, {
    cluster,
    happens: async (load) => {
      for (let round = 0; round < 2; round++) {
        await member.end('SIGKILL');
        member.start();
        await load.progress(100);
      }
    },
  });
  t.diagnostic(JSON.stringify(result));
});

test('of three members the leader and then a follower die under load: all goes on with the others', async (t) => {
  const cluster = await clusterFor(t, { members: 3 });
  if (cluster === undefined) return;
  const result = await endures(t, {
    cluster,
    keepRevisions: 200,
    happens: async (load) => {
      const leader = await cluster.leader();
      await leader.end('SIGKILL');
      await load.progress(100);
      leader.start();
      const next = await cluster.leader();
      const follower = cluster.members.find((member) => member !== next && member !== leader);
      assert.ok(follower !== undefined);
      await follower.end('SIGKILL');
      await load.progress(100);
      follower.start();
      await load.progress(100);
    },
  });
  t.diagnostic(JSON.stringify(result));
});
