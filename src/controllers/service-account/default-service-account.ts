import type { Random } from '../../base/bytes.js';
import type { Clock } from '../../base/clock.js';
import type { Client } from '../../client/client.js';
import type { Informer } from '../../client/informer.js';
import type { NamespaceFacts } from '../runtime/namespace-informer.js';
import type { Controller } from '../runtime/controller.js';

/** What the controller is made with. */
export interface DefaultServiceAccountOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly namespaces: Informer<NamespaceFacts>;
}

/** Ensures ServiceAccount `default` in every namespace that is not being deleted. */
export function createDefaultServiceAccount(_options: DefaultServiceAccountOptions): Controller {
  throw new Error('not yet');
}
