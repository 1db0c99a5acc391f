import type { ApiRequest } from '../../kube/exchange.js';
import type { UserInfo } from '../../kube/object-meta.js';
import {
  ANONYMOUS,
  type AuthenticationResult,
  type Authenticator,
  type CredentialVerdict,
  type TokenAuthenticator,
} from './authenticator.js';
import { bearerTokenOf } from './bearer-token.js';
import type { ClientCertificateAuthenticator } from './client-certificate.js';
import type { FrontProxyAuthenticator } from './front-proxy.js';

const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';

export interface AuthenticatorOptions {
  /** Absent: headers of a front proxy are ignored. */
  readonly frontProxy?: FrontProxyAuthenticator;
  /** Absent: client certificates are ignored. */
  readonly certificates?: ClientCertificateAuthenticator;
  /** Bearer tokens, asked as one; see `unionOfTokens`. Absent: every bearer token is refused. */
  readonly tokens?: TokenAuthenticator;
  /** The audiences of this server. */
  readonly apiAudiences: readonly string[];
  /** Which requests without credentials are let in as `system:anonymous`. Asked on each use. Default: all of them. */
  readonly anonymous?: () => AnonymousAccess;
}

/** All requests, none, or those for these paths exactly. */
export type AnonymousAccess = boolean | { readonly paths: readonly string[] };

/**
 * Asks the methods in order: front proxy, client certificate, bearer token, anonymous. The first success wins, so a good
 * certificate makes a bad token irrelevant; without a success, one bad credential is enough for a refusal. A part of
 * the same process is whom it says it is.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  return {
    authenticate: async (request) => {
      if (request.peer.kind === 'in-process') return { kind: 'user', user: request.peer.user };
      const proxied = options.frontProxy?.authenticateRequest(request) ?? { kind: 'none' };
      if (proxied.kind === 'user') return authenticated(proxied.user);
      const certificate = verdictOnCertificate(request, options);
      if (certificate.kind === 'user') return authenticated(certificate.user);
      const token = await verdictOnToken(request, options);
      if (token.kind === 'user') return authenticated(token.user);
      if ([proxied, certificate, token].some(({ kind }) => kind === 'invalid')) return { kind: 'refused' };
      return mayBeAnonymous(request, options.anonymous?.() ?? true)
        ? { kind: 'anonymous', user: ANONYMOUS }
        : { kind: 'refused' };
    },
  };
}

function mayBeAnonymous({ target }: ApiRequest, access: AnonymousAccess): boolean {
  if (typeof access === 'boolean') return access;
  const [path = ''] = target.split('?', 1);
  return access.paths.includes(path);
}

function verdictOnCertificate({ peer }: ApiRequest, { certificates }: AuthenticatorOptions): CredentialVerdict {
  if (peer.kind !== 'connection' || peer.certificateDer === undefined || certificates === undefined) {
    return { kind: 'none' };
  }
  return certificates.authenticateCertificate(peer.certificateDer, peer.intermediatesDer);
}

async function verdictOnToken(request: ApiRequest, options: AuthenticatorOptions): Promise<CredentialVerdict> {
  const token = bearerTokenOf(request.headers);
  if (token === undefined) return { kind: 'none' };
  const verdict = await options.tokens?.authenticateToken(token, options.apiAudiences);
  // A token that nobody knows is a bad credential, not the absence of one.
  if (verdict === undefined || verdict.kind === 'none') return { kind: 'invalid', error: 'invalid bearer token' };
  return verdict;
}

function authenticated(user: UserInfo): AuthenticationResult {
  return { kind: 'user', user: withAuthenticatedGroup(user) };
}

/** The user with `system:authenticated` as last group, unless known or anonymous. */
export function withAuthenticatedGroup(user: UserInfo): UserInfo {
  if (user.username === ANONYMOUS.username) return user;
  if (user.groups.includes(AUTHENTICATED) || user.groups.includes(UNAUTHENTICATED)) return user;
  return { ...user, groups: [...user.groups, AUTHENTICATED] };
}
