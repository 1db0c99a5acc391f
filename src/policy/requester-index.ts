import type { CompiledPolicy, NotReadyPolicy } from './compiled-policy.js';
import type { Identity } from './identity.js';

/** Finds the policies whose requesters may name an identity, without looking at the others. */
export interface RequesterIndex {
  /** Places in the list that it was made of, ascending. A policy at any other place does not match, whatever facts say. */
  placesFor(identity: Identity): readonly number[];
}

/** An index of what policies select. What cannot be applied is at every identity's place: nobody knows whom it is for. */
export function createRequesterIndex(policies: readonly (CompiledPolicy | NotReadyPolicy)[]): RequesterIndex {
  const always: number[] = [];
  const byNode: number[] = [];
  const byUser = new Map<string, number[]>();
  const byGroup = new Map<string, number[]>();
  /** By namespace; and those whose namespaces only facts tell. */
  const byNamespace = new Map<string, number[]>();
  const byAnyNamespace: number[] = [];
  for (const [place, policy] of policies.entries()) {
    if (policy.kind === 'notReady') {
      always.push(place);
      continue;
    }
    const { serviceAccounts, users, groups, nodes } = policy.requesters;
    if (nodes) byNode.push(place);
    for (const user of users) addTo(byUser, user, place);
    for (const group of groups) addTo(byGroup, group, place);
    for (const { namespaces } of serviceAccounts) {
      if (namespaces === undefined) byAnyNamespace.push(place);
      else for (const namespace of namespaces) addTo(byNamespace, namespace, place);
    }
  }
  return {
    placesFor: (identity) => {
      const { username, groups } = identity.requester;
      const found = [...always, ...(byUser.get(username) ?? NONE)];
      if (byGroup.size > 0) for (const group of groups) found.push(...(byGroup.get(group) ?? NONE));
      if (identity.kind === 'node') found.push(...byNode);
      const namespace = namespaceOf(identity);
      if (namespace !== undefined) found.push(...byAnyNamespace, ...(byNamespace.get(namespace) ?? NONE));
      return [...new Set(found)].sort((a, b) => a - b);
    },
  };
}

const NONE: readonly never[] = [];

function addTo(places: Map<string, number[]>, key: string, place: number): void {
  const others = places.get(key);
  if (others === undefined) places.set(key, [place]);
  else others.push(place);
}

/** The namespace of the service account that asks; undefined where none does. */
function namespaceOf(identity: Identity): string | undefined {
  switch (identity.kind) {
    case 'pod':
      return identity.account.namespace;
    case 'serviceAccount':
      return identity.namespace;
    case 'node':
    case 'user':
      return undefined;
  }
}
