import { parseIp } from '../base/ip-address.js';
import type { IpNetwork } from '../base/ip-network.js';
import { PROVABLE_NAMES, type ProvableName } from '../certificates/approval-policy.js';
import type { CertificateRecordSpec } from '../certificates/certificate-record.js';
import type { NormalisedRequest, RequestedName, SubjectValue } from '../certificates/normalised-request.js';
import type { AccessQuestion, Facts } from './facts.js';
import { explicitObjection } from './explicit-names.js';
import { identify, identityKey, type Identity } from './identity.js';
import { contradicted, unknown, type ProofContext } from './proof-context.js';
import { proveKubeletClient } from './prove-kubelet-client.js';
import { proveName } from './prove-name.js';
import { proveNodeName, proveNodeSubject } from './prove-node.js';
import { nameTypeOf } from './record.js';
import { reservedBecause } from './reserved-names.js';
import type { ApprovalSettings } from './settings.js';
import { shownText } from './shown-text.js';
import type { NameVerdict } from './verdict.js';

/** What facts say now of something that a policy approved. */
export type Recheck =
  /** Everything is proven as it was. */
  | { readonly kind: 'holds' }
  /** A name belongs to somebody else now, or who asked is gone. */
  | { readonly kind: 'stale'; readonly because: string }
  /** Not proven now, which may change: what it waits for. */
  | {
      readonly kind: 'unknown';
      readonly because: string;
      /** What of who asked is not seen: a look at the live object tells a late cache from one that went. */
      readonly missing?: 'pod' | 'account';
    }
  /** Ask the authorizer, and check again. */
  | { readonly kind: 'needs'; readonly questions: readonly AccessQuestion[] };

/** What a recheck looks at. The record is genuine and fits the request (recordMisfit), and the facts have reached its evidence. */
export interface RecheckInput {
  readonly request: NormalisedRequest;
  readonly spec: CertificateRecordSpec;
  readonly facts: Facts;
  readonly settings: ApprovalSettings;
  /** Whether the API server itself says that what is missing is there no more. */
  readonly isGone?: boolean;
}

/**
 * Judges again, before anything is signed, who asks and what they were granted, by the same proofs that a policy used.
 * Not the policy itself: it may have been changed or deleted since, and what it decided stands.
 */
export function recheckRecord(input: RecheckInput): Recheck {
  const { request, spec, facts, settings } = input;
  const identity = identify(request.requester, facts);
  const lost = identityStanding(input, identity);
  if (lost !== undefined) return lost;
  const holder = facts.keyHolders(request.publicKeyDigest).find((other) => other.identityKey !== identityKey(identity));
  if (holder !== undefined) {
    return stale(`the key is on record for somebody else, by request ${shownText(holder.requestName)}`);
  }
  const context: ProofContext = { request, identity, facts, settings };
  const granted = new Map(spec.names.map(({ type, value, grantedBy = '' }) => [`${type} ${value}`, grantedBy]));
  const verdicts = [
    ...request.names.map((name) => {
      const type = nameTypeOf(name);
      const by = granted.get(`${type} ${name.text}`) ?? '';
      return { text: `${type} ${shownText(name.text)}`, verdict: recheckName(name, by, context) };
    }),
    ...request.subject.map((value) => {
      const by = granted.get(`${value.type} ${value.value}`) ?? '';
      return { text: `${value.type} ${shownText(value.value)}`, verdict: recheckSubject(value, by, context) };
    }),
  ];
  return worstOf(verdicts);
}

interface Judged {
  readonly text: string;
  readonly verdict: NameVerdict | undefined;
}

/** A contradiction of one name outweighs everything; a question, what is not known. */
function worstOf(judged: readonly Judged[]): Recheck {
  const questions: AccessQuestion[] = [];
  let waits: string | undefined;
  for (const { text, verdict } of judged) {
    if (verdict?.kind === 'contradicted') return stale(`${text}: ${verdict.because}`);
    if (verdict?.kind === 'needs') questions.push(verdict.question);
    if (verdict?.kind === 'unknown') waits ??= `${text}: ${verdict.because}`;
  }
  if (questions.length > 0) return { kind: 'needs', questions };
  return waits === undefined ? { kind: 'holds' } : { kind: 'unknown', because: waits };
}

/** What facts say of a name; undefined where its grant rests on the policy alone. */
function recheckName(name: RequestedName, grantedBy: string, context: ProofContext): NameVerdict | undefined {
  if (grantedBy === 'reservedNames') return undefined; // granted though it is reserved
  const kind = provable(grantedBy);
  if (kind !== undefined) return proveName(name, new Set([kind]), context) ?? noLonger(grantedBy);
  if (grantedBy === 'ownNode' || grantedBy === 'nodeAddresses') {
    return proveNodeName(name, boundsFor(name, grantedBy), context) ?? noLonger(grantedBy);
  }
  const reserved = reservedBecause(name, context);
  if (reserved !== undefined) return contradicted(reserved);
  return grantedBy === 'wildcards' ? undefined : explicitObjection(name, context);
}

/** A common name is one of the names, which have been looked at; a node's subject is proven as a whole. */
function recheckSubject({ type }: SubjectValue, grantedBy: string, context: ProofContext): NameVerdict | undefined {
  if (grantedBy === 'KubeletClient') return proveKubeletClient(context) ?? noLonger(grantedBy);
  if (grantedBy !== 'ownNode') return undefined;
  // A common name may also be the node's DNS name.
  return proveNodeSubject(context) ?? (type === 'CN' ? undefined : noLonger(grantedBy));
}

function noLonger(grantedBy: string): NameVerdict {
  return unknown(`nothing grants it as ${grantedBy} any more`);
}

function provable(grantedBy: string): ProvableName | undefined {
  return PROVABLE_NAMES.find((kind) => kind === grantedBy);
}

/** Bounds that hold this very name: whether a policy allowed it is decided already. */
function boundsFor({ type, text }: RequestedName, grantedBy: string): Parameters<typeof proveNodeName>[1] {
  const reported = grantedBy === 'nodeAddresses';
  return {
    ownNode: !reported,
    nodeAddresses: {
      dns: reported && type === 'dns' ? [text] : [],
      cidrs: reported && type === 'ip' ? networkOf(text) : [],
    },
  };
}

function networkOf(text: string): readonly IpNetwork[] {
  const address = parseIp(text);
  return address === undefined ? [] : [{ address, prefixLength: address.length * 8 }];
}

function stale(because: string): Recheck {
  return { kind: 'stale', because };
}

/**
 * What is to be said of who asked, if they are not who they were. Where the facts have reached a version in which an
 * object was there, and it is not there now, it is gone; where they have not, it may only not be seen yet.
 */
function identityStanding(input: RecheckInput, identity: Identity): Recheck | undefined {
  const was = input.spec.requester.identity;
  switch (was.kind) {
    case 'Pod':
      return identity.kind === 'pod' && identity.pod.uid === was.podUID ? undefined : podStanding(input, identity);
    case 'ServiceAccount': {
      const isAccount =
        identity.kind === 'pod' || (identity.kind === 'serviceAccount' && identity.account !== undefined);
      return isAccount ? undefined : accountStanding(input, identity);
    }
    case 'Node': {
      if (identity.kind !== 'node') return stale('who asked is no node any more');
      const gone = identity.node === undefined && wasSeen(input.spec, 'Node', { name: identity.nodeName });
      return gone ? stale(`node ${identity.nodeName} is gone`) : undefined;
    }
    case 'User':
      return undefined;
  }
}

function podStanding(input: RecheckInput, identity: Identity): Recheck {
  const { spec, facts, isGone } = input;
  const { namespace = '', podName = '', podUID = '' } = spec.requester.identity;
  const isThere = facts.pod(namespace, podName)?.uid === podUID;
  const missing = isAccountThere(input) ? (isThere ? undefined : 'pod') : 'account';
  const because = becauseOf(identity) ?? `it is not pod ${namespace}/${podName} any more`;
  if (!isThere && ((isGone === true && missing === 'pod') || wasSeen(spec, 'Pod', { uid: podUID }))) {
    return stale(`pod ${namespace}/${podName} is gone: ${because}`);
  }
  return waitOrStale(input, identity, because, missing);
}

function accountStanding(input: RecheckInput, identity: Identity): Recheck {
  const { spec } = input;
  const { namespace = '', serviceAccountName = '' } = spec.requester.identity;
  const because = becauseOf(identity) ?? `it is not service account ${namespace}/${serviceAccountName} any more`;
  const isThere = isAccountThere(input);
  if (!isThere && wasSeen(spec, 'ServiceAccount', { name: serviceAccountName })) return stale(because);
  return waitOrStale(input, identity, because, isThere ? undefined : 'account');
}

function waitOrStale(
  { isGone }: RecheckInput,
  identity: Identity,
  because: string,
  missing: 'pod' | 'account' | undefined,
): Recheck {
  if (!mayGrow(identity) || (isGone === true && missing !== undefined)) return stale(because);
  return { kind: 'unknown', because, ...(missing === undefined ? {} : { missing }) };
}

/** Whether the service account of who asked is the one that is there now. */
function isAccountThere({ spec, facts }: RecheckInput): boolean {
  const { namespace = '', serviceAccountName = '' } = spec.requester.identity;
  return facts.serviceAccount(namespace, serviceAccountName)?.uid === spec.requester.uid;
}

function becauseOf(identity: Identity): string | undefined {
  return 'because' in identity ? identity.because : undefined;
}

function mayGrow(identity: Identity): boolean {
  return identity.kind === 'serviceAccount' && identity.mayGrow;
}

/** Whether the evidence has such an object: the facts have held it, or skipped it because it went. */
function wasSeen(
  spec: CertificateRecordSpec,
  kind: string,
  is: { readonly name?: string; readonly uid?: string },
): boolean {
  return spec.names.some(({ evidence = [] }) =>
    evidence.some(
      (object) =>
        object.kind === kind &&
        (is.name === undefined || object.name === is.name) &&
        (is.uid === undefined || object.uid === is.uid),
    ),
  );
}
