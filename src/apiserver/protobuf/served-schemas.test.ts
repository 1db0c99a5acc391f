import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arbitraryObject } from '../../../test/arbitrary-object.js';
import { decodeObject } from '../../kube/decode-json.js';
import { goNameOf, messageOfField } from '../../kube/schema.js';
import { emptyMessage } from '../../kube/unset-values.js';
import { messagesWithin, SERVED_KINDS } from '../testing/served-schemas.js';
import { decodeMessage } from './decode-message.js';
import { encodeMessage } from './encode-message.js';

test('names no field twice, and merges objects by a field that they have', () => {
  for (const message of messagesWithin(SERVED_KINDS)) {
    assert.equal(new Set(message.fields.map((f) => f.name)).size, message.fields.length, message.name);
    for (const field of message.fields) {
      const keys = [...(field.listMapKeys ?? []), ...(field.patchMergeKey === undefined ? [] : [field.patchMergeKey])];
      for (const key of keys) {
        assert.ok(
          messageOfField(field)?.fields.some((f) => f.name === key),
          `${message.name}.${field.name}: ${key}`,
        );
      }
      assert.equal(field.listType === 'map', (field.listMapKeys ?? []).length > 0, `${message.name}.${field.name}`);
      if (field.listType !== undefined) assert.ok(field.repeated === true, `${message.name}.${field.name} is no list`);
      if (field.patchStrategy?.startsWith('merge') === true)
        assert.ok(field.repeated === true, `${message.name}.${field.name}`);
    }
  }
});

/** What Kubernetes 1.36 writes of an object of which nothing is set. */
const EMPTY: Readonly<Record<string, unknown>> = {
  'core.v1.ConfigMap': { metadata: {} },
  'core.v1.Event': {
    metadata: {},
    involvedObject: {},
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  },
  'core.v1.Namespace': { metadata: {}, spec: {}, status: {} },
  'core.v1.Node': {
    metadata: {},
    spec: {},
    status: {
      daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
      nodeInfo: {
        machineID: '',
        systemUUID: '',
        bootID: '',
        kernelVersion: '',
        osImage: '',
        containerRuntimeVersion: '',
        kubeletVersion: '',
        kubeProxyVersion: '',
        operatingSystem: '',
        architecture: '',
      },
    },
  },
  'core.v1.Pod': { metadata: {}, spec: { containers: null }, status: {} },
  'core.v1.Secret': { metadata: {} },
  'core.v1.ServiceAccount': { metadata: {} },
  'core.v1.Service': { metadata: {}, spec: {}, status: { loadBalancer: {} } },
  'core.v1.Endpoints': { metadata: {} },
  'discovery.v1.EndpointSlice': { metadata: {}, addressType: '', endpoints: null, ports: null },
  'certificates.v1.CertificateSigningRequest': { metadata: {}, spec: { request: null, signerName: '' }, status: {} },
  'coordination.v1.Lease': { metadata: {}, spec: {} },
  'events.v1.Event': {
    metadata: {},
    eventTime: null,
    deprecatedSource: {},
    deprecatedFirstTimestamp: null,
    deprecatedLastTimestamp: null,
  },
  'rbac.v1.ClusterRole': { metadata: {}, rules: null },
  'rbac.v1.Role': { metadata: {}, rules: null },
  'authentication.v1.TokenRequest': {
    metadata: {},
    spec: { audiences: null, boundObjectRef: null },
    status: { token: '', expirationTimestamp: null },
  },
};

for (const [name, expected] of Object.entries(EMPTY)) {
  test(`writes an empty ${name} as Kubernetes does`, () => {
    const schema = SERVED_KINDS.find((k) => k.name === `io.k8s.api.${name}`);
    assert.ok(schema !== undefined);
    assert.deepEqual(emptyMessage(schema), expected);
  });
}

for (const schema of SERVED_KINDS) {
  test(`says in protobuf what it says in JSON of ${schema.name}`, () => {
    fc.assert(
      fc.property(arbitraryObject(schema), (json) => {
        const { object } = decodeObject(schema, goNameOf(schema), json);
        const decoded = decodeMessage(schema, encodeMessage(schema, object));
        // A second decoding drops messages that hold nothing, which have no form of their own in protobuf.
        const again = decodeMessage(schema, encodeMessage(schema, decoded));
        assert.deepEqual(again, decoded);
        assert.deepEqual(dropEmpty(decoded), dropEmpty(object));
      }),
      { numRuns: 30 },
    );
  });
}

/** Objects without what is empty. */
function dropEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).flatMap(([name, part]) => {
    const inner = dropEmpty(part);
    const empty =
      typeof inner === 'object' && inner !== null && !Array.isArray(inner) && Object.keys(inner).length === 0;
    return empty || inner === null || inner === '' || inner === false || inner === 0 ? [] : [[name, inner] as const];
  });
  return Object.fromEntries(kept);
}
