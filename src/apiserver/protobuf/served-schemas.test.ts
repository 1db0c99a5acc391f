import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { arbitraryObject } from '../../../test/arbitrary-object.js';
import { decodeObject } from '../../kube/decode-json.js';
import * as metaSchemas from '../../kube/object-meta-schema.js';
import { goNameOf, messageOfField, type MessageSchema } from '../../kube/schema.js';
import { emptyMessage } from '../../kube/unset-values.js';
import { createResources } from '../../registry/resources.js';
import { selfSubjectReviewSchema, tokenRequestSchema, tokenReviewSchema } from '../reviews/authentication-schemas.js';
import {
  localSubjectAccessReviewSchema,
  selfSubjectAccessReviewSchema,
  selfSubjectRulesReviewSchema,
  subjectAccessReviewSchema,
} from '../reviews/authorization-schemas.js';
import { decodeMessage } from './decode-message.js';
import { encodeMessage } from './encode-message.js';

const kinds: readonly MessageSchema[] = [
  ...createResources({ requestVerifier: { verify: () => Promise.reject(new Error('nobody asks')) } }).map(
    (r) => r.schema,
  ),
  tokenRequestSchema,
  tokenReviewSchema,
  selfSubjectReviewSchema,
  subjectAccessReviewSchema,
  localSubjectAccessReviewSchema,
  selfSubjectAccessReviewSchema,
  selfSubjectRulesReviewSchema,
  metaSchemas.deleteOptionsSchema,
  metaSchemas.statusSchema,
];

/** Every message that is reached from those kinds, once. */
function everyMessage(): readonly MessageSchema[] {
  const found = new Set<MessageSchema>();
  const pending = [...kinds, metaSchemas.conditionSchema];
  for (let message = pending.pop(); message !== undefined; message = pending.pop()) {
    if (found.has(message)) continue;
    found.add(message);
    pending.push(...message.fields.flatMap((f) => messageOfField(f) ?? []));
  }
  return [...found];
}

/** Names and numbers as Kubernetes publishes them; see SOURCE.md beside the file. */
const published = JSON.parse(
  readFileSync(new URL('../../../test/vectors/kubernetes-protobuf/field-numbers.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What older and alpha clients alone know of. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta': ['shardinfo'],
};

/** Fields that are messages of their own in protobuf, whose fields JSON has one level higher. */
const EMBEDDED: Readonly<Record<string, string>> = {
  ephemeralContainerCommon: 'io.k8s.api.core.v1.EphemeralContainerCommon',
  handler: 'io.k8s.api.core.v1.ProbeHandler',
  localObjectReference: 'io.k8s.api.core.v1.LocalObjectReference',
  volumeSource: 'io.k8s.api.core.v1.VolumeSource',
};

/** Each field of a message by its JSON name, with the numbers that lead to it. */
function publishedNumbers(message: string, prefix = ''): readonly (readonly [string, string])[] {
  return Object.entries(published[message] ?? {}).flatMap(([name, number]) => {
    const embedded = EMBEDDED[name];
    return embedded === undefined
      ? [[name.toLowerCase(), `${prefix}${number}`] as const]
      : publishedNumbers(embedded, `${number}.`);
  });
}

for (const message of everyMessage().filter(({ name }) => name.startsWith('io.k8s.'))) {
  test(`numbers the fields of ${message.name} as Kubernetes does`, () => {
    const known = publishedNumbers(message.name).filter(([name]) => LEFT_OUT[message.name]?.includes(name) !== true);
    const ours = message.fields.map(({ name, number, embeddedIn }) => [
      name.toLowerCase(),
      embeddedIn === undefined ? String(number) : `${embeddedIn}.${number}`,
    ]);
    assert.deepEqual(Object.fromEntries(ours), Object.fromEntries(known));
  });
}

test('names no field twice, and merges objects by a field that they have', () => {
  for (const message of everyMessage()) {
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
    const schema = kinds.find((k) => k.name === `io.k8s.api.${name}`);
    assert.ok(schema !== undefined);
    assert.deepEqual(emptyMessage(schema), expected);
  });
}

for (const schema of kinds) {
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
