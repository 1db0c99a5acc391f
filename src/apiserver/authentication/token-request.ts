import { toUnixSeconds } from '../../base/clock.js';
import { invalid, invalidObject, type FieldError } from '../../kube/field-error.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { badRequest, conflict, notFound } from '../../kube/status.js';
import { formatTime } from '../../kube/time.js';
import type { CreateSubresource } from '../../registry/resource.js';
import { tokenRequestSchema } from '../reviews/authentication-schemas.js';
import type { ServiceAccountTokens } from './service-account-tokens.js';
import type { ClaimedObject } from './token-claims.js';
import type { TokenSubjects } from './token-subjects.js';

const GROUP = 'authentication.k8s.io';
const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;

export interface TokenRequestDeps {
  readonly tokens: Pick<ServiceAccountTokens, 'issue'>;
  readonly subjects: TokenSubjects;
  /** What an empty list of audiences means. */
  readonly apiAudiences: readonly string[];
  /** A fresh UUID. */
  readonly newUid: () => string;
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
      const { expirationSeconds = DEFAULT_SECONDS, boundObjectRef = null } = spec;
      const given = spec.audiences ?? [];
      const audiences = given.length === 0 ? deps.apiAudiences : given;
      refuseLifetime(expirationSeconds);
      const binding = boundObjectRef === null ? {} : await bind(boundObjectRef, name, namespace, deps.subjects);
      const token = await deps.tokens.issue({
        namespace,
        serviceAccount: { name, uid },
        audiences,
        lifetimeSeconds: expirationSeconds,
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
