import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import type { Informer } from '../../client/informer.js';
import type { ResourceType } from '../../client/resource-type.js';
import { NAMESPACES } from '../../client/resources.js';
import { createController, watched, type Applied, type Controller, type Decision } from '../runtime/controller.js';
import type { NamespaceFacts } from '../runtime/namespace-informer.js';

/** What the namespace cleaner is made with. */
export interface NamespaceCleanerOptions {
  readonly client: Client;
  readonly namespaces: Informer<NamespaceFacts>;
  /** Every namespaced resource whose objects go with their namespace. */
  readonly resources: readonly ResourceType[];
}

/** The finalizer that holds a namespace until it is empty. */
const FINALIZER = 'kubernetes';

/** Empties namespaces that are being deleted, resource by resource, and then lets them go (PUT /finalize). */
export function createNamespaceCleaner({ client, namespaces, resources }: NamespaceCleanerOptions): Controller {
  return createController<NamespaceFacts | undefined, NamespaceFacts>({
    name: 'namespace-cleaner',
    watches: [watched(namespaces)],
    concurrency: 4,
    observe: (name) => namespaces.get(name),
    decide: decideCleaning,
    apply: async (namespace, signal) => {
      const remaining = await emptyNamespace(client, namespace.name, resources, signal);
      return remaining.length === 0
        ? finalize(client, namespace, signal)
        : { kind: 'retry', because: `content remains in the namespace: ${remaining.join(', ')}` };
    },
  });
}

/** The namespace to empty, where that is to be done. */
export function decideCleaning(namespace: NamespaceFacts | undefined): Decision<NamespaceFacts> {
  const due = namespace?.terminating === true && namespace.finalizers.includes(FINALIZER);
  return due ? { kind: 'act', actions: [namespace] } : { kind: 'done' };
}

/** Deletes everything in the namespace; the answer names the resources of which something is still held. */
async function emptyNamespace(
  client: Client,
  namespace: string,
  resources: readonly ResourceType[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const remaining: string[] = [];
  for (const resource of resources) {
    try {
      await client.deleteCollection(resource, { namespace, propagationPolicy: 'Background', signal });
      const left = await client.list(resource, { namespace, signal });
      if (left.items.length > 0) remaining.push(`${left.items.length} ${resource.resource}`);
    } catch (error) {
      // Not served here: nothing can be in it.
      if (!hasHttpCode(error, 404)) throw error;
    }
  }
  return remaining;
}

async function finalize(client: Client, { name, uid }: NamespaceFacts, signal: AbortSignal): Promise<Applied> {
  try {
    const current = await client.get(NAMESPACES, name, { signal });
    if (current.metadata.uid !== uid) return { kind: 'done' };
    const finalizers = (current.spec?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
    const released = { ...current, spec: { ...current.spec, finalizers } };
    await client.updateSubresource(NAMESPACES, 'finalize', released, { signal });
  } catch (error) {
    if (hasHttpCode(error, 404)) return { kind: 'done' };
    if (hasHttpCode(error, 409)) return { kind: 'retry', because: error.message };
    throw error;
  }
  return { kind: 'done' };
}
