import type { Endpoint, EndpointPort, EndpointSlice } from '../../client/core-objects.js';

/** Endpoints in a slice at most, as kube-controller-manager makes them. */
export const MAX_ENDPOINTS = 100;

/** Endpoints of one family that have the same ports. Without any there is still a slice, to say so. */
export interface EndpointGroup {
  readonly family: string;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** What shall be in a slice: one that is there, or a new one. */
export interface PlacedSlice {
  readonly slice: EndpointSlice | undefined;
  readonly endpoints: readonly Endpoint[];
}

/** Whether a slice can hold endpoints of the group. */
export function fits(group: EndpointGroup, { addressType, ports }: EndpointSlice): boolean {
  return addressType === group.family && portsText(ports ?? []) === portsText(group.ports);
}

/**
 * Puts every endpoint of a group into one slice, with few changes: each stays where it is, new ones go to where there is
 * room, first into slices that change anyway. A slice that has nothing left is not in the answer.
 */
export function placeEndpoints(group: EndpointGroup, slices: readonly EndpointSlice[]): readonly PlacedSlice[] {
  const left = new Map(group.endpoints.map((endpoint) => [uidOf(endpoint), endpoint]));
  const kept = slices.map((slice) => {
    const endpoints: Endpoint[] = [];
    for (const present of slice.endpoints ?? []) {
      const wanted = left.get(uidOf(present));
      if (wanted === undefined || endpoints.length === MAX_ENDPOINTS) continue;
      endpoints.push(wanted);
      left.delete(uidOf(present));
    }
    return { slice, endpoints, changes: !sameEndpoints(endpoints, slice.endpoints ?? []) };
  });
  const waiting = [...left.values()];
  for (const { endpoints } of kept.toSorted((a, b) => Number(b.changes) - Number(a.changes))) {
    endpoints.push(...waiting.splice(0, Math.max(0, MAX_ENDPOINTS - endpoints.length)));
  }
  const placed: PlacedSlice[] = kept.filter(({ endpoints }) => endpoints.length > 0);
  while (waiting.length > 0) placed.push({ slice: undefined, endpoints: waiting.splice(0, MAX_ENDPOINTS) });
  if (placed.length === 0) placed.push({ slice: slices[0], endpoints: [] });
  return placed;
}

function uidOf({ targetRef }: Endpoint): string {
  return targetRef?.uid ?? '';
}

/** Whether two lists hold the same endpoints in the same order. */
export function sameEndpoints(a: readonly Endpoint[], b: readonly Endpoint[]): boolean {
  return a.length === b.length && a.every((endpoint, i) => endpointText(endpoint) === endpointText(b[i]));
}

/** Ports as one text, for comparison. */
export function portsText(ports: readonly EndpointPort[]): string {
  return JSON.stringify(ports.map(({ name, protocol, port, appProtocol }) => [name, protocol, port, appProtocol]));
}

/** What is kept here of an endpoint as one text. Hints and zones are somebody else's. */
function endpointText(endpoint: Endpoint | undefined): string {
  const { addresses, conditions = {}, hostname, nodeName, targetRef = {} } = endpoint ?? { addresses: [] };
  const { ready, serving, terminating } = conditions;
  const { kind, namespace, name, uid } = targetRef;
  return JSON.stringify([addresses, ready, serving, terminating, hostname, nodeName, kind, namespace, name, uid]);
}
