import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FieldSchema, messageOfField, type MessageSchema } from '../kube/schema.js';
import { createResources } from './resources.js';

/** What is not replaced as a whole: strategy and key of a strategic merge, then the type and keys of an apply. */
const MERGED: readonly string[] = [
  'ConfigMap.metadata.ownerReferences: merge uid; map uid',
  'ConfigMap.metadata.finalizers: merge; set',
  'Namespace.status.conditions: merge type; map type',
  'Node.spec.podCIDRs: merge; set',
  'Node.status.conditions: merge type; map type',
  'Node.status.addresses: merge type; map type',
  'Pod.spec.volumes: merge,retainKeys name; map name',
  'Pod.spec.initContainers: merge name; map name',
  'Pod.spec.initContainers.ports: merge containerPort; map containerPort,protocol',
  'Pod.spec.initContainers.env: merge name; map name',
  'Pod.spec.initContainers.resources.claims: replace; map name',
  'Pod.spec.initContainers.restartPolicyRules.exitCodes.values: replace; set',
  'Pod.spec.initContainers.volumeMounts: merge mountPath; map mountPath',
  'Pod.spec.initContainers.volumeDevices: merge devicePath; map devicePath',
  'Pod.spec.containers: merge name; map name',
  'Pod.spec.ephemeralContainers: merge name; map name',
  'Pod.spec.ephemeralContainers.ports: merge containerPort; map containerPort,protocol',
  'Pod.spec.ephemeralContainers.env: merge name; map name',
  'Pod.spec.ephemeralContainers.volumeMounts: merge mountPath; map mountPath',
  'Pod.spec.ephemeralContainers.volumeDevices: merge devicePath; map devicePath',
  'Pod.spec.imagePullSecrets: merge name; map name',
  'Pod.spec.hostAliases: merge ip; map ip',
  'Pod.spec.topologySpreadConstraints: merge topologyKey; map topologyKey,whenUnsatisfiable',
  'Pod.spec.schedulingGates: merge name; map name',
  'Pod.spec.resourceClaims: merge,retainKeys name; map name',
  'Pod.status.conditions: merge type; map type',
  'Pod.status.hostIPs: merge ip; atomic',
  'Pod.status.podIPs: merge ip; map ip',
  'Pod.status.initContainerStatuses.volumeMounts: merge mountPath; map mountPath',
  'Pod.status.initContainerStatuses.allocatedResourcesStatus: merge name; map name',
  'Pod.status.initContainerStatuses.allocatedResourcesStatus.resources: replace; map resourceID',
  'Pod.status.resourceClaimStatuses: merge,retainKeys name; map name',
  'Pod.status.nodeAllocatableResourceClaimStatuses: replace; map resourceClaimName',
  'Pod.status.nodeAllocatableResourceClaimStatuses.containers: replace; set',
  'ServiceAccount.secrets: merge name; map name',
  'Service.spec.ports: merge port; map port,protocol',
  'Service.status.conditions: merge type; map type',
  'CertificateSigningRequest.status.conditions: replace; map type',
  'PodCertificateRequest.status.conditions: merge type; map type',
  'EndpointSlice.endpoints.addresses: replace; set',
  'ApprovalPolicy.status.conditions: replace; map type',
];

/** Keys of lists that need not be written. */
const DEFAULTED: readonly string[] = ['ContainerPort.protocol', 'ServicePort.protocol'];

const requestVerifier = { verify: () => Promise.reject(new Error('nothing is verified here')) };
const schemas = createResources({ requestVerifier });

/** Every list of the served kinds, with its path; what several kinds share, once. */
function lists(): readonly (readonly [string, FieldSchema])[] {
  const seen = new Set<MessageSchema>();
  const found: (readonly [string, FieldSchema])[] = [];
  const walk = (message: MessageSchema, path: string): void => {
    if (seen.has(message)) return;
    seen.add(message);
    for (const field of message.fields) {
      const at = `${path}.${field.name}`;
      if (field.repeated === true && field.map !== true) found.push([at, field]);
      const below = messageOfField(field);
      if (below !== undefined) walk(below, at);
    }
  };
  for (const { schema, kind } of schemas) walk(schema, kind);
  return found;
}

test('patches and applies merge the lists that Kubernetes merges, by its keys, and replace all others', () => {
  const merged = lists()
    .filter(([, field]) => field.patchStrategy !== undefined || field.listType !== 'atomic')
    .map(([path, { patchStrategy = 'replace', patchMergeKey, listType = 'none', listMapKeys }]) => {
      const key = patchMergeKey === undefined ? '' : ` ${patchMergeKey}`;
      return `${path}: ${patchStrategy}${key}; ${listType}${listMapKeys === undefined ? '' : ` ${listMapKeys.join(',')}`}`;
    });
  assert.deepEqual(merged, MERGED);
});

test('the keys of lists are fields of their items, and only protocols have a default', () => {
  const defaulted = new Set<string>();
  for (const [path, field] of lists()) {
    for (const key of field.listMapKeys ?? []) {
      const message = messageOfField(field);
      const found = message?.fields.find(({ name }) => name === key);
      assert.ok(message !== undefined && found !== undefined, `${path} has no ${key}`);
      if (found.default !== undefined) defaulted.add(`${message.name.split('.').at(-1) ?? ''}.${key}`);
    }
  }
  assert.deepEqual([...defaulted].sort(), DEFAULTED);
});
