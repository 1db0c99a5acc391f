import { toUnixSeconds, type UnixSeconds } from '../../base/clock.js';
import type { CertificateRecord } from '../../certificates/certificate-record.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { APPROVED, conditionOf } from '../../certificates/conditions.js';
import { parseTime, ZERO_TIME } from '../../kube/time.js';
import type { FactsStanding } from '../../policy/facts.js';
import type { Recheck } from '../../policy/recheck-record.js';
import type { EvidenceStanding } from './evidence.js';

/** What the signer knows of a request whose approval says that a policy gave it. */
export type RecordedApproval =
  /** Nobody told this signer whose records to trust. */
  | { readonly kind: 'untrusted' }
  /** Its PKCS#10 cannot be read or does not verify: it is refused as any other. */
  | { readonly kind: 'unreadable' }
  /** The API server has no record of it. */
  | { readonly kind: 'absent' }
  /** There is a record, and it is not genuine, or not about this request. */
  | { readonly kind: 'invalid'; readonly detail: string }
  | {
      readonly kind: 'recorded';
      /** Genuine, and it fits. */
      readonly record: CertificateRecord;
      readonly standing: FactsStanding;
      readonly evidence: EvidenceStanding;
      readonly recheck: Recheck;
      /** Whether the authorizer was asked: nobody tells when its answers change. */
      readonly asked: boolean;
    };

/** Whether a request that a policy approved may be signed. */
export type Permission =
  | { readonly kind: 'sign'; readonly record?: CertificateRecord }
  /** Never: it is marked Failed with this reason. */
  | { readonly kind: 'fail'; readonly reason: PermissionFailure; readonly message: string }
  /** Not now: after this time, or, without one, when something changes. */
  | {
      readonly kind: 'wait';
      readonly reason: 'RecordTrustMissing' | 'SigningWaits';
      readonly because: string;
      readonly delayMs?: number;
    };

/** Reasons of a Failed condition that concern a policy's approval. */
export type PermissionFailure = 'RecordMissing' | 'RecordInvalid' | 'EvidenceStale';

/** A record is written before its approval. What is missing for longer than this is missing for good. */
const RECORD_GRACE_SECONDS = 60;
const LOOK_AGAIN_MS = 2000;
const ASK_AGAIN_MS = 60_000;

/** Decides by what is known now. */
export function decidePermission(
  csr: CertificateSigningRequest,
  approval: RecordedApproval,
  now: UnixSeconds,
): Permission {
  switch (approval.kind) {
    case 'untrusted':
      return {
        kind: 'wait',
        reason: 'RecordTrustMissing',
        because: 'a policy approved it, and this signer was not told whose records to trust (--record-trust)',
      };
    case 'unreadable':
      return { kind: 'sign' };
    case 'absent':
      return permissionWithoutRecord(csr, now);
    case 'invalid':
      return { kind: 'fail', reason: 'RecordInvalid', message: approval.detail };
    case 'recorded':
      return permissionByFacts(approval);
  }
}

function permissionWithoutRecord(csr: CertificateSigningRequest, now: UnixSeconds): Permission {
  const because = 'its approval says that a policy gave it, and there is no record of that';
  // A time that its writer set into the future gives no more than the same grace.
  return Math.abs(now - approvedAt(csr)) < RECORD_GRACE_SECONDS
    ? waiting(because, LOOK_AGAIN_MS)
    : { kind: 'fail', reason: 'RecordMissing', message: because };
}

function permissionByFacts(approval: Extract<RecordedApproval, { readonly kind: 'recorded' }>): Permission {
  const { record, standing, evidence, recheck, asked } = approval;
  // A certificate is never taken back: it is the cache of requests that has not seen it yet.
  if (record.status?.issuance?.phase === 'Issued') return waiting('its record says that it has its certificate');
  if (standing.kind === 'syncing')
    return waiting(`nothing is known yet of ${standing.resources.join(', ')}`, LOOK_AGAIN_MS);
  if (standing.kind === 'silent') {
    return waiting(`nothing was heard of ${standing.resource} for ${standing.seconds} s`, LOOK_AGAIN_MS);
  }
  if (evidence.kind === 'behind') return waiting(evidence.because, LOOK_AGAIN_MS);
  switch (recheck.kind) {
    case 'holds':
      return { kind: 'sign', record };
    case 'stale':
      return { kind: 'fail', reason: 'EvidenceStale', message: recheck.because };
    case 'unknown':
      return waiting(recheck.because, asked ? ASK_AGAIN_MS : undefined);
    case 'needs':
      return waiting('the authorizer has not answered yet', LOOK_AGAIN_MS);
  }
}

function waiting(because: string, delayMs?: number): Permission {
  return { kind: 'wait', reason: 'SigningWaits', because, ...(delayMs === undefined ? {} : { delayMs }) };
}

/** When it was approved; where nobody says, when it was made; else long ago. */
function approvedAt(csr: CertificateSigningRequest): UnixSeconds {
  for (const text of [conditionOf(csr, APPROVED)?.lastUpdateTime, csr.metadata.creationTimestamp]) {
    const time = text === undefined || text === null ? undefined : parseTime(text);
    if (time !== undefined && time !== ZERO_TIME) return time;
  }
  return toUnixSeconds(0);
}
