import type { UnixSeconds } from '../../base/clock.js';
import type { CertificateRecord } from '../../certificates/certificate-record.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import type { Decision } from '../runtime/controller.js';
import { decidePermission, type Permission, type PermissionFailure, type RecordedApproval } from './permission.js';

/** A certificate that was signed and is not yet known to be published. */
export interface Signed {
  readonly uid: string;
  readonly name: string;
  readonly signerName: string;
  readonly serialNumberHex: string;
  /** base64 of PEM, as the API carries it. */
  readonly certificate: string;
  /** The record that it rests on, where a policy approved it. */
  readonly record: CertificateRecord | undefined;
}

/** What the signer knows of a name. */
export interface SigningSeen {
  readonly csr: CertificateSigningRequest | undefined;
  readonly signed: Signed | undefined;
  readonly settled: boolean;
  /** What stands behind the approval, where a policy gave it. */
  readonly approval: RecordedApproval | undefined;
  /** What was last said about why it waits. */
  readonly told: string | undefined;
}

/** What the signer does. */
export type SigningAction =
  | { readonly kind: 'sign'; readonly csr: CertificateSigningRequest; readonly record?: CertificateRecord }
  | {
      readonly kind: 'fail';
      readonly csr: CertificateSigningRequest;
      readonly reason: PermissionFailure;
      readonly message: string;
    }
  /** Say why it waits. */
  | { readonly kind: 'tell'; readonly csr: CertificateSigningRequest; readonly waits: Waiting }
  /** A publication ended in doubt, or failed: look what stands, and go on with the same signature. */
  | { readonly kind: 'settle'; readonly signed: Signed };

/** Why a request has to wait. */
export type Waiting = Extract<Permission, { readonly kind: 'wait' }>;

/** What to do about a name. The cache only holds requests that wait for us. */
export function decideNext(
  { csr, signed, settled, approval, told }: SigningSeen,
  now: UnixSeconds,
): Decision<SigningAction> {
  // Another request may have taken the name of one whose signature is still in hand.
  const open = csr === undefined || settled || csr.metadata.uid === signed?.uid ? undefined : csr;
  const actions: SigningAction[] = signed === undefined ? [] : [{ kind: 'settle', signed }];
  if (open !== undefined) {
    const permission: Permission = approval === undefined ? { kind: 'sign' } : decidePermission(open, approval, now);
    switch (permission.kind) {
      case 'sign':
        actions.push({ ...permission, csr: open });
        break;
      case 'fail':
        actions.push({ ...permission, csr: open });
        break;
      case 'wait':
        if (permission.because !== told || actions.length > 0)
          actions.push({ kind: 'tell', csr: open, waits: permission });
        else if (permission.delayMs !== undefined) return { ...permission, delayMs: permission.delayMs };
    }
  }
  return actions.length === 0 ? { kind: 'done' } : { kind: 'act', actions };
}
