import type { EndpointSliceFacts, Facts, PodFacts, ServiceFacts } from './facts.js';
import { evidenceOf, objectText } from './proof-context.js';
import type { Evidence } from './verdict.js';

/** Whether a pod backs a Service. */
export type Backing =
  | { readonly kind: 'backs'; readonly evidence: readonly Evidence[] }
  /** Selected, but not all of it is there yet. */
  | { readonly kind: 'waits'; readonly because: string }
  /** It is a Service of others. */
  | { readonly kind: 'foreign'; readonly because: string };

/**
 * A pod backs a Service of its namespace that selects it by labels now, where a slice that this very Service controls has
 * an endpoint for this very pod. The selector is what people say, the slice is what the cluster made of it: a slice
 * written by hand, or left by a Service that had the name before, proves nothing. Readiness is not asked: a server needs
 * its certificate to become ready.
 */
export function backsService(pod: PodFacts, service: ServiceFacts, facts: Facts): Backing {
  const because = foreignBecause(pod, service);
  if (because !== undefined) return { kind: 'foreign', because };
  const text = objectText('Service', service);
  if (service.deleting) return { kind: 'waits', because: `${text} is being deleted` };
  const slice = sliceOf(service, facts.slicesByPod(pod.uid));
  if (slice === undefined) {
    return { kind: 'waits', because: `no EndpointSlice of ${text} has ${objectText('pod', pod)} yet` };
  }
  return {
    kind: 'backs',
    evidence: [evidenceOf('Pod', pod), evidenceOf('Service', service), evidenceOf('EndpointSlice', slice)],
  };
}

function foreignBecause(pod: PodFacts, service: ServiceFacts): string | undefined {
  const text = objectText('Service', service);
  if (service.namespace !== pod.namespace) {
    return `${text} is in another namespace than ${objectText('pod', pod)}`;
  }
  if (service.type === 'ExternalName') return `${text} is an ExternalName, which no pod backs`;
  const wanted = Object.entries(service.selector);
  if (wanted.length === 0) return `${text} has no selector: its endpoints are whatever somebody writes`;
  return wanted.every(([key, value]) => Object.hasOwn(pod.labels, key) && pod.labels[key] === value)
    ? undefined
    : `the selector of ${text} does not match ${objectText('pod', pod)}`;
}

function sliceOf(service: ServiceFacts, slices: readonly EndpointSliceFacts[]): EndpointSliceFacts | undefined {
  return slices.find(
    ({ serviceUid, namespace }) => serviceUid !== '' && serviceUid === service.uid && namespace === service.namespace,
  );
}
