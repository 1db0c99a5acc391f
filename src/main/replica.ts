import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import { createClient } from '../client/client.js';
import { createInProcessTransport } from '../client/in-process-transport.js';
import type { Transport } from '../kube/exchange.js';
import type { UserInfo } from '../kube/object-meta.js';
import { type Duty, startDuties } from './duties.js';
import type { ServerName } from './server-leases.js';
import { createStanding, type Standing } from './standing.js';
import { VERSION } from './version.js';

/** What a replica is told of itself and of others. */
export interface ReplicaOptions {
  /** Whether there are others. */
  readonly isShared: boolean;
  /** How long others wait for this one before they take over its duties. Default 15. */
  readonly leaseDurationSeconds?: number | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** One server of those that share a store; or the only one. */
export interface Replica {
  /** Who it is, where it shows that it works. */
  readonly identity: string;
  /** Its name among the others; undefined where it is alone. */
  readonly server: ServerName | undefined;
  /** Where it stands among the others, as a metric. */
  readonly standing: Standing;
  /** Does what one does for all, when it is this one's turn, until the answer is called. `handle`: the server. */
  start(duties: readonly Duty[], handle: Transport): Promise<() => Promise<void>>;
}

/** Lease in kube-system by which replicas elect the one that has the duties. */
const LEASE = 'countersign-controllers';

const SERVER: UserInfo = { username: 'system:apiserver', groups: ['system:masters'] };

/** This process among its replicas. */
export function createReplica(options: ReplicaOptions): Replica {
  const { isShared, clock, random, logger, leaseDurationSeconds = 15 } = options;
  const standing = createStanding(isShared ? LEASE : undefined);
  if (!isShared) {
    const start: Replica['start'] = (duties) => startDuties(duties, undefined);
    return { identity: hostname(), server: undefined, standing, start };
  }
  const identity = `${hostname()}_${randomUUID()}`;
  return {
    identity,
    server: { hostname: hostname(), identity },
    standing,
    start: (duties, handle) => {
      const transport = createInProcessTransport(handle, SERVER);
      const client = createClient(transport, { userAgent: `countersign/${VERSION}` });
      const lease = { namespace: 'kube-system', name: LEASE, leaseDurationSeconds };
      return startDuties(duties, { ...lease, client, clock, random, logger, identity, standing });
    },
  };
}
