import { parseIp } from '../../base/ip-address.js';
import { type FieldError, invalid } from '../../kube/field-error.js';
import { dnsSubdomainProblems } from '../../kube/names.js';
import { validateIp } from '../ip-problems.js';
import type { UpdateSubresource } from '../resource.js';
import type { Pod, PodCondition, PodStatus } from './pod.js';

interface Address {
  readonly ip: string;
}

/** Of what a writer of the status sent, what it may set: the status, labels and annotations; never spec or owners. */
function prepareForUpdate(next: Pod, previous: Pod): Pod {
  const { ownerReferences: _owners, ...metadata } = next.metadata;
  const { ownerReferences } = previous.metadata;
  return {
    ...next,
    metadata: { ...metadata, ...(ownerReferences === undefined ? {} : { ownerReferences }) },
    spec: previous.spec,
    status: withKnownGenerations(withQosClass(next.status, previous.status), previous.status),
  };
}

function withQosClass(next: PodStatus, { qosClass }: PodStatus): PodStatus {
  return next.qosClass !== undefined || qosClass === undefined ? next : { ...next, qosClass };
}

/** Who clears an observed generation did not know of it: the one before stays. */
function withKnownGenerations(next: PodStatus, previous: PodStatus): PodStatus {
  const generation = next.observedGeneration ?? previous.observedGeneration;
  const known = new Map(previous.conditions?.map((c) => [c.type, c.observedGeneration]));
  return {
    ...next,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(next.conditions === undefined ? {} : { conditions: next.conditions.map((c) => withGeneration(c, known)) }),
  };
}

function withGeneration(condition: PodCondition, known: ReadonlyMap<string, number | undefined>): PodCondition {
  const observedGeneration = condition.observedGeneration ?? known.get(condition.type);
  return observedGeneration === undefined ? condition : { ...condition, observedGeneration };
}

/** What is wrong with a status (pkg/apis/core/validation, ValidatePodStatusUpdate). */
function validateUpdate({ status: next }: Pod, { status: previous }: Pod): readonly FieldError[] {
  const { nominatedNodeName = '', hostIP = '', hostIPs = [], podIPs = [] } = next;
  const errors: FieldError[] = [];
  if (nominatedNodeName !== '') {
    for (const problem of dnsSubdomainProblems(nominatedNodeName)) {
      errors.push(invalid('status.nominatedNodeName', nominatedNodeName, problem));
    }
  }
  if (next.qosClass !== previous.qosClass) {
    errors.push(invalid('status.qosClass', next.qosClass ?? '', 'field is immutable'));
  }
  errors.push(...validateAddresses(podIPs, previous.podIPs ?? [], 'status.podIPs'));
  if (hostIPs[0] !== undefined && hostIPs[0].ip !== hostIP) {
    errors.push(invalid('status.hostIPs[0].ip', hostIPs[0].ip, 'must be equal to `hostIP`'));
  }
  errors.push(...validateAddresses(hostIPs, previous.hostIPs ?? [], 'status.hostIPs'));
  return errors;
}

/** Addresses that are new must be some, and there is one of each family at most. */
function validateAddresses(
  next: readonly Address[],
  previous: readonly Address[],
  field: string,
): readonly FieldError[] {
  const known = new Set(previous.map(({ ip }) => ip));
  const errors = next.flatMap(({ ip }, i) => (known.has(ip) ? [] : validateIp(ip, `${field}[${i}]`)));
  const families = new Set(next.map(({ ip }) => parseIp(ip)?.length));
  if (families.size < next.length) {
    errors.push(invalid(field, next, 'may specify no more than one IP for each IP family'));
  }
  return errors;
}

/** `pods/status`: what a node, or whoever stands for it, tells of a pod. */
export const status: UpdateSubresource<Pod> = {
  kind: 'update',
  table: true,
  verbs: ['get', 'patch', 'update'],
  unconditionalUpdate: true,
  resetFields: ['spec', 'metadata.deletionTimestamp', 'metadata.ownerReferences'],
  prepareForUpdate,
  validateUpdate,
};
