import { type FieldError, forbiddenField, invalid } from '../../kube/field-error.js';
import { equalValues } from '../../kube/equal-values.js';
import type { Container, Pod, PodSpec, Toleration } from './pod.js';
import { validateImage } from './validate-container.js';
import { validateDeadline } from './validate-pod.js';

const FROZEN =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
  '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** What an update of a pod may not do: of its spec, little can change. */
export function validatePodUpdate({ spec: next }: Pod, { spec: previous }: Pod): readonly FieldError[] {
  const lists = ['containers', 'initContainers'] as const;
  const counts = lists.filter((list) => (next[list] ?? []).length !== (previous[list] ?? []).length);
  if (counts.length > 0) {
    return counts.map((list) => forbiddenField(`spec.${list}`, 'pod updates may not add or remove containers'));
  }
  const errors: FieldError[] = [
    ...lists.flatMap((list) => (next[list] ?? []).flatMap((c, i) => validateImage(c, `spec.${list}[${i}]`))),
    ...validateDeadlineUpdate(next, previous),
    ...validateTolerations(next, previous),
    ...validateGates(next, previous),
  ];
  if (errors.length > 0) return errors;
  return equalValues(fixed(next, previous), fixed(previous, previous)) ? [] : [forbiddenField('spec', FROZEN)];
}

/** A deadline can be set, and brought nearer. */
function validateDeadlineUpdate(next: PodSpec, previous: PodSpec): readonly FieldError[] {
  const field = 'spec.activeDeadlineSeconds';
  const [deadline, before] = [next.activeDeadlineSeconds, previous.activeDeadlineSeconds];
  if (before === undefined) return validateDeadline(deadline);
  if (deadline === undefined) return [invalid(field, null, 'must not update from a positive integer to nil value')];
  const errors = validateDeadline(deadline);
  if (errors.length > 0 || deadline <= before) return errors;
  return [invalid(field, deadline, 'must be less than or equal to previous value')];
}

function validateTolerations(next: PodSpec, previous: PodSpec): readonly FieldError[] {
  const now = next.tolerations ?? [];
  const kept = (previous.tolerations ?? []).every((old) => now.some((one) => isSame(one, old)));
  if (kept) return [];
  const problem = 'existing toleration can not be modified except its tolerationSeconds';
  return [forbiddenField('spec.tolerations', problem)];
}

function isSame(a: Toleration, b: Toleration): boolean {
  return equalValues({ ...a, tolerationSeconds: undefined }, { ...b, tolerationSeconds: undefined });
}

/** Gates can go; the last one opens the way. */
function validateGates(next: PodSpec, previous: PodSpec): readonly FieldError[] {
  const known = new Set(previous.schedulingGates?.map((gate) => gate.name));
  const added = (next.schedulingGates ?? []).filter((gate) => !known.has(gate.name));
  return added.map(({ name }) =>
    forbiddenField('spec.schedulingGates', `only deletion is allowed, but found new scheduling gate '${name}'`),
  );
}

/** What of a spec may not change. */
function fixed(spec: PodSpec, previous: PodSpec): object {
  const wasNegative = (previous.terminationGracePeriodSeconds ?? 0) < 0;
  const grace = wasNegative && spec.terminationGracePeriodSeconds === 1 ? previous : spec;
  return {
    ...spec,
    containers: spec.containers?.map(withoutImage),
    initContainers: spec.initContainers?.map(withoutImage),
    activeDeadlineSeconds: undefined,
    tolerations: undefined,
    schedulingGates: undefined,
    terminationGracePeriodSeconds: grace.terminationGracePeriodSeconds,
  };
}

function withoutImage(container: Container): Container {
  return { ...container, image: '' };
}
