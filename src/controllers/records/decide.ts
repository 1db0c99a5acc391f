import type { UnixSeconds } from '../../base/clock.js';
import type { CertificateRecord, CertificateRecordSpec } from '../../certificates/certificate-record.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { parseCertificateBundle } from '../../certificates/certificate-bundle.js';
import { conditionOf, FAILED, isApproved, isDenied } from '../../certificates/conditions.js';
import { digestText, type Sha256 } from '../../certificates/normalised-request.js';
import { toHex } from '../../base/bytes.js';
import { formatTime } from '../../kube/time.js';
import type { Decision } from '../runtime/controller.js';
import { following, sameIssuance, type Issuance } from './issuance.js';

/** What the keeper remembers of a record. */
export interface RecordFacts {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Name and uid of the request. */
  readonly requestName: string;
  readonly requestUid: string;
  readonly verdict: CertificateRecordSpec['decision']['verdict'];
  readonly issuance: Issuance | undefined;
}

/** What the keeper remembers of a request. */
export interface RequestFacts {
  readonly name: string;
  readonly uid: string;
  readonly approved: boolean;
  readonly outcome: RequestOutcome;
}

/** What came of a request. */
export type RequestOutcome =
  | { readonly kind: 'open' }
  | { readonly kind: 'denied' }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'issued';
      readonly serialNumber: string;
      readonly fingerprint: string;
      readonly notBefore: UnixSeconds;
      readonly notAfter: UnixSeconds;
    }
  /** There is a certificate, and it cannot be read. */
  | { readonly kind: 'unreadable'; readonly detail: string };

/** What there is under a uid. */
export interface KeptPair {
  readonly record: RecordFacts | undefined;
  readonly request: RequestFacts | undefined;
  /** Whether there is a key to sign a record with. */
  readonly maySign: boolean;
}

/** What the keeper does. */
export type KeepingAction =
  | { readonly kind: 'write'; readonly record: RecordFacts; readonly issuance: Issuance }
  /** Put on record what somebody else approved. */
  | { readonly kind: 'create'; readonly request: RequestFacts };

/**
 * What a record needs to say what came of its request, and whether a certificate without a record needs one. The request
 * is the truth while it is there; when it is gone, what its record says stands, but for an intent.
 */
export function decideKeeping({ record, request, maySign }: KeptPair, now: UnixSeconds): Decision<KeepingAction> {
  if (record === undefined) {
    const outcome = maySign && request?.approved === true ? request.outcome : undefined;
    const isLive = outcome?.kind === 'issued' && outcome.notAfter > now;
    return request !== undefined && isLive ? { kind: 'act', actions: [{ kind: 'create', request }] } : { kind: 'done' };
  }
  const wanted = issuanceOf(record, request?.outcome);
  if (wanted === undefined || sameIssuance(wanted, record.issuance)) return { kind: 'done' };
  return { kind: 'act', actions: [{ kind: 'write', record, issuance: wanted }] };
}

/** What the record should say; undefined where it should stay as it is. */
function issuanceOf({ verdict, issuance }: RecordFacts, outcome: RequestOutcome | undefined): Issuance | undefined {
  const before = issuance;
  switch (outcome?.kind) {
    case 'issued': {
      const { serialNumber, fingerprint, notBefore, notAfter } = outcome;
      const times = { notBefore: formatTime(notBefore), notAfter: formatTime(notAfter) };
      return following(before, { phase: 'Issued', serialNumber, fingerprint, ...times });
    }
    case 'failed':
      return following(before, { phase: 'Failed', message: outcome.message });
    case 'unreadable':
      return following(before, { phase: 'Issued', message: `its certificate cannot be read: ${outcome.detail}` });
    case 'denied':
      if (verdict !== 'Approved') return undefined;
      // Between a record and its approval a person may deny: the record must not look as if something were to come.
      return before === undefined ? { phase: 'Denied', message: DENIED_MEANWHILE } : lost(before, DENIED_MEANWHILE);
    case 'open':
      return undefined;
    case undefined:
      return lost(before, 'its request is gone, and no certificate was seen in it');
  }
}

const DENIED_MEANWHILE = 'its request was denied';

/** An intent of which nothing came. */
function lost(before: Issuance | undefined, message: string): Issuance | undefined {
  return before?.phase === 'Intended' ? following(before, { ...before, phase: 'Lost', message }) : undefined;
}

/** What the keeper remembers of a record. */
export function recordFacts({ metadata, spec, status }: CertificateRecord): RecordFacts {
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    requestName: spec.request.name,
    requestUid: spec.request.uid,
    verdict: spec.decision.verdict,
    issuance: status?.issuance,
  };
}

/** What the keeper remembers of a request. */
export function requestFacts(csr: CertificateSigningRequest, sha256: Sha256): RequestFacts {
  const { name = '', uid = '' } = csr.metadata;
  return { name, uid, approved: isApproved(csr), outcome: outcomeOf(csr, sha256) };
}

function outcomeOf(csr: CertificateSigningRequest, sha256: Sha256): RequestOutcome {
  const { certificate = '' } = csr.status;
  if (certificate !== '') {
    const bundle = parseCertificateBundle(certificate);
    const leaf = bundle.kind === 'bundle' ? bundle.certificates[0] : undefined;
    if (leaf === undefined) {
      return { kind: 'unreadable', detail: bundle.kind === 'invalid' ? bundle.detail : 'it is empty' };
    }
    return {
      kind: 'issued',
      serialNumber: toHex(leaf.serialNumber),
      fingerprint: digestText(sha256(leaf.der)),
      notBefore: leaf.notBefore,
      notAfter: leaf.notAfter,
    };
  }
  const failed = conditionOf(csr, FAILED);
  if (failed !== undefined) return { kind: 'failed', message: failed.message ?? '' };
  return { kind: isDenied(csr) ? 'denied' : 'open' };
}
