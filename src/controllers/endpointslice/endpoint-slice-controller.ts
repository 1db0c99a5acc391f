import type { Random } from '../../base/bytes.js';
import type { Clock } from '../../base/clock.js';
import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import type { EndpointSlice } from '../../client/core-objects.js';
import type { CacheChange } from '../../client/indexed-cache.js';
import { createInformer, type Informer } from '../../client/informer.js';
import { ENDPOINT_SLICES, PODS, SERVICES } from '../../client/resources.js';
import { createController, watched, type Applied, type Controller } from '../runtime/controller.js';
import { namespaceIsLeaving } from '../runtime/namespace-informer.js';
import { decideSlices, MANAGED_BY_LABEL, MANAGER, SERVICE_NAME_LABEL, type Seen, type SliceAction } from './decide.js';
import { podFactsOf, selectorOf, selects, serviceFactsOf, type PodFacts, type ServiceFacts } from './endpoint-facts.js';

/** What the controller is made with. */
export interface EndpointSliceControllerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Keeps EndpointSlices for every Service with a selector, as kube-controller-manager does: which pods back it, at which
 * addresses and ports, and whether they are ready. The slices of Services that are gone are the garbage collector's.
 */
export function createEndpointSliceController(options: EndpointSliceControllerOptions): Controller {
  const { client, clock, random } = options;
  const services = createInformer(client, SERVICES, {
    clock,
    random,
    keep: serviceFactsOf,
    indexes: { namespace: ({ namespace }) => [namespace] },
  });
  const pods = createInformer(client, PODS, {
    clock,
    random,
    keep: podFactsOf,
    indexes: { label: ({ namespace, labels }) => Object.entries(labels).map((pair) => labelKey(namespace, pair)) },
  });
  const slices = createInformer(client, ENDPOINT_SLICES, {
    clock,
    random,
    labelSelector: `${MANAGED_BY_LABEL}=${MANAGER}`,
    keep: (slice) => slice,
    indexes: { service: (slice) => [serviceKeyOf(slice)] },
  });
  return createController<Seen, SliceAction>({
    name: 'endpointslice-controller',
    watches: [
      watched(services),
      watched(pods, (change) => servicesOf(services, change)),
      watched(slices, ({ current, previous }) => [current, previous].flatMap((s) => (s ? [serviceKeyOf(s)] : []))),
    ],
    concurrency: 4,
    observe: (key) => {
      const service = services.get(key);
      return {
        service,
        pods: service === undefined ? [] : podsOf(pods, service),
        slices: slices.keysBy('service', key).flatMap((name) => slices.get(name) ?? []),
      };
    },
    decide: decideSlices,
    apply: (action, signal) => applySlice(client, action, signal),
  });
}

function labelKey(namespace: string, [name, value]: readonly [string, string]): string {
  return `${namespace} ${name}=${value}`;
}

function serviceKeyOf({ metadata }: EndpointSlice): string {
  return `${metadata.namespace ?? ''}/${metadata.labels?.[SERVICE_NAME_LABEL] ?? ''}`;
}

/** The keys of the Services that select a pod, or did before. */
function servicesOf(services: Informer<ServiceFacts>, change: CacheChange<PodFacts>): readonly string[] {
  const { current, previous } = change;
  const namespace = (current ?? previous)?.namespace ?? '';
  return services.keysBy('namespace', namespace).filter((key) => {
    const service = services.get(key);
    if (service === undefined) return false;
    return [current, previous].some((pod) => pod !== undefined && selects(service, pod));
  });
}

/** The pods that a Service selects, in the order of their names. */
function podsOf(pods: Informer<PodFacts>, service: ServiceFacts): readonly PodFacts[] {
  const [pair] = selectorOf(service) ?? [];
  if (pair === undefined) return [];
  const candidates = pods.keysBy('label', labelKey(service.namespace, pair)).flatMap((key) => pods.get(key) ?? []);
  return candidates.filter((pod) => selects(service, pod)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function applySlice(client: Client, action: SliceAction, signal: AbortSignal): Promise<Applied> {
  switch (action.kind) {
    case 'create':
      return createSlice(client, action.slice, signal);
    case 'update':
      return updateSlice(client, action.slice, signal);
    case 'delete':
      return deleteSlice(client, action.slice, signal);
  }
}

/** Makes a slice. One of its name that is ours already is the one that the cache does not know of yet. */
async function createSlice(client: Client, slice: EndpointSlice, signal: AbortSignal): Promise<Applied> {
  const { name = '', namespace = '', ownerReferences } = slice.metadata;
  try {
    await client.create(ENDPOINT_SLICES, slice, { signal });
    return { kind: 'done' };
  } catch (error) {
    if (namespaceIsLeaving(error)) return { kind: 'done' };
    if (!hasHttpCode(error, 409)) throw error;
  }
  const there = await client.get(ENDPOINT_SLICES, name, { namespace, signal });
  const kept = there.metadata.labels?.[MANAGED_BY_LABEL] === MANAGER;
  if (kept && there.metadata.ownerReferences?.[0]?.uid === ownerReferences?.[0]?.uid) return { kind: 'done' };
  // somebody else's: it stays as it is
  const { name: _taken, ...metadata } = slice.metadata;
  const other = { ...slice, metadata: { ...metadata, generateName: name.slice(0, name.lastIndexOf('-') + 1) } };
  await client.create(ENDPOINT_SLICES, other, { signal });
  return { kind: 'done' };
}

async function updateSlice(client: Client, slice: EndpointSlice, signal: AbortSignal): Promise<Applied> {
  try {
    await client.update(ENDPOINT_SLICES, slice, { signal });
  } catch (error) {
    // gone: the cache will say so
    if (hasHttpCode(error, 404)) return { kind: 'done' };
    if (hasHttpCode(error, 409)) return { kind: 'retry', because: error.message };
    throw error;
  }
  return { kind: 'done' };
}

async function deleteSlice(client: Client, { metadata }: EndpointSlice, signal: AbortSignal): Promise<Applied> {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = metadata;
  try {
    await client.delete(ENDPOINT_SLICES, name, { namespace, preconditions: { uid, resourceVersion }, signal });
  } catch (error) {
    if (hasHttpCode(error, 404)) return { kind: 'done' };
    if (hasHttpCode(error, 409)) return { kind: 'retry', because: error.message };
    throw error;
  }
  return { kind: 'done' };
}
