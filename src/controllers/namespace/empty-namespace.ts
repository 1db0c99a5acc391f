import { messageOf } from '../../base/error.js';
import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import { discoverResources, type DiscoveredResource } from '../../client/discovery.js';
import type { KubeObject } from '../../kube/object-meta.js';
import type { NamespaceContent } from './namespace-conditions.js';

/**
 * Deletes everything in a namespace, as discovery tells of it, and looks what is left. Pods go first: nothing else goes
 * while one of them may still use it. One resource that fails does not keep the others.
 */
export async function emptyNamespace(
  client: Client,
  namespace: string,
  signal: AbortSignal,
): Promise<NamespaceContent> {
  const { resources, failed } = await discoverResources(client, { signal });
  const remaining = new Map<string, number>();
  const finalizers = new Map<string, number>();
  const failures: string[] = [];
  const empty = async (resource: DiscoveredResource): Promise<void> => {
    try {
      const left = await emptyOf(client, resource, namespace, signal);
      if (left.length > 0) remaining.set(`${resource.resource}.${resource.group}`, left.length);
      for (const { metadata } of left) {
        for (const name of metadata.finalizers ?? []) finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
      }
    } catch (error) {
      if (signal.aborted) throw error;
      failures.push(messageOf(error));
    }
  };
  const deletable = resources.filter(
    ({ namespaced, preferred, verbs }) =>
      namespaced &&
      preferred &&
      verbs.includes('list') &&
      (verbs.includes('delete') || verbs.includes('deletecollection')),
  );
  const pods = deletable.filter(({ group, resource }) => group === '' && resource === 'pods');
  for (const resource of pods) await empty(resource);
  if (remaining.size === 0) for (const resource of deletable) if (!pods.includes(resource)) await empty(resource);
  return { remaining, finalizers, failures, undiscovered: failed.map((path) => path.replace(/^\/apis?\//, '')) };
}

/** Deletes all of one resource; the answer is what is still there. */
async function emptyOf(
  client: Client,
  resource: DiscoveredResource,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const list = async (): Promise<readonly KubeObject[]> =>
    (await client.list(resource, { namespace, metadataOnly: true, signal })).items;
  try {
    if (resource.verbs.includes('deletecollection')) {
      await client.deleteCollection(resource, { namespace, propagationPolicy: 'Background', signal });
    } else {
      for (const object of await list()) await deleteOne(client, resource, namespace, object, signal);
    }
    return await list();
  } catch (error) {
    // no longer served: nothing can be in it
    if (hasHttpCode(error, 404, 405)) return [];
    throw error;
  }
}

async function deleteOne(
  client: Client,
  resource: DiscoveredResource,
  namespace: string,
  { metadata }: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.delete(resource, metadata.name ?? '', { namespace, propagationPolicy: 'Background', signal });
  } catch (error) {
    if (!hasHttpCode(error, 404)) throw error;
  }
}
