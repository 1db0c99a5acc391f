import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApprovalPolicy } from '../certificates/approval-policy.js';
import { createClient } from '../client/client.js';
import { createMemoryApi } from '../client/testing/memory-api.js';
import { policyOf } from '../policy/testing/policies.js';
import { loadPolicies } from './load-policies.js';

const PATH = '/apis/countersign.dev/v1alpha1/approvalpolicies/workload-serving';

test('makes policies that are missing, and changes those that say something else', async () => {
  const api = createMemoryApi();
  const client = createClient(api.transport, { userAgent: 'test' });
  const stored = (): ApprovalPolicy => api.objects.get(PATH) as ApprovalPolicy; // all that is written there
  await loadPolicies(client, [policyOf()]);
  const { metadata, spec } = stored();
  assert.deepEqual(spec, policyOf().spec);
  assert.notEqual(metadata.uid, policyOf().metadata.uid, 'who it is the server says');
  await loadPolicies(client, [policyOf({ mode: 'Shadow' })]);
  assert.equal(stored().spec.mode, 'Shadow');
  assert.equal(stored().metadata.uid, metadata.uid);
});

test('replicas that start at the same time all load what they were given', async () => {
  const api = createMemoryApi();
  const client = createClient(api.transport, { userAgent: 'test' });
  await Promise.all(Array.from({ length: 5 }, () => loadPolicies(client, [policyOf({ mode: 'Shadow' })])));
  assert.equal((api.objects.get(PATH) as ApprovalPolicy).spec.mode, 'Shadow'); // all that is written there
});
