import type { Random } from '../../base/bytes.js';
import type { Clock } from '../../base/clock.js';
import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import { createInformer, type Informer } from '../../client/informer.js';
import { SERVICE_ACCOUNTS } from '../../client/resources.js';
import { createController, watched, type Applied, type Controller, type Decision } from '../runtime/controller.js';
import { namespaceIsLeaving, type NamespaceFacts } from '../runtime/namespace-informer.js';

/** What the controller is made with. */
export interface DefaultServiceAccountOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly namespaces: Informer<NamespaceFacts>;
}

const NAME = 'default';

interface Seen {
  readonly namespace: NamespaceFacts | undefined;
  readonly exists: boolean;
}

/** Ensures ServiceAccount `default` in every namespace that is not being deleted. */
export function createDefaultServiceAccount(options: DefaultServiceAccountOptions): Controller {
  const { client, clock, random, namespaces } = options;
  const accounts = createInformer(client, SERVICE_ACCOUNTS, {
    clock,
    random,
    fieldSelector: `metadata.name=${NAME}`,
    keep: () => true as const,
  });
  return createController<Seen, string>({
    name: 'default-service-account',
    watches: [watched(namespaces), watched(accounts, ({ key }) => [key.slice(0, key.indexOf('/'))])],
    observe: (namespace) => ({
      namespace: namespaces.get(namespace),
      exists: accounts.get(`${namespace}/${NAME}`) !== undefined,
    }),
    decide: decideAccount,
    apply: (namespace, signal) => create(client, namespace, signal),
  });
}

/** The namespace in which to create the account, where that is to be done. */
export function decideAccount({ namespace, exists }: Seen): Decision<string> {
  if (namespace === undefined || namespace.terminating || exists) return { kind: 'done' };
  return { kind: 'act', actions: [namespace.name] };
}

async function create(client: Client, namespace: string, signal: AbortSignal): Promise<Applied> {
  try {
    await client.create(SERVICE_ACCOUNTS, { metadata: { namespace, name: NAME } }, { signal });
  } catch (error) {
    // It is there and the cache will say so, or there is no place for it any more.
    if (!hasHttpCode(error, 409) && !namespaceIsLeaving(error)) throw error;
  }
  return { kind: 'done' };
}
