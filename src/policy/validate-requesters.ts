import {
  IDENTITY_STRENGTHS,
  type IdentityStrength,
  type PolicyRequesters,
  type ServiceAccountRequesters,
} from '../certificates/approval-policy.js';
import { invalid, notSupported, required, type FieldError } from '../kube/field-error.js';
import { dnsLabelProblems, dnsSubdomainProblems } from '../kube/names.js';
import { validateLabelSelector } from '../kube/validate-object-meta.js';
import { MAX_RECORDS, validateItems, validateTexts, type TextRule } from './validate-list.js';

/** What is wrong with whose requests a policy looks at. */
export function validateRequesters(
  requesters: PolicyRequesters | undefined,
  minimum: IdentityStrength | undefined,
): readonly FieldError[] {
  const field = 'spec.requesters';
  if (requesters === undefined) return [required(field)];
  const { serviceAccounts, users, groups, nodes } = requesters;
  const isEmpty = [serviceAccounts, users, groups].every((list) => (list ?? []).length === 0) && nodes !== true;
  return [
    ...(isEmpty ? [required(field, 'must name service accounts, users, groups or nodes')] : []),
    ...validateItems(serviceAccounts, `${field}.serviceAccounts`, MAX_RECORDS, validateServiceAccounts),
    ...validateTexts(users, `${field}.users`, exceptFor('system:anonymous')),
    ...validateTexts(groups, `${field}.groups`, exceptFor('system:unauthenticated')),
    ...validateMinimum(requesters, minimum),
  ];
}

function validateServiceAccounts(entry: ServiceAccountRequesters, field: string): readonly FieldError[] {
  const { namespaces, namespaceSelector, names } = entry;
  const errors: FieldError[] = [];
  if (namespaces === undefined && namespaceSelector === undefined) {
    errors.push(
      required(field, 'must say namespaces or namespaceSelector; an empty namespaceSelector is every namespace'),
    );
  }
  // What is empty must not turn into "all of them".
  if (namespaces?.length === 0) errors.push(required(`${field}.namespaces`, 'must not be empty'));
  if (names?.length === 0) errors.push(required(`${field}.names`, 'must not be empty; without it every name is meant'));
  return [
    ...errors,
    ...validateTexts(namespaces, `${field}.namespaces`, (text, at) => problems(dnsLabelProblems(text), text, at)),
    ...validateLabelSelector(namespaceSelector, `${field}.namespaceSelector`),
    ...validateTexts(names, `${field}.names`, (text, at) => problems(dnsSubdomainProblems(text), text, at)),
  ];
}

function problems(found: readonly string[], text: string, field: string): readonly FieldError[] {
  return found.map((problem) => invalid(field, text, problem));
}

/** Names of users and groups are compared as they are; nobody may be the one that stands for nobody. */
function exceptFor(nobody: string): TextRule {
  return (text, field) => {
    if (text === '') return [required(field)];
    if (text === nobody) return [invalid(field, text, 'must be somebody who has been authenticated')];
    return text.includes('*') ? [invalid(field, text, 'must be one name; there are no wildcards')] : [];
  };
}

/** The least identity must be one that the requesters can have. */
function validateMinimum(
  { serviceAccounts, nodes }: PolicyRequesters,
  minimum: IdentityStrength | undefined,
): readonly FieldError[] {
  const field = 'spec.minimumIdentity';
  if (minimum !== undefined && !IDENTITY_STRENGTHS.includes(minimum)) {
    return [notSupported(field, minimum, IDENTITY_STRENGTHS)];
  }
  const least = minimum ?? defaultMinimum(serviceAccounts);
  const errors: FieldError[] = [];
  if (nodes === true && (least === 'Pod' || least === 'ServiceAccount')) {
    errors.push(invalid(field, least, 'no node has this identity, and spec.requesters.nodes is set'));
  }
  if (least === 'Node' && (serviceAccounts ?? []).length > 0) {
    errors.push(invalid(field, least, 'no service account has this identity, and spec.requesters has some'));
  }
  return errors;
}

/** A policy about service accounts is about pods unless it says otherwise. */
export function defaultMinimum(serviceAccounts: PolicyRequesters['serviceAccounts']): IdentityStrength {
  return (serviceAccounts ?? []).length > 0 ? 'Pod' : 'User';
}
