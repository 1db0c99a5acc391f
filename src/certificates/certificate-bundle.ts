import { decodeBase64 } from '../base/base64.js';
import { hasCode } from '../base/error.js';
import type { Certificate } from '../x509/certificate.js';
import { parseCertificates } from '../x509/certificate.js';
import { decodePem } from '../x509/pem.js';

/** What reading status.certificate gives. */
export type BundleResult =
  | { readonly kind: 'bundle'; readonly certificates: readonly Certificate[] }
  | { readonly kind: 'invalid'; readonly detail: string };

function refuse(detail: string): BundleResult {
  return { kind: 'invalid', detail };
}

/**
 * Reads status.certificate as the API does: PEM in base64, at least one block, all of them CERTIFICATE without headers
 * and with at least one certificate that can be read. Text around the blocks is allowed.
 */
export function parseCertificateBundle(base64OfPem: string): BundleResult {
  const decoded = decodeBase64(base64OfPem);
  if (decoded.kind === 'invalid') return refuse('must contain at least one CERTIFICATE PEM block');
  try {
    const blocks = decodePem(decoded.bytes, { maxBytes: Number.POSITIVE_INFINITY });
    const certificates: Certificate[] = [];
    for (const block of blocks) {
      if (block.type !== 'CERTIFICATE') {
        return refuse(`only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(block.type)}`);
      }
      if (block.headers.size > 0) return refuse('no PEM block headers are permitted');
      const found = parseCertificates(block.bytes);
      if (found.length === 0) return refuse('found CERTIFICATE PEM block containing 0 certificates');
      certificates.push(...found);
    }
    if (certificates.length === 0) return refuse('must contain at least one CERTIFICATE PEM block');
    return { kind: 'bundle', certificates };
  } catch (error) {
    if (hasCode(error, 'CERTIFICATE_INVALID') || hasCode(error, 'PEM_TOO_LARGE')) return refuse(error.message);
    throw error;
  }
}
