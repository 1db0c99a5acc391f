import { lowerAscii, type Requester } from '../certificates/normalised-request.js';
import { isDnsLabel, isDnsSubdomain } from '../kube/names.js';
import type { Facts, NodeFacts, PodFacts, ServiceAccountFacts } from './facts.js';
import { shownText } from './shown-text.js';

/**
 * Who asks, as far as it can be shown. The strongest kind that holds completely; anything less is the weaker one.
 */
export type Identity =
  | {
      readonly kind: 'pod';
      readonly requester: Requester;
      readonly pod: PodFacts;
      readonly account: ServiceAccountFacts;
    }
  | {
      readonly kind: 'serviceAccount';
      readonly requester: Requester;
      readonly namespace: string;
      readonly name: string;
      /** The live account where its uid fits; without it, it proves nothing. */
      readonly account?: ServiceAccountFacts;
      /** Why this is no pod. */
      readonly because: string;
      /** Whether that may change by itself: a pod or an account that is not seen yet. */
      readonly mayGrow: boolean;
    }
  | {
      readonly kind: 'node';
      readonly requester: Requester;
      readonly nodeName: string;
      /** The live Node; without it, it proves nothing. */
      readonly node?: NodeFacts;
    }
  | {
      readonly kind: 'user';
      readonly requester: Requester;
      /** Why this is no service account and no node, where the name says that it were one. */
      readonly because?: string;
    };

/** Prefixes and groups by which the API server says what somebody is. */
const ACCOUNT_PREFIX = 'system:serviceaccount:';
const ACCOUNTS_GROUP = 'system:serviceaccounts';
const NODE_PREFIX = 'system:node:';
const NODES_GROUP = 'system:nodes';
const EXTRA_PREFIX = 'authentication.kubernetes.io/';

/** Who asks, by what the API server vouches for and what the cluster looks like now. */
export function identify(requester: Requester, facts: Facts): Identity {
  if (requester.username.startsWith(ACCOUNT_PREFIX)) return identifyAccount(requester, facts);
  if (requester.username.startsWith(NODE_PREFIX)) return identifyNode(requester, facts);
  return { kind: 'user', requester };
}

/**
 * Text that is equal for one holder of keys and different for two. A pod and its service account are one: an account is
 * what Kubernetes gives rights to, the pods of one may share a key (from a Secret, or from a volume that outlives them),
 * and a request of one pod that another replays names what only the first can prove. Uids are left out: what is deleted
 * and made anew under its name has the same rights, and may have kept its key.
 */
export function identityKey(identity: Identity): string {
  switch (identity.kind) {
    case 'pod':
      return `serviceaccount:${identity.pod.namespace}/${identity.account.name}`;
    case 'serviceAccount':
      return `serviceaccount:${identity.namespace}/${identity.name}`;
    case 'node':
      return `node:${identity.nodeName}`;
    case 'user':
      return `user:${identity.requester.username}`;
  }
}

/** Who asks, for a sentence: `pod shop/web-1`. */
export function describeIdentity(identity: Identity): string {
  switch (identity.kind) {
    case 'pod':
      return `pod ${identity.pod.namespace}/${identity.pod.name}`;
    case 'serviceAccount':
      return `service account ${identity.namespace}/${identity.name}`;
    case 'node':
      return `node ${identity.nodeName}`;
    case 'user':
      return `user ${shownText(identity.requester.username)}`;
  }
}

function identifyNode(requester: Requester, facts: Facts): Identity {
  const nodeName = requester.username.slice(NODE_PREFIX.length);
  if (!isDnsSubdomain(nodeName)) return asUser(requester, 'its username names no node');
  if (!requester.groups.includes(NODES_GROUP)) return asUser(requester, `it is not in group ${NODES_GROUP}`);
  const node = facts.node(nodeName);
  return node === undefined || node.deleting
    ? { kind: 'node', requester, nodeName }
    : { kind: 'node', requester, nodeName, node };
}

function identifyAccount(requester: Requester, facts: Facts): Identity {
  const [namespace = '', name = '', ...more] = requester.username.slice(ACCOUNT_PREFIX.length).split(':');
  if (more.length > 0 || !isDnsLabel(namespace) || !isDnsSubdomain(name)) {
    return asUser(requester, 'its username names no service account');
  }
  for (const group of [ACCOUNTS_GROUP, `${ACCOUNTS_GROUP}:${namespace}`]) {
    if (!requester.groups.includes(group)) return asUser(requester, `it is not in group ${group}`);
  }
  if (requester.uid === '') return asUser(requester, 'the API server vouches for no uid');
  const account = facts.serviceAccount(namespace, name);
  const weaker = { kind: 'serviceAccount', requester, namespace, name } as const;
  if (account === undefined) {
    return { ...weaker, because: `there is no service account ${namespace}/${name}`, mayGrow: true };
  }
  if (account.uid !== requester.uid) {
    const because = `service account ${namespace}/${name} has another uid than the requester: it was created anew`;
    return { ...weaker, because, mayGrow: true }; // the cache may still hold the one before
  }
  if (account.deleting) {
    return { ...weaker, because: `service account ${namespace}/${name} is being deleted`, mayGrow: false };
  }
  const bound = boundPod(requester, { namespace, accountName: name }, facts);
  return bound.kind === 'pod' ? { kind: 'pod', requester, pod: bound.pod, account } : { ...weaker, account, ...bound };
}

function asUser(requester: Requester, because: string): Identity {
  return { kind: 'user', requester, because };
}

type BoundPod =
  | { readonly kind: 'pod'; readonly pod: PodFacts }
  | { readonly kind: 'serviceAccount'; readonly because: string; readonly mayGrow: boolean };

function noPod(because: string, mayGrow: boolean): BoundPod {
  return { kind: 'serviceAccount', because, mayGrow };
}

/** The live pod that the requester's token is bound to, or why there is none. */
function boundPod(
  { extra }: Requester,
  { namespace, accountName }: { readonly namespace: string; readonly accountName: string },
  facts: Facts,
): BoundPod {
  const odd = oddExtra(extra);
  if (odd !== undefined) return noPod(odd, false);
  const podName = extraValue(extra, 'pod-name');
  const podUid = extraValue(extra, 'pod-uid');
  if (podName === undefined || podUid === undefined) return noPod('its token is not bound to a pod', false);
  if (!isDnsSubdomain(podName) || podUid === '') return noPod('its token names no pod', false);
  const text = `pod ${namespace}/${podName}`;
  const pod = facts.pod(namespace, podName);
  if (pod === undefined) return noPod(`there is no ${text}`, true);
  if (pod.uid !== podUid) return noPod(`its token is bound to another ${text} than the one that is there now`, true);
  if (pod.serviceAccountName !== accountName) return noPod(`${text} runs under another service account`, false);
  if (pod.deleting) return noPod(`${text} is being deleted`, false);
  if (pod.phase === 'Succeeded' || pod.phase === 'Failed') return noPod(`${text} has ended (${pod.phase})`, false);
  return wrongNode(extra, pod, facts) ?? { kind: 'pod', pod };
}

/** The first extra of the API server's own that does not have exactly one value. */
function oddExtra(extra: Requester['extra']): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    const lower = lowerAscii(key);
    if (!lower.startsWith(EXTRA_PREFIX)) continue;
    if (lower !== key) return `its extra ${shownText(key)} is not in lower case`; // the API server writes no such key
    if (values.length !== 1) return `its extra ${shownText(key)} has ${values.length} values, must have one`;
  }
  return undefined;
}

function extraValue(extra: Requester['extra'], name: string): string | undefined {
  const key = EXTRA_PREFIX + name;
  return Object.hasOwn(extra, key) ? extra[key]?.[0] : undefined;
}

/** Why the token's node is not the pod's; undefined where the token names none, or the right one. */
function wrongNode(extra: Requester['extra'], pod: PodFacts, facts: Facts): BoundPod | undefined {
  const nodeName = extraValue(extra, 'node-name');
  const nodeUid = extraValue(extra, 'node-uid');
  const text = `pod ${pod.namespace}/${pod.name}`;
  if (nodeName !== undefined && nodeName !== pod.nodeName) {
    return noPod(`${text} does not run on the node of its token`, pod.nodeName === '');
  }
  if (nodeUid === undefined) return undefined;
  const node = facts.node(pod.nodeName);
  return node?.uid === nodeUid ? undefined : noPod(`the node of its token is not the node that ${text} runs on`, true);
}
