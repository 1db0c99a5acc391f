import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { LabelledNumbers } from '../apiserver/metrics/labelled-metrics.js';
import type { MetricSource } from '../apiserver/metrics/metric-family.js';
import { hasCode } from '../base/error.js';
import { silentLogger } from '../base/logger.js';
import { listenForMetrics, type MetricsListener } from './metrics-listener.js';

const host = '127.0.0.1';
const quiet = { host, port: 0, sources: [], unready: () => undefined, logger: silentLogger };

async function open(t: TestContext, options: Partial<Parameters<typeof listenForMetrics>[0]> = {}) {
  const listener: MetricsListener = await listenForMetrics({ ...quiet, ...options });
  t.after(() => listener.close());
  return (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://${host}:${listener.port}${path}`, init);
}

suite('metrics listener', () => {
  for (const path of ['/', '/metrics/', '/metrics/x', '/Metrics', '/livez', '/api', '//metrics']) {
    test(`has nothing at ${path}`, async (t) => {
      const ask = await open(t);
      assert.equal((await ask(path)).status, 404);
      assert.equal((await ask(path, { method: 'POST', body: 'x' })).status, 404);
    });
  }

  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    test(`refuses ${method}`, async (t) => {
      const ask = await open(t);
      for (const path of ['/metrics', '/healthz', '/readyz']) {
        const response = await ask(path, { method });
        assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD'], path);
      }
    });
  }

  test('refuses headers that are too long', async (t) => {
    const ask = await open(t);
    assert.equal((await ask('/metrics', { headers: { x: 'a'.repeat(9000) } })).status, 431);
  });

  test('refuses an address that is taken', async (t) => {
    const listener = await listenForMetrics(quiet);
    t.after(() => listener.close());
    await assert.rejects(
      listenForMetrics({ ...quiet, port: listener.port }),
      (error) => hasCode(error, 'CONFIG_INVALID') && error.message.startsWith(`Cannot listen on ${host}:`),
    );
  });

  test('says no more than that it failed where a source fails', async (t) => {
    const broken: MetricSource = {
      collect: () => {
        throw new Error('a secret');
      },
    };
    const response = await (await open(t, { sources: [broken] }))('/metrics');
    assert.deepEqual([response.status, await response.text()], [500, '500 internal server error\n']);
  });

  test('shows what was counted, and the process', async (t) => {
    const numbers = new LabelledNumbers({ name: 'a_total', help: 'A', type: 'counter' });
    const ask = await open(t, { sources: [numbers] });
    numbers.add({ x: 'ü' });
    const response = await ask('/metrics?name=x');
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    const text = await response.text();
    assert.ok(text.startsWith('# HELP a_total A\n# TYPE a_total counter\na_total{x="ü"} 1\n'));
    assert.match(text, /^process_cpu_seconds_total \d/m);
    const head = await ask('/metrics', { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [200, '']);
  });

  test('is alive, and ready when the process is', async (t) => {
    let because: string | undefined = 'it sleeps';
    const ask = await open(t, { unready: () => because });
    const answer = async (path: string) => {
      const response = await ask(path);
      return [response.status, await response.text()];
    };
    assert.deepEqual(await answer('/healthz'), [200, 'ok\n']);
    assert.deepEqual(await answer('/readyz'), [503, 'not ready: it sleeps\n']);
    because = undefined;
    assert.deepEqual(await answer('/readyz'), [200, 'ok\n']);
  });
});
