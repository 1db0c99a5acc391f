import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { Client } from '../client/client.js';
import type { ResourceType } from '../client/resource-type.js';
import { createCleaner } from './cleaner/cleaner.js';
import { createNamespaceCleaner } from './namespace/namespace-cleaner.js';
import { createRootCaPublisher } from './root-ca-publisher/root-ca-publisher.js';
import type { Controller } from './runtime/controller.js';
import { createNamespaceInformer } from './runtime/namespace-informer.js';
import { createDefaultServiceAccount } from './service-account/default-service-account.js';

/** Who acts: a client for each loop. */
export interface EmbeddedClients {
  readonly cleaner: Client;
  readonly rootCaPublisher: Client;
  readonly serviceAccounts: Client;
  /** Also reads the namespaces for all of them. */
  readonly namespaces: Client;
}

/** What the embedded server's own controllers are made with. */
export interface EmbeddedControllersOptions {
  /** Clients that act as the service accounts of these loops, each with its own permissions only. */
  readonly clients: EmbeddedClients;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** PEM of the CA of the API server's own certificate, at this time. */
  readonly rootCaPem: () => string;
  /** Every resource the server has; the namespaced ones are emptied with their namespace. */
  readonly resources: readonly ResourceType[];
}

/**
 * What kube-controller-manager would do for the embedded server, over one cache of namespaces: the cleaner, the root CA
 * in every namespace, default service accounts, and the emptying of namespaces. On a cluster all of it runs already.
 */
export function createEmbeddedControllers(options: EmbeddedControllersOptions): readonly Controller[] {
  const { clients, clock, random, logger, rootCaPem, resources } = options;
  const namespaces = createNamespaceInformer(clients.namespaces, { clock, random });
  return [
    createCleaner({ client: clients.cleaner, logger: logger.with({ controller: 'cleaner' }) }),
    createRootCaPublisher({ client: clients.rootCaPublisher, clock, random, namespaces, rootCaPem }),
    createDefaultServiceAccount({ client: clients.serviceAccounts, clock, random, namespaces }),
    createNamespaceCleaner({
      client: clients.namespaces,
      namespaces,
      resources: resources.filter(({ namespaced }) => namespaced),
    }),
  ];
}
