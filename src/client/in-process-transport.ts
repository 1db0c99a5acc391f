import type { Transport } from '../kube/exchange.js';
import type { UserInfo } from '../kube/object-meta.js';

/** A transport straight into a server of this process, as `user`: no socket, no JSON, every permission asked for. */
export function createInProcessTransport(handle: Transport, user: UserInfo): Transport {
  const peer = { kind: 'in-process', user } as const;
  return (request) => handle({ ...request, peer });
}
