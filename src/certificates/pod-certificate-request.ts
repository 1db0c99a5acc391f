import type { KubeObject } from '../kube/object-meta.js';

/** certificates.k8s.io/v1beta1 PodCertificateRequestSpec. Bytes are base64 of DER, as JSON carries them. */
export interface PodCertificateRequestSpec {
  readonly signerName: string;
  readonly podName: string;
  readonly podUID: string;
  readonly serviceAccountName: string;
  readonly serviceAccountUID: string;
  readonly nodeName: string;
  readonly nodeUID: string;
  readonly maxExpirationSeconds?: number;
  /** A PKCS#10 request that carries the key and proves that its holder asks. */
  readonly stubPKCS10Request?: string | null;
  /** Deprecated: the key alone, with `proofOfPossession`. */
  readonly pkixPublicKey?: string | null;
  /** Deprecated: a signature over `podUID`. */
  readonly proofOfPossession?: string | null;
  readonly unverifiedUserAnnotations?: Readonly<Record<string, string>>;
}

/** meta/v1 Condition, of type Issued, Denied or Failed. */
export interface PodCertificateRequestCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime?: string | null;
  readonly observedGeneration?: number;
}

/** certificates.k8s.io/v1beta1 PodCertificateRequestStatus. `certificateChain` is PEM as it stands. */
export interface PodCertificateRequestStatus {
  readonly conditions?: readonly PodCertificateRequestCondition[];
  readonly certificateChain?: string;
  readonly notBefore?: string | null;
  readonly beginRefreshAt?: string | null;
  readonly notAfter?: string | null;
}

/** certificates.k8s.io/v1beta1 PodCertificateRequest. */
export interface PodCertificateRequest extends KubeObject {
  readonly spec: PodCertificateRequestSpec;
  readonly status: PodCertificateRequestStatus;
}

/** The conditions that end a request; it has at most one of them. */
export const POD_CERTIFICATE_OUTCOMES: readonly string[] = ['Issued', 'Denied', 'Failed'];
