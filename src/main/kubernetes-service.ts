import { networkInterfaces } from 'node:os';
import { parseIp } from '../base/ip-address.js';
import type { Clock } from '../base/clock.js';
import { messageOf } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import { serverContext } from '../apiserver/authorization/bootstrap/ensure-policy.js';
import type { KubeObject } from '../kube/object-meta.js';
import { hasReason, StatusError } from '../kube/status.js';
import { validateOrdinaryIp } from '../registry/ip-problems.js';
import type { ResourceStore } from '../registry/resource-store.js';
import { isWildcardHost } from './locations.js';

/** Where a server listens. */
export interface ServerAddress {
  /** Loopback where it listens on that only: then nobody else can reach it. */
  readonly ip: string;
  readonly port: number;
}

export interface AnnounceOptions {
  readonly services: ResourceStore;
  readonly endpoints: ResourceStore;
  readonly endpointSlices: ResourceStore;
  /** Address of the Service within the cluster. */
  readonly clusterIp: string;
  /** Every replica of the server. */
  readonly servers: readonly ServerAddress[];
  readonly clock: Clock;
  readonly logger: Logger;
}

const METADATA = { name: 'kubernetes', namespace: 'default' };

/** Replicas may write the same objects at the same time. */
const ATTEMPTS = 5;

/**
 * Keeps Service, EndpointSlice and Endpoints `kubernetes`, where pods look for the API server. On loopback nobody else
 * can reach a server: then it is no endpoint. What the API refuses, such as an address that somebody else has by now, is
 * logged and left.
 */
export async function announceServers(options: AnnounceOptions): Promise<void> {
  const { services, endpoints, endpointSlices, clock, logger } = options;
  const context = serverContext(clock, new AbortController().signal);
  const put = async (store: ResourceStore, wanted: KubeObject, keep: (current: KubeObject) => KubeObject) => {
    // read first: a Service that is made again would ask for the address that it has
    const exists = await store.get(METADATA).catch(missing);
    if (exists === undefined) await store.create(wanted, { context });
    else await store.update(METADATA, (current) => keep(current ?? wanted), { context });
  };
  const tryToPut: typeof put = async (...object) => {
    for (let left = ATTEMPTS - 1; ; left--) {
      try {
        await put(...object);
        return;
      } catch (error) {
        if (left > 0 && isRace(error)) continue;
        if (!(error instanceof StatusError)) throw error;
        logger.warn('Could not announce the API server', { kind: object[1].kind, error: messageOf(error) });
        return;
      }
    }
  };
  const service = serviceFor(options);
  const subsets = subsetsOf(options.servers);
  const [slice, legacy] = [sliceFor(subsets[0], service.port), endpointsFor(subsets)];
  await tryToPut(services, service.object, (current) => withPorts(current, service.object));
  await tryToPut(endpointSlices, slice, ({ metadata }) => ({ ...slice, metadata }));
  await tryToPut(endpoints, legacy, ({ metadata }) => ({ ...legacy, metadata }));
}

function isRace(error: unknown): boolean {
  return hasReason(error, 'AlreadyExists') || hasReason(error, 'Conflict') || hasReason(error, 'NotFound');
}

function missing(error: unknown): undefined {
  if (!hasReason(error, 'NotFound')) throw error;
  return undefined;
}

/** The address by which others reach a server that listens on a host, if there is one. */
export function serverAddress(host: string, port: number): ServerAddress {
  if (!isWildcardHost(host)) return { ip: host, port };
  const family = host === '::' ? 'IPv6' : 'IPv4';
  const known = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const found = known.find((a) => !a.internal && a.family === family && isOrdinary(a.address));
  return { ip: found?.address ?? (family === 'IPv6' ? '::1' : '127.0.0.1'), port };
}

/** Servers that others can reach and that listen on the same port. */
interface Subset {
  readonly ips: readonly string[];
  readonly port: number;
}

/** By port, the smallest first, and each address once and in order: every replica writes the same. */
function subsetsOf(servers: readonly ServerAddress[]): readonly Subset[] {
  const reachable = servers.filter(({ ip }) => isOrdinary(ip));
  const ports = [...new Set(reachable.map(({ port }) => port))].sort((a, b) => a - b);
  return ports.map((port) => ({
    port,
    ips: [...new Set(reachable.filter((server) => server.port === port).map(({ ip }) => ip))].sort(),
  }));
}

function isOrdinary(ip: string): boolean {
  return parseIp(ip) !== undefined && validateOrdinaryIp(ip, '').length === 0;
}

interface KubernetesService extends KubeObject {
  readonly spec: object;
  readonly status: object;
}

function serviceFor({ clusterIp, servers }: AnnounceOptions) {
  // of replicas that listen on several ports, a Service can only name one
  const port = subsetsOf(servers)[0]?.port ?? Math.min(...servers.map((server) => server.port));
  const object: KubernetesService = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...METADATA, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP: clusterIp,
      clusterIPs: [clusterIp],
      sessionAffinity: 'None',
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: port }],
    },
    status: { loadBalancer: {} },
  };
  return { object, port };
}

/** The port on which the server listens may be another one than last time; everything else stays as it is. */
function withPorts(current: KubeObject, { spec }: KubernetesService): KubeObject {
  const { spec: stored = {} } = current as Partial<KubernetesService>; // a Service: it comes from their store
  const { ports } = spec as { readonly ports?: unknown };
  return { ...current, ...{ spec: { ...stored, ports } } };
}

/** A slice has addresses of one family, and one set of ports. */
function sliceFor(subset: Subset | undefined, port: number): KubeObject {
  const isSix = subset?.ips[0]?.includes(':') === true;
  const ips = subset?.ips.filter((ip) => ip.includes(':') === isSix) ?? [];
  const endpoints = ips.length === 0 ? null : ips.map((ip) => ({ addresses: [ip], conditions: { ready: true } }));
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...METADATA, labels: { 'kubernetes.io/service-name': METADATA.name } },
    ...{ addressType: isSix ? 'IPv6' : 'IPv4', endpoints, ports: [{ name: 'https', protocol: 'TCP', port }] },
  };
}

function endpointsFor(subsets: readonly Subset[]): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...METADATA, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    ...(subsets.length === 0
      ? {}
      : {
          subsets: subsets.map(({ ips, port }) => ({
            addresses: ips.map((ip) => ({ ip })),
            ports: [{ name: 'https', port, protocol: 'TCP' }],
          })),
        }),
  };
}
