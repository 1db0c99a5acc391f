import type { CertificateModel } from './certificate.js';
import type { Finding } from './finding.js';

/** What kind of certificate a model is meant to be. */
export type LintRole = 'leaf' | 'ca';

/** Checks a to-be-signed certificate against RFC 5280 and our own rules. Empty: nothing was found. */
export function lintCertificate(_model: CertificateModel, _role: LintRole = 'leaf'): readonly Finding[] {
  throw new Error('not yet');
}
