import { metadataField } from '../../../kube/object-meta-schema.js';
import type { MessageSchema } from '../../../kube/schema.js';
import {
  ALWAYS,
  ATOMIC,
  coreMessage,
  field,
  MAP,
  mergedBy,
  POINTER,
  REQUIRED,
  retainedBy,
} from '../../schema-fields.js';
import { localObjectReferenceSchema } from '../../serviceaccounts/schema.js';
import { containerSchema, ephemeralContainerSchema } from './containers.js';
import { resourceRequirementsSchema } from './references.js';
import { affinitySchema, tolerationSchema, topologySpreadConstraintSchema } from './scheduling.js';
import { podSecurityContextSchema } from './security.js';
import { podStatusSchema } from './status.js';
import { volumeSchema } from './volumes.js';

const hostAliasSchema = coreMessage('HostAlias', 'A line of /etc/hosts.', [
  field('ip', 1, 'string', 'The address.', REQUIRED),
  field('hostnames', 2, 'string', 'The names that it gets.', ATOMIC),
]);

const dnsConfigOptionSchema = coreMessage('PodDNSConfigOption', 'An option of the resolver.', [
  field('name', 1, 'string', 'Its name.'),
  field('value', 2, 'string', 'Its value.', POINTER),
]);

const dnsConfigSchema = coreMessage('PodDNSConfig', 'Settings of the resolver, besides those of dnsPolicy.', [
  field('nameservers', 1, 'string', 'Addresses of name servers.', ATOMIC),
  field('searches', 2, 'string', 'Domains in which short names are looked up.', ATOMIC),
  field('options', 3, dnsConfigOptionSchema, 'Options.', ATOMIC),
]);

const readinessGateSchema = coreMessage('PodReadinessGate', 'A condition that must hold for a pod to be ready.', [
  field('conditionType', 1, 'string', 'Type of the condition.', REQUIRED),
]);

const podOSSchema = coreMessage('PodOS', 'The operating system of a pod.', [
  field('name', 1, 'string', 'The word linux or windows.', REQUIRED),
]);

const schedulingGateSchema = coreMessage('PodSchedulingGate', 'What must go before a pod is placed.', [
  field('name', 1, 'string', 'Its name.', REQUIRED),
]);

const schedulingGroupSchema = coreMessage('PodSchedulingGroup', 'The pods with which a pod is placed.', [
  field('podGroupName', 1, 'string', 'Name of the group.', POINTER),
]);

const resourceClaimSchema = coreMessage('PodResourceClaim', 'A claim that the pod waits for.', [
  field('name', 1, 'string', 'Its name within the pod.', REQUIRED),
  field('resourceClaimName', 3, 'string', 'Name of a ResourceClaim.', POINTER),
  field('resourceClaimTemplateName', 4, 'string', 'Name of the template of which one is made.', POINTER),
]);

/** core/v1 PodSpec. */
export const podSpecSchema: MessageSchema = coreMessage('PodSpec', 'What a pod shall be.', [
  field('volumes', 1, volumeSchema, 'Folders that its containers may mount.', retainedBy('name')),
  field('initContainers', 20, containerSchema, 'Containers that end, one by one, before the others start.', {
    ...mergedBy('name'),
  }),
  field('containers', 2, containerSchema, 'Its containers; at least one.', { ...mergedBy('name'), ...REQUIRED }),
  field('ephemeralContainers', 34, ephemeralContainerSchema, 'Containers added to look into it.', mergedBy('name')),
  field('restartPolicy', 3, 'string', 'Whether containers that end are started again: Always, OnFailure or Never.'),
  field('terminationGracePeriodSeconds', 4, 'int64', 'Seconds that it gets to end.', POINTER),
  field('activeDeadlineSeconds', 5, 'int64', 'Seconds after which it is ended.', POINTER),
  field('dnsPolicy', 6, 'string', 'How names are resolved: ClusterFirst, ClusterFirstWithHostNet, Default or None.'),
  field('nodeSelector', 7, 'string', 'Labels that its node must have.', { ...MAP, mapType: 'atomic' }),
  field('serviceAccountName', 8, 'string', 'The service account as which it runs.'),
  field('serviceAccount', 9, 'string', 'Deprecated: the same as serviceAccountName.'),
  field('automountServiceAccountToken', 21, 'bool', 'Whether it gets a token without asking.', POINTER),
  field('nodeName', 10, 'string', 'The node on which it runs; empty until it is placed.'),
  field('hostNetwork', 11, 'bool', 'Whether it has the network of the node.'),
  field('hostPID', 12, 'bool', 'Whether it sees the processes of the node.'),
  field('hostIPC', 13, 'bool', 'Whether it shares memory with the node.'),
  field('shareProcessNamespace', 27, 'bool', 'Whether its containers see the processes of each other.', POINTER),
  field('securityContext', 14, podSecurityContextSchema, 'With which rights its containers run.', POINTER),
  field('imagePullSecrets', 15, localObjectReferenceSchema, 'Secrets with which images are pulled.', mergedBy('name')),
  field('hostname', 16, 'string', 'Its host name; its own name when empty.'),
  field('subdomain', 17, 'string', 'The Service in whose domain its host name stands.'),
  field('affinity', 18, affinitySchema, 'Where it should be placed.', POINTER),
  field('schedulerName', 19, 'string', 'Who places it.'),
  field('tolerations', 22, tolerationSchema, 'Taints of nodes that it puts up with.', ATOMIC),
  field('hostAliases', 23, hostAliasSchema, 'Lines of its /etc/hosts.', mergedBy('ip')),
  field('priorityClassName', 24, 'string', 'The class of its priority.'),
  field('priority', 25, 'int32', 'How important it is.', POINTER),
  field('dnsConfig', 26, dnsConfigSchema, 'Settings of the resolver.', POINTER),
  field('readinessGates', 28, readinessGateSchema, 'Conditions that must hold for it to be ready.', ATOMIC),
  field('runtimeClassName', 29, 'string', 'What runs its containers.', POINTER),
  field('enableServiceLinks', 30, 'bool', 'Whether Services are told it as variables.', POINTER),
  field('preemptionPolicy', 31, 'string', 'Whether others make room for it: PreemptLowerPriority or Never.', POINTER),
  field('overhead', 32, 'quantity', 'What is needed besides its containers.', MAP),
  field('topologySpreadConstraints', 33, topologySpreadConstraintSchema, 'How it is spread with others.', {
    ...mergedBy('topologyKey', 'whenUnsatisfiable'),
  }),
  field('setHostnameAsFQDN', 35, 'bool', 'Whether its host name is the whole domain name.', POINTER),
  field('os', 36, podOSSchema, 'Its operating system.', POINTER),
  field('hostUsers', 37, 'bool', 'Whether its users are those of the node.', POINTER),
  field('schedulingGates', 38, schedulingGateSchema, 'What must go before it is placed.', mergedBy('name')),
  field('resourceClaims', 39, resourceClaimSchema, 'Claims that it waits for.', retainedBy('name')),
  field('resources', 40, resourceRequirementsSchema, 'What all its containers together need.', POINTER),
  field('hostnameOverride', 41, 'string', 'Its host name, whatever else is said.', POINTER),
  field('schedulingGroup', 43, schedulingGroupSchema, 'The pods with which it is placed.', POINTER),
]);

/** core/v1 Pod. */
export const podSchema: MessageSchema = coreMessage('Pod', 'Containers that run together on one node.', [
  metadataField,
  field('spec', 2, podSpecSchema, 'What the pod shall be.', ALWAYS),
  field('status', 3, podStatusSchema, 'What the pod is.', ALWAYS),
]);
