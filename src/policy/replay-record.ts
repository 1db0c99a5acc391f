import { decodeBase64 } from '../base/base64.js';
import { CountersignError, messageOf } from '../base/error.js';
import { toUnixSeconds } from '../base/clock.js';
import type { CertificateRecord, CertificateRecordSpec } from '../certificates/certificate-record.js';
import { normaliseRequest, type NormalisedRequest, type Sha256 } from '../certificates/normalised-request.js';
import { parseTime } from '../kube/time.js';
import { parseApiRequest } from '../x509/api-request.js';
import { decideApproval } from './decide-approval.js';
import { factsFromSnapshot, type FactsSnapshot } from './facts-snapshot.js';
import type { Facts } from './facts.js';
import { identify } from './identity.js';
import { traceFacts } from './lookups.js';
import { parseFactsSnapshot } from './parse-facts-snapshot.js';
import { createPolicySet, type PolicySet } from './policy-set.js';
import type { ApprovalSettings } from './settings.js';
import type { Decision } from './verdict.js';

/** How a recorded decision compares with what policies say of the same request, identity, facts and time. */
export type Replay =
  | { readonly kind: 'same'; readonly message: string }
  /** It was denied, and would be approved. */
  | { readonly kind: 'newlyApproved'; readonly message: string }
  /** It was approved, and would be denied, or wait. */
  | { readonly kind: 'noLongerApproved'; readonly message: string }
  /** It was denied, and would wait. */
  | { readonly kind: 'noLongerDenied'; readonly message: string }
  /** It depends on something that is not on record. */
  | { readonly kind: 'cannotTell'; readonly message: string };

/** What records are replayed against. */
export interface ReplayInput {
  readonly policies: PolicySet;
  readonly settings: ApprovalSettings;
  readonly sha256: Sha256;
}

/**
 * Decides again about a recorded request, from the facts that its decision looked at. What was not looked at then is not
 * known: an answer that depends on it is none.
 */
export function replayRecord({ spec }: CertificateRecord, input: ReplayInput): Replay {
  if (spec.decision.by !== 'Policy') return cannotTell('no policy decided about it');
  const read = readRecorded(spec, input.sha256);
  if (typeof read === 'string') return cannotTell(read);
  const { policies, settings } = input;
  const { request, snapshot } = read;
  const now = parseTime(spec.decision.decidedAt) ?? toUnixSeconds(0);
  const known = factsFromSnapshot(snapshot);
  const decide = (facts: Facts, set: PolicySet): Decision =>
    decideApproval({
      request,
      identity: identify(request.requester, facts),
      facts,
      policies: set,
      settings,
      now,
    });
  const decision = decide(known, policies);
  const unknown = unknownLookups(policies.forSigner(request.signerName), (facts, set) => decide(facts, set), {
    known,
    snapshot,
  });
  if (decision.kind === 'needs') return cannotTell('the answers of the authorizer are not on record');
  if (decision.kind === 'approve' ? unknown.has(decision.policy.name) : unknown.size > 0) {
    const sure = decision.reviews.find(
      ({ kind, mode, policy }) => kind === 'approve' && mode === 'Enforce' && !unknown.has(policy.name),
    );
    if (sure !== undefined) return compare(spec, 'approve', `approved by policy ${sure.policy.name}`);
    const [[policy, lookup] = ['', '']] = unknown;
    return cannotTell(`policy ${policy} depends on what nobody looked at then: ${lookup}`);
  }
  return compare(spec, decision.kind, decision.message);
}

function cannotTell(message: string): Replay {
  return { kind: 'cannotTell', message };
}

function compare(
  { decision: { verdict } }: CertificateRecordSpec,
  now: Exclude<Decision['kind'], 'needs'>,
  message: string,
): Replay {
  if (verdict === 'Approved') return { kind: now === 'approve' ? 'same' : 'noLongerApproved', message };
  switch (now) {
    case 'approve':
      return { kind: 'newlyApproved', message };
    case 'deny':
      return { kind: 'same', message };
    case 'defer':
      return { kind: 'noLongerDenied', message };
  }
}

/** The first lookup of each policy that was not made when the record was written. */
function unknownLookups(
  policies: PolicySet['policies'],
  decide: (facts: Facts, set: PolicySet) => unknown,
  { known, snapshot }: { readonly known: Facts; readonly snapshot: FactsSnapshot },
): ReadonlyMap<string, string> {
  const made = new Set(snapshot.lookups);
  const unknown = new Map<string, string>();
  for (const policy of policies) {
    const { facts, lookups } = traceFacts(known);
    decide(facts, createPolicySet([policy]));
    const missing = [...lookups].find((lookup) => !made.has(lookup));
    if (missing !== undefined && policy.mode === 'Enforce') unknown.set(policy.reference.name, missing);
  }
  return unknown;
}

/** The request and the facts of a record, or why they are not there. */
function readRecorded(
  { request: recorded, requester, facts }: CertificateRecordSpec,
  sha256: Sha256,
): { readonly request: NormalisedRequest; readonly snapshot: FactsSnapshot } | string {
  if (facts === undefined) return 'no facts are on record';
  const pem = decodeBase64(recorded.request);
  if (pem.kind === 'invalid') return 'the request on record is no base64';
  const { username, uid = '', groups = [], extra = {} } = requester;
  const { name, signerName, usages, expirationSeconds, creationTimestamp } = recorded;
  try {
    const csr = {
      metadata: { name, uid: recorded.uid, ...(creationTimestamp === undefined ? {} : { creationTimestamp }) },
      spec: {
        request: recorded.request,
        signerName,
        usages,
        ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
        username,
        uid,
        groups,
        extra,
      },
      status: {},
    };
    const value: unknown = JSON.parse(facts);
    if (isLeftOut(value)) return 'its facts were too many to be kept';
    return { request: normaliseRequest(csr, parseApiRequest(pem.bytes), sha256), snapshot: parseFactsSnapshot(value) };
  } catch (error) {
    if (error instanceof CountersignError || error instanceof SyntaxError) return messageOf(error);
    throw error;
  }
}

/** What a record holds instead of facts that are longer than it can be. */
function isLeftOut(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'leftOut');
}
