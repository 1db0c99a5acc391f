import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeObject } from '../kube/decode-json.js';
import { messageOfField, type MessageSchema } from '../kube/schema.js';
import { createResources } from './resources.js';
import { openTestStore } from './testing/open-test-store.js';

const resources = createResources({ requestVerifier: { verify: () => Promise.reject(new Error('not asked')) } });

test('serves each group, version and plural once', () => {
  const names = resources.map(({ group, version, resource }) => `${group}/${version}/${resource}`);
  assert.deepEqual(names, [
    '/v1/configmaps',
    '/v1/endpoints',
    '/v1/events',
    '/v1/namespaces',
    '/v1/nodes',
    '/v1/pods',
    '/v1/secrets',
    '/v1/serviceaccounts',
    '/v1/services',
    'certificates.k8s.io/v1/certificatesigningrequests',
    'certificates.k8s.io/v1beta1/clustertrustbundles',
    'certificates.k8s.io/v1alpha1/clustertrustbundles',
    'certificates.k8s.io/v1beta1/podcertificaterequests',
    'coordination.k8s.io/v1/leases',
    'discovery.k8s.io/v1/endpointslices',
    'events.k8s.io/v1/events',
    'rbac.authorization.k8s.io/v1/clusterrolebindings',
    'rbac.authorization.k8s.io/v1/clusterroles',
    'rbac.authorization.k8s.io/v1/rolebindings',
    'rbac.authorization.k8s.io/v1/roles',
    'countersign.dev/v1alpha1/approvalpolicies',
    'countersign.dev/v1alpha1/certificaterecords',
  ]);
});

for (const resource of resources) {
  const { kind, group, version, schema } = resource;
  const name = `${kind} of ${group === '' ? 'core' : group}/${version}`;

  test(`${name} has a schema that a codec can use`, () => {
    assert.equal(schema.fields[0]?.name, 'metadata');
    assert.ok(schema.name.endsWith(`.${kind}`));
    assertSchema(schema, new Set());
  });

  test(`${name} prints a cell for each column, of the least that an object can say`, () => {
    const { object } = decodeObject(schema, kind, {});
    const { context } = openTestStore(resource);
    const cells = resource.cells(object, context().now);
    assert.equal(cells.length, resource.columns.length);
    for (const read of Object.values(resource.selectableFields ?? {})) assert.equal(typeof read(object), 'string');
  });

  test(`${name} is stored under a prefix of its own`, () => {
    assert.match(resource.keyPrefix, /^\/registry\/[a-z.]+\/([a-z]+\/)?$/);
    const others = resources.filter((other) => other !== resource && other.keyPrefix === resource.keyPrefix);
    assert.equal(others.length, ['Event', 'ClusterTrustBundle'].includes(kind) ? 1 : 0);
  });
}

function assertSchema(schema: MessageSchema, seen: Set<MessageSchema>): void {
  if (seen.has(schema)) return;
  seen.add(schema);
  const { fields } = schema;
  assert.equal(new Set(fields.map((f) => f.name)).size, fields.length, `${schema.name}: names`);
  const numbers = fields.map(({ embeddedIn = 0, number }) => `${embeddedIn}.${number}`);
  assert.equal(new Set(numbers).size, fields.length, `${schema.name}: numbers`);
  for (const field of fields) {
    assert.match(field.description, /^[^a-z].*\.$/, `${schema.name}.${field.name}: a sentence`);
    if (field.patchMergeKey !== undefined) assert.match(field.patchStrategy ?? '', /^merge(,retainKeys)?$/);
    const message = messageOfField(field);
    if (message !== undefined) assertSchema(message, seen);
  }
}
