import type { ApprovalPolicy } from '../certificates/approval-policy.js';
import type { RequestVerifier } from '../certificates/request-verifier.js';
import type { FieldError } from '../kube/field-error.js';
import type { KubeObject } from '../kube/object-meta.js';
import { createApprovalPolicies } from './approvalpolicies/approvalpolicies.js';
import { certificateRecords } from './certificaterecords/certificaterecords.js';
import { createCertificateSigningRequests } from './certificatesigningrequests/certificatesigningrequests.js';
import { clusterRoleBindings } from './clusterrolebindings/clusterrolebindings.js';
import { clusterRoles } from './clusterroles/clusterroles.js';
import { clusterTrustBundles, clusterTrustBundlesV1Alpha1 } from './clustertrustbundles/clustertrustbundles.js';
import { configMaps } from './configmaps/configmaps.js';
import { endpoints } from './endpoints/endpoints.js';
import { endpointSlices } from './endpointslices/endpointslices.js';
import { events, eventsV1 } from './events/events.js';
import { leases } from './leases/leases.js';
import { namespaces } from './namespaces/namespaces.js';
import { nodes } from './nodes/nodes.js';
import {
  createPodCertificateRequests,
  type PodCertificateDependencies,
} from './podcertificaterequests/podcertificaterequests.js';
import type { NodeLookup } from './pods/pod-deletion.js';
import { createPods } from './pods/pods.js';
import type { CreateSubresource, Resource } from './resource.js';
import { roleBindings } from './rolebindings/rolebindings.js';
import { roles } from './roles/roles.js';
import type { TlsPairCheck } from './secrets/secrets.js';
import { createSecrets } from './secrets/secrets.js';
import { createServiceAccounts } from './serviceaccounts/serviceaccounts.js';
import type { ServiceAllocator } from './services/service-allocator.js';
import { createServices } from './services/services.js';

export type { TlsPairCheck } from './secrets/secrets.js';

/** What resources need of the floors above and beside. */
export interface ResourcesDependencies {
  readonly requestVerifier: RequestVerifier;
  /** `serviceaccounts/token`; without it, the subresource is not served. */
  readonly serviceAccountToken?: CreateSubresource<KubeObject>;
  /** Whether there is a node of that name; without it, there are none that end their pods. */
  readonly nodeExists?: NodeLookup;
  /** Looks at `kubernetes.io/tls` Secrets; what it says becomes a warning. */
  readonly checkTlsPair?: TlsPairCheck;
  /** What is wrong with an ApprovalPolicy that its schema has nothing against; without it, nothing. */
  readonly validateApprovalPolicy?: (policy: ApprovalPolicy) => readonly FieldError[];
  /** Proofs and rights of PodCertificateRequests; without them, none is believed and nobody signs. */
  readonly podCertificates?: Omit<PodCertificateDependencies, 'requests'>;
  /** Gives Services their addresses; without it, they get none. */
  readonly serviceAllocator?: ServiceAllocator;
}

/**
 * A resource among others: whoever holds several kinds knows them as plain objects. A resource only ever meets
 * objects that were decoded by its own schema, or that its own strategy made.
 */
function general<T extends KubeObject>(resource: Resource<T>): Resource {
  return resource as unknown as Resource; // see above: its functions get objects of its own kind only
}

/** Every resource that the server stores, in the order of discovery. */
export function createResources(dependencies: ResourcesDependencies): readonly Resource[] {
  return [
    general(configMaps),
    general(endpoints),
    general(events),
    general(namespaces),
    general(nodes),
    general(createPods({ nodeExists: dependencies.nodeExists ?? (() => false) })),
    general(createSecrets(dependencies.checkTlsPair)),
    general(createServiceAccounts(dependencies.serviceAccountToken)),
    general(createServices(dependencies.serviceAllocator)),
    general(createCertificateSigningRequests(dependencies.requestVerifier)),
    general(clusterTrustBundles),
    general(clusterTrustBundlesV1Alpha1),
    general(
      createPodCertificateRequests({
        proofs: () => false,
        maySign: () => false,
        ...dependencies.podCertificates,
        requests: dependencies.requestVerifier,
      }),
    ),
    general(leases),
    general(endpointSlices),
    general(eventsV1),
    general(clusterRoleBindings),
    general(clusterRoles),
    general(roleBindings),
    general(roles),
    general(createApprovalPolicies(dependencies.validateApprovalPolicy)),
    general(certificateRecords),
  ];
}
