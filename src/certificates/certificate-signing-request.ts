import type { KubeObject } from '../kube/object-meta.js';

/** certificates.k8s.io/v1 CertificateSigningRequestCondition. */
export interface CertificateSigningRequestCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastUpdateTime?: string | null;
  readonly lastTransitionTime?: string | null;
}

/** certificates.k8s.io/v1 CertificateSigningRequestSpec. `request` is base64 of PEM, as JSON carries it. */
export interface CertificateSigningRequestSpec {
  readonly request: string;
  readonly signerName: string;
  readonly expirationSeconds?: number;
  readonly usages?: readonly string[];
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** certificates.k8s.io/v1 CertificateSigningRequestStatus. `certificate` is base64 of PEM. */
export interface CertificateSigningRequestStatus {
  readonly conditions?: readonly CertificateSigningRequestCondition[];
  readonly certificate?: string;
}

/** certificates.k8s.io/v1 CertificateSigningRequest. */
export interface CertificateSigningRequest extends KubeObject {
  readonly spec: CertificateSigningRequestSpec;
  readonly status: CertificateSigningRequestStatus;
}

/** The group of the certificates API. */
export const CERTIFICATES_GROUP = 'certificates.k8s.io';
