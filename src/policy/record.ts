import { utf8 } from '../base/bytes.js';
import type { UnixSeconds } from '../base/clock.js';
import type { UnsignedRecordSpec } from '../certificates/canonical-record.js';
import type { RecordedName, RecordedRequest, RecordedRequester } from '../certificates/certificate-record.js';
import { APPROVED_BY_POLICY, DENIED_BY_POLICY } from '../certificates/conditions.js';
import type { NormalisedRequest, RequestedName, Requester } from '../certificates/normalised-request.js';
import { formatTime } from '../kube/time.js';
import type { Identity } from './identity.js';
import { NAME_TYPES } from './review-names.js';
import type { Decision, GrantedName, Violation } from './verdict.js';

/** A decision that is final, and so goes on record. */
export type FinalDecision = Extract<Decision, { readonly kind: 'approve' | 'deny' }>;

/** What a record is made of. */
export interface RecordInput {
  readonly request: NormalisedRequest;
  readonly identity: Identity;
  readonly decision: FinalDecision;
  /** Everything that was looked at, as JSON values. */
  readonly facts?: unknown;
  readonly now: UnixSeconds;
}

/** Longest snapshot of facts that a record holds, in bytes of JSON. */
export const MAX_FACTS_BYTES: number = 64 * 1024;

/** Most names that a record lists. What a policy grants is fewer. */
const MAX_NAMES = 1000;

/** Longest texts, in UTF-16 units: of the decision, and of one name. Conditions are cut at the same length. */
const MAX_MESSAGE = 4096;
const MAX_BECAUSE = 1024;

/**
 * The record of what a policy decided, ready to be signed. The same input gives the same record. Texts that are too long
 * are cut, facts that are too many are left out with a note; text that is no Unicode is made so.
 */
export function buildRecordSpec({ request, identity, decision, facts, now }: RecordInput): UnsignedRecordSpec {
  const approved = decision.kind === 'approve';
  const policy = approved ? decision.policy : decision.policies[0];
  return wellFormed({
    request: recordedRequest(request),
    requester: recordedRequester(request.requester, recordedIdentity(identity)),
    decision: {
      verdict: approved ? 'Approved' : 'Denied',
      by: 'Policy',
      ...(policy === undefined ? {} : { policy: { ...policy } }),
      reason: approved ? APPROVED_BY_POLICY : DENIED_BY_POLICY,
      message: cut(decision.message, MAX_MESSAGE),
      decidedAt: formatTime(now),
    },
    names: approved ? decision.names.map(grantedName) : refusedNames(request, decision.violations),
    ...(facts === undefined ? {} : { facts: factsText(facts) }),
  });
}

/** A decision that somebody else made, and that led to a certificate. */
export interface OtherDecision {
  readonly request: NormalisedRequest;
  /** Reason and message of the Approved condition. */
  readonly reason: string;
  readonly message: string;
  readonly decidedAt: UnixSeconds;
}

/**
 * The record of an approval by a person or another program: who has which name is then on record all the same. No name
 * has a ground, and nobody looked at who asked beyond what the API server wrote.
 */
export function buildOtherRecordSpec({ request, reason, message, decidedAt }: OtherDecision): UnsignedRecordSpec {
  const because = 'approved by somebody else';
  return wellFormed({
    request: recordedRequest(request),
    requester: recordedRequester(request.requester, namedIdentity(request.requester)),
    decision: {
      verdict: 'Approved',
      by: 'Other',
      reason: reason === '' ? 'Unknown' : reason,
      message: message === '' ? 'approved without a word' : cut(message, MAX_MESSAGE),
      decidedAt: formatTime(decidedAt),
    },
    names: requestedNames(request)
      .slice(0, MAX_NAMES)
      .map(({ type, value }) => ({ type, value, because })),
  });
}

/** A name or value of the subject as records call it. */
export interface ListedName {
  readonly type: string;
  readonly value: string;
  /** Where it stands in the request. */
  readonly path: string;
}

/** How records call the type of a name. */
export function nameTypeOf({ type }: RequestedName): string {
  return NAME_TYPES[type];
}

/** Everything that a request asks to be called: its subjectAltNames, then the values of its subject. */
export function requestedNames({ names, subject }: NormalisedRequest): readonly ListedName[] {
  return [
    ...names.map((name) => ({ type: nameTypeOf(name), value: name.text, path: name.path })),
    ...subject.map(({ type, value, path }) => ({ type, value, path })),
  ];
}

function recordedRequest(request: NormalisedRequest): RecordedRequest {
  const { name, uid, signerName, requestDigest, publicKeyDigest, usages, expirationSeconds } = request;
  return {
    name,
    uid,
    signerName,
    request: request.pem,
    requestDigest,
    publicKeyDigest,
    usages,
    ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
    ...(request.creationTimestamp === undefined ? {} : { creationTimestamp: request.creationTimestamp }),
  };
}

function recordedRequester(
  { username, uid, groups, extra }: Requester,
  identity: RecordedRequester['identity'],
): RecordedRequester {
  return {
    username,
    ...(uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
    identity,
  };
}

function recordedIdentity(identity: Identity): RecordedRequester['identity'] {
  switch (identity.kind) {
    case 'pod': {
      const { pod, account } = identity;
      return {
        kind: 'Pod',
        namespace: pod.namespace,
        serviceAccountName: account.name,
        podName: pod.name,
        podUID: pod.uid,
      };
    }
    case 'serviceAccount':
      return { kind: 'ServiceAccount', namespace: identity.namespace, serviceAccountName: identity.name };
    case 'node':
      return { kind: 'Node', nodeName: identity.nodeName };
    case 'user':
      return { kind: 'User' };
  }
}

/** What the name of a user says, without any look at the cluster. */
function namedIdentity({ username, groups }: Requester): RecordedRequester['identity'] {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username);
  const [, namespace, serviceAccountName] = account ?? [];
  if (namespace !== undefined && serviceAccountName !== undefined) {
    return { kind: 'ServiceAccount', namespace, serviceAccountName };
  }
  const nodeName = username.startsWith('system:node:') ? username.slice('system:node:'.length) : '';
  return nodeName !== '' && groups.includes('system:nodes') ? { kind: 'Node', nodeName } : { kind: 'User' };
}

function grantedName({ type, value, grantedBy, because, evidence }: GrantedName): RecordedName {
  return {
    type,
    value,
    grantedBy,
    because: cut(because, MAX_BECAUSE),
    ...(evidence.length === 0 ? {} : { evidence }),
  };
}

/** Every name of a denied request, with what was held against it. */
function refusedNames(request: NormalisedRequest, violations: readonly Violation[]): readonly RecordedName[] {
  const names = requestedNames(request).slice(0, MAX_NAMES);
  return names.map(({ type, value, path }) => {
    const against = violations.filter((violation) => violation.path === path || violation.path === `request.${path}`);
    const because = against.map(({ detail }) => detail).join('; ');
    return { type, value, because: because === '' ? 'nothing was held against it' : cut(because, MAX_BECAUSE) };
  });
}

function factsText(facts: unknown): string {
  const text = JSON.stringify(facts);
  const { length } = utf8(text);
  return length <= MAX_FACTS_BYTES
    ? text
    : JSON.stringify({ leftOut: `${length} bytes of facts are more than the ${MAX_FACTS_BYTES} that a record holds` });
}

function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 3)}...` : text;
}

/**
 * The same value, with U+FFFD for every half of a surrogate pair: stores and servers do that, and what is signed must
 * come back as it went.
 */
function wellFormed<T>(value: T): T {
  const mended: unknown =
    typeof value === 'string'
      ? value.replace(/\p{Cs}/gu, '\ufffd')
      : Array.isArray(value)
        ? value.map((entry: unknown) => wellFormed(entry))
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([name, entry]) => [wellFormed(name), wellFormed(entry)]))
          : value;
  return mended as T; // the same shape: only strings were replaced, by strings
}
