import type { IdentityStrength } from '../certificates/approval-policy.js';
import { matchesLabels } from '../kube/label-selector.js';
import type { CompiledPolicy, CompiledRequesters, CompiledServiceAccounts } from './compiled-policy.js';
import type { Facts } from './facts.js';
import type { Identity } from './identity.js';

/** Why a policy does not look at a request, and whether that may change by itself. */
export interface Mismatch {
  readonly because: string;
  readonly mayChange: boolean;
}

const MATCH = 'match';
const NO_NAMESPACE = 'noNamespace';
const NO_MATCH = 'noMatch';

/**
 * Whether a policy looks at the requests of an identity; undefined where it does. Two things must hold: the requesters
 * name it, and enough of it is shown. An identity may become more than it is (a pod that is not seen yet), and a
 * namespace may not be seen yet: both may change by themselves.
 */
export function requesterMismatch(
  { requesters, minimumIdentity, noMatch }: CompiledPolicy,
  identity: Identity,
  facts: Facts,
): Mismatch | undefined {
  const match = matchRequester(requesters, identity, facts);
  if (match === NO_MATCH) return noMatch;
  if (match === NO_NAMESPACE) return { because: 'the namespace of who asks is not known yet', mayChange: true };
  return isEnough(identity, minimumIdentity) ? undefined : tooLittle(identity, minimumIdentity);
}

function matchRequester(
  { serviceAccounts, users, groups, nodes }: CompiledRequesters,
  identity: Identity,
  facts: Facts,
): typeof MATCH | typeof NO_NAMESPACE | typeof NO_MATCH {
  if (nodes && identity.kind === 'node') return MATCH;
  const { requester } = identity;
  if (users.has(requester.username)) return MATCH;
  if (groups.size > 0 && requester.groups.some((group) => groups.has(group))) return MATCH;
  if (serviceAccounts.length === 0) return NO_MATCH;
  switch (identity.kind) {
    case 'pod':
      return matchAccounts(serviceAccounts, identity.account.namespace, identity.account.name, facts);
    case 'serviceAccount':
      return matchAccounts(serviceAccounts, identity.namespace, identity.name, facts);
    case 'node':
    case 'user':
      return NO_MATCH;
  }
}

function matchAccounts(
  entries: readonly CompiledServiceAccounts[],
  namespace: string,
  name: string,
  facts: Facts,
): typeof MATCH | typeof NO_NAMESPACE | typeof NO_MATCH {
  let best: typeof NO_NAMESPACE | typeof NO_MATCH = NO_MATCH;
  for (const { namespaces, namespaceSelector, names } of entries) {
    if (namespaces?.has(namespace) === false || names?.has(name) === false) continue;
    if (namespaceSelector === undefined || namespaceSelector.length === 0) return MATCH;
    const seen = facts.namespace(namespace);
    if (seen === undefined) best = NO_NAMESPACE;
    else if (matchesLabels(namespaceSelector, seen.labels)) return MATCH;
  }
  return best;
}

/** Whether an identity is at least of a strength. A service account that was not seen alive is no more than a name. */
function isEnough(identity: Identity, minimum: IdentityStrength): boolean {
  switch (minimum) {
    case 'User':
      return true;
    case 'Node':
      return identity.kind === 'node';
    case 'ServiceAccount':
      return identity.kind === 'pod' || (identity.kind === 'serviceAccount' && identity.account !== undefined);
    case 'Pod':
      return identity.kind === 'pod';
  }
}

const WANTED: Readonly<Record<IdentityStrength, string>> = {
  User: 'anybody',
  Node: 'nodes',
  ServiceAccount: 'service accounts',
  Pod: 'pods',
};

function tooLittle(identity: Identity, minimum: IdentityStrength): Mismatch {
  const wanted = `it takes ${WANTED[minimum]}`;
  switch (identity.kind) {
    case 'serviceAccount':
      return {
        because: `${wanted}, and service account ${identity.namespace}/${identity.name} asks: ${identity.because}`,
        mayChange: identity.mayGrow,
      };
    case 'pod':
    case 'node':
      return { because: `${wanted}, and a ${identity.kind} asks`, mayChange: false };
    case 'user': {
      const why = identity.because === undefined ? '' : `: ${identity.because}`;
      return { because: `${wanted}, and a user asks${why}`, mayChange: false };
    }
  }
}
