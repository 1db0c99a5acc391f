import type { Random } from '../../base/bytes.js';
import type { Clock } from '../../base/clock.js';
import type { Client } from '../../client/client.js';
import { createInformer, type Informer } from '../../client/informer.js';
import { NAMESPACES } from '../../client/resources.js';

/** What controllers need to know of a namespace. */
export interface NamespaceFacts {
  readonly name: string;
  readonly uid: string;
  readonly terminating: boolean;
  readonly finalizers: readonly string[];
}

/** The cache of namespaces that several controllers share. */
export function createNamespaceInformer(
  client: Client,
  world: { readonly clock: Clock; readonly random: Random },
): Informer<NamespaceFacts> {
  return createInformer(client, NAMESPACES, {
    ...world,
    keep: (namespace) => ({
      name: namespace.metadata.name ?? '',
      uid: namespace.metadata.uid ?? '',
      terminating:
        namespace.status?.phase === 'Terminating' ||
        (namespace.metadata.deletionTimestamp !== undefined && namespace.metadata.deletionTimestamp !== null),
      finalizers: namespace.spec?.finalizers ?? [],
    }),
  });
}
