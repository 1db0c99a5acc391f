import { decodeBase64 } from '../../base/base64.js';
import { equalBytes, parseUtf8, utf8 } from '../../base/bytes.js';
import { secondsOf, type Clock } from '../../base/clock.js';
import { sha256 } from '../../crypto/digest.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { hasReason } from '../../kube/status.js';
import { parseTime } from '../../kube/time.js';
import type { ResourceStore } from '../../registry/resource-store.js';
import type { CredentialVerdict, TokenAuthenticator } from './authenticator.js';

/** What bootstrap tokens are looked up with. */
export interface BootstrapTokensOptions {
  /** Secrets of all namespaces. */
  readonly secrets: Pick<ResourceStore, 'get'>;
  readonly clock: Clock;
  readonly apiAudiences: readonly string[];
}

const NAMESPACE = 'kube-system';
const TYPE = 'bootstrap.kubernetes.io/token';
const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const GROUP = 'system:bootstrappers';
const EXTRA_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

/**
 * Authenticates by bootstrap tokens, `abcdef.0123456789abcdef`: Secrets `bootstrap-token-abcdef` in kube-system, as kubeadm
 * makes them for new nodes. The bearer is `system:bootstrap:abcdef` in group `system:bootstrappers` and those of
 * `auth-extra-groups`. Only a Secret of the right type that is not being deleted, has not expired, holds this very token
 * and `usage-bootstrap-authentication: "true"`, and names no group outside `system:bootstrappers:` counts. The tokens know
 * no audiences: they count as meant for `apiAudiences`.
 */
export function createBootstrapTokenAuthenticator(options: BootstrapTokensOptions): TokenAuthenticator {
  const { secrets, clock, apiAudiences } = options;
  return {
    authenticateToken: async (token, audiences) => {
      const [, id, secret] = TOKEN.exec(token) ?? [];
      const common = apiAudiences.filter((audience) => audiences.includes(audience));
      if (id === undefined || secret === undefined || common.length === 0) return { kind: 'none' };
      const stored = await find(secrets, `bootstrap-token-${id}`);
      const groups = stored === undefined ? undefined : groupsOf(stored, { id, secret }, secondsOf(clock));
      if (groups === undefined) return { kind: 'none' };
      const verdict: CredentialVerdict = {
        kind: 'user',
        user: { username: `system:bootstrap:${id}`, groups },
        audiences: common,
      };
      return verdict;
    },
  };
}

interface StoredToken extends KubeObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

async function find(secrets: BootstrapTokensOptions['secrets'], name: string): Promise<StoredToken | undefined> {
  try {
    return await secrets.get({ namespace: NAMESPACE, name });
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** Groups of the bearer; undefined where the Secret does not make one of this token. */
function groupsOf(
  { metadata, type, data = {} }: StoredToken,
  token: { readonly id: string; readonly secret: string },
  now: number,
): readonly string[] | undefined {
  const text = (key: string): string => textOf(data[key] ?? '');
  if ((metadata.deletionTimestamp ?? null) !== null || type !== TYPE) return undefined;
  // By digests, so that time tells nothing about the secret.
  if (!equalBytes(sha256(utf8(text('token-secret'))), sha256(utf8(token.secret)))) return undefined;
  if (text('token-id') !== token.id) return undefined;
  if (hasExpired(text('expiration'), now) || text('usage-bootstrap-authentication') !== 'true') return undefined;
  const extra = text('auth-extra-groups')
    .split(',')
    .filter((group) => group !== '');
  return extra.every((group) => EXTRA_GROUP.test(group)) ? [...new Set([GROUP, ...extra])].sort() : undefined;
}

/** A time that cannot be read has passed. */
function hasExpired(expiration: string, now: number): boolean {
  if (expiration === '') return false;
  const time = parseTime(expiration);
  return time === undefined || now >= time;
}

function textOf(base64: string): string {
  const decoded = decodeBase64(base64);
  return decoded.kind === 'invalid' ? '' : (parseUtf8(decoded.bytes) ?? '');
}
