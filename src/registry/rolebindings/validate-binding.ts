import type { FieldError } from '../../kube/field-error.js';
import { checkEach, invalid, notSupported, required } from '../../kube/field-error.js';
import { dnsSubdomainProblems, pathSegmentProblems } from '../../kube/names.js';
import type { KubeObject } from '../../kube/object-meta.js';

const GROUP = 'rbac.authorization.k8s.io';

/** rbac.authorization.k8s.io/v1 Subject. */
export interface Subject {
  readonly kind?: string;
  readonly apiGroup?: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** rbac.authorization.k8s.io/v1 RoleRef. */
export interface RoleRef {
  readonly apiGroup?: string;
  readonly kind?: string;
  readonly name?: string;
}

/** rbac.authorization.k8s.io/v1 RoleBinding, and ClusterRoleBinding. */
export interface Binding extends KubeObject {
  readonly subjects?: readonly Subject[];
  readonly roleRef?: RoleRef;
}

/** Fills in the groups that follow from a kind (pkg/apis/rbac/v1/defaults.go). */
export function setBindingDefaults<T extends Binding>(binding: T): T {
  const subjects = binding.subjects?.map((subject): Subject => {
    const known = subject.kind === 'User' || subject.kind === 'Group';
    return (subject.apiGroup ?? '') === '' && known ? { ...subject, apiGroup: GROUP } : subject;
  });
  const { roleRef } = binding;
  return {
    ...binding,
    ...(subjects === undefined ? {} : { subjects }),
    ...(roleRef === undefined || (roleRef.apiGroup ?? '') !== '' ? {} : { roleRef: { ...roleRef, apiGroup: GROUP } }),
  };
}

/** What is wrong with a binding; a ClusterRoleBinding (`namespaced` false) can only refer to a ClusterRole. */
export function validateBinding(binding: Binding, namespaced: boolean): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { apiGroup = '', kind = '', name = '' } = binding.roleRef ?? {};
  if (apiGroup !== GROUP) errors.push(notSupported('roleRef.apiGroup', apiGroup, [GROUP]));
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (!kinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind, kinds));
  if (name === '') errors.push(required('roleRef.name'));
  else for (const problem of pathSegmentProblems(name)) errors.push(invalid('roleRef.name', name, problem));
  return [
    ...errors,
    ...checkEach(binding.subjects ?? [], (subject, i) => validateSubject(subject, `subjects[${i}]`, namespaced)),
  ];
}

function validateSubject(subject: Subject, path: string, namespaced: boolean): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { kind = '', apiGroup = '', name = '', namespace = '' } = subject;
  if (name === '') errors.push(required(`${path}.name`));
  switch (kind) {
    case 'ServiceAccount':
      if (name !== '') {
        for (const problem of dnsSubdomainProblems(name)) errors.push(invalid(`${path}.name`, name, problem));
      }
      if (apiGroup !== '') errors.push(notSupported(`${path}.apiGroup`, apiGroup, ['']));
      if (!namespaced && namespace === '') errors.push(required(`${path}.namespace`));
      return errors;
    case 'User':
    case 'Group':
      if (apiGroup !== GROUP) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [GROUP]));
      return errors;
    default:
      return [...errors, notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group'])];
  }
}

/** A binding's role can never change; the value is printed with Go's field names, as the API prints it. */
export function validateBindingUpdate(next: Binding, previous: Binding, namespaced: boolean): readonly FieldError[] {
  const errors = [...validateBinding(next, namespaced)];
  const shape = ({ apiGroup = '', kind = '', name = '' }: RoleRef = {}) => ({
    APIGroup: apiGroup,
    Kind: kind,
    Name: name,
  });
  const wanted = shape(next.roleRef);
  if (JSON.stringify(wanted) !== JSON.stringify(shape(previous.roleRef))) {
    errors.push(invalid('roleRef', wanted, 'cannot change roleRef'));
  }
  return errors;
}
