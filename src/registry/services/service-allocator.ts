import type { Random } from '../../base/bytes.js';
import type { Clock } from '../../base/clock.js';
import { messageOf } from '../../base/error.js';
import type { IpNetwork } from '../../base/ip-network.js';
import type { Logger } from '../../base/logger.js';
import type { Store } from '../../storage/store.js';
import type { Allocator } from '../resource.js';
import { Claims, type Owner } from './claims.js';
import type { IpFamilies, IpFamily } from './cluster-ips.js';
import { addressesOf, giveClusterIps } from './give-cluster-ips.js';
import { giveNodePorts, NODE_PORTS, portTextsOf } from './give-node-ports.js';
import { type Pool, Taking } from './pool.js';
import type { Service } from './service.js';
import { serviceAt, storedServices } from './stored-services.js';
import { addressRange, portRange } from './value-range.js';

/** What Services are given from. */
export interface ServiceAllocatorOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Networks of cluster IPs, one for each family; the first is the default. */
  readonly networks: readonly [IpNetwork, ...IpNetwork[]];
}

/** Gives Services their cluster IPs and node ports. */
export interface ServiceAllocator extends Allocator<Service> {
  /** The families of which there are cluster IPs, the default first. */
  readonly families: IpFamilies;
  /** The first address of the first network: the API server's own. */
  readonly firstAddress: string;
  /** Makes the claims that stored Services lack: the store may come from elsewhere. */
  readonly restore: () => Promise<void>;
}

/**
 * Makes the allocator. Each address and port that is given is a key of its own in the store, so that no two writers get
 * the same, in whichever process: see `Claims`.
 */
export function createServiceAllocator(options: ServiceAllocatorOptions): ServiceAllocator {
  const { store, networks, random, logger } = options;
  const [first, ...others] = networks;
  const addresses = createClaims(options, '/registry/clusterips/', addressesOf);
  const ports = createClaims(options, '/registry/nodeports/', portTextsOf);
  const byFamily = new Map(
    networks.map((network) => {
      const pool = { network, range: addressRange(network), claims: addresses, what: 'serviceIP' } as const;
      return [familyOfNetwork(network), pool];
    }),
  );
  const nodePorts: Pool = { range: portRange(NODE_PORTS.first, NODE_PORTS.last), claims: ports, what: 'nodePort' };

  /** What the one has and the other has not goes back. */
  const release = async (service: Service, kept: Service | undefined): Promise<void> => {
    const owner = ownerOf(service);
    for (const [claims, valuesOf] of [
      [addresses, addressesOf],
      [ports, portTextsOf],
    ] as const) {
      const keeps = new Set(kept === undefined ? [] : valuesOf(kept));
      for (const value of valuesOf(service)) if (!keeps.has(value)) await claims.release(value, owner);
    }
  };
  /** The write is done, and no failure here may undo that: a claim that stays can be taken over in a while. */
  const tolerant = async (service: Service, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      logger.warn('Left claims of a Service behind', { ...ownerOf(service), error: messageOf(error) });
    }
  };

  return {
    families: [familyOfNetwork(first), ...others.map(familyOfNetwork)],
    firstAddress: addressRange(first).at(0),
    allocate: async (next, previous, { dryRun }) => {
      const taking = new Taking(ownerOf(next), dryRun, random);
      try {
        const addressed = await giveClusterIps(next, previous, byFamily, taking);
        const object = await giveNodePorts(addressed, previous, nodePorts, taking);
        const settle = async (outcome: 'written' | 'refused' | 'unknown'): Promise<void> => {
          if (dryRun || outcome === 'unknown') return;
          await tolerant(next, async () => {
            if (outcome === 'refused') await taking.giveBack();
            else if (previous !== undefined) await release(previous, object);
          });
        };
        return { object, settle };
      } catch (error) {
        await tolerant(next, () => taking.giveBack());
        throw error;
      }
    },
    release: (removed) => tolerant(removed, () => release(removed, undefined)),
    restore: async () => {
      for await (const service of storedServices(store)) {
        for (const address of addressesOf(service)) await addresses.take(address, ownerOf(service));
        for (const port of portTextsOf(service)) await ports.take(port, ownerOf(service));
      }
    },
  };
}

function familyOfNetwork({ address }: IpNetwork): IpFamily {
  return address.length === 4 ? 'IPv4' : 'IPv6';
}

function createClaims(
  { store, clock }: ServiceAllocatorOptions,
  keyPrefix: string,
  valuesOf: (service: Service) => readonly string[],
): Claims {
  const holds = async (owner: Owner, value: string): Promise<boolean> => {
    const service = await serviceAt(store, owner);
    return service !== undefined && service.metadata.uid === owner.uid && valuesOf(service).includes(value);
  };
  return new Claims({ store, clock, keyPrefix, holds });
}

function ownerOf({ metadata }: Service): Owner {
  return { namespace: metadata.namespace ?? '', name: metadata.name ?? '', uid: metadata.uid ?? '' };
}
