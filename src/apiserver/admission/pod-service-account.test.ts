import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdmissionOperation } from './admission.js';
import { refuseServiceAccount } from './pod-service-account.js';

function creating(spec: object, metadata: object = { name: 'web' }): AdmissionOperation {
  const object = { metadata, spec };
  const pods = { group: '', resource: 'pods' };
  const user = { username: 'alice', groups: [] };
  const name = 'name' in metadata ? 'web' : '';
  const more = { subresource: '', namespace: 'shop', name, previous: undefined, dryRun: false };
  return { verb: 'create', resource: pods, object, user, ...more };
}

const refused: readonly { readonly name: string; readonly operation: AdmissionOperation; readonly message: string }[] =
  [
    {
      name: 'a pod of an account that is not there',
      operation: creating({ serviceAccountName: 'x' }),
      message: 'pods "web" is forbidden: error looking up service account shop/x: serviceaccount "x" not found',
    },
    {
      name: 'a pod of such an account by the deprecated name',
      operation: creating({ serviceAccount: 'x' }),
      message: 'pods "web" is forbidden: error looking up service account shop/x: serviceaccount "x" not found',
    },
    {
      name: 'a pod without a name yet',
      operation: creating({ serviceAccountName: 'x' }, { generateName: 'web-' }),
      message: 'pods "web-" is forbidden: error looking up service account shop/x: serviceaccount "x" not found',
    },
  ];

for (const { name, operation, message } of refused) {
  test(`refuses ${name}, at once`, async () => {
    const accounts = { find: () => undefined, pause: () => assert.fail('waited') };
    await assert.rejects(refuseServiceAccount(operation, accounts), { message, httpCode: 403 });
  });
}

test('gives a new namespace a second to get its account default', async () => {
  let pauses = 0;
  const pause = async (): Promise<void> => {
    pauses++;
  };
  await refuseServiceAccount(creating({}), { find: () => (pauses === 3 ? {} : undefined), pause });
  assert.equal(pauses, 3);
  await assert.rejects(refuseServiceAccount(creating({}), { find: () => undefined, pause }), {
    message:
      'pods "web" is forbidden: error looking up service account shop/default: serviceaccount "default" not found',
  });
  assert.equal(pauses, 3 + 9);
});

test('looks at nothing but new pods', async () => {
  const accounts = { find: () => assert.fail('looked'), pause: () => assert.fail('waited') };
  for (const other of [
    { verb: 'update' },
    { subresource: 'binding' },
    { resource: { group: '', resource: 'secrets' } },
  ]) {
    // one property of an operation, with a value that it may have
    await refuseServiceAccount({ ...creating({}), ...(other as Partial<AdmissionOperation>) }, accounts);
  }
});
