import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject, UserInfo } from '../../kube/object-meta.js';
import { StatusError } from '../../kube/status.js';
import { createRbacAuthorizer } from '../authorization/rbac-authorizer.js';
import { RbacIndex } from '../authorization/rbac-index.js';
import type { AdmissionOperation } from './admission.js';
import { refuseApprovalPolicy } from './approval-policy.js';

const SIGNERS = { group: 'certificates.k8s.io', resource: 'signers' };
const POLICIES = { group: 'countersign.dev', resource: 'approvalpolicies' };
const author: UserInfo = { username: 'author', groups: [] };
const lead: UserInfo = { username: 'lead', groups: [] };
const root: UserInfo = { username: 'root', groups: ['system:masters'] };

/** `author` may approve for one signer, `lead` for a whole domain; both may sign, which is something else. */
function authorizer() {
  const index = new RbacIndex();
  const may = (name: string, verb: string, resourceNames: readonly string[]): void => {
    const role = `${name}-${verb}`;
    const rule = { verbs: [verb], apiGroups: [SIGNERS.group], resources: [SIGNERS.resource], resourceNames };
    index.setRole('', role, { metadata: {}, rules: [rule] });
    const roleRef = { apiGroup: '', kind: 'ClusterRole', name: role };
    index.setBinding('', role, { metadata: {}, roleRef, subjects: [{ kind: 'User', name }] });
  };
  may('author', 'approve', ['example.com/serving']);
  may('author', 'sign', ['example.com/client', 'other.example/serving']);
  may('lead', 'approve', ['example.com/*']);
  index.setRole('', 'masters', { metadata: {}, rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] });
  const roleRef = { apiGroup: '', kind: 'ClusterRole', name: 'masters' };
  index.setBinding('', 'masters', { metadata: {}, roleRef, subjects: [{ kind: 'Group', name: 'system:masters' }] });
  return createRbacAuthorizer(index);
}

function policy(signerNames: readonly string[], more: object = {}, metadata: object = {}): KubeObject {
  return { metadata: { name: 'p', ...metadata }, ...{ spec: { signerNames, ...more } } };
}

function writes(more: Partial<AdmissionOperation>): AdmissionOperation {
  return {
    verb: 'update',
    resource: POLICIES,
    subresource: '',
    namespace: '',
    name: 'p',
    object: undefined,
    previous: undefined,
    user: author,
    dryRun: false,
    ...more,
  };
}

const serving = policy(['example.com/serving']);
const FORBIDDEN = 'approvalpolicies.countersign.dev "p" is forbidden: user not permitted to approve requests with';

const refused: readonly (readonly [string, Partial<AdmissionOperation>, string])[] = [
  [
    'a policy for a signer that its author may not approve for',
    { verb: 'create', object: policy(['example.com/client']) },
    'signerName "example.com/client"',
  ],
  [
    'a policy for several, naming each that is missing once',
    {
      verb: 'create',
      object: policy(['example.com/client', 'example.com/serving', 'other.example/serving', 'example.com/client']),
    },
    'signerNames "example.com/client", "other.example/serving"',
  ],
  [
    'a further signer',
    { object: policy(['example.com/serving', 'example.com/client']), previous: serving },
    'signerName "example.com/client"',
  ],
  [
    'taking away a signer that its author may not approve for',
    { object: serving, previous: policy(['example.com/serving', 'example.com/client']) },
    'signerName "example.com/client"',
  ],
  [
    'another change of a policy for such a signer',
    { object: policy(['example.com/client'], { mode: 'Shadow' }), previous: policy(['example.com/client']) },
    'signerName "example.com/client"',
  ],
  [
    'an empty selector where there was none',
    {
      object: policy(['example.com/client'], { requesters: { serviceAccounts: [{ namespaceSelector: {} }] } }),
      previous: policy(['example.com/client'], { requesters: { serviceAccounts: [{}] } }),
    },
    'signerName "example.com/client"',
  ],
  [
    'a signer of another domain by who may approve for a whole domain',
    { verb: 'create', user: lead, object: policy(['example.com/client', 'sub.example.com/client']) },
    'signerName "sub.example.com/client"',
  ],
];

for (const [name, operation, missing] of refused) {
  test(`refuses ${name}`, async () => {
    await assert.rejects(refuseApprovalPolicy(writes(operation), authorizer()), (error) => {
      assert.ok(error instanceof StatusError);
      assert.deepEqual([error.httpCode, error.message], [403, `${FORBIDDEN} ${missing}`]);
      return true;
    });
  });
}

const client = policy(['example.com/client']);
const allowed: readonly (readonly [string, Partial<AdmissionOperation>])[] = [
  ['a policy for a signer that its author may approve for', { verb: 'create', object: serving }],
  ['a change of one', { object: policy(['example.com/serving'], { mode: 'Shadow' }), previous: serving }],
  ['any signer of the domain', { verb: 'create', user: lead, object: client }],
  ['every signer by a superuser', { verb: 'create', user: root, object: client }],
  ['a label', { object: policy(['example.com/client'], {}, { labels: { a: 'b' } }), previous: client }],
  ['its status', { subresource: 'status', object: client, previous: client }],
  ['its end', { verb: 'delete', previous: client }],
  ['another resource', { verb: 'create', resource: { group: 'x', resource: 'approvalpolicies' }, object: client }],
];

for (const [name, operation] of allowed) {
  test(`lets through ${name}`, async () => {
    await refuseApprovalPolicy(writes(operation), authorizer());
  });
}
