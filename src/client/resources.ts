import { type ApprovalPolicy, COUNTERSIGN_GROUP, COUNTERSIGN_VERSION } from '../certificates/approval-policy.js';
import type { CertificateRecord } from '../certificates/certificate-record.js';
import type { CertificateSigningRequest } from '../certificates/certificate-signing-request.js';
import type { ClusterTrustBundle } from '../certificates/cluster-trust-bundle.js';
import type { SelfSubjectAccessReview, SelfSubjectReview, SubjectAccessReview } from './access-reviews.js';
import type {
  ConfigMap,
  CoreEvent,
  EndpointSlice,
  Endpoints,
  Lease,
  Namespace,
  Node,
  Pod,
  Secret,
  Service,
  ServiceAccount,
} from './core-objects.js';
import { resourceType, type ResourceType } from './resource-type.js';

/** certificates.k8s.io/v1 certificatesigningrequests. */
export const CERTIFICATE_SIGNING_REQUESTS: ResourceType<CertificateSigningRequest> = resourceType(
  'certificates.k8s.io',
  'v1',
  'certificatesigningrequests',
  'CertificateSigningRequest',
  false,
);

/** certificates.k8s.io/v1beta1 clustertrustbundles. */
export const CLUSTER_TRUST_BUNDLES: ResourceType<ClusterTrustBundle> = resourceType(
  'certificates.k8s.io',
  'v1beta1',
  'clustertrustbundles',
  'ClusterTrustBundle',
  false,
);

/** v1 namespaces. */
export const NAMESPACES: ResourceType<Namespace> = resourceType('', 'v1', 'namespaces', 'Namespace', false);

/** v1 configmaps. */
export const CONFIG_MAPS: ResourceType<ConfigMap> = resourceType('', 'v1', 'configmaps', 'ConfigMap', true);

/** v1 secrets. */
export const SECRETS: ResourceType<Secret> = resourceType('', 'v1', 'secrets', 'Secret', true);

/** v1 serviceaccounts. */
export const SERVICE_ACCOUNTS: ResourceType<ServiceAccount> = resourceType(
  '',
  'v1',
  'serviceaccounts',
  'ServiceAccount',
  true,
);

/** v1 pods. */
export const PODS: ResourceType<Pod> = resourceType('', 'v1', 'pods', 'Pod', true);

/** v1 nodes. */
export const NODES: ResourceType<Node> = resourceType('', 'v1', 'nodes', 'Node', false);

/** v1 services. */
export const SERVICES: ResourceType<Service> = resourceType('', 'v1', 'services', 'Service', true);

/** v1 endpoints. Deprecated: whoever wants to know where a service is served reads endpointslices. */
export const ENDPOINTS: ResourceType<Endpoints> = resourceType('', 'v1', 'endpoints', 'Endpoints', true);

/** discovery.k8s.io/v1 endpointslices. */
export const ENDPOINT_SLICES: ResourceType<EndpointSlice> = resourceType(
  'discovery.k8s.io',
  'v1',
  'endpointslices',
  'EndpointSlice',
  true,
);

/** v1 events. */
export const EVENTS: ResourceType<CoreEvent> = resourceType('', 'v1', 'events', 'Event', true);

/** coordination.k8s.io/v1 leases. */
export const LEASES: ResourceType<Lease> = resourceType('coordination.k8s.io', 'v1', 'leases', 'Lease', true);

/** authorization.k8s.io/v1 subjectaccessreviews: created, and answered at once. */
export const SUBJECT_ACCESS_REVIEWS: ResourceType<SubjectAccessReview> = resourceType(
  'authorization.k8s.io',
  'v1',
  'subjectaccessreviews',
  'SubjectAccessReview',
  false,
);

/** authorization.k8s.io/v1 selfsubjectaccessreviews. */
export const SELF_SUBJECT_ACCESS_REVIEWS: ResourceType<SelfSubjectAccessReview> = resourceType(
  'authorization.k8s.io',
  'v1',
  'selfsubjectaccessreviews',
  'SelfSubjectAccessReview',
  false,
);

/** authentication.k8s.io/v1 selfsubjectreviews. */
export const SELF_SUBJECT_REVIEWS: ResourceType<SelfSubjectReview> = resourceType(
  'authentication.k8s.io',
  'v1',
  'selfsubjectreviews',
  'SelfSubjectReview',
  false,
);

/** countersign.dev/v1alpha1 approvalpolicies. */
export const APPROVAL_POLICIES: ResourceType<ApprovalPolicy> = resourceType(
  COUNTERSIGN_GROUP,
  COUNTERSIGN_VERSION,
  'approvalpolicies',
  'ApprovalPolicy',
  false,
);

/** countersign.dev/v1alpha1 certificaterecords. */
export const CERTIFICATE_RECORDS: ResourceType<CertificateRecord> = resourceType(
  COUNTERSIGN_GROUP,
  COUNTERSIGN_VERSION,
  'certificaterecords',
  'CertificateRecord',
  false,
);
