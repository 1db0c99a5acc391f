import type { CertificationRequest } from './certification-request.js';

/** The answer about spec.request: a request whose signature verifies, or the API's detail text. */
export type VerifiedRequest =
  | { readonly kind: 'valid'; readonly request: CertificationRequest }
  | { readonly kind: 'invalid'; readonly detail: string };

/** Reads and verifies requests, each distinct text once as long as it is remembered. */
export interface RequestVerifier {
  /** `base64OfPem` is spec.request as JSON carries it. Never rejects for bad input. */
  verify(base64OfPem: string): Promise<VerifiedRequest>;
}
