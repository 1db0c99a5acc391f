import { createHash } from 'node:crypto';
import { type Clock, delay } from '../base/clock.js';
import { messageOf } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import { serverContext } from '../apiserver/authorization/bootstrap/ensure-policy.js';
import { fromMetaLabelSelector, matchesLabels } from '../kube/label-selector.js';
import { hasReason } from '../kube/status.js';
import { formatMicroTime } from '../kube/time.js';
import type { Lease } from '../registry/leases/leases.js';
import type { ResourceStore } from '../registry/resource-store.js';
import type { ServerAddress } from './kubernetes-service.js';
import { urlAuthority } from './locations.js';

/** Who a server is among those that share its store. */
export interface ServerName {
  readonly hostname: string;
  /** Unique, and another one after a restart. */
  readonly identity: string;
}

export interface ServerLeasesOptions {
  readonly leases: ResourceStore<Lease>;
  readonly server: ServerName;
  readonly address: ServerAddress;
  /** Told who is there, this server included, at every look; without it at the end. */
  readonly onServers: (servers: readonly ServerAddress[]) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const NAMESPACE = 'kube-system';

/** By this label kube-apiserver's own Leases are known. */
const LABELS = { 'apiserver.kubernetes.io/identity': 'kube-apiserver' };

/** Where the server listens, as `IP:PORT`. */
const ADDRESS = 'countersign.dev/address';

const RENEW_MS = 10_000;

/** Two renewals may fail before others call it dead. */
const DURATION_SECONDS = 30;

/**
 * Shows by a Lease of its own that this server is there, as kube-apiserver does, and looks at those of the others, until
 * the answer is called: then it goes. A server is dead when its Lease has not changed for its duration while *this* one
 * watched, so that clocks need not agree; a dead one's Lease is removed.
 */
export async function keepServerLease(options: ServerLeasesOptions): Promise<() => Promise<void>> {
  const { clock, logger } = options;
  const stopping = new AbortController();
  const leases = new ServerLeases(options);
  const look = async (): Promise<void> => {
    try {
      await leases.renew();
      await leases.tell();
    } catch (error) {
      logger.warn('Could not keep Lease of the server', { error: messageOf(error) });
    }
  };
  await look();
  const looking = (async () => {
    for (;;) {
      await delay(clock, RENEW_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await look();
    }
  })();
  return async () => {
    stopping.abort();
    await looking;
    try {
      await leases.remove();
      await leases.tell();
    } catch (error) {
      logger.warn('Could not remove Lease of the server', { error: messageOf(error) });
    }
  };
}

/** A version of a Lease, and since when it is seen. */
interface Sighting {
  readonly version: string;
  readonly sinceMs: number;
}

class ServerLeases {
  readonly #options: ServerLeasesOptions;
  readonly #name: string;
  /** By name of the Lease. */
  #seen: ReadonlyMap<string, Sighting> = new Map();

  constructor(options: ServerLeasesOptions) {
    this.#options = options;
    const { hostname } = options.server;
    const { ip, port } = options.address;
    const digest = createHash('sha256')
      .update(`${hostname} ${urlAuthority(ip, port)}`)
      .digest('hex');
    this.#name = `apiserver-${digest.slice(0, 26)}`;
  }

  /** Writes the own Lease. */
  async renew(): Promise<void> {
    const { leases } = this.#options;
    const { signal } = new AbortController();
    const context = serverContext(this.#options.clock, signal);
    // a Lease that is not there is made by an update, too
    await leases.update({ namespace: NAMESPACE, name: this.#name }, (current) => this.#lease(current), { context });
  }

  async remove(): Promise<void> {
    await this.#delete({ metadata: { name: this.#name } });
  }

  /** Tells who is there by now, and removes those who are dead. */
  async tell(): Promise<void> {
    const { clock, onServers } = this.#options;
    const now = clock.now();
    const seen = new Map<string, Sighting>();
    const servers: ServerAddress[] = [];
    for (const lease of await this.#list()) {
      const { name = '', resourceVersion: version = '' } = lease.metadata;
      const known = this.#seen.get(name);
      const current = known?.version === version ? known : { version, sinceMs: now };
      const durationMs = (lease.spec?.leaseDurationSeconds ?? 0) * 1000;
      if (name !== this.#name && now - current.sinceMs > durationMs) {
        await this.#delete(lease);
        continue;
      }
      seen.set(name, current);
      const address = parseAddress(lease.metadata.annotations?.[ADDRESS] ?? '');
      if (address !== undefined) servers.push(address);
    }
    this.#seen = seen;
    if (servers.length > 0) await onServers(servers);
  }

  async #list(): Promise<readonly Lease[]> {
    const selector = fromMetaLabelSelector({ matchLabels: LABELS });
    const matches = ({ metadata }: Lease): boolean =>
      selector !== undefined && matchesLabels(selector, metadata.labels);
    const list = await this.#options.leases.list({
      namespace: NAMESPACE,
      filter: { matches, everything: false },
      resourceVersion: '',
      resourceVersionMatch: '',
    });
    return list.items;
  }

  /** One that was renewed meanwhile stays. */
  async #delete({ metadata }: Lease): Promise<void> {
    const { leases, clock } = this.#options;
    const { name = '', resourceVersion } = metadata;
    const context = serverContext(clock, new AbortController().signal);
    const preconditions = resourceVersion === undefined ? {} : { preconditions: { resourceVersion } };
    try {
      await leases.delete({ namespace: NAMESPACE, name }, { context, ...preconditions });
    } catch (error) {
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
    }
  }

  #lease(current: Lease | undefined): Lease {
    const { server, address, clock } = this.#options;
    const { hostname, identity } = server;
    const now = formatMicroTime(Math.floor(clock.now() * 1000));
    const holderIdentity = `${this.#name}_${identity}`;
    const spec = current?.spec;
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        ...current?.metadata,
        namespace: NAMESPACE,
        name: this.#name,
        labels: { ...LABELS, 'kubernetes.io/hostname': hostname },
        annotations: { [ADDRESS]: urlAuthority(address.ip, address.port) },
      },
      spec: {
        holderIdentity,
        leaseDurationSeconds: DURATION_SECONDS,
        acquireTime: spec?.holderIdentity === holderIdentity ? (spec.acquireTime ?? now) : now,
        renewTime: now,
      },
    };
  }
}

/** `IP:PORT` or `[IP]:PORT`; undefined where it is none. */
function parseAddress(text: string): ServerAddress | undefined {
  const match = /^(?:\[(?<six>[0-9a-f:.]+)\]|(?<host>[^:[\]]+)):(?<port>[1-9]\d{0,4})$/.exec(text);
  const { six, host, port } = match?.groups ?? {};
  const ip = six ?? host;
  return ip === undefined || port === undefined ? undefined : { ip, port: Number(port) };
}
