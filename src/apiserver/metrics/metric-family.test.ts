import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionInfo } from '../version-info.js';
import { metricsText } from './metric-family.js';
import { type RequestLabels, ServerMetrics } from './server-metrics.js';

test('labels cannot break out of their quotes', () => {
  const text = metricsText([
    { name: 'a_total', help: 'One\ntwo', type: 'counter', samples: [{ labels: { x: 'a"b\\c\nd' }, value: 1 }] },
  ]);
  assert.equal(text, '# HELP a_total One\\ntwo\n# TYPE a_total counter\na_total{x="a\\"b\\\\c\\nd"} 1\n');
});

test('requests are counted by what they were for, and their time in cumulative buckets', () => {
  const metrics = new ServerMetrics(versionInfo({ version: '1.2.3', runtime: 'node v20', platform: 'linux/amd64' }));
  const get: RequestLabels = {
    verb: 'GET',
    group: '',
    version: 'v1',
    resource: 'secrets',
    subresource: '',
    scope: 'resource',
    dryRun: false,
  };
  metrics.request(get, 200, 0.003);
  metrics.request(get, 200, 0.03);
  metrics.request(get, 404, 100);
  metrics.request({ ...get, verb: 'WATCH', scope: 'cluster' }, 200, 5);
  const lines = metricsText(metrics.collect()).split('\n');
  const labels =
    'verb="GET",dry_run="",group="",version="v1",resource="secrets",subresource="",scope="resource",component="apiserver"';
  const has = (line: string): void => {
    assert.ok(lines.includes(line), line);
  };
  has(`apiserver_request_total{${labels},code="200"} 2`);
  has(`apiserver_request_total{${labels},code="404"} 1`);
  has(`apiserver_request_duration_seconds_bucket{${labels},le="0.005"} 1`);
  has(`apiserver_request_duration_seconds_bucket{${labels},le="0.05"} 2`);
  has(`apiserver_request_duration_seconds_bucket{${labels},le="60"} 2`);
  has(`apiserver_request_duration_seconds_bucket{${labels},le="+Inf"} 3`);
  has(`apiserver_request_duration_seconds_count{${labels}} 3`);
  assert.equal(
    lines.some((line) => line.includes('duration') && line.includes('WATCH')),
    false,
  );
  assert.ok(lines.some((line) => line.startsWith('kubernetes_build_info{') && line.includes('countersign-1.2.3')));
});
