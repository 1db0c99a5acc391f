import type { Client } from '../../client/client.js';
import type { Informer } from '../../client/informer.js';
import type { ResourceType } from '../../client/resource-type.js';
import type { NamespaceFacts } from '../runtime/namespace-informer.js';
import type { Controller } from '../runtime/controller.js';

/** What the namespace cleaner is made with. */
export interface NamespaceCleanerOptions {
  readonly client: Client;
  readonly namespaces: Informer<NamespaceFacts>;
  /** Every namespaced resource whose objects go with their namespace. */
  readonly resources: readonly ResourceType[];
}

/** Empties namespaces that are being deleted, resource by resource, and then lets them go (PUT /finalize). */
export function createNamespaceCleaner(_options: NamespaceCleanerOptions): Controller {
  throw new Error('not yet');
}
