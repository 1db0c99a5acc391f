import type { UserInfo } from '../../kube/object-meta.js';
import { dnsLabelProblems, dnsSubdomainProblems } from '../../kube/names.js';

const PREFIX = 'system:serviceaccount:';

/** Which service account. */
export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

/** The user name of a service account. */
export function serviceAccountUsername(namespace: string, name: string): string {
  return `${PREFIX}${namespace}:${name}`;
}

/** The groups of every service account of a namespace. */
export function serviceAccountGroups(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

/** The service account that a user name stands for; undefined where it is none. */
export function parseServiceAccountUsername(username: string): ServiceAccountName | undefined {
  if (!username.startsWith(PREFIX)) return undefined;
  const [namespace, name, ...more] = username.slice(PREFIX.length).split(':');
  if (namespace === undefined || name === undefined || more.length > 0) return undefined;
  if (dnsLabelProblems(namespace).length > 0 || dnsSubdomainProblems(name).length > 0) return undefined;
  return { namespace, name };
}

/** A service account as the user that its tokens make of it, for parts of this process that act as one. */
export function serviceAccountUser(namespace: string, name: string): UserInfo {
  return {
    username: serviceAccountUsername(namespace, name),
    groups: [...serviceAccountGroups(namespace), 'system:authenticated'],
  };
}
