import { decodeBase64 } from '../base/base64.js';
import { CountersignError } from '../base/error.js';
import { NOT_A_REQUEST, parseApiRequest } from '../x509/api-request.js';
import type { CertificationRequest } from '../x509/certification-request.js';
import type { RequestVerifier, VerifiedRequest } from '../x509/request-verifier.js';
import type { SignatureVerdict } from '../x509/signature.js';
import { isSlowToVerify, verifySignature, verifySignatureOffThread } from './verify-signature.js';

/** Options of a verifier. */
export interface RequestVerifierOptions {
  /** Distinct texts remembered. Default 2048. */
  readonly maxEntries?: number;
  /** Longest text that is remembered; longer ones are read each time. Default 16 KiB. */
  readonly maxTextLength?: number;
}

/**
 * A RequestVerifier over OpenSSL that remembers the most recently used answers, good and bad. The same text asked for while
 * it is being read is read once.
 */
export function createRequestVerifier(options: RequestVerifierOptions = {}): RequestVerifier {
  const maxEntries = options.maxEntries ?? 2048;
  const maxTextLength = options.maxTextLength ?? 16 * 1024;
  // A Map keeps the order of insertion: the first entry is the one not used for longest.
  const remembered = new Map<string, Promise<VerifiedRequest>>();
  return {
    verify: (base64OfPem) => {
      const known = remembered.get(base64OfPem);
      if (known !== undefined) {
        remembered.delete(base64OfPem);
        remembered.set(base64OfPem, known);
        return known;
      }
      const answer = readAndVerify(base64OfPem);
      if (base64OfPem.length > maxTextLength) return answer;
      const oldest = remembered.size >= maxEntries ? remembered.keys().next() : undefined;
      if (oldest?.done === false) remembered.delete(oldest.value);
      remembered.set(base64OfPem, answer);
      answer.catch(() => remembered.delete(base64OfPem)); // a fault of ours is not remembered
      return answer;
    },
  };
}

async function readAndVerify(base64OfPem: string): Promise<VerifiedRequest> {
  const pem = decodeBase64(base64OfPem);
  if (pem.kind === 'invalid') return { kind: 'invalid', detail: NOT_A_REQUEST };
  let request: CertificationRequest;
  try {
    request = parseApiRequest(pem.bytes);
  } catch (error) {
    if (error instanceof CountersignError) return { kind: 'invalid', detail: error.message };
    throw error;
  }
  const verdict = await verdictOn(request);
  return verdict.kind === 'valid' ? { kind: 'valid', request } : { kind: 'invalid', detail: verdict.detail };
}

function verdictOn(request: CertificationRequest): SignatureVerdict | Promise<SignatureVerdict> {
  const check = isSlowToVerify(request.publicKey) ? verifySignatureOffThread : verifySignature;
  return check(request.publicKey, request.signatureAlgorithm, request.infoDer, request.signature);
}
