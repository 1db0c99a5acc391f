import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStore } from '../testing/open-test-store.js';
import { createServiceAccounts } from './serviceaccounts.js';

test('keeps only the names of the Secrets that it refers to', async () => {
  const { objects, context } = openTestStore(createServiceAccounts(undefined));
  const reference = { name: 's', namespace: 'other', uid: '1' };
  const metadata = { name: 'a', namespace: 'default' };
  const made = await objects.create({ metadata, secrets: [reference, {}] }, { context: context() });
  assert.deepEqual(made.secrets, [{ name: 's' }, {}]);
  const { object } = await objects.update(metadata, () => ({ metadata, secrets: [reference] }), { context: context() });
  assert.deepEqual(object.secrets, [{ name: 's' }]);
});

test('serves tokens only where there is somebody to issue them', () => {
  assert.equal(createServiceAccounts(undefined).subresources, undefined);
  const token = {
    kind: 'create',
    group: 'authentication.k8s.io',
    version: 'v1',
    requestKind: 'TokenRequest',
    schema: { name: 'x', description: '', fields: [] },
    create: () => Promise.reject(new Error('not asked')),
  } as const;
  assert.equal(createServiceAccounts(token).subresources?.['token'], token);
});
