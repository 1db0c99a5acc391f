import type { Random } from '../../base/bytes.js';
import type { Clock } from '../../base/clock.js';
import { hasHttpCode } from '../../client/api-failure.js';
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
    keep: ({ metadata, spec, status }) => ({
      name: metadata.name ?? '',
      uid: metadata.uid ?? '',
      terminating: status?.phase === 'Terminating' || (metadata.deletionTimestamp ?? null) !== null,
      finalizers: spec?.finalizers ?? [],
    }),
  });
}

/** Whether a create was refused because its namespace is gone or going. */
export function namespaceIsLeaving(error: unknown): boolean {
  if (hasHttpCode(error, 404)) return true;
  if (!hasHttpCode(error, 403)) return false;
  return (error.status.details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating');
}
