import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigMap } from '../../src/client/core-objects.js';
import { CONFIG_MAPS } from '../../src/client/resources.js';
import { requireTool } from '../tools.js';
import { ProcessSet, until } from './process-set.js';

const NAMESPACE = 'default';

const settings = (name: string, value: string): ConfigMap => ({
  metadata: { namespace: NAMESPACE, name },
  data: { value },
});

test('without etcd a server is not ready and answers 503 in time, and goes on when etcd is back', async (t) => {
  if (!requireTool(t, 'etcd') || !requireTool(t, 'etcdctl')) return;
  await using set = await ProcessSet.open();
  const replica = await set.start();
  const get = async (target: string) => {
    const signal = AbortSignal.timeout(25_000);
    const peer = { kind: 'connection', address: '' } as const;
    const headers = { accept: 'application/json' };
    const { status, headers: answered } = await replica.transport({
      method: 'GET',
      target,
      headers,
      body: { kind: 'none' },
      signal,
      peer,
    });
    return { status, retryAfter: answered['retry-after'] };
  };
  await replica.client.create(CONFIG_MAPS, settings('before', 'kept'));
  assert.equal((await get('/readyz')).status, 200);
  const [member] = set.etcd.members;
  assert.ok(member !== undefined);
  await member.end('SIGKILL');
  assert.equal((await get('/readyz/etcd')).status, 500);
  assert.equal((await get('/livez')).status, 200);
  const began = Date.now();
  assert.deepEqual(await get(`/api/v1/namespaces/${NAMESPACE}/configmaps/before`), { status: 503, retryAfter: '1' });
  await assert.rejects(replica.client.create(CONFIG_MAPS, settings('meanwhile', 'lost')), /unable to handle|503/);
  assert.ok(Date.now() - began < 22_000, `after ${Date.now() - began} ms`);
  member.start();
  await until('it is ready again', async () => (await get('/readyz')).status === 200);
  const { data } = await replica.client.get(CONFIG_MAPS, 'before', { namespace: NAMESPACE });
  assert.equal(data?.['value'], 'kept');
  await replica.client.create(CONFIG_MAPS, settings('after', 'kept'));
  assert.equal(await replica.end('SIGTERM'), 0);
});
