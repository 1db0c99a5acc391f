import type { CertificateRecordSpec } from '../../certificates/certificate-record.js';
import type { ApprovalPolicySpec } from '../../certificates/approval-policy.js';
import type { NormalisedRequest } from '../../certificates/normalised-request.js';
import type { Facts } from '../facts.js';
import { identify } from '../identity.js';
import { buildRecordSpec } from '../record.js';
import { decisionOf, NOW } from './decisions.js';
import { compiledPolicyOf } from './policies.js';
import { requestOf, SERVING_WISH, type RequestWish } from './requests.js';
import { shopFacts } from './world.js';

/** A request and the record of its approval, whose signature is none. */
export interface RecordedCase {
  readonly request: NormalisedRequest;
  readonly spec: CertificateRecordSpec;
}

/** What is put on record where this policy approves this request by these facts. Throws where it does not. */
export function recordedCase(
  wish: RequestWish = SERVING_WISH,
  policy: Partial<ApprovalPolicySpec> = {},
  facts: Facts = shopFacts(),
): RecordedCase {
  const decision = decisionOf({ wish, facts, policies: [compiledPolicyOf(policy)] });
  if (decision.kind !== 'approve') {
    throw new RangeError(`Not approved: ${decision.kind === 'needs' ? decision.kind : decision.message}`);
  }
  const request = requestOf(wish);
  const identity = identify(request.requester, facts);
  const unsigned = buildRecordSpec({ request, identity, decision, now: NOW });
  return { request, spec: { ...unsigned, signature: { keyID: '', value: '' } } };
}
