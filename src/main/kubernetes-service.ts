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

export interface AnnounceOptions {
  readonly services: ResourceStore;
  readonly endpoints: ResourceStore;
  readonly endpointSlices: ResourceStore;
  /** Address of the Service within the cluster. */
  readonly clusterIp: string;
  /** As the server listens on it. */
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const METADATA = { name: 'kubernetes', namespace: 'default' };

/**
 * Keeps Service, EndpointSlice and Endpoints `kubernetes`, where pods look for the API server. On loopback nobody else
 * can reach the server: then it has no endpoint. What the API refuses, such as an address that somebody else has by now,
 * is logged and left.
 */
export async function announceServer(options: AnnounceOptions): Promise<void> {
  const { services, endpoints, endpointSlices, clock, logger } = options;
  const context = serverContext(clock, new AbortController().signal);
  const ip = reachableAddress(options.host);
  const put = async (store: ResourceStore, wanted: KubeObject, keep: (current: KubeObject) => KubeObject) => {
    try {
      // read first: a Service that is made again would ask for the address that it has
      const exists = await store.get(METADATA).catch(missing);
      if (exists === undefined) await store.create(wanted, { context });
      else await store.update(METADATA, (current) => keep(current ?? wanted), { context });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      logger.warn('Could not announce the API server', { kind: wanted.kind, error: messageOf(error) });
    }
  };
  const service = serviceFor(options);
  await put(services, service, (current) => withPorts(current, service));
  await put(endpointSlices, sliceFor(ip, options.port), ({ metadata }) => ({
    ...sliceFor(ip, options.port),
    metadata,
  }));
  await put(endpoints, endpointsFor(ip, options.port), ({ metadata }) => ({
    ...endpointsFor(ip, options.port),
    metadata,
  }));
}

function missing(error: unknown): undefined {
  if (!hasReason(error, 'NotFound')) throw error;
  return undefined;
}

/** The address by which others reach the server; undefined where they cannot. */
function reachableAddress(host: string): string | undefined {
  if (!isWildcardHost(host)) return isOrdinary(host) ? host : undefined;
  const family = host === '::' ? 'IPv6' : 'IPv4';
  const known = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return known.find((a) => !a.internal && a.family === family && isOrdinary(a.address))?.address;
}

function isOrdinary(ip: string): boolean {
  return parseIp(ip) !== undefined && validateOrdinaryIp(ip, '').length === 0;
}

interface KubernetesService extends KubeObject {
  readonly spec: object;
  readonly status: object;
}

function serviceFor({ clusterIp, port }: AnnounceOptions): KubernetesService {
  return {
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
}

/** The port on which the server listens may be another one than last time; everything else stays as it is. */
function withPorts(current: KubeObject, { spec }: KubernetesService): KubeObject {
  const { spec: stored = {} } = current as Partial<KubernetesService>; // a Service: it comes from their store
  const { ports } = spec as { readonly ports?: unknown };
  return { ...current, ...{ spec: { ...stored, ports } } };
}

function sliceFor(ip: string | undefined, port: number): KubeObject {
  const endpoints = ip === undefined ? null : [{ addresses: [ip], conditions: { ready: true } }];
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...METADATA, labels: { 'kubernetes.io/service-name': METADATA.name } },
    ...{
      addressType: ip?.includes(':') === true ? 'IPv6' : 'IPv4',
      endpoints,
      ports: [{ name: 'https', protocol: 'TCP', port }],
    },
  };
}

function endpointsFor(ip: string | undefined, port: number): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...METADATA, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    ...(ip === undefined
      ? {}
      : { subsets: [{ addresses: [{ ip }], ports: [{ name: 'https', port, protocol: 'TCP' }] }] }),
  };
}
