import type { Random } from '../../base/bytes.js';
import type { Clock } from '../../base/clock.js';
import type { Client } from '../../client/client.js';
import type { Informer } from '../../client/informer.js';
import type { NamespaceFacts } from '../runtime/namespace-informer.js';
import type { Controller } from '../runtime/controller.js';

/** What the publisher is made with. */
export interface RootCaPublisherOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly namespaces: Informer<NamespaceFacts>;
  /** PEM of the CA of the API server's own certificate. */
  readonly rootCaPem: () => string;
}

/** Keeps ConfigMap `kube-root-ca.crt` in every namespace, as kube-controller-manager does. */
export function createRootCaPublisher(_options: RootCaPublisherOptions): Controller {
  throw new Error('not yet');
}
