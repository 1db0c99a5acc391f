import type { UnixSeconds } from '../../base/clock.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { APPROVED, conditionOf, DENIED, isIssued } from '../../certificates/conditions.js';
import { formatTime } from '../../kube/time.js';
import type { Decision } from '../runtime/controller.js';
import type { Recogniser } from './recognise.js';

/** The reason that kube-controller-manager gives for what it approves. */
export const AUTO_APPROVED = 'AutoApproved';

/** What is known of a request that nobody has decided. */
export type Seen =
  /** Gone, decided, or no client certificate of a kubelet. */
  | { readonly kind: 'leave' }
  | {
      readonly kind: 'recognised';
      readonly csr: CertificateSigningRequest;
      readonly recognisers: readonly Recogniser[];
      /** The first one that the authorizer allows; undefined where it allows none. */
      readonly allowed: Recogniser | undefined;
    };

/** What the approver does. */
export type KubeletAction =
  | { readonly kind: 'approve'; readonly csr: CertificateSigningRequest; readonly message: string }
  /** Permissions are given without a word: ask again later, and later. */
  | { readonly kind: 'ask-again'; readonly because: string };

/** Whether nobody has decided about it: Approved and Denied count by their presence. */
export function isUndecided(csr: CertificateSigningRequest): boolean {
  return conditionOf(csr, APPROVED) === undefined && conditionOf(csr, DENIED) === undefined && !isIssued(csr);
}

/** What to do about a request. */
export function decide(seen: Seen): Decision<KubeletAction> {
  if (seen.kind === 'leave') return { kind: 'done' };
  const { csr, recognisers, allowed } = seen;
  if (allowed !== undefined) return { kind: 'act', actions: [{ kind: 'approve', csr, message: allowed.message }] };
  const name = JSON.stringify(csr.metadata.name ?? '');
  const kinds = recognisers.map(({ subresource }) => subresource).join(' ');
  const because = `recognized csr ${name} as [${kinds}] but subject access review was not approved`;
  return { kind: 'act', actions: [{ kind: 'ask-again', because }] };
}

/** The request with kube-controller-manager's approval. */
export function withApproval(
  csr: CertificateSigningRequest,
  message: string,
  now: UnixSeconds,
): CertificateSigningRequest {
  const condition = {
    type: APPROVED,
    status: 'True',
    reason: AUTO_APPROVED,
    message,
    lastUpdateTime: formatTime(now),
  };
  return { ...csr, status: { ...csr.status, conditions: [...(csr.status.conditions ?? []), condition] } };
}
