import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createRequestVerifier } from '../../crypto/request-verifier.js';
import type { KubeObject, UserInfo } from '../../kube/object-meta.js';
import { StatusError } from '../../kube/status.js';
import { createRbacAuthorizer } from '../authorization/rbac-authorizer.js';
import { RbacIndex } from '../authorization/rbac-index.js';
import type { Admission, AdmissionOperation } from './admission.js';
import { createAdmission } from './create-admission.js';
import type { NamespaceObject } from './namespace-lifecycle.js';

/** A request for O=system:masters, CN=evil. */
const MASTERS_REQUEST =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIaU1JR0tBZ0VBTUNneEZ6QVZCZ05WQkFvTURuTjVjM1JsYlRwdFlYTjBaWEp6TVEwd0N3WURWUVFEREFSbApkbWxzTUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFVXltdzVvRUN3NmhKNm1FSGgxaUlHM0NKCmxBbkVsbjRKWGFxYm9vWUttQWplMlVaNGdXQWtIMUlzSWp5ekxaU3pYdk9qSG0yemp6NnNpK1FoVGpFdlNxQUEKTUFvR0NDcUdTTTQ5QkFNQ0EwY0FNRVFDSUVkSWNickM3Z3ZoY1hTL1pPVEg2TmFLUzlCNVRyMFdpeXdJdmVCbAorQnlRQWlBY21MS1NjbmkwTXJpYkJBKzRzWk9peXVjcy95aTEycHJndTVSaXBVSEJodz09Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=';

const requests = { group: 'certificates.k8s.io', resource: 'certificatesigningrequests' };
const nobody: UserInfo = { username: 'conv-ap', groups: ['system:authenticated'] };
const signers = {
  approver: ['approve', 'example.com/serving'],
  signer: ['sign', 'example.com/*'],
} as const;

function admission(): Admission {
  const index = new RbacIndex();
  for (const [name, [verb, signer]] of Object.entries(signers)) {
    const rule = { verbs: [verb], apiGroups: [requests.group], resources: ['signers'], resourceNames: [signer] };
    index.setRole('', name, { metadata: {}, rules: [rule] });
    const roleRef = { apiGroup: '', kind: 'ClusterRole', name };
    index.setBinding('', name, { metadata: {}, roleRef, subjects: [{ kind: 'User', name }] });
  }
  const rbac = createRbacAuthorizer(index);
  const namespaces: Readonly<Record<string, NamespaceObject>> = {
    default: { metadata: { name: 'default' }, status: { phase: 'Active' } },
    n1: { metadata: { name: 'n1' }, status: { phase: 'Terminating' } },
  };
  return createAdmission({
    authorizer: rbac,
    rules: rbac,
    index,
    namespaces: (name) => namespaces[name],
    serviceAccounts: { find: () => undefined, pause: () => Promise.resolve() },
    requests: createRequestVerifier(),
  });
}

function writes(more: Partial<AdmissionOperation>): AdmissionOperation {
  return {
    verb: 'update',
    resource: requests,
    subresource: '',
    namespace: '',
    name: 'conv-za',
    object: csr({}),
    previous: csr({}),
    user: nobody,
    dryRun: false,
    ...more,
  };
}

function csr(status: object, spec: object = { signerName: 'example.com/serving' }, metadata = {}): KubeObject {
  const object = { metadata: { name: 'conv-za', ...metadata }, spec, status };
  return object;
}

async function refusalOf(phase: keyof Admission, operation: AdmissionOperation): Promise<StatusError | undefined> {
  try {
    await admission()[phase](operation);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error;
  }
}

const approver: UserInfo = { username: 'approver', groups: [] };
const signer: UserInfo = { username: 'signer', groups: [] };
const root: UserInfo = { username: 'root', groups: ['system:masters'] };
const conditions = [{ type: 'Failed', status: 'True' }];
const client = { signerName: 'kubernetes.io/kube-apiserver-client', request: MASTERS_REQUEST };
const FORBIDDEN = 'certificatesigningrequests.certificates.k8s.io "conv-za" is forbidden:';
const NOT_APPROVER = `${FORBIDDEN} user not permitted to approve requests with signerName "example.com/serving"`;
const NOT_SIGNER = `${FORBIDDEN} user not permitted to sign requests with signerName "example.com/serving"`;
const NO_MASTERS = `${FORBIDDEN} use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed`;

const refused: readonly (readonly [string, Partial<AdmissionOperation>, string])[] = [
  ['an approval without the right to approve', { subresource: 'approval' }, NOT_APPROVER],
  [
    'an approval that only changes a label',
    { subresource: 'approval', object: csr({}, undefined, { labels: { a: 'b' } }) },
    NOT_APPROVER,
  ],
  ['an approval by who may only sign', { subresource: 'approval', user: signer }, NOT_APPROVER],
  [
    'an approval by the signer that the new object names',
    {
      subresource: 'approval',
      user: approver,
      object: csr({}),
      previous: csr({}, { signerName: 'third.example.com/any' }),
    },
    `${FORBIDDEN} user not permitted to approve requests with signerName "third.example.com/any"`,
  ],
  ['a certificate', { subresource: 'status', object: csr({ certificate: 'AA==' }) }, NOT_SIGNER],
  [
    'an empty certificate where there was none',
    { subresource: 'status', object: csr({ certificate: '' }) },
    NOT_SIGNER,
  ],
  ['a condition', { subresource: 'status', object: csr({ conditions }) }, NOT_SIGNER],
  ['the loss of a condition', { subresource: 'status', previous: csr({ conditions }) }, NOT_SIGNER],
  [
    'a certificate by who may only approve',
    { subresource: 'status', user: approver, object: csr({ certificate: 'AA==' }) },
    NOT_SIGNER,
  ],
  [
    'a client certificate for system:masters, even by a superuser',
    { verb: 'create', user: root, previous: undefined, object: csr({}, client) },
    NO_MASTERS,
  ],
];

for (const [name, operation, message] of refused) {
  test(`refuses ${name}`, async () => {
    const error = await refusalOf('afterValidation', writes(operation));
    assert.equal(error?.message, message);
    assert.equal(error.httpCode, 403);
    assert.deepEqual(error.status.details, { name: 'conv-za', group: requests.group, kind: requests.resource });
  });
}

const allowed: readonly (readonly [string, Partial<AdmissionOperation>])[] = [
  ['an approval by who may approve for this signer', { subresource: 'approval', user: approver }],
  ['an approval by a superuser', { subresource: 'approval', user: root }],
  [
    'a certificate by who may sign for the domain',
    { subresource: 'status', user: signer, object: csr({ certificate: 'AA==' }) },
  ],
  [
    'a status write that only changes a label',
    { subresource: 'status', object: csr({}, undefined, { labels: { a: 'b' } }) },
  ],
  [
    'a status write with empty conditions where there were none',
    { subresource: 'status', object: csr({ conditions: [] }) },
  ],
  [
    'a status write with the same certificate and conditions',
    {
      subresource: 'status',
      object: csr({ certificate: 'A', conditions }),
      previous: csr({ certificate: 'A', conditions }),
    },
  ],
  ['an update of the main resource', {}],
  [
    'system:masters for another signer',
    { verb: 'create', previous: undefined, object: csr({}, { ...client, signerName: 'example.com/serving' }) },
  ],
  ['the same subresource of another resource', { subresource: 'approval', resource: { group: 'x', resource: 'y' } }],
];

for (const [name, operation] of allowed) {
  test(`lets through ${name}`, async () => {
    assert.equal(await refusalOf('afterValidation', writes(operation)), undefined);
  });
}

const configMaps = { resource: { group: '', resource: 'configmaps' }, name: '', previous: undefined } as const;

test('refuses to write into a namespace that is not there', async () => {
  const operation = writes({
    ...configMaps,
    verb: 'create',
    namespace: 'conv-none',
    object: { metadata: { name: 'x' } },
  });
  assert.deepEqual((await refusalOf('beforeValidation', operation))?.status, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'namespaces "conv-none" not found',
    reason: 'NotFound',
    details: { name: 'conv-none', kind: 'namespaces' },
    code: 404,
  });
});

const endings: readonly (readonly [string, object, string])[] = [
  ['by name', { name: 'f2' }, 'f2'],
  ['by prefix', { generateName: 'g-' }, 'g-'],
  ['without either', {}, 'Unknown'],
];

for (const [name, metadata, shown] of endings) {
  test(`refuses to create in a namespace that is going away, and says why: ${name}`, async () => {
    const operation = writes({ ...configMaps, verb: 'create', namespace: 'n1', object: { metadata } });
    assert.deepEqual((await refusalOf('beforeValidation', operation))?.status, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `configmaps "${shown}" is forbidden: unable to create new content in namespace n1 because it is being terminated`,
      reason: 'Forbidden',
      details: {
        name: shown,
        kind: 'configmaps',
        causes: [
          { reason: 'NamespaceTerminating', message: 'namespace n1 is being terminated', field: 'metadata.namespace' },
        ],
      },
      code: 403,
    });
  });
}

const lifecycles: readonly (readonly [string, Partial<AdmissionOperation>])[] = [
  ['a create in a namespace that is there', { ...configMaps, verb: 'create', namespace: 'default' }],
  ['an update in a namespace that is going away', { ...configMaps, namespace: 'n1' }],
  ['a delete in a namespace that is going away', { ...configMaps, verb: 'delete', namespace: 'n1', object: undefined }],
  [
    'a delete in a namespace that is not there',
    { ...configMaps, verb: 'delete', namespace: 'gone', object: undefined },
  ],
  [
    'an access review in a namespace that is not there',
    {
      verb: 'create',
      resource: { group: 'authorization.k8s.io', resource: 'localsubjectaccessreviews' },
      namespace: 'conv-none',
    },
  ],
  ['a new namespace', { verb: 'create', resource: { group: '', resource: 'namespaces' }, namespace: 'new' }],
  ['what is in no namespace', { verb: 'create' }],
];

for (const [name, operation] of lifecycles) {
  test(`lets through ${name}`, async () => {
    assert.equal(await refusalOf('beforeValidation', writes(operation)), undefined);
  });
}

test('nobody grants more than they have, before validation', async () => {
  const object: KubeObject = {
    metadata: { name: 'r' },
    ...{ rules: [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }] },
  };
  const resource = { group: 'rbac.authorization.k8s.io', resource: 'clusterroles' };
  const operation = writes({ verb: 'create', resource, object, previous: undefined });
  assert.match((await refusalOf('beforeValidation', operation))?.message ?? '', /not currently held/);
});
