import { toHex, utf8 } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import { canonicalJson } from '../certificates/canonical-record.js';
import type { CertificateRecord } from '../certificates/certificate-record.js';
import { parseCertificateRecord } from '../certificates/parse-certificate-record.js';
import { sha256 } from '../crypto/digest.js';
import type { SubjectPublicKeyInfo } from '../x509/public-key.js';
import { type RecordVerdict, recordProblem } from './record-signature.js';

/** Tells genuine records, by the keys that it was made with. */
export interface RecordVerifier {
  /** As verifyRecord. A record that was found genuine before is read again, and its signature is not. */
  verify(value: unknown): RecordVerdict;
}

/** Genuine records that are remembered, by name and all that their signature covers. */
const MAX_REMEMBERED = 4096;

/** A verifier for whoever looks at one record several times: caches, the signer, the approver. */
export function createRecordVerifier(
  keys: readonly SubjectPublicKeyInfo[],
  { maxRemembered = MAX_REMEMBERED }: { readonly maxRemembered?: number } = {},
): RecordVerifier {
  // Digests of name, spec and signature: another byte in any of them is another digest.
  const genuine = new Set<string>();
  return {
    verify: (value) => {
      try {
        const record = parseCertificateRecord(value);
        const digest = digestOf(record);
        if (genuine.has(digest)) return { kind: 'valid', record };
        const detail = recordProblem(record, keys);
        if (detail !== undefined) return { kind: 'invalid', detail };
        const [oldest] = genuine.size >= maxRemembered ? genuine : [];
        if (oldest !== undefined) genuine.delete(oldest);
        genuine.add(digest);
        return { kind: 'valid', record };
      } catch (error) {
        if (error instanceof CountersignError) return { kind: 'invalid', detail: error.message };
        throw error;
      }
    },
  };
}

function digestOf({ metadata: { name = '' }, spec }: CertificateRecord): string {
  return toHex(sha256(utf8(canonicalJson([name, spec]))));
}
