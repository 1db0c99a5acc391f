import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import type { ResourceType } from '../../client/resource-type.js';
import type { KubeObject } from '../../kube/object-meta.js';

/**
 * Reads an object as it is now; undefined where the server says that it is not there. That a whole resource is not
 * served is no such answer: it is thrown.
 */
export async function readMetadata(
  client: Client,
  type: ResourceType,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const where = type.namespaced ? { namespace } : {};
  try {
    return await client.get(type, name, { ...where, metadataOnly: true, signal });
  } catch (error) {
    if (hasHttpCode(error, 404) && error.status.details?.name === name) return undefined;
    throw error;
  }
}
