import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiRequest } from '../../kube/exchange.js';
import { metricsText } from '../metrics/metric-family.js';
import { AuthenticationMetrics } from './authentication-metrics.js';
import { ANONYMOUS, type AuthenticationResult } from './authenticator.js';

const REQUEST: ApiRequest = {
  method: 'GET',
  target: '/',
  headers: {},
  body: { kind: 'none' },
  signal: new AbortController().signal,
  peer: { kind: 'connection', address: 'a' },
};

const named = (username: string): AuthenticationResult => ({ kind: 'user', user: { username, groups: [] } });

test('counts who is let in, and makes no label of a name that somebody chose', async () => {
  const metrics = new AuthenticationMetrics();
  const results = [
    { kind: 'refused' } as const,
    { kind: 'anonymous', user: ANONYMOUS } as const,
    named('a@example.com'),
    named('kubelet'),
    named('chosen"name'),
    named('system:serviceaccount:ns:chosen'),
  ];
  for (const result of results) {
    assert.equal(await metrics.counting({ authenticate: async () => result }).authenticate(REQUEST), result);
  }
  metrics.certificateTaken(7000);
  metrics.staleTokenTaken();
  const lines = metricsText(metrics.collect()).split('\n');
  for (const line of [
    'authentication_attempts{result="error"} 1',
    'authentication_attempts{result="success"} 5',
    'authenticated_user_requests{username="other"} 3',
    'authenticated_user_requests{username="email_id"} 1',
    'authenticated_user_requests{username="kubelet"} 1',
    'apiserver_client_certificate_expiration_seconds_bucket{le="3600"} 0',
    'apiserver_client_certificate_expiration_seconds_bucket{le="7200"} 1',
    'serviceaccount_stale_tokens_total 1',
  ]) {
    assert.ok(lines.includes(line), line);
  }
  assert.ok(!lines.some((line) => line.includes('chosen')));
});
