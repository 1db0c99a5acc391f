import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../../kube/field-error.js';
import { openTestStore } from '../testing/open-test-store.js';
import { type Lease, leases } from './leases.js';

const { strategy, cells } = leases;

const refused: readonly { readonly name: string; readonly spec: Lease['spec']; readonly error: string }[] = [
  {
    name: 'a duration of nothing',
    spec: { leaseDurationSeconds: 0 },
    error: 'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
  },
  {
    name: 'fewer than no transitions',
    spec: { leaseTransitions: -1 },
    error: 'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
  },
  { name: 'an empty strategy', spec: { strategy: '' }, error: 'spec.strategy: Required value' },
];

for (const { name, spec, error } of refused) {
  test(`refuses ${name}`, async () => {
    const { context } = openTestStore(leases);
    const errors = await strategy.validate({ metadata: {}, ...(spec === undefined ? {} : { spec }) }, context());
    assert.deepEqual(errors.map(fieldErrorText), [error]);
  });
}

test('hands a lease on by version: the second of two writers is refused', async () => {
  const { objects, context } = openTestStore(leases);
  const key = { namespace: 'default', name: 'l' };
  const made = await objects.create({ metadata: key, spec: { holderIdentity: 'a' } }, { context: context() });
  const taken = (holderIdentity: string): Lease => ({ metadata: made.metadata, spec: { holderIdentity } });
  const { object } = await objects.update(key, () => taken('b'), { context: context() });
  assert.equal(object.spec?.holderIdentity, 'b');
  await assert.rejects(
    objects.update(key, () => taken('c'), { context: context() }),
    { message: /the object has been modified/ },
  );
});

test('prints who holds it', () => {
  const { context } = openTestStore(leases);
  const lease: Lease = {
    metadata: { name: 'l', creationTimestamp: '2025-12-31T23:59:00Z' },
    spec: { holderIdentity: 'me' },
  };
  assert.deepEqual(cells(lease, context().now), ['l', 'me', '60s']);
});
