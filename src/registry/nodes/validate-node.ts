import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required } from '../../kube/field-error.js';
import { labelValueProblems, qualifiedNameProblems } from '../../kube/names.js';
import { quantityNanos } from '../../kube/quantity.js';
import { equalValues } from '../../kube/equal-values.js';
import { validateCidr } from '../ip-problems.js';
import type { Node, NodeSpec, NodeStatus, Taint } from './node.js';

const EFFECTS = ['NoExecute', 'NoSchedule', 'PreferNoSchedule'];

/** What is wrong with a new node (pkg/apis/core/validation, ValidateNode). */
export function validateNode({ spec, status }: Node): readonly FieldError[] {
  return [...validateTaints(spec.taints ?? []), ...validateResources(status), ...validateNetworks(spec)];
}

/** What an update of a node may not do. The API server says taints are in metadata. */
export function validateNodeUpdate(next: Node, previous: Node): readonly FieldError[] {
  return [
    ...validateResources(next.status),
    ...validateAddresses(next.status),
    ...validateSpecUpdate(next.spec, previous.spec),
    ...validateTaints(next.spec.taints ?? []),
  ];
}

function validateTaints(taints: readonly Taint[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, taint] of taints.entries()) {
    const field = `metadata.taints[${i}]`;
    const { key, value = '', effect } = taint;
    for (const problem of qualifiedNameProblems(key)) errors.push(invalid(`${field}.key`, key, problem));
    const problems = labelValueProblems(value);
    if (problems.length > 0) errors.push(invalid(`${field}.value`, value, problems.join(';')));
    if (effect === '') errors.push(required(`${field}.effect`));
    else if (!EFFECTS.includes(effect)) errors.push(notSupported(`${field}.effect`, effect, EFFECTS));
    const pair = JSON.stringify([key, effect]);
    if (seen.has(pair)) errors.push(repeatedTaint(field, taint));
    seen.add(pair);
  }
  return errors;
}

function repeatedTaint(field: string, taint: Taint): FieldError {
  const error = duplicate(field, taint);
  return { ...error, body: `${error.body}: taints must be unique by key and effect pair` };
}

function validateResources(status: NodeStatus): readonly FieldError[] {
  return (['capacity', 'allocatable'] as const).flatMap((list) =>
    Object.entries(status[list] ?? {}).flatMap(([name, quantity]) =>
      (quantityNanos(quantity) ?? 0n) >= 0n
        ? []
        : [invalid(`status.${list}.${name}`, quantity, 'must be greater than or equal to 0')],
    ),
  );
}

function validateAddresses({ addresses = [] }: NodeStatus): readonly FieldError[] {
  const seen = new Set<string>();
  return addresses.flatMap((address, i) => {
    const key = JSON.stringify([address.type, address.address]);
    if (seen.has(key)) return [duplicate(`status.addresses[${i}]`, address)];
    seen.add(key);
    return [];
  });
}

/** Networks are some, and one of each family at most. */
function validateNetworks({ podCIDRs = [] }: NodeSpec): readonly FieldError[] {
  const errors = podCIDRs.flatMap((network, i) => validateCidr(network, `spec.podCIDRs[${i}]`));
  const families = new Set(podCIDRs.map((network) => network.includes(':')));
  if (errors.length === 0 && families.size < podCIDRs.length) {
    errors.push(invalid('spec.podCIDRs', podCIDRs, 'may specify no more than one CIDR for each IP family'));
  }
  return errors;
}

function validateSpecUpdate(next: NodeSpec, previous: NodeSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  const before = previous.podCIDRs ?? [];
  if (before.length === 0) errors.push(...validateNetworks(next));
  else if (!equalValues(next.podCIDRs, before)) {
    errors.push(forbiddenField('spec.podCIDRs', onlyOnce('podCIDR')));
  }
  const provider = previous.providerID ?? '';
  if (provider !== '' && next.providerID !== provider) {
    errors.push(forbiddenField('spec.providerID', onlyOnce('providerID')));
  }
  if (errors.length === 0 && !equalValues(fixed(next), fixed(previous))) {
    errors.push(forbiddenField('[]', 'node updates may only change labels, taints, or capacity'));
  }
  return errors;
}

function onlyOnce(name: string): string {
  return `node updates may not change ${name} except from "" to valid`;
}

/** What of a spec may not change. */
function fixed(spec: NodeSpec): object {
  const free = { podCIDR: undefined, podCIDRs: undefined, providerID: undefined };
  return { ...spec, ...free, unschedulable: undefined, taints: undefined };
}
