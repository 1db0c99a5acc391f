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
  const before = previous.status.conditions ?? [];
  const filled = conditions.map((condition): CertificateSigningRequestCondition => {
    const same = before.find((old) => old.type === condition.type && old.status === condition.status);
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? time,
      lastTransitionTime: condition.lastTransitionTime ?? same?.lastTransitionTime ?? time,
    };
  });
  return { ...next, status: { ...next.status, conditions: filled } };
}
