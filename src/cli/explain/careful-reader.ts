import type { Client } from '../../client/client.js';
import type { ListOptions, NamespacedOptions } from '../../client/call-options.js';
import type { ResourceType } from '../../client/resource-type.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { hasReason } from '../../kube/status.js';

/** Reads that may be forbidden: what could not be read is remembered, to be said instead of guessed. */
export interface CarefulReader {
  /**
   * Undefined where there is no such object, and where it may not be read. `without` says what is then not known; empty:
   * nothing worth telling.
   */
  get<T extends KubeObject>(
    resource: ResourceType<T>,
    name: string,
    without: string,
    options?: NamespacedOptions,
  ): Promise<T | undefined>;
  /** Undefined where they may not be listed, or where the server has no such resource. */
  list<T extends KubeObject>(
    resource: ResourceType<T>,
    without: string,
    options?: ListOptions,
  ): Promise<readonly T[] | undefined>;
  /** Posts a question that is answered at once and stored nowhere. Undefined where it may not be asked. */
  ask<T extends KubeObject>(resource: ResourceType<T>, question: T, without: string): Promise<T | undefined>;
  /** Whether something of a resource could not be read in this way. */
  isHidden(verb: 'get' | 'list' | 'create', resource: ResourceType): boolean;
  /** Everything that could not be read, each once: `you may not list nodes: …`. */
  readonly unread: readonly string[];
}

/** A reader over a client. */
export function createCarefulReader(client: Client, signal: AbortSignal): CarefulReader {
  const unread = new Set<string>();
  const hidden = new Set<string>();
  const careful = async <Answer>(
    call: Promise<Answer>,
    { verb, resource, namespace }: { readonly verb: string; readonly resource: string; readonly namespace?: string },
    without: string,
  ): Promise<Answer | undefined> => {
    try {
      return await call;
    } catch (error) {
      if (hasReason(error, 'Forbidden')) {
        hidden.add(`${verb} ${resource}`);
        if (without === '') return undefined;
        unread.add(`you may not ${verb} ${resource}${inNamespace(namespace)}: ${without}`);
      } else if (!hasReason(error, 'NotFound')) throw error;
      return undefined;
    }
  };
  return {
    get: (type, name, without, options = {}) =>
      careful(
        client.get(type, name, { ...options, signal }),
        { verb: 'get', resource: type.resource, ...options },
        without,
      ),
    list: async (type, without, options = {}) => {
      const { resource } = type;
      const { namespace } = options;
      const what = { verb: 'list', resource, ...(namespace === undefined ? {} : { namespace }) };
      return (await careful(client.list(type, { ...options, signal }), what, without))?.items;
    },
    ask: (type, question, without) =>
      careful(client.create(type, question, { signal }), { verb: 'create', resource: type.resource }, without),
    isHidden: (verb, { resource }) => hidden.has(`${verb} ${resource}`),
    get unread() {
      return [...unread];
    },
  };
}

function inNamespace(namespace: string | undefined): string {
  return namespace === undefined ? '' : ` in namespace ${namespace}`;
}
