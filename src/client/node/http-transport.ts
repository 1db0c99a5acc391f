import type { Clock } from '../../base/clock.js';
import type { Transport } from '../../kube/exchange.js';
import type { ServerAccess } from './kubeconfig.js';

/** A transport over the network. */
export interface HttpTransport {
  readonly send: Transport;
  /** Ends idle connections and the ones in use. Idempotent. */
  close(): Promise<void>;
}

/** Options of a network transport. */
export interface HttpTransportOptions {
  readonly clock: Clock;
  /** Largest answer that is no watch. Default 256 MiB. */
  readonly maxResponseBytes?: number;
  /** HTTP/2 instead of HTTP/1.1. Default false. */
  readonly http2?: boolean;
}

/** A transport to `access.server` over TLS with a keep-alive pool. Loads undici; connects when first used. */
export async function createHttpTransport(
  _access: ServerAccess,
  _options: HttpTransportOptions,
): Promise<HttpTransport> {
  throw new Error('not yet');
}
