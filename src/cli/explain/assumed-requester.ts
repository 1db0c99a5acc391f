import type { Requester } from '../../certificates/normalised-request.js';
import type { Client } from '../../client/client.js';
import { NODES, PODS, SELF_SUBJECT_REVIEWS, SERVICE_ACCOUNTS } from '../../client/resources.js';
import { hasReason } from '../../kube/status.js';
import { usageError } from '../failure.js';
import { listFlag, type RawFlags, textFlag } from '../flags.js';

const ACCOUNT = 'system:serviceaccount:';
const EXTRA = 'authentication.kubernetes.io/';

/**
 * Who would submit the request: `--as`, with what the API server would say of such a user; with `--pod`, by a token that
 * is bound to that pod; without both, whoever runs the command.
 */
export async function readAssumedRequester(
  flags: RawFlags,
  { client, namespace, signal }: { readonly client: Client; readonly namespace: string; readonly signal: AbortSignal },
): Promise<Requester> {
  const user = textFlag(flags, 'as');
  const pod = textFlag(flags, 'pod');
  const groups = listFlag(flags, 'asGroup');
  if (pod !== undefined) return podRequester(pod, user, { client, namespace, signal });
  if (user === undefined) {
    if (groups.length > 0) throw usageError('Cannot use --as-group without --as');
    return ownSelf(client, signal);
  }
  if (user.startsWith(ACCOUNT)) return accountRequester(user, { client, signal });
  const implied = user.startsWith('system:node:') ? ['system:nodes'] : [];
  return { username: user, uid: '', groups: [...implied, ...groups, 'system:authenticated'], extra: {} };
}

async function ownSelf(client: Client, signal: AbortSignal): Promise<Requester> {
  const { status } = await client.create(SELF_SUBJECT_REVIEWS, { metadata: {} }, { signal });
  const { username = '', uid = '', groups = [], extra = {} } = status?.userInfo ?? {};
  return { username, uid, groups, extra };
}

async function accountRequester(
  username: string,
  { client, signal }: { readonly client: Client; readonly signal: AbortSignal },
): Promise<Requester> {
  const [namespace, name, ...more] = username.slice(ACCOUNT.length).split(':');
  if (namespace === undefined || name === undefined || name === '' || more.length > 0) {
    throw usageError(`Cannot use --as: ${JSON.stringify(username)} is no service account, such as ${ACCOUNT}shop:web`);
  }
  const account = await client.get(SERVICE_ACCOUNTS, name, { namespace, signal });
  return {
    username,
    uid: account.metadata.uid ?? '',
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: {},
  };
}

/** The pod as its token is vouched for by the API server. */
async function podRequester(
  pod: string,
  user: string | undefined,
  {
    client,
    namespace: own,
    signal,
  }: { readonly client: Client; readonly namespace: string; readonly signal: AbortSignal },
): Promise<Requester> {
  const slash = pod.indexOf('/');
  const [, named] = user?.startsWith(ACCOUNT) === true ? user.slice(ACCOUNT.length - 1).split(':') : [];
  const namespace = slash > 0 ? pod.slice(0, slash) : (named ?? own);
  const { metadata, spec } = await client.get(PODS, pod.slice(slash + 1), { namespace, signal });
  const username = user ?? `${ACCOUNT}${namespace}:${spec?.serviceAccountName ?? 'default'}`;
  if (!username.startsWith(`${ACCOUNT}${namespace}:`)) {
    throw usageError(`Cannot use --pod: only service accounts of namespace ${namespace} have tokens of its pods`);
  }
  const account = await accountRequester(username, { client, signal });
  const extra: Record<string, readonly string[]> = {
    [`${EXTRA}pod-name`]: [metadata.name ?? ''],
    [`${EXTRA}pod-uid`]: [metadata.uid ?? ''],
  };
  const nodeName = spec?.nodeName ?? '';
  if (nodeName !== '') {
    extra[`${EXTRA}node-name`] = [nodeName];
    const uid = await uidOfNode(client, nodeName, signal);
    if (uid !== undefined) extra[`${EXTRA}node-uid`] = [uid];
  }
  return { ...account, extra };
}

/** Undefined where it may not be read, or is not there: a token without it proves the same. */
async function uidOfNode(client: Client, name: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await client.get(NODES, name, { signal })).metadata.uid;
  } catch (error) {
    if (hasReason(error, 'Forbidden') || hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}
