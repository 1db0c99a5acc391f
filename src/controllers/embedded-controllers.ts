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

/** What the embedded server's own controllers are made with. */
export interface EmbeddedControllersOptions {
  readonly client: Client;
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
  const { client, clock, random, logger, rootCaPem, resources } = options;
  const namespaces = createNamespaceInformer(client, { clock, random });
  return [
    createCleaner({ client, logger: logger.with({ controller: 'cleaner' }) }),
    createRootCaPublisher({ client, clock, random, namespaces, rootCaPem }),
    createDefaultServiceAccount({ client, clock, random, namespaces }),
    createNamespaceCleaner({ client, namespaces, resources: resources.filter(({ namespaced }) => namespaced) }),
  ];
}
