import { toUnixSeconds } from '../../base/clock.js';
import { invalid, invalidObject, type FieldError } from '../../kube/field-error.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { badRequest, conflict, notFound } from '../../kube/status.js';
import { formatTime } from '../../kube/time.js';
import type { CreateSubresource } from '../../registry/resource.js';
import { tokenRequestSchema } from '../reviews/authentication-schemas.js';
import type { ServiceAccountTokens, TokenOrder } from './service-account-tokens.js';
import type { ClaimedObject } from './token-claims.js';
import type { TokenSubjects } from './token-subjects.js';

const GROUP = 'authentication.k8s.io';
const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;

/** What kubelets ask for where tokens must outlive programs that read theirs only once. */
const EXTENDED_FOR_SECONDS = 3607;

/** How long such a token lives: programs have a year to learn to read it again. */
const EXTENDED_SECONDS = 365 * 24 * 3600;

export interface TokenRequestDeps {
  readonly tokens: Pick<ServiceAccountTokens, 'issue'>;
  readonly subjects: TokenSubjects;
  /** What an empty list of audiences means. */
  readonly apiAudiences: readonly string[];
  /** A fresh UUID. */
  readonly newUid: () => string;
  /** Longest life of a token in seconds, at most 2^32; who asks for more gets this, and a warning. Default: 2^32. */
  readonly maxSeconds?: number;
  /** Whether pod-bound tokens of exactly 3607 s live a year, with a mark from when on they are stale. Default: true. */
  readonly extend?: boolean;
}

interface BoundObjectReference {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly name?: string;
  readonly uid?: string;
}

interface TokenRequestSpec {
  readonly audiences?: readonly string[] | null;
  readonly expirationSeconds?: number;
  readonly boundObjectRef?: BoundObjectReference | null;
}

interface TokenRequestBody extends KubeObject {
  readonly spec?: TokenRequestSpec;
}

/** What a token is bound to. */
interface Binding {
  readonly pod?: ClaimedObject;
  readonly secret?: ClaimedObject;
  readonly node?: ClaimedObject;
}

/** `serviceaccounts/token`: issues a token of the service account, good for a time and as long as what it is bound to. */
export function createTokenRequestHandler(deps: TokenRequestDeps): CreateSubresource<KubeObject> {
  return {
    kind: 'create',
    group: GROUP,
    version: 'v1',
    requestKind: 'TokenRequest',
    schema: tokenRequestSchema,
    create: async (owner, body, context) => {
      const { name = '', namespace = '', uid = '' } = owner.metadata;
      refuseMetadata(body, name, namespace);
      const { spec = {} }: TokenRequestBody = body;
      const { boundObjectRef = null } = spec;
      const given = spec.audiences ?? [];
      const audiences = given.length === 0 ? deps.apiAudiences : given;
      const expirationSeconds = lifetimeOf(spec, deps.maxSeconds ?? MAX_SECONDS, context.warn);
      const binding = boundObjectRef === null ? {} : await bind(boundObjectRef, name, namespace, deps.subjects);
      const token = await deps.tokens.issue({
        namespace,
        serviceAccount: { name, uid },
        audiences,
        ...lifetimes(expirationSeconds, binding, audiences, deps),
        issuedAt: context.now,
        ...binding,
      });
      const answered = {
        kind: 'TokenRequest',
        apiVersion: `${GROUP}/v1`,
        metadata: { ...body.metadata, name, namespace, uid: deps.newUid(), creationTimestamp: formatTime(context.now) },
        spec: { audiences, expirationSeconds, boundObjectRef },
        status: { token, expirationTimestamp: formatTime(toUnixSeconds(context.now + expirationSeconds)) },
      };
      return answered;
    },
  };
}

function refuseMetadata({ metadata }: KubeObject, name: string, namespace: string): void {
  const errors: FieldError[] = [];
  if ((metadata.name ?? '') !== '' && metadata.name !== name) {
    errors.push(invalid('metadata.name', metadata.name, 'must match the service account name if specified'));
  } else if ((metadata.namespace ?? '') !== '' && metadata.namespace !== namespace) {
    const detail = 'must match the service account namespace if specified';
    errors.push(invalid('metadata.namespace', metadata.namespace, detail));
  }
  if (errors.length > 0) throw invalidObject(GROUP, 'TokenRequest', name, errors);
}

/** How long the token shall live, as far as it may. */
function lifetimeOf(spec: TokenRequestSpec, maxSeconds: number, warn: (text: string) => void): number {
  const { expirationSeconds: asked = DEFAULT_SECONDS } = spec;
  refuseLifetime(asked);
  if (asked <= maxSeconds) return asked;
  warn(`requested expiration of ${asked} seconds shortened to ${maxSeconds} seconds`);
  return maxSeconds;
}

/** How long the token really lives: the answer says what was asked for, so that its bearer fetches another in time. */
function lifetimes(
  seconds: number,
  { pod }: Binding,
  audiences: readonly string[],
  { apiAudiences, extend = true, maxSeconds = MAX_SECONDS }: TokenRequestDeps,
): Pick<TokenOrder, 'lifetimeSeconds' | 'warnAfterSeconds'> {
  const extended =
    extend &&
    pod !== undefined &&
    seconds === EXTENDED_FOR_SECONDS &&
    audiences.every((audience) => apiAudiences.includes(audience));
  if (!extended) return { lifetimeSeconds: seconds };
  return { lifetimeSeconds: Math.min(EXTENDED_SECONDS, maxSeconds), warnAfterSeconds: seconds };
}

function refuseLifetime(seconds: number): void {
  const field = 'spec.expirationSeconds';
  const error =
    seconds < MIN_SECONDS
      ? invalid(field, seconds, 'may not specify a duration less than 10 minutes')
      : seconds > MAX_SECONDS
        ? invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds')
        : undefined;
  if (error !== undefined) throw invalidObject(GROUP, 'TokenRequest', '', [error]);
}

/** Finds the object that a token shall be bound to: 400 for a kind that ends no token, 404, or 409 for another uid. */
async function bind(
  ref: BoundObjectReference,
  serviceAccount: string,
  namespace: string,
  subjects: TokenSubjects,
): Promise<Binding> {
  const { kind = '', apiVersion = '', name = '' } = ref;
  switch (apiVersion.includes('/') ? '' : kind) {
    case 'Pod': {
      const pod = await subjects.pod(namespace, name);
      if (pod === undefined) throw notFound({ group: '', resource: 'pods' }, name);
      if (pod.serviceAccountName !== serviceAccount) {
        const account = JSON.stringify(serviceAccount);
        throw badRequest(
          `cannot bind token for serviceaccount ${account} to pod running with different serviceaccount name.`,
        );
      }
      refuseOtherUid(ref, pod.uid);
      if (pod.nodeName === '') return { pod: { name, uid: pod.uid } };
      // of a node that is not there, at least the name is told
      const node = await subjects.node(pod.nodeName);
      return { pod: { name, uid: pod.uid }, node: { name: pod.nodeName, uid: node?.uid ?? '' } };
    }
    case 'Secret': {
      const secret = await subjects.secret(namespace, name);
      if (secret === undefined) throw notFound({ group: '', resource: 'secrets' }, name);
      refuseOtherUid(ref, secret.uid);
      return { secret: { name, uid: secret.uid } };
    }
    case 'Node': {
      const node = await subjects.node(name);
      if (node === undefined) throw notFound({ group: '', resource: 'nodes' }, name);
      refuseOtherUid(ref, node.uid);
      return { node: { name, uid: node.uid } };
    }
    default:
      throw badRequest(`cannot bind token to object of type ${groupVersionKind(apiVersion, kind)}`);
  }
}

function refuseOtherUid({ kind = '', name = '', uid = '' }: BoundObjectReference, actual: string): void {
  if (uid === '' || uid === actual) return;
  throw conflict(
    { group: '', resource: kind },
    name,
    `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
  );
}

/** `group/version, Kind=K`, as Go prints a kind; the group of `v1` is empty. */
function groupVersionKind(apiVersion: string, kind: string): string {
  return `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
}
