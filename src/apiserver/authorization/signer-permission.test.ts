import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createRbacAuthorizer } from './rbac-authorizer.js';
import { RbacIndex } from './rbac-index.js';
import { mayActForSigner } from './signer-permission.js';

function authorizerWith(resourceNames: readonly string[]): ReturnType<typeof createRbacAuthorizer> {
  const index = new RbacIndex();
  const rule = { verbs: ['approve'], apiGroups: ['certificates.k8s.io'], resources: ['signers'], resourceNames };
  index.setRole('', 'r', { metadata: {}, rules: [rule] });
  index.setBinding('', 'b', {
    metadata: {},
    roleRef: { apiGroup: '', kind: 'ClusterRole', name: 'r' },
    subjects: [{ kind: 'User', name: 'u' }],
  });
  return createRbacAuthorizer(index);
}

const user = { username: 'u', groups: [] };

const table: readonly (readonly [string, readonly string[], boolean])[] = [
  ['a prefix with a star', ['example.com/f*'], false],
  ['a lone star', ['*'], false],
  ['a star for the domain', ['*/foo'], false],
  ['the domain alone', ['example.com'], false],
  ['another signer of the domain', ['example.com/bar'], false],
  ['the exact name', ['example.com/foo'], true],
  ['all signers of the domain', ['example.com/*'], true],
  ['no names at all', [], true],
];

for (const [name, resourceNames, expected] of table) {
  test(`${name} ${expected ? 'grants' : 'does not grant'} a signer`, async () => {
    assert.equal(await mayActForSigner(authorizerWith(resourceNames), user, 'approve', 'example.com/foo'), expected);
  });
}

test('approve is not sign', async () => {
  assert.equal(await mayActForSigner(authorizerWith([]), user, 'sign', 'example.com/foo'), false);
});
