import type { UnixSeconds } from '../../base/clock.js';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../certificates/certificate-signing-request.js';
import { formatTime } from '../../kube/time.js';

/**
 * Fills in the times of conditions that have none: lastUpdateTime is now; lastTransitionTime is that of the stored
 * condition of the same type and status, else now. Times that the client sent stay as they are.
 */
export function withConditionTimes(
  next: CertificateSigningRequest,
  previous: CertificateSigningRequest,
  now: UnixSeconds,
): CertificateSigningRequest {
  const { conditions } = next.status;
  if (conditions === undefined) return next;
  const time = formatTime(now);
  const before = new Map<string, CertificateSigningRequestCondition>();
  for (const old of previous.status.conditions ?? []) {
    const identity = identityOf(old);
    if (!before.has(identity)) before.set(identity, old);
  }
  const filled = conditions.map((condition): CertificateSigningRequestCondition => {
    const same = before.get(identityOf(condition));
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? time,
      lastTransitionTime: condition.lastTransitionTime ?? same?.lastTransitionTime ?? time,
    };
  });
  return { ...next, status: { ...next.status, conditions: filled } };
}

function identityOf({ type, status }: CertificateSigningRequestCondition): string {
  return JSON.stringify([type, status]);
}
