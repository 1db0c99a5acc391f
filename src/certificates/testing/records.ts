import type { UnsignedRecordSpec } from '../canonical-record.js';
import { REQUEST_PEM, inBase64 } from './samples.js';

/** Digests of the sample request, computed with openssl. */
export const REQUEST_DIGEST = 'sha256:dd4655f1f286971c1c44ab2d55d29d1cb64701520bdef9bbd245e8f3ba575dfe';
export const PUBLIC_KEY_DIGEST = 'sha256:c8ecd696b1837170d051b1db79b50ae5994efe68201f918390f33fac2936f453';

/** What a test changes of a record. */
export interface RecordChanges {
  readonly request?: Partial<UnsignedRecordSpec['request']>;
  readonly decision?: Partial<UnsignedRecordSpec['decision']>;
  readonly names?: UnsignedRecordSpec['names'];
}

/** The record of the sample request, as a policy approved it for a pod; unsigned. */
export function recordSpec(changes: RecordChanges = {}): UnsignedRecordSpec {
  return {
    request: {
      name: 'my-svc.my-namespace',
      uid: 'csr-1',
      signerName: 'example.com/serving',
      request: inBase64(REQUEST_PEM),
      requestDigest: REQUEST_DIGEST,
      publicKeyDigest: PUBLIC_KEY_DIGEST,
      usages: ['digital signature', 'server auth'],
      ...changes.request,
    },
    requester: {
      username: 'system:serviceaccount:my-namespace:my-account',
      identity: {
        kind: 'Pod',
        namespace: 'my-namespace',
        serviceAccountName: 'my-account',
        podName: 'my-pod',
        podUID: 'pod-1',
      },
    },
    decision: {
      verdict: 'Approved',
      by: 'Policy',
      policy: { name: 'workload-serving', uid: 'policy-1', generation: 3 },
      reason: 'ApprovedByPolicy',
      message: 'approved by policy workload-serving',
      decidedAt: '2026-11-23T17:28:06Z',
      ...changes.decision,
    },
    names: changes.names ?? [
      {
        type: 'DNS',
        value: 'my-pod.my-namespace.pod.cluster.local',
        grantedBy: 'PodDNS',
        because: 'it is pod my-namespace/my-pod',
        evidence: [{ kind: 'Pod', namespace: 'my-namespace', name: 'my-pod', uid: 'pod-1', resourceVersion: '7' }],
      },
    ],
  };
}
