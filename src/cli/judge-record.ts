import { verifyRecord } from '../authority/record-signature.js';
import type { CertificateRecord } from '../certificates/certificate-record.js';
import { normaliseRequest } from '../certificates/normalised-request.js';
import { createRequestVerifier } from '../crypto/request-verifier.js';
import { sha256 } from '../crypto/digest.js';
import { recordMisfit } from '../policy/record-fit.js';
import type { SubjectPublicKeyInfo } from '../x509/public-key.js';

/** Whether a record is genuine, and if not, why. */
export type RecordJudgement =
  | { readonly kind: 'genuine'; readonly record: CertificateRecord }
  | { readonly kind: 'false'; readonly reason: string };

/**
 * Everything that a record can be held to without a cluster: its signature, its digests, that its request is signed by
 * the key it asks for, and, where a policy approved it, that every name in the request is one that was granted.
 */
export async function judgeRecord(value: unknown, keys: readonly SubjectPublicKeyInfo[]): Promise<RecordJudgement> {
  const verdict = verifyRecord(value, keys);
  if (verdict.kind === 'invalid') return { kind: 'false', reason: verdict.detail };
  const { record } = verdict;
  const verified = await createRequestVerifier().verify(record.spec.request.request);
  if (verified.kind === 'invalid') {
    return { kind: 'false', reason: `the request in it does not verify: ${verified.detail}` };
  }
  if (record.spec.decision.by !== 'Policy' || record.spec.decision.verdict !== 'Approved') {
    return { kind: 'genuine', record };
  }
  const { request, requester } = record.spec;
  const { name, uid, ...asked } = request;
  const { username, uid: userUid = '', groups = [], extra = {} } = requester;
  const csr = {
    metadata: { name, uid },
    spec: { ...asked, username, uid: userUid, groups, extra },
    status: {},
  };
  const misfit = recordMisfit(normaliseRequest(csr, verified.request, sha256), record.spec);
  return misfit === undefined ? { kind: 'genuine', record } : { kind: 'false', reason: misfit };
}
