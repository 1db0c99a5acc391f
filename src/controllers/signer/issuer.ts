import type { IssueInput, IssueOutcome } from '../../authority/certificate-authority.js';

/** An approved, verified and strictly checked request, as a signer hands it to whoever signs. */
export interface ApprovedRequest extends IssueInput {
  /** Name and uid of the CertificateSigningRequest, for logs and records. */
  readonly name: string;
  readonly uid: string;
  readonly signerName: string;
}

/**
 * Whoever signs: a CertificateAuthority, or something that asks one. issued: the certificate, signed once for this
 * call. refused: this request can never be signed. unavailable, or a rejection: not now.
 */
export interface Issuer {
  /** What it has against a request before anything else is looked at, in its own words; undefined where nothing. */
  objection?(approved: Pick<ApprovedRequest, 'request' | 'usages'>): string | undefined;
  issue(approved: ApprovedRequest): Promise<IssueOutcome>;
}
