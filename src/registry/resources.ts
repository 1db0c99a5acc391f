import type { RequestVerifier } from '../certificates/request-verifier.js';
import type { KubeObject } from '../kube/object-meta.js';
import type { CreateSubresource, Resource } from './resource.js';

/** Why a certificate and a private key (both PEM) make no pair, in Go's words; undefined when they do. */
export type TlsPairCheck = (certificatePem: Uint8Array, keyPem: Uint8Array) => string | undefined;

/** What resources need of the floors above and beside. */
export interface ResourcesDependencies {
  readonly requestVerifier: RequestVerifier;
  /** `serviceaccounts/token`; without it, the subresource is not served. */
  readonly serviceAccountToken?: CreateSubresource<KubeObject>;
  /** Looks at `kubernetes.io/tls` Secrets; what it says becomes a warning. */
  readonly checkTlsPair?: TlsPairCheck;
}

/** Every resource that the server stores, in the order of discovery. */
export function createResources(_dependencies: ResourcesDependencies): readonly Resource[] {
  throw new Error('Cannot make resources: they are not wired yet');
}
