import type { KubeObject } from '../kube/object-meta.js';
import type { NamespacedOptions } from './call-options.js';
import type { Client } from './client.js';
import type { ResourceType } from './resource-type.js';

/**
 * Follows one object until `done` answers something else than undefined; that is the result. `done` gets undefined
 * while the object does not exist. Reconnects as long as it takes; ends with ABORTED when `signal` aborts.
 */
export async function waitFor<T extends KubeObject, Result>(
  _client: Client,
  _resource: ResourceType<T>,
  _name: string,
  _done: (object: T | undefined) => Result | undefined,
  _options: NamespacedOptions & { readonly signal: AbortSignal },
): Promise<Result> {
  throw new Error('not yet');
}
