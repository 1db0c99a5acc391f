import { utf8 } from '../../../base/bytes.js';
import { secondsOf, type UnixSeconds } from '../../../base/clock.js';
import { sha256 } from '../../../crypto/digest.js';
import type { UserInfo } from '../../../kube/object-meta.js';
import { quotedList } from '../../authorization/rule-text.js';
import type { CredentialVerdict, TokenAuthenticator } from '../authenticator.js';
import type { JsonWebAlgorithmName } from '../json-web-algorithm.js';
import { readToken, type UnverifiedToken } from '../json-web-token.js';
import { LeastRecentlyUsed } from '../least-recently-used.js';
import { audiencesOf, timeOf } from '../token-claims.js';
import { userOfClaims, type ClaimMapping } from './claim-mapping.js';
import { IssuerKeys, type IssuerPlace, type IssuerWorld } from './issuer-keys.js';
import { isSignedByPublished, type PublishedKey } from './published-keys.js';

/** An issuer whose tokens make users known. */
export interface TrustedIssuer extends IssuerPlace, ClaimMapping {
  /** A token must be meant for one of these. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly JsonWebAlgorithmName[];
}

/** Tokens of outside issuers. */
export interface OutsideTokens extends TokenAuthenticator {
  /** Resolves when every issuer has been asked for its keys once, whatever came of it. */
  readonly asked: Promise<void>;
  /** Fetches no more. */
  close(): void;
}

/** Tokens that begin to be good within this are good already: clocks differ. */
const NOT_BEFORE_LEEWAY_SECONDS = 300;
const MAX_REMEMBERED = 4096;

/**
 * Authenticates ID tokens (OpenID Connect Core 1.0 §3.1.3.7) of outside issuers, each known by its own name. Their keys
 * are fetched in the background: until then, and while an issuer was never reached, its tokens are refused. They know
 * nothing of the audiences of Kubernetes: they count as meant for `apiAudiences`.
 */
export function createOutsideTokens(
  issuers: readonly TrustedIssuer[],
  apiAudiences: readonly string[],
  world: IssuerWorld,
): OutsideTokens {
  const byName = new Map(issuers.map((issuer) => [issuer.url, new IssuerTokens(issuer, world)]));
  return {
    asked: Promise.all([...byName.values()].map((issuer) => issuer.asked)).then(() => undefined),
    authenticateToken: async (token, audiences) => {
      const read = readToken(token);
      const name = read?.payload['iss'];
      const issuer = typeof name === 'string' ? byName.get(name) : undefined;
      if (read === undefined || issuer === undefined) return { kind: 'none' };
      const common = apiAudiences.filter((audience) => audiences.includes(audience));
      if (common.length === 0) return { kind: 'none' };
      const verdict = await issuer.verdict(token, read);
      return verdict.kind === 'user' ? { ...verdict, audiences: common } : verdict;
    },
    close: () => {
      for (const issuer of byName.values()) issuer.close();
    },
  };
}

/** A token whose signature and claims are good, between times, as long as the keys are the same. */
interface Accepted {
  readonly user: UserInfo;
  readonly keys: readonly PublishedKey[];
  readonly notBefore: UnixSeconds | undefined;
  readonly expiresAt: UnixSeconds;
}

class IssuerTokens {
  readonly #issuer: TrustedIssuer;
  readonly #world: IssuerWorld;
  readonly #keys: IssuerKeys;
  readonly #accepted = new LeastRecentlyUsed<string, Accepted>(MAX_REMEMBERED);
  readonly asked: Promise<void>;

  constructor(issuer: TrustedIssuer, world: IssuerWorld) {
    this.#issuer = issuer;
    this.#world = world;
    this.#keys = new IssuerKeys(issuer, world);
    this.asked = this.#keys.refresh();
  }

  close(): void {
    this.#keys.close();
  }

  async verdict(token: string, read: UnverifiedToken): Promise<CredentialVerdict> {
    const digest = String.fromCharCode(...sha256(utf8(token)));
    let accepted = this.#accepted.get(digest);
    if (accepted === undefined || accepted.keys !== this.#keys.current) {
      const found = await this.#examine(read);
      if (typeof found === 'string') return { kind: 'invalid', error: found };
      accepted = found;
      this.#accepted.set(digest, accepted);
    }
    const problem = timeProblem(accepted, secondsOf(this.#world.clock));
    return problem === undefined ? { kind: 'user', user: accepted.user } : { kind: 'invalid', error: problem };
  }

  /** What is cheap first: nobody makes the server ask an issuer with a token that would be refused anyway. */
  async #examine(read: UnverifiedToken): Promise<Accepted | string> {
    const { audiences, algorithms } = this.#issuer;
    const { payload } = read;
    if (!algorithms.some((name) => name === read.algorithm)) {
      return `oidc: malformed jwt: unexpected signature algorithm ${JSON.stringify(read.algorithm)}; expected ${quotedList(algorithms)}`;
    }
    const named = audiencesOf(payload['aud']) ?? [];
    if (!named.some((audience) => audiences.includes(audience))) {
      return `oidc: verify token: oidc: expected audience in ${quotedList(audiences)} got ${quotedList(named)}`;
    }
    const [expiresAt, notBefore] = [timeOf(payload['exp']), timeOf(payload['nbf'])];
    if (expiresAt === undefined || (payload['nbf'] !== undefined && notBefore === undefined)) {
      return 'oidc: verify token: exp or nbf is no time';
    }
    const problem = timeProblem({ expiresAt, notBefore }, secondsOf(this.#world.clock));
    if (problem !== undefined) return problem;
    const keys = await this.#signedBy(read);
    if (typeof keys === 'string') return keys;
    const mapped = userOfClaims(payload, this.#issuer);
    return mapped.kind === 'invalid' ? mapped.error : { user: mapped.user, keys, expiresAt, notBefore };
  }

  /** The keys, where one of them signed the token; else why not. Keys that may be new are asked for once. */
  async #signedBy(read: UnverifiedToken): Promise<readonly PublishedKey[] | string> {
    const { algorithms } = this.#issuer;
    const known = this.#keys.current;
    if (known !== undefined && isSignedByPublished(read, known, algorithms)) return known;
    await this.#keys.refresh();
    const keys = this.#keys.current;
    if (keys === undefined) return 'oidc: authenticator not initialized';
    if (keys !== known && isSignedByPublished(read, keys, algorithms)) return keys;
    return 'oidc: verify token: failed to verify signature: failed to verify id token signature';
  }
}

function timeProblem(
  { expiresAt, notBefore }: Pick<Accepted, 'expiresAt' | 'notBefore'>,
  now: UnixSeconds,
): string | undefined {
  if (now >= expiresAt) return 'oidc: verify token: oidc: token is expired';
  if (notBefore !== undefined && now + NOT_BEFORE_LEEWAY_SECONDS < notBefore) {
    return 'oidc: verify token: oidc: current time is before the nbf (not before) time';
  }
  return undefined;
}
