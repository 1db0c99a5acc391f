import type { UnixSeconds } from '../../base/clock.js';

/** An object that a token names, by name and identity. */
export interface ClaimedObject {
  readonly name: string;
  readonly uid: string;
}

/** The claims of a service account token, checked for shape when read. */
export interface TokenClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly expiresAt: UnixSeconds;
  readonly notBefore: UnixSeconds;
  readonly issuedAt: UnixSeconds;
  /** From when on its use is worth a warning: its bearer should have fetched another. */
  readonly warnAfter?: UnixSeconds;
  /** The token's own identity. */
  readonly id?: string;
  readonly namespace: string;
  readonly serviceAccount: ClaimedObject;
  readonly pod?: ClaimedObject;
  readonly secret?: ClaimedObject;
  readonly node?: ClaimedObject;
}

/** The claims in the order and shape in which tokens carry them. */
export function claimsToJson(claims: TokenClaims): object {
  return {
    aud: claims.audiences,
    exp: claims.expiresAt,
    iat: claims.issuedAt,
    iss: claims.issuer,
    ...(claims.id === undefined ? {} : { jti: claims.id }),
    'kubernetes.io': {
      namespace: claims.namespace,
      ...(claims.node === undefined ? {} : { node: claims.node }),
      ...(claims.pod === undefined ? {} : { pod: claims.pod }),
      ...(claims.secret === undefined ? {} : { secret: claims.secret }),
      serviceaccount: claims.serviceAccount,
      ...(claims.warnAfter === undefined ? {} : { warnafter: claims.warnAfter }),
    },
    nbf: claims.notBefore,
    sub: claims.subject,
  };
}

/** Claims of a verified token; undefined where one is missing or of another type. Unknown ones are ignored. */
export function parseClaims(payload: Readonly<Record<string, unknown>>): TokenClaims | undefined {
  const kubernetes = recordOf(payload['kubernetes.io']);
  const audiences = audiencesOf(payload['aud']);
  const serviceAccount = objectOf(kubernetes?.['serviceaccount']);
  const [issuer, subject, namespace] = [payload['iss'], payload['sub'], kubernetes?.['namespace']];
  const [expiresAt, notBefore, issuedAt] = [timeOf(payload['exp']), timeOf(payload['nbf']), timeOf(payload['iat'])];
  if (typeof issuer !== 'string' || typeof subject !== 'string' || typeof namespace !== 'string') return undefined;
  if (audiences === undefined || serviceAccount === undefined) return undefined;
  if (expiresAt === undefined || notBefore === undefined || issuedAt === undefined) return undefined;
  const bound: Record<string, ClaimedObject> = {};
  for (const kind of ['pod', 'secret', 'node']) {
    if (kubernetes?.[kind] === undefined) continue;
    const object = objectOf(kubernetes[kind]);
    if (object === undefined) return undefined;
    bound[kind] = object;
  }
  const warnAfter = kubernetes?.['warnafter'] === undefined ? undefined : timeOf(kubernetes['warnafter']);
  const id = payload['jti'];
  if (id !== undefined && typeof id !== 'string') return undefined;
  return {
    issuer,
    subject,
    audiences,
    expiresAt,
    notBefore,
    issuedAt,
    ...(warnAfter === undefined ? {} : { warnAfter }),
    ...(id === undefined ? {} : { id }),
    namespace,
    serviceAccount,
    ...bound,
  };
}

/** A JSON object; undefined for anything else. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  // Neither null nor a list: JSON has no other objects.
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function objectOf(value: unknown): ClaimedObject | undefined {
  const record = recordOf(value);
  const [name, uid] = [record?.['name'], record?.['uid']];
  return typeof name === 'string' && typeof uid === 'string' ? { name, uid } : undefined;
}

/** RFC 7519 §4.1.3: one string, or a list. */
export function audiencesOf(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  return items.every((item): item is string => typeof item === 'string') ? items : undefined;
}

/** RFC 7519 §2, NumericDate; a fraction is dropped. */
export function timeOf(value: unknown): UnixSeconds | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return Math.floor(value) as UnixSeconds; // finite and floored: what toUnixSeconds would check again
}
