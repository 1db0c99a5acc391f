import { invalid, invalidObject } from '../../kube/field-error.js';
import { failure, StatusError } from '../../kube/status.js';
import type { Pool, Taking } from './pool.js';
import {
  needsHealthCheckNodePort,
  needsNodePorts,
  nodePortsOf,
  type Service,
  type ServicePort,
  withSpec,
} from './service.js';

/** Node ports that are handed out. */
export const NODE_PORTS = { first: 30_000, last: 32_767 } as const;

/** The node ports of a Service as they are claimed. */
export function portTextsOf(service: Service): readonly string[] {
  return nodePortsOf(service).map(String);
}

/**
 * A Service with the node ports that its type needs: those it has, those its writer named, and any for the rest. Ports
 * that differ only in their protocol share one. Throws 422 where a named one cannot be had.
 */
export async function giveNodePorts(
  service: Service,
  previous: Service | undefined,
  pool: Pool,
  taking: Taking,
): Promise<Service> {
  const own = new Set(previous === undefined ? [] : portTextsOf(previous));
  const { ports = [], healthCheckNodePort = 0 } = service.spec;
  for (const [i, { nodePort = 0 }] of ports.entries()) {
    const why = nodePort === 0 ? undefined : await takeNamed(nodePort, pool, taking, own);
    if (why !== undefined) throw refusedPort(service, i, nodePort, why);
  }
  const given = needsNodePorts(service) ? await givenPorts(ports, pool, taking) : ports;
  const next = given === ports ? service : withSpec(service, { ports: given });
  if (!needsHealthCheckNodePort(service)) return next;
  if (healthCheckNodePort === 0) return withSpec(next, { healthCheckNodePort: Number(await taking.takeAny(pool)) });
  const why = await takeNamed(healthCheckNodePort, pool, taking, own);
  if (why === undefined) return next;
  const text = `failed to allocate requested HealthCheck NodePort ${healthCheckNodePort}: ${why}`;
  throw new StatusError(failure(500, 'InternalError', `Internal error occurred: ${text}`));
}

/** Answers what is wrong with it; `own` are the Service's own, which it may name several times. */
async function takeNamed(port: number, pool: Pool, taking: Taking, own: Set<string>): Promise<string | undefined> {
  const value = String(port);
  if (own.has(value)) return undefined;
  if (!pool.range.has(value)) {
    const range = `${NODE_PORTS.first}-${NODE_PORTS.last}`;
    return `provided port is not in the valid range. The range of valid ports is ${range}`;
  }
  if (!(await taking.take(pool, value))) return 'provided port is already allocated';
  own.add(value);
  return undefined;
}

function refusedPort({ metadata }: Service, index: number, port: number, why: string): Error {
  const field = `spec.ports[${index}].nodePort`;
  return invalidObject('', 'Service', metadata.name ?? '', [invalid(field, port, why)]);
}

async function givenPorts(ports: readonly ServicePort[], pool: Pool, taking: Taking): Promise<readonly ServicePort[]> {
  if (ports.every(({ nodePort = 0 }) => nodePort !== 0)) return ports;
  const byPort = new Map(ports.filter(({ nodePort = 0 }) => nodePort !== 0).map((p) => [p.port, p.nodePort ?? 0]));
  const next: ServicePort[] = [];
  for (const port of ports) {
    const nodePort = port.nodePort ?? 0;
    const given = nodePort === 0 ? (byPort.get(port.port) ?? Number(await taking.takeAny(pool))) : nodePort;
    byPort.set(port.port, given);
    next.push({ ...port, nodePort: given });
  }
  return next;
}
