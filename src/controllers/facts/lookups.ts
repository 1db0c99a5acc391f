import { nodeAddresses, serviceAddresses } from '../../policy/fact-store.js';
import {
  accountAt,
  holdersOf,
  namespaceAt,
  nodeAt,
  nodesWith,
  podAt,
  podsWith,
  serviceAt,
  servicesWith,
  sliceAt,
  slicesOf,
  type Lookup,
} from '../../policy/lookups.js';
import type { FactChange } from './fact-change.js';

/** The lookups whose answers a change may change. */
export function lookupsChangedBy(change: FactChange): readonly Lookup[] {
  switch (change.kind) {
    case 'Pod':
      return affected(change, (pod) => [podAt(pod.namespace, pod.name), ...pod.ips.map(podsWith)]);
    case 'Service':
      return affected(change, (service) => [
        serviceAt(service.namespace, service.name),
        ...serviceAddresses(service).map(servicesWith),
      ]);
    case 'EndpointSlice':
      return affected(change, (slice) => [sliceAt(slice.namespace, slice.name), ...slice.podUids.map(slicesOf)]);
    case 'Node':
      return affected(change, (node) => [nodeAt(node.name), ...nodeAddresses(node).map(nodesWith)]);
    case 'Namespace':
      return affected(change, (namespace) => [namespaceAt(namespace.name)]);
    case 'ServiceAccount':
      return affected(change, (account) => [accountAt(account.namespace, account.name)]);
    case 'CertificateRecord':
      return affected(change, (recorded) => [holdersOf(recorded.publicKeyDigest)]);
  }
}

/** What is found under the old and under the new value, each once. */
function affected<Value>(
  { current, previous }: { readonly current?: Value; readonly previous?: Value },
  lookupsOf: (value: Value) => readonly Lookup[],
): readonly Lookup[] {
  const values = [previous, current].filter((value) => value !== undefined);
  return [...new Set(values.flatMap(lookupsOf))];
}
