import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { Client } from '../client/client.js';
import { createCleaner } from './cleaner/cleaner.js';
import { createEndpointSliceController } from './endpointslice/endpoint-slice-controller.js';
import { createGarbageCollector } from './garbage-collector/garbage-collector.js';
import { createKubeletApprover } from './kubelet-approver/kubelet-approver.js';
import { createNamespaceCleaner } from './namespace/namespace-cleaner.js';
import { createRootCaPublisher } from './root-ca-publisher/root-ca-publisher.js';
import type { Controller } from './runtime/controller.js';
import { createNamespaceInformer } from './runtime/namespace-informer.js';
import { createDefaultServiceAccount } from './service-account/default-service-account.js';
import { createTrustBundlePublisher } from './trust-bundle-publisher/trust-bundle-publisher.js';
import type { RequestVerifier } from '../x509/request-verifier.js';

/** Who acts: a client for each loop. */
export interface EmbeddedClients {
  readonly cleaner: Client;
  readonly rootCaPublisher: Client;
  readonly serviceAccounts: Client;
  /** Also reads the namespaces for all of them. */
  readonly namespaces: Client;
  readonly endpointSlices: Client;
  readonly garbageCollector: Client;
  readonly certificates: Client;
  readonly trustBundles: Client;
}

/** The loops by the names that kube-controller-manager has for them, without `-controller` at the end. */
export const EMBEDDED_CONTROLLERS = [
  'certificatesigningrequest-approving',
  'certificatesigningrequest-cleaner',
  'endpointslice',
  'garbage-collector',
  'kube-apiserver-serving-clustertrustbundle-publisher',
  'namespace',
  'root-ca-certificate-publisher',
  'serviceaccount',
] as const;

/** One of the loops. */
export type EmbeddedControllerName = (typeof EMBEDDED_CONTROLLERS)[number];

/** What the embedded server's own controllers are made with. */
export interface EmbeddedControllersOptions {
  /** Clients that act as the service accounts of these loops, each with its own permissions only. */
  readonly clients: EmbeddedClients;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** PEM of the CA of the API server's own certificate, at this time. */
  readonly rootCaPem: () => string;
  readonly verifier: RequestVerifier;
  /** How long the namespace loop leaves one that goes alone, for other servers to learn of it. Default 0. */
  readonly settleMs?: number;
  /** Which of the loops run; all of them when absent. */
  readonly runs?: (name: EmbeddedControllerName) => boolean;
}

/**
 * What kube-controller-manager would do for the embedded server: the cleaner, the approval of kubelets' client
 * certificates, the root CA in every namespace and in a ClusterTrustBundle, default service accounts, the emptying of
 * namespaces (all over one cache of namespaces), the slices of Services, and the garbage collector. On a cluster all of
 * it runs already.
 */
export function createEmbeddedControllers(options: EmbeddedControllersOptions): readonly Controller[] {
  const { clients, clock, random, logger, rootCaPem, verifier, settleMs = 0, runs = () => true } = options;
  const namespaces = createNamespaceInformer(clients.namespaces, { clock, random });
  const makers: Readonly<Record<EmbeddedControllerName, () => Controller>> = {
    'certificatesigningrequest-approving': () =>
      createKubeletApprover({ client: clients.certificates, clock, random, logger, verifier }),
    'kube-apiserver-serving-clustertrustbundle-publisher': () =>
      createTrustBundlePublisher({ client: clients.trustBundles, clock, random, rootCaPem }),
    'certificatesigningrequest-cleaner': () =>
      createCleaner({ client: clients.cleaner, logger: logger.with({ controller: 'cleaner' }) }),
    'root-ca-certificate-publisher': () =>
      createRootCaPublisher({ client: clients.rootCaPublisher, clock, random, namespaces, rootCaPem }),
    serviceaccount: () => createDefaultServiceAccount({ client: clients.serviceAccounts, clock, random, namespaces }),
    namespace: () => createNamespaceCleaner({ client: clients.namespaces, clock, logger, namespaces, settleMs }),
    endpointslice: () => createEndpointSliceController({ client: clients.endpointSlices, clock, random }),
    'garbage-collector': () => createGarbageCollector({ client: clients.garbageCollector, clock, random, logger }),
  };
  return EMBEDDED_CONTROLLERS.filter(runs).map((name) => makers[name]());
}
