import type { Random } from '../../base/bytes.js';
import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { Client } from '../../client/client.js';
import type { EventRecorder } from '../../client/event-recorder.js';
import type { RequestVerifier } from '../../x509/request-verifier.js';
import type { Controller } from '../runtime/controller.js';
import type { Issuer } from './issuer.js';

/** What the signer is made with. */
export interface SignerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly verifier: RequestVerifier;
  readonly events: EventRecorder;
  /** Who signs for which signerName. */
  readonly issuers: ReadonlyMap<string, Issuer>;
  /** Requests in progress at once. Default 16. */
  readonly concurrency?: number;
}

/** Signs what is approved for its signerNames, at most one certificate a request; marks Failed what never can be. */
export function createSigner(_options: SignerOptions): Controller {
  throw new Error('not yet');
}
