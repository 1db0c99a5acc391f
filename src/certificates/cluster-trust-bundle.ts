import type { KubeObject } from '../kube/object-meta.js';

/** certificates.k8s.io ClusterTrustBundleSpec. `trustBundle` is PEM as it stands, not base64 of it. */
export interface ClusterTrustBundleSpec {
  readonly signerName?: string;
  readonly trustBundle: string;
}

/** certificates.k8s.io/v1beta1 and v1alpha1 ClusterTrustBundle: the same fields in both. */
export interface ClusterTrustBundle extends KubeObject {
  readonly spec: ClusterTrustBundleSpec;
}
