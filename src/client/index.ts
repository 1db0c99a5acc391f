/**
 * The Kubernetes API from a program: a client over any transport, caches that follow the server, queues, leases and
 * events, and the way from a kubeconfig to a connection.
 */
export type { ResourceAttributes, SubjectAccessReview } from './access-reviews.js';
export { hasHttpCode, isExpired } from './api-failure.js';
export type {
  CallOptions,
  DeleteCollectionOptions,
  DeleteOptions,
  ListOptions,
  NamespacedOptions,
  PatchKind,
  PatchOptions,
  ReadOptions,
  WatchOptions,
  WriteOptions,
} from './call-options.js';
export { createClient } from './client.js';
export type { Client, ClientOptions } from './client.js';
export type {
  ConfigMap,
  CoreEvent,
  Endpoint,
  EndpointPort,
  Endpoints,
  EndpointSlice,
  Lease,
  LeaseSpec,
  Namespace,
  NamespaceCondition,
  Node,
  ObjectAddress,
  ObjectCondition,
  ObjectReference,
  Pod,
  PodContainer,
  PodSpec,
  PodStatus,
  Secret,
  Service,
  ServiceAccount,
  ServicePort,
  ServiceSpec,
} from './core-objects.js';
export { createEventRecorder } from './event-recorder.js';
export type { EventRecorder, EventRecorderOptions, Occurrence } from './event-recorder.js';
export { createInProcessTransport } from './in-process-transport.js';
export type { CacheChange, Indexes } from './indexed-cache.js';
export { createInformer, keyOf } from './informer.js';
export type { Informer, InformerOptions, InformerState } from './informer.js';
export { runWithLease } from './lease-election.js';
export type { LeaseElectionOptions } from './lease-election.js';
export { createHttpTransport } from './node/http-transport.js';
export type { HttpTransport, HttpTransportOptions } from './node/http-transport.js';
export { loadServerAccess } from './node/kubeconfig.js';
export type { KubeconfigOptions } from './node/kubeconfig.js';
export type { Impersonation, PluginCredentials, ServerAccess, ServerCredentials } from './node/server-access.js';
export { pathOf, resourceType } from './resource-type.js';
export type { ResourceType } from './resource-type.js';
export {
  CERTIFICATE_SIGNING_REQUESTS,
  CONFIG_MAPS,
  EVENTS,
  LEASES,
  NAMESPACES,
  NODES,
  PODS,
  SECRETS,
  SERVICE_ACCOUNTS,
  SUBJECT_ACCESS_REVIEWS,
} from './resources.js';
export { escapeFieldValue, waitFor } from './wait-for.js';
export type { WaitOptions } from './wait-for.js';
export { createWorkQueue } from './work-queue.js';
export type { WorkQueue, WorkQueueOptions } from './work-queue.js';
export type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
  CertificateSigningRequestSpec,
  CertificateSigningRequestStatus,
} from '../certificates/certificate-signing-request.js';
export type { Clock } from '../base/clock.js';
export type { Random } from '../base/bytes.js';
export type { Logger, LogFields } from '../base/logger.js';
export type { ApiRequest, ApiResponse, Transport } from '../kube/exchange.js';
export type { KubeList, KubeObject, ObjectMeta, UserInfo, WatchEvent } from '../kube/object-meta.js';
export { StatusError } from '../kube/status.js';
