import { equalValues } from '../../kube/equal-values.js';
import {
  isExternallyAccessible,
  needsHealthCheckNodePort,
  needsNodePorts,
  type Service,
  type ServicePort,
  type ServiceSpec,
  withSpec,
} from './service.js';

/** Gives the ports of a Service that keeps needing node ports those that it has, by their names. */
export function keepNodePorts(service: Service, previous: Service): Service {
  const kept = needsNodePorts(service) && needsNodePorts(previous) ? withKeptPorts(service, previous) : service;
  const { healthCheckNodePort = 0 } = kept.spec;
  const old = previous.spec.healthCheckNodePort ?? 0;
  if (healthCheckNodePort !== 0 || old === 0) return kept;
  if (!needsHealthCheckNodePort(kept) || !needsHealthCheckNodePort(previous)) return kept;
  return withSpec(kept, { healthCheckNodePort: old });
}

function withKeptPorts(service: Service, previous: Service): Service {
  const { ports = [] } = service.spec;
  const oldPorts = previous.spec.ports ?? [];
  const byName = new Map(oldPorts.map((port) => [port.name ?? '', port.nodePort ?? 0]));
  const old = new Set(oldPorts.map((port) => port.nodePort ?? 0));
  const used = new Set(ports.map((port) => port.nodePort ?? 0).filter((port) => port !== 0 && old.has(port)));
  const next = ports.map((port): ServicePort => {
    const known = byName.get(port.name ?? '') ?? 0;
    if ((port.nodePort ?? 0) !== 0 || known === 0 || used.has(known)) return port;
    used.add(known);
    return { ...port, nodePort: known };
  });
  return withSpec(service, { ports: next });
}

/**
 * Takes from a Service whose type changed what its new type cannot have, where the writer left it as it was: node
 * ports, and what is about load balancers and traffic from outside.
 */
export function dropForeignFields(service: Service, previous: Service): Service {
  const same = (name: keyof ServiceSpec): boolean => equalValues(service.spec[name], previous.spec[name]);
  const balances = service.spec.type === 'LoadBalancer';
  return withSpec(service, {
    ...(needsNodePorts(service) || !needsNodePorts(previous) ? {} : { ports: withoutUnchanged(service, previous) }),
    ...(needsHealthCheckNodePort(service) || !same('healthCheckNodePort') ? {} : { healthCheckNodePort: undefined }),
    ...(balances || !same('allocateLoadBalancerNodePorts') ? {} : { allocateLoadBalancerNodePorts: undefined }),
    ...(balances || !same('loadBalancerClass') ? {} : { loadBalancerClass: undefined }),
    ...(isExternallyAccessible(service) || !same('externalTrafficPolicy') ? {} : { externalTrafficPolicy: undefined }),
  });
}

/** The ports without their node ports, if all of these are as they were. */
function withoutUnchanged({ spec }: Service, { spec: old }: Service): readonly ServicePort[] | undefined {
  const { ports = [] } = spec;
  const same =
    ports.length === old.ports?.length &&
    ports.every((port, i) => (port.nodePort ?? 0) === (old.ports?.[i]?.nodePort ?? 0));
  return same ? ports.map(({ nodePort: _freed, ...port }) => port) : spec.ports;
}
