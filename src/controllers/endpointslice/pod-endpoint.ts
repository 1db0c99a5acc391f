import type { Endpoint, EndpointPort, ServicePort } from '../../client/core-objects.js';
import type { PodFacts, ServiceFacts } from './endpoint-facts.js';

/** The endpoint that a pod is in a family of addresses; undefined where it is none: it has no address, or has ended. */
export function endpointOf(service: ServiceFacts, pod: PodFacts, family: string): Endpoint | undefined {
  const addresses = pod.ips.filter((ip) => ip.includes(':') === (family === 'IPv6'));
  if (pod.over || addresses.length === 0) return undefined;
  const { namespace, name, uid, ready: serving, terminating, hostname, nodeName } = pod;
  return {
    addresses,
    // who ends is not ready, unless readiness does not matter
    conditions: { ready: service.publishNotReady || (serving && !terminating), serving, terminating },
    ...(hostname !== '' && pod.subdomain === service.name ? { hostname } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(nodeName === '' ? {} : { nodeName }),
  };
}

/** The ports at which a pod serves a Service. One that the pod has no container port for, by its name, is left out. */
export function portsOf(service: ServiceFacts, pod: PodFacts): readonly EndpointPort[] {
  return service.ports.flatMap((port): readonly EndpointPort[] => {
    const { name = '', protocol = 'TCP', appProtocol } = port;
    const number = numberOf(port, protocol, pod);
    if (number === undefined) return [];
    return [{ name, protocol, port: number, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

function numberOf({ port, targetPort = port }: ServicePort, protocol: string, pod: PodFacts): number | undefined {
  if (typeof targetPort === 'number') return targetPort;
  return pod.ports.find((known) => known.name === targetPort && known.protocol === protocol)?.port;
}
