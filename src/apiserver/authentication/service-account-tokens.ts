import { utf8 } from '../../base/bytes.js';
import { secondsOf, toUnixSeconds, type Clock, type UnixSeconds } from '../../base/clock.js';
import { sha256 } from '../../crypto/digest.js';
import type { UserInfo } from '../../kube/object-meta.js';
import { quotedList } from '../authorization/rule-text.js';
import type { CredentialVerdict, TokenAuthenticator } from './authenticator.js';
import { readToken, signerOf, signToken } from './json-web-token.js';
import { LeastRecentlyUsed } from './least-recently-used.js';
import { parseServiceAccountUsername, serviceAccountGroups, serviceAccountUsername } from './service-account-name.js';
import { claimsToJson, parseClaims, type ClaimedObject, type TokenClaims } from './token-claims.js';
import type { TokenKey } from './token-key.js';
import type { TokenKeys } from './token-keys.js';
import type { LiveObject, TokenSubjects } from './token-subjects.js';

/** How far clocks may be apart, in seconds; and how long a deleted object's tokens live on. */
const LEEWAY_SECONDS = 60;
const MAX_REMEMBERED = 4096;
const EXTRA = 'authentication.kubernetes.io/';

/** What tokens are made and checked with. */
export interface ServiceAccountTokensOptions {
  /** `iss` of new tokens. */
  readonly issuer: string;
  /** Further issuers whose tokens are taken, such as a former name of this server. */
  readonly formerIssuers?: readonly string[];
  readonly keys: TokenKeys;
  readonly subjects: TokenSubjects;
  readonly clock: Clock;
  /** A fresh UUID. */
  readonly newUid: () => string;
  /** Told of each use of a token whose bearer should have fetched another by then. */
  readonly onStale?: () => void;
}

/** What a new token says. */
export interface TokenOrder {
  readonly namespace: string;
  readonly serviceAccount: ClaimedObject;
  readonly audiences: readonly string[];
  readonly lifetimeSeconds: number;
  /** After how long its use is worth a warning; absent: never. */
  readonly warnAfterSeconds?: number;
  readonly issuedAt: UnixSeconds;
  readonly pod?: ClaimedObject;
  readonly secret?: ClaimedObject;
  readonly node?: ClaimedObject;
}

/** Issues service account tokens, and authenticates their bearers. */
export interface ServiceAccountTokens extends TokenAuthenticator {
  issue(order: TokenOrder): Promise<string>;
}

/**
 * Service account tokens. A token is good when one of our keys signed it, our name is its issuer, its audiences and
 * times fit, and everything it names is still there with the same uid. Only the signature's verdict is remembered;
 * times and objects are looked at on each use, so that deleting an object revokes its tokens at once.
 */
export function createServiceAccountTokens(options: ServiceAccountTokensOptions): ServiceAccountTokens {
  const { keys } = options;
  const issuers = new Set([options.issuer, ...(options.formerIssuers ?? [])]);
  const verified = new LeastRecentlyUsed<string, Verified>(MAX_REMEMBERED);
  return {
    issue: async (order) => {
      const claims = claimsOf(order, options);
      const { id, privateKey } = keys.signing();
      await keys.willSign(id, claims.expiresAt);
      return signToken(claimsToJson(claims), privateKey, id);
    },
    authenticateToken: async (token, audiences) => {
      const digest = String.fromCharCode(...sha256(utf8(token)));
      const current = keys.verification();
      let known = verified.get(digest);
      // What a key vouched for that is no longer one of ours is as good as never seen.
      if (known === undefined || !current.includes(known.key)) {
        const reading = verify(token, issuers, current);
        if (reading.kind !== 'verified') return reading;
        known = reading;
        verified.set(digest, known);
      }
      return accept(known, audiences, options);
    },
  };
}

function claimsOf(order: TokenOrder, options: ServiceAccountTokensOptions): TokenClaims {
  const { namespace, serviceAccount, audiences, pod, secret, node } = order;
  return {
    issuer: options.issuer,
    subject: serviceAccountUsername(namespace, serviceAccount.name),
    audiences,
    expiresAt: toUnixSeconds(order.issuedAt + order.lifetimeSeconds),
    notBefore: order.issuedAt,
    issuedAt: order.issuedAt,
    ...(order.warnAfterSeconds === undefined
      ? {}
      : { warnAfter: toUnixSeconds(order.issuedAt + order.warnAfterSeconds) }),
    id: options.newUid(),
    namespace,
    serviceAccount,
    ...(pod === undefined ? {} : { pod }),
    ...(secret === undefined ? {} : { secret }),
    ...(node === undefined ? {} : { node }),
  };
}

/** What a token says that one of our keys signed, and as whom it makes its bearer known. */
interface Verified {
  readonly kind: 'verified';
  readonly claims: TokenClaims;
  readonly user: UserInfo;
  readonly key: TokenKey;
}

function verify(
  token: string,
  issuers: ReadonlySet<string>,
  keys: readonly TokenKey[],
): Verified | Exclude<CredentialVerdict, { kind: 'user' }> {
  const read = readToken(token);
  const issuer = read?.payload['iss'];
  // Not ours to judge: another method may know it.
  if (read === undefined || typeof issuer !== 'string' || !issuers.has(issuer)) return { kind: 'none' };
  const key = signerOf(read, keys);
  if (key === undefined) return invalid('invalid signature');
  const claims = parseClaims(read.payload);
  if (claims === undefined) return invalid('unexpected claims');
  const named = parseServiceAccountUsername(claims.subject);
  if (named?.namespace !== claims.namespace || named.name !== claims.serviceAccount.name) {
    return invalid('service account token subject does not match its claims');
  }
  return { kind: 'verified', claims, user: userOf(claims), key };
}

async function accept(
  { claims, user }: Verified,
  requested: readonly string[],
  { clock, subjects, onStale }: ServiceAccountTokensOptions,
): Promise<CredentialVerdict> {
  const audiences = claims.audiences.filter((audience) => requested.includes(audience));
  if (audiences.length === 0) {
    const [has, wants] = [quotedList(claims.audiences), quotedList(requested)];
    return invalid(`token audiences ${has} is invalid for the target audiences ${wants}`);
  }
  const now = secondsOf(clock);
  const problem = timeProblem(claims, now) ?? (await subjectProblem(claims, subjects, now));
  if (problem !== undefined) return invalid(problem);
  if (claims.warnAfter !== undefined && claims.warnAfter < now) onStale?.();
  return { kind: 'user', user, audiences };
}

function timeProblem({ expiresAt, notBefore, issuedAt }: TokenClaims, now: UnixSeconds): string | undefined {
  if (now + LEEWAY_SECONDS < notBefore) return 'service account token is not valid yet';
  if (now - LEEWAY_SECONDS > expiresAt) return 'service account token has expired';
  if (now + LEEWAY_SECONDS < issuedAt) return 'service account token is issued in the future';
  return undefined;
}

async function subjectProblem(
  claims: TokenClaims,
  subjects: TokenSubjects,
  now: UnixSeconds,
): Promise<string | undefined> {
  const { namespace, serviceAccount } = claims;
  const account = await subjects.serviceAccount(namespace, serviceAccount.name);
  if (account === undefined) return `serviceaccounts ${JSON.stringify(serviceAccount.name)} not found`;
  if (isGone(account, now)) return `service account ${namespace}/${serviceAccount.name} has been deleted`;
  if (account.uid !== serviceAccount.uid) {
    return `service account UID (${account.uid}) does not match claim (${serviceAccount.uid})`;
  }
  const bound: readonly (readonly [ClaimedObject | undefined, (name: string) => ReturnType<TokenSubjects['node']>])[] =
    [
      [claims.secret, (name) => subjects.secret(namespace, name)],
      [claims.pod, (name) => subjects.pod(namespace, name)],
      // The node of a pod-bound token informs; only a token bound to a node itself falls with it.
      [claims.pod === undefined ? claims.node : undefined, (name) => subjects.node(name)],
    ];
  for (const [claimed, find] of bound) {
    if (claimed === undefined) continue;
    const object = await find(claimed.name);
    if (object === undefined || isGone(object, now) || object.uid !== claimed.uid) {
      return 'service account token has been invalidated';
    }
  }
  return undefined;
}

function isGone({ deletedAt }: LiveObject, now: UnixSeconds): boolean {
  return deletedAt !== undefined && deletedAt + LEEWAY_SECONDS < now;
}

function userOf(claims: TokenClaims): UserInfo {
  const extra: Record<string, readonly string[]> = {};
  if (claims.id !== undefined) extra[`${EXTRA}credential-id`] = [`JTI=${claims.id}`];
  if (claims.node !== undefined) {
    extra[`${EXTRA}node-name`] = [claims.node.name];
    if (claims.node.uid !== '') extra[`${EXTRA}node-uid`] = [claims.node.uid];
  }
  if (claims.pod !== undefined) {
    extra[`${EXTRA}pod-name`] = [claims.pod.name];
    extra[`${EXTRA}pod-uid`] = [claims.pod.uid];
  }
  return {
    username: serviceAccountUsername(claims.namespace, claims.serviceAccount.name),
    uid: claims.serviceAccount.uid,
    groups: serviceAccountGroups(claims.namespace),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function invalid(error: string): { readonly kind: 'invalid'; readonly error: string } {
  return { kind: 'invalid', error };
}
