import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required } from '../../kube/field-error.js';
import { dnsLabelProblems, dnsSubdomainProblems } from '../../kube/names.js';
import { validateLabels } from '../../kube/validate-object-meta.js';
import type { Pod, PodSpec } from './pod.js';
import { validateContainers } from './validate-container.js';

const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const DNS_POLICIES = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];
const MAX_DEADLINE = 2 ** 31 - 1;

/** What is wrong with a new pod (pkg/apis/core/validation, the rules that people meet). */
export function validatePod({ spec }: Pod): readonly FieldError[] {
  const late = (spec.ephemeralContainers ?? []).length > 0;
  return [
    ...validateVolumes(spec),
    ...validateContainers(spec),
    ...(late ? [forbiddenField('spec.ephemeralContainers', 'cannot be set on create')] : []),
    ...validateWords(spec),
    ...validatePlace(spec),
  ];
}

function validateVolumes({ volumes = [] }: PodSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, volume] of volumes.entries()) {
    const field = `spec.volumes[${i}]`;
    const { name } = volume;
    const sources = Object.keys(volume).filter((key) => key !== 'name');
    for (const source of sources.slice(1)) {
      errors.push(forbiddenField(`${field}.${source}`, 'may not specify more than 1 volume type'));
    }
    if (name === '') errors.push(required(`${field}.name`));
    else for (const problem of dnsLabelProblems(name)) errors.push(invalid(`${field}.name`, name, problem));
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
  }
  return errors;
}

function validateWords(spec: PodSpec): readonly FieldError[] {
  const { restartPolicy = '', dnsPolicy = '', activeDeadlineSeconds: deadline } = spec;
  const errors: FieldError[] = [];
  if (!RESTART_POLICIES.includes(restartPolicy)) {
    errors.push(notSupported('spec.restartPolicy', restartPolicy, RESTART_POLICIES));
  }
  if (!DNS_POLICIES.includes(dnsPolicy)) errors.push(notSupported('spec.dnsPolicy', dnsPolicy, DNS_POLICIES));
  errors.push(...validateDeadline(deadline));
  return errors;
}

/** How long a pod may run: a positive number of seconds that fits in 31 bits. */
export function validateDeadline(deadline: number | undefined): readonly FieldError[] {
  if (deadline === undefined || (deadline >= 1 && deadline <= MAX_DEADLINE)) return [];
  return [invalid('spec.activeDeadlineSeconds', deadline, `must be between 1 and ${MAX_DEADLINE}, inclusive`)];
}

function validatePlace(spec: PodSpec): readonly FieldError[] {
  const { nodeName = '', schedulingGates = [] } = spec;
  const errors: FieldError[] = [...validateLabels(spec.nodeSelector, 'spec.nodeSelector')];
  for (const field of ['serviceAccountName', 'nodeName'] as const) {
    const name = spec[field] ?? '';
    if (name === '') continue;
    for (const problem of dnsSubdomainProblems(name)) errors.push(invalid(`spec.${field}`, name, problem));
  }
  for (const field of ['hostname', 'subdomain'] as const) {
    const label = spec[field] ?? '';
    if (label === '') continue;
    for (const problem of dnsLabelProblems(label)) errors.push(invalid(`spec.${field}`, label, problem));
  }
  if (nodeName !== '' && schedulingGates.length > 0) {
    errors.push(forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  }
  return errors;
}
