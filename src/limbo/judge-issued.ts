import { equalBytes } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import { x509Usages } from '../certificates/usages.js';
import { parseApiRequest } from '../x509/api-request.js';
import { parseCertificate, type Certificate } from '../x509/certificate.js';
import { formatGeneralName } from '../x509/general-name.js';
import { decodePem } from '../x509/pem.js';

/**
 * What a signed certificate grants beyond what its request asked for in the words of the API; undefined where it grants
 * nothing more. `text` is the request as it was submitted, `pem` what the signer published.
 */
export function judgeIssued(pem: Uint8Array, text: Uint8Array, usages: readonly string[]): string | undefined {
  try {
    const [leaf] = decodePem(pem).filter(({ type }) => type === 'CERTIFICATE');
    return leaf === undefined ? 'it is no certificate' : overstep(parseCertificate(leaf.bytes), text, usages);
  } catch (error) {
    if (error instanceof CountersignError) return `it cannot be read: ${error.message}`;
    throw error;
  }
}

function overstep(leaf: Certificate, text: Uint8Array, usages: readonly string[]): string | undefined {
  const request = parseApiRequest(text);
  if (leaf.basicConstraints?.ca === true) return 'it is a CA';
  if (!equalBytes(leaf.publicKey.der, request.publicKey.der)) return 'it is for another key';
  const asked = new Set(request.subjectAltNames.map((name) => formatGeneralName(name).toLowerCase()));
  const added = leaf.subjectAltNames.map(formatGeneralName).find((name) => !asked.has(name.toLowerCase()));
  if (added !== undefined) return `it holds ${added}, which was not asked for`;
  const { keyUsage, extKeyUsage } = x509Usages(usages);
  const bit = [...(leaf.keyUsage ?? [])].find((usage) => !keyUsage.has(usage));
  if (bit !== undefined) return `it has the key usage ${bit}, which spec.usages does not hold`;
  const oid = leaf.extKeyUsage?.find((usage) => !extKeyUsage.includes(usage));
  return oid === undefined ? undefined : `it has the extended key usage ${oid}, which spec.usages does not hold`;
}
