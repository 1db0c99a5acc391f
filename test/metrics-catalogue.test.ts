import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { FlowMetrics } from '../src/apiserver/flow/flow-metrics.js';
import { flowOf } from '../src/apiserver/flow/flow-of.js';
import type { MetricFamily } from '../src/apiserver/metrics/metric-family.js';
import { AuditMetrics } from '../src/apiserver/audit/audit-metrics.js';
import { AuthenticationMetrics } from '../src/apiserver/authentication/authentication-metrics.js';
import { ANONYMOUS } from '../src/apiserver/authentication/authenticator.js';
import { ServerMetrics } from '../src/apiserver/metrics/server-metrics.js';
import { requestInfo } from '../src/apiserver/routing/request-info.js';
import { versionInfo } from '../src/apiserver/version-info.js';
import { toUnixSeconds } from '../src/base/clock.js';
import { countControllers } from '../src/main/controller-metrics.js';
import { EtcdMetrics } from '../src/main/etcd-metrics.js';
import { createStanding } from '../src/main/standing.js';

const { signal } = new AbortController();

interface Row {
  readonly type: string;
  readonly labels: readonly string[];
}

const text = readFileSync(new URL('../docs/metrics.md', import.meta.url), 'utf8');
const documented = new Map<string, Row>(
  [...text.matchAll(/^\| `(\w+)`\s*\| (counter|gauge|histogram)\s*\|([^|]*)\|/gm)].map(
    ([, name = '', type = '', labels = '']) => [
      name,
      { type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label) },
    ],
  ),
);

/** Everything that a process of ours counts, after each of it has happened once. */
async function everything(): Promise<readonly MetricFamily[]> {
  const authentication = new AuthenticationMetrics();
  const inside = { kind: 'in-process', user: ANONYMOUS } as const;
  await authentication
    .counting({ authenticate: async () => ({ kind: 'anonymous', user: ANONYMOUS }) })
    .authenticate({ method: 'GET', target: '/', headers: {}, body: { kind: 'none' }, signal, peer: inside });
  authentication.certificateTaken(1);
  const controllers = countControllers();
  controllers.approver.approved('a.b/c', 'p');
  controllers.signs('a.b/c', toUnixSeconds(1));
  controllers.controllers.reconciled('signer', 'done', 0.1);
  controllers.controllers.queueDepth('signer', 1);
  const server = new ServerMetrics(versionInfo({ version: '1.2.3', runtime: 'node', platform: 'p' }));
  const nowhere = { group: '', version: '', resource: '', subresource: '', scope: '', dryRun: false } as const;
  server.request({ verb: 'GET', ...nowhere }, 200, 0.1);
  const etcd = new EtcdMetrics();
  etcd.observe({ operation: 'get', key: '/registry/pods/default/a', seconds: 0.1 });
  await etcd.follow(async () => ({
    members: [{ endpoint: 'a:1', version: '3.5.16', fileBytes: 2, usedBytes: 1 }],
    alarms: [],
  }));
  return [etcd, controllers, server, new AuditMetrics(), flows(), createStanding('lease'), authentication].flatMap(
    (source) => source.collect(),
  );
}

function flows(): FlowMetrics {
  const metrics = new FlowMetrics(
    () => ({ taken: 0, total: 1 }),
    () => 0,
  );
  const info = requestInfo('GET', '/version');
  assert.ok(info !== undefined);
  const flow = flowOf({ user: { username: 'jane', groups: [] }, inProcess: false, address: '' }, info);
  assert.ok(flow !== undefined);
  metrics.queued(flow);
  metrics.unqueued(flow, 0, true);
  metrics.began(flow);
  metrics.ended(flow);
  metrics.rejected(flow, 'queue-full');
  return metrics;
}

suite('docs/metrics.md says what is served', async () => {
  const families = await everything();

  test('and nothing else', () => {
    const served = new Set(families.map(({ name }) => name));
    assert.deepEqual(
      [...documented.keys()].filter((name) => !served.has(name)),
      [],
    );
  });

  for (const { name, type, samples } of families) {
    test(name, () => {
      const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
      labels.delete('le');
      assert.ok(samples.length > 0);
      assert.deepEqual(documented.get(name), { type, labels: [...labels] });
    });
  }
});
