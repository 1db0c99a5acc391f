import type { Endpoint, EndpointSlice } from '../../client/core-objects.js';
import type { Decision } from '../runtime/controller.js';
import { ownerReferenceTo, selectorOf, type PodFacts, type ServiceFacts } from './endpoint-facts.js';
import {
  fits,
  placeEndpoints,
  portsText,
  sameEndpoints,
  type EndpointGroup,
  type PlacedSlice,
} from './place-endpoints.js';
import { endpointOf, portsOf } from './pod-endpoint.js';
import { sliceName } from './slice-name.js';

/** Says of a slice to which Service it belongs. */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
/** Says of a slice who keeps it. */
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
/** The value of `MANAGED_BY_LABEL` on the slices that are kept here. */
export const MANAGER = 'endpointslice-controller.k8s.io';

const HEADLESS_LABEL = 'service.kubernetes.io/headless';
const RESERVED: readonly string[] = [SERVICE_NAME_LABEL, MANAGED_BY_LABEL, HEADLESS_LABEL];

/** What is known about a Service's endpoints. */
export interface Seen {
  /** Undefined: there is no such Service any more. */
  readonly service: ServiceFacts | undefined;
  /** The pods that it selects. */
  readonly pods: readonly PodFacts[];
  /** The slices that carry its name and are kept here. */
  readonly slices: readonly EndpointSlice[];
}

/** One thing to do to a slice. */
export type SliceAction =
  | { readonly kind: 'create'; readonly slice: EndpointSlice }
  /** In the version that was seen. */
  | { readonly kind: 'update'; readonly slice: EndpointSlice }
  | { readonly kind: 'delete'; readonly slice: EndpointSlice };

/**
 * What the slices of a Service need. Those of one that is gone are the garbage collector's; a slice of an earlier Service of the same name goes: it is not this one that is
 * served there. Slices of a Service without selector are left alone: somebody else may keep them now.
 */
export function decideSlices({ service, pods, slices }: Seen): Decision<SliceAction> {
  if (service === undefined || selectorOf(service) === undefined) return { kind: 'done' };
  const own = slices.filter((slice) => isOwnedBy(slice, service));
  const spare: EndpointSlice[] = [];
  const placed = placeGroups(groupsOf(service, pods), own, spare);
  const taken = new Set(slices.map(({ metadata }) => metadata.name ?? ''));
  const creates: SliceAction[] = [];
  const updates: SliceAction[] = [];
  for (const { group, slice, endpoints } of placed) {
    // one that is no longer needed is used again: fewer changes for whoever watches
    const found = slice ?? takeSpare(spare, group);
    const wanted = wantedSlice(service, group, endpoints, found, taken);
    if (found === undefined) creates.push({ kind: 'create', slice: wanted });
    else if (!isRight(found, wanted)) updates.push({ kind: 'update', slice: wanted });
  }
  const foreign = slices.filter((slice) => !isOwnedBy(slice, service));
  return act([...creates, ...updates, ...[...spare, ...foreign].map(remove)]);
}

function act(actions: readonly SliceAction[]): Decision<SliceAction> {
  return actions.length === 0 ? { kind: 'done' } : { kind: 'act', actions };
}

function remove(slice: EndpointSlice): SliceAction {
  return { kind: 'delete', slice };
}

/** Whether this very Service controls it. */
export function isOwnedBy({ metadata }: EndpointSlice, { uid }: ServiceFacts): boolean {
  return (metadata.ownerReferences ?? []).some((owner) => owner.uid === uid && owner.controller === true);
}

/** The endpoints of a Service by family and ports; for a family without any, one group of none. */
function groupsOf(service: ServiceFacts, pods: readonly PodFacts[]): readonly EndpointGroup[] {
  return service.families.flatMap((family): readonly EndpointGroup[] => {
    const groups = new Map<string, EndpointGroup & { readonly endpoints: Endpoint[] }>();
    for (const pod of pods) {
      const endpoint = endpointOf(service, pod, family);
      if (endpoint === undefined) continue;
      const ports = portsOf(service, pod);
      const known = groups.get(portsText(ports));
      if (known === undefined) groups.set(portsText(ports), { family, ports, endpoints: [endpoint] });
      else known.endpoints.push(endpoint);
    }
    return groups.size === 0 ? [{ family, ports: [], endpoints: [] }] : [...groups.values()];
  });
}

/** Where everything goes; into `spare` the slices in which nothing is any more. */
function placeGroups(
  groups: readonly EndpointGroup[],
  own: readonly EndpointSlice[],
  spare: EndpointSlice[],
): readonly (PlacedSlice & { readonly group: EndpointGroup })[] {
  const used = new Set<EndpointSlice>();
  const placed = groups.flatMap((group) => {
    const fitting = own.filter((slice) => fits(group, slice));
    return placeEndpoints(group, fitting).map(({ slice, endpoints }) => {
      if (slice !== undefined) used.add(slice);
      return { group, slice, endpoints };
    });
  });
  spare.push(...own.filter((slice) => !used.has(slice)));
  return placed;
}

function takeSpare(spare: EndpointSlice[], { family }: EndpointGroup): EndpointSlice | undefined {
  const index = spare.findIndex(({ addressType }) => addressType === family);
  return index === -1 ? undefined : spare.splice(index, 1)[0];
}

/** The slice as it shall be: new, or what is there with other content. */
function wantedSlice(
  service: ServiceFacts,
  { family, ports }: EndpointGroup,
  endpoints: readonly Endpoint[],
  found: EndpointSlice | undefined,
  taken: Set<string>,
): EndpointSlice {
  const name = found?.metadata.name ?? sliceName(service.name, `${service.uid} ${family} ${portsText(ports)}`, taken);
  taken.add(name);
  return {
    metadata: {
      ...found?.metadata,
      name,
      namespace: service.namespace,
      labels: labelsOf(service),
      ownerReferences: found?.metadata.ownerReferences ?? [ownerReferenceTo(service)],
    },
    addressType: family,
    endpoints: endpoints.length === 0 ? null : endpoints,
    ports: ports.length === 0 ? null : ports,
  };
}

/** The Service's own labels, and those that say what the slice is. */
function labelsOf(service: ServiceFacts): Readonly<Record<string, string>> {
  const own = Object.entries(service.labels).filter(([name]) => !RESERVED.includes(name));
  return {
    ...Object.fromEntries(own),
    ...(service.headless ? { [HEADLESS_LABEL]: '' } : {}),
    [SERVICE_NAME_LABEL]: service.name,
    [MANAGED_BY_LABEL]: MANAGER,
  };
}

function isRight(found: EndpointSlice, wanted: EndpointSlice): boolean {
  return (
    sameLabels(found.metadata.labels ?? {}, wanted.metadata.labels ?? {}) &&
    portsText(found.ports ?? []) === portsText(wanted.ports ?? []) &&
    sameEndpoints(found.endpoints ?? [], wanted.endpoints ?? [])
  );
}

function sameLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
