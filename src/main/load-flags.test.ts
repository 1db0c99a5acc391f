import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '../apiserver/limits.js';
import { DEFAULT_LOAD, loadSettings } from './load-flags.js';

const refused: readonly { readonly flags: Readonly<Record<string, string>>; readonly error: string }[] = [
  {
    flags: { maxRequestsInflight: '0' },
    error: 'Cannot use --max-requests-inflight: "0" is no whole number from 1 to 1000000',
  },
  {
    flags: { maxMutatingRequestsInflight: '1e3' },
    error: 'Cannot use --max-mutating-requests-inflight: "1e3" is no whole number from 1 to 1000000',
  },
  { flags: { requestTimeout: '999ms' }, error: 'Cannot use --request-timeout: it must be at least 1s' },
  { flags: { requestTimeout: '2h' }, error: 'Cannot use --request-timeout: 2h is not between 0s and 1h' },
  {
    flags: { shutdownDelayDuration: '10' },
    error: 'Cannot use --shutdown-delay-duration: "10" is no duration such as 10s or 1m30s',
  },
  {
    flags: { shutdownDelayDuration: '-1s' },
    error: 'Cannot use --shutdown-delay-duration: -1s is not between 0s and 1h',
  },
];

for (const { flags, error } of refused) {
  test(`refuses ${JSON.stringify(flags)}`, () => {
    assert.throws(() => loadSettings(flags), { code: 'USAGE', message: error });
  });
}

test('flags that are given count, and the others have their defaults', () => {
  const { maxReadsInFlight, maxWritesInFlight, requestTimeoutMs } = DEFAULT_LIMITS;
  assert.deepEqual(loadSettings({}), {
    ...DEFAULT_LOAD,
    limits: { maxReadsInFlight, maxWritesInFlight, requestTimeoutMs },
  });
  assert.deepEqual(
    loadSettings({
      maxRequestsInflight: '10',
      maxMutatingRequestsInflight: '5',
      requestTimeout: '1m30s',
      shutdownDelayDuration: '15s',
    }),
    { limits: { maxReadsInFlight: 10, maxWritesInFlight: 5, requestTimeoutMs: 90_000 }, shutdownDelayMs: 15_000 },
  );
});
