import type { ApiRequest, Headers } from '../../kube/exchange.js';
import type { UserInfo } from '../../kube/object-meta.js';
import { badRequest } from '../../kube/status.js';
import type { Authorizer, ResourceAttributes } from '../authorization/authorizer.js';
import { forbiddenRequest } from '../authorization/forbidden-message.js';
import { ANONYMOUS } from './authenticator.js';
import { decodedKey, valuesOf } from './header-values.js';
import { parseServiceAccountUsername, serviceAccountGroups } from './service-account-name.js';

const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';
const AUTHENTICATION_GROUP = 'authentication.k8s.io';
const EXTRA_HEADER = 'impersonate-extra-';

/** What the `Impersonate-*` headers ask for. */
export interface ImpersonationRequest {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  /** By lower-case, percent-decoded key. */
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/**
 * Reads the headers; undefined where there are none. 400 for groups, uid or extra without a user. Repeated headers must
 * come as lists: a comma is part of a value.
 */
export function readImpersonation(headers: Headers): ImpersonationRequest | undefined {
  const username = valuesOf(headers, 'impersonate-user')[0] ?? '';
  const uid = valuesOf(headers, 'impersonate-uid')[0] ?? '';
  const groups = valuesOf(headers, 'impersonate-group');
  const extra = new Map<string, readonly string[]>(); // keys are the client's choice: `__proto__` is as good as any
  for (const name of Object.keys(headers)) {
    if (!name.startsWith(EXTRA_HEADER)) continue;
    const key = decodedKey(name.slice(EXTRA_HEADER.length));
    extra.set(key, [...(extra.get(key) ?? []), ...valuesOf(headers, name)]);
  }
  const others = [
    ...(groups.length > 0 ? ['Impersonate-Group'] : []),
    ...(uid !== '' ? ['Impersonate-Uid'] : []),
    ...[...extra.keys()].map((key) => `Impersonate-Extra-${key}`),
  ];
  if (username !== '') return { username, uid, groups, extra: Object.fromEntries(extra) };
  if (others.length === 0) return undefined;
  throw badRequest(`requested ${others.join(', ')} without impersonating a user`);
}

/**
 * Impersonation by RBAC's verb `impersonate`: on `users`, `serviceaccounts` (in their namespace) and `groups` of the
 * core group, and on `uids` and `userextras/<key>` of authentication.k8s.io, each with the value as name. The answer is
 * the user to act as, or the caller where nobody is to be impersonated. 403 says which value is not allowed.
 */
export function createImpersonate(
  authorizer: Authorizer,
): (request: ApiRequest, user: UserInfo) => UserInfo | Promise<UserInfo> {
  return (request, user) => {
    const wanted = readImpersonation(request.headers);
    return wanted === undefined ? user : impersonate(wanted, user, authorizer);
  };
}

async function impersonate(wanted: ImpersonationRequest, caller: UserInfo, authorizer: Authorizer): Promise<UserInfo> {
  for (const attributes of permissionsFor(wanted, caller)) {
    const decision = await authorizer.authorize(attributes);
    if (!decision.allowed) throw forbiddenRequest(attributes, decision);
  }
  return {
    username: wanted.username,
    ...(wanted.uid === '' ? {} : { uid: wanted.uid }),
    groups: groupsOf(wanted),
    ...(Object.keys(wanted.extra).length === 0 ? {} : { extra: wanted.extra }),
  };
}

/** What the caller must be allowed, in the order in which it is asked. */
function permissionsFor(wanted: ImpersonationRequest, user: UserInfo): readonly ResourceAttributes[] {
  const base = { kind: 'resource', user, verb: 'impersonate', subresource: '', namespace: '' } as const;
  const core = { ...base, group: '', version: 'v1' };
  const authentication = { ...base, group: AUTHENTICATION_GROUP, version: 'v1' };
  const account = parseServiceAccountUsername(wanted.username);
  return [
    account === undefined
      ? { ...core, resource: 'users', name: wanted.username }
      : { ...core, resource: 'serviceaccounts', ...account },
    ...wanted.groups.map((name) => ({ ...core, resource: 'groups', name })),
    ...Object.entries(wanted.extra).flatMap(([subresource, values]) =>
      values.map((name) => ({ ...authentication, resource: 'userextras', subresource, name })),
    ),
    ...(wanted.uid === '' ? [] : [{ ...authentication, resource: 'uids', name: wanted.uid }]),
  ];
}

/** A service account comes with its groups when none are named; everybody else says which. */
function groupsOf({ username, groups }: ImpersonationRequest): readonly string[] {
  const account = parseServiceAccountUsername(username);
  const own = account !== undefined && groups.length === 0 ? serviceAccountGroups(account.namespace) : groups;
  if (username === ANONYMOUS.username) return own.includes(UNAUTHENTICATED) ? own : [...own, UNAUTHENTICATED];
  return own.includes(AUTHENTICATED) || own.includes(UNAUTHENTICATED) ? own : [...own, AUTHENTICATED];
}
