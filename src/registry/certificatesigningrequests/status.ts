import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../certificates/certificate-signing-request.js';
import { APPROVED, DENIED } from '../../certificates/conditions.js';
import type { RequestVerifier } from '../../certificates/request-verifier.js';
import { validateCertificateSigningRequestUpdate } from '../../certificates/validate-certificate-signing-request.js';
import type { RequestContext, UpdateSubresource } from '../resource.js';
import { withConditionTimes } from './condition-times.js';

/**
 * Approved and Denied as they are stored: where old and new have equally many of a type, each new one is replaced by
 * the old one at its place, so that a signer cannot garble a decision.
 */
function withStoredDecisions(
  conditions: readonly CertificateSigningRequestCondition[],
  stored: readonly CertificateSigningRequestCondition[],
): readonly CertificateSigningRequestCondition[] {
  let result = conditions;
  for (const type of [APPROVED, DENIED]) {
    const old = stored.filter((condition) => condition.type === type);
    if (old.length === 0 || result.filter((condition) => condition.type === type).length !== old.length) continue;
    let next = 0;
    result = result.map((condition) => (condition.type === type ? (old[next++] ?? condition) : condition));
  }
  return result;
}

/** `/status` changes conditions, metadata, and the certificate once; spec comes back from the store. */
function prepareForUpdate(
  next: CertificateSigningRequest,
  previous: CertificateSigningRequest,
  { now }: RequestContext,
): CertificateSigningRequest {
  const { conditions, ...rest } = next.status;
  const kept: CertificateSigningRequest = {
    ...next,
    spec: previous.spec,
    status: {
      ...(conditions === undefined
        ? {}
        : { conditions: withStoredDecisions(conditions, previous.status.conditions ?? []) }),
      ...rest,
    },
  };
  return withConditionTimes(kept, previous, now);
}

/** The `/status` subresource. Who may use it is asked by admission: `sign` on the signer, where something changes. */
export function statusSubresource(verifier: RequestVerifier): UpdateSubresource<CertificateSigningRequest> {
  return {
    kind: 'update',
    table: true,
    verbs: ['get', 'patch', 'update'],
    unconditionalUpdate: true,
    resetFields: ['spec', 'status.conditions'],
    prepareForUpdate,
    validateUpdate: (next, previous) =>
      validateCertificateSigningRequestUpdate(next, previous, { decisions: false, certificate: true }, verifier),
  };
}
