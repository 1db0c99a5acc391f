import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { Client } from '../../client/client.js';
import type { Controller } from '../runtime/controller.js';

/** What the cleaner is made with. */
export interface CleanerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Deletes requests past their age, at start and every hour, as kube-controller-manager's csrcleaner does. */
export function createCleaner(_options: CleanerOptions): Controller {
  throw new Error('not yet');
}
