import type { ApiRequest } from '../../kube/exchange.js';
import type { UserInfo } from '../../kube/object-meta.js';

/** Who a request comes from. `refused` is 401: a credential was shown, and none was good. */
export type AuthenticationResult =
  | { readonly kind: 'user'; readonly user: UserInfo }
  | { readonly kind: 'anonymous'; readonly user: UserInfo }
  | { readonly kind: 'refused' };

/** Finds out who asks. Never throws for a bad credential. */
export interface Authenticator {
  authenticate(request: ApiRequest): Promise<AuthenticationResult>;
}

/** What one method says of one credential: `none` = nothing for me here, `invalid` = a credential of mine, but bad. */
export type CredentialVerdict =
  | { readonly kind: 'user'; readonly user: UserInfo; readonly audiences?: readonly string[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'invalid'; readonly error: string };

/** One method of bearer tokens. `audiences` are those that the answer may be meant for; the token must name one. */
export interface TokenAuthenticator {
  authenticateToken(token: string, audiences: readonly string[]): Promise<CredentialVerdict>;
}

/** The user of a request without credentials. */
export const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
