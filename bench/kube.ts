// What the API machinery costs for one object: node --import tsx bench/kube.ts
import { decodeMessage } from '../src/apiserver/protobuf/decode-message.js';
import { encodeMessage } from '../src/apiserver/protobuf/encode-message.js';
import { decodeObject } from '../src/kube/decode-json.js';
import { strictFindings } from '../src/kube/duplicate-fields.js';
import { managedKind } from '../src/kube/managed-fields/managed-kind.js';
import { trackUpdate } from '../src/kube/managed-fields/track-update.js';
import { mergePatch } from '../src/kube/merge-patch.js';
import { parseJson } from '../src/kube/parse-json.js';
import { strategicMerge } from '../src/kube/strategic-merge.js';
import { certificateSigningRequestSchema as schema } from '../src/registry/certificatesigningrequests/schema.js';
import { leaseSchema } from '../src/registry/leases/schema.js';

const text = JSON.stringify({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: {
    name: 'bench',
    uid: '00000000-0000-4000-8000-000000000000',
    resourceVersion: '12345',
    creationTimestamp: '2026-11-23T16:58:39Z',
    labels: { app: 'bench' },
  },
  spec: {
    request: Buffer.alloc(1100, 'request').toString('base64'),
    signerName: 'example.com/serving',
    expirationSeconds: 3600,
    usages: ['digital signature', 'key encipherment', 'server auth'],
    username: 'system:serviceaccount:default:bench',
    groups: ['system:serviceaccounts', 'system:authenticated'],
    extra: { 'authentication.kubernetes.io/credential-id': ['JTI=1'] },
  },
  status: {
    conditions: [
      {
        type: 'Approved',
        status: 'True',
        reason: 'Bench',
        lastUpdateTime: '2026-11-23T16:58:39Z',
        lastTransitionTime: '2026-11-23T16:58:39Z',
      },
    ],
  },
});

/** Microseconds of CPU time for one run. */
function cost(run: () => unknown): number {
  const rounds = 20_000;
  for (let i = 0; i < rounds; i++) run();
  const before = process.cpuUsage();
  for (let i = 0; i < rounds; i++) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rounds;
}

const json = parseJson(text);
const { object } = decodeObject(schema, 'CertificateSigningRequest', json);
const raw = encodeMessage(schema, object);
const ignoring = ['spec', 'status'];
const requests = managedKind(
  { schema, kind: 'CertificateSigningRequest', apiVersion: 'certificates.k8s.io/v1', subresource: '' },
  ignoring,
);
const { labels: _labels, ...unlabelled } = object.metadata;
const bare = { ...object, metadata: unlabelled };
const leaseOf = (renewTime: string) =>
  decodeObject(leaseSchema, 'Lease', {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'bench', namespace: 'default' },
    spec: { holderIdentity: 'bench', leaseDurationSeconds: 15, acquireTime: '2026-11-23T16:58:39.000000Z', renewTime },
  }).object;
const leaseKind = managedKind(
  { schema: leaseSchema, kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', subresource: '' },
  [],
);
const writer = { manager: 'bench', now: '2026-11-23T16:58:39Z' };
const first = leaseOf('2026-11-23T16:58:39.000000Z');
const lease = {
  ...first,
  metadata: { ...first.metadata, managedFields: trackUpdate(leaseKind, writer, undefined, first) },
};
const renewed = leaseOf('2026-11-23T16:58:41.000000Z');
const patch = { metadata: { labels: { x: 'y' } } };
const rows: readonly (readonly [string, () => unknown])[] = [
  ['JSON.parse alone', () => JSON.parse(text) as unknown],
  ['parseJson', () => parseJson(text)],
  ['decodeObject', () => decodeObject(schema, 'CertificateSigningRequest', json)],
  ['strictFindings', () => strictFindings(text, [])],
  ['mergePatch', () => mergePatch(object, patch)],
  ['strategicMerge', () => strategicMerge(schema, object, patch)],
  ['encodeMessage', () => encodeMessage(schema, object)],
  ['decodeMessage', () => decodeMessage(schema, raw)],
  ['owners: none', () => trackUpdate(requests, writer, undefined, bare)],
  ['owners: labels', () => trackUpdate(requests, writer, undefined, object)],
  ['owners: new lease', () => trackUpdate(leaseKind, writer, undefined, first)],
  ['owners: renewal', () => trackUpdate(leaseKind, writer, lease, renewed)],
];
process.stdout.write(`One request of ${text.length} characters (${raw.length} bytes of protobuf), µs of CPU\n`);
for (const [name, run] of rows) process.stdout.write(`${name.padEnd(18)}${cost(run).toFixed(2).padStart(8)}\n`);
