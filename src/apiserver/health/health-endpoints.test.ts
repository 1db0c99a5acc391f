import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Logger, silentLogger } from '../../base/logger.js';
import { queryOf } from '../routing/query.js';
import { HealthEndpoints } from './health-endpoints.js';

const logged: unknown[] = [];
const logger: Logger = { ...silentLogger, warn: (message, fields) => logged.push([message, fields]) };

function endpoints(storeIsUp: boolean): HealthEndpoints {
  return new HealthEndpoints(
    [
      { name: 'ping', when: 'live', check: () => undefined },
      {
        name: 'store',
        when: 'ready',
        check: () => (storeIsUp ? undefined : Promise.reject(new Error('disk /dev/sda1 is gone'))),
      },
    ],
    logger,
  );
}

test('a failed check is 500 with all checks, and its reason stays in the log', async () => {
  const answer = await endpoints(false).answer('readyz', '', queryOf(''));
  assert.deepEqual(answer, {
    status: 500,
    text: '[+]ping ok\n[-]store failed: reason withheld\nreadyz check failed\n',
  });
  assert.deepEqual(logged.pop(), ['Failed health check', { check: 'store', error: 'disk /dev/sda1 is gone' }]);
});

test('a check that is only about readiness does not kill the process', async () => {
  assert.deepEqual(await endpoints(false).answer('livez', '', queryOf('')), { status: 200, text: 'ok' });
  assert.equal((await endpoints(false).answer('healthz', '', queryOf('')))?.status, 500);
});

test('verbose shows every check', async () => {
  assert.deepEqual(await endpoints(true).answer('readyz', '', queryOf('verbose')), {
    status: 200,
    text: '[+]ping ok\n[+]store ok\nreadyz check passed\n',
  });
});

test('excluded checks are not asked, and unknown ones are named', async () => {
  assert.deepEqual(await endpoints(false).answer('readyz', '', queryOf('verbose=1&exclude=store&exclude=nope')), {
    status: 200,
    text: '[+]ping ok\n[+]store excluded: ok\nwarn: some health checks cannot be excluded: no matches for "nope"\nreadyz check passed\n',
  });
});

test('single checks have paths of their own', async () => {
  const health = endpoints(false);
  assert.deepEqual(await health.answer('livez', 'ping', queryOf('')), { status: 200, text: 'ok' });
  assert.deepEqual(await health.answer('readyz', 'store', queryOf('')), {
    status: 500,
    text: 'internal server error: store check failed',
  });
  assert.equal(await health.answer('livez', 'store', queryOf('')), undefined);
  assert.deepEqual(health.paths(), [
    '/healthz',
    '/healthz/ping',
    '/healthz/store',
    '/livez',
    '/livez/ping',
    '/readyz',
    '/readyz/ping',
    '/readyz/store',
  ]);
});
