import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricFamily } from '../apiserver/metrics/metric-family.js';
import type { EtcdUsage } from '../storage/etcd/open-etcd-store.js';
import { EtcdMetrics } from './etcd-metrics.js';

const USAGE: EtcdUsage = {
  members: [
    { endpoint: 'a:1', version: '3.5.16', fileBytes: 200, usedBytes: 100 },
    { endpoint: 'b:1', problem: 'etcd at b:1: connection refused' },
  ],
  alarms: ['NOSPACE'],
};

function values(families: readonly MetricFamily[], name: string): readonly string[] {
  const family = families.find((one) => one.name === name);
  return (family?.samples ?? []).map(({ labels, value }) => `${Object.values(labels).join(' ')}: ${value}`);
}

test('tells how full members are that answer, and which alarms are raised', async () => {
  const metrics = new EtcdMetrics();
  assert.deepEqual(values(metrics.collect(), 'apiserver_storage_size_bytes'), []);
  await metrics.follow(async () => USAGE);
  const families = metrics.collect();
  assert.deepEqual(values(families, 'apiserver_storage_size_bytes'), ['a:1: 200']);
  assert.deepEqual(values(families, 'countersign_etcd_used_bytes'), ['a:1: 100']);
  assert.deepEqual(values(families, 'countersign_etcd_alarm'), ['NOSPACE: 1', 'CORRUPT: 0']);
});

test('keeps what it knows when the store can no longer be asked', async () => {
  const metrics = new EtcdMetrics();
  let closed = false;
  await metrics.follow(async () => {
    if (closed) throw new Error('closed');
    return USAGE;
  });
  closed = true;
  metrics.collect();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(values(metrics.collect(), 'apiserver_storage_size_bytes'), ['a:1: 200']);
});

for (const [key, type] of [
  ['/registry/pods/default/a', 'pods'],
  ['/registry/services/specs/default/a', 'services'],
  ['/registry/countersign.dev/approvalpolicies/a', 'approvalpolicies'],
  ['/registry/pods/', 'pods'],
  ['/countersign/keys/a', 'none'],
  ['', 'none'],
] as const) {
  test(`counts what is asked about "${key}" as ${type}`, () => {
    const metrics = new EtcdMetrics();
    metrics.observe({ operation: 'get', key, seconds: 0.01 });
    const [family] = metrics.collect();
    assert.deepEqual(family?.samples.at(-1), { suffix: '_count', labels: { operation: 'get', type }, value: 1 });
  });
}
