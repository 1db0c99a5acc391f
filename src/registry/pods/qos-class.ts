import { quantityNanos } from '../../kube/quantity.js';
import type { Pod, ResourceRequirements } from './pod.js';

/** Resources that decide the class. */
const COUNTED = ['cpu', 'memory'] as const;

/**
 * How well a pod is kept when its node runs short: Guaranteed where each container gets exactly what it may use at
 * most, BestEffort where nothing is said, Burstable between them. What is said of the whole pod counts alone.
 */
export function qosClassOf({ spec }: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const parts = spec.resources === undefined ? containers.map((c) => c.resources) : [spec.resources];
  if (parts.every((part) => amountsOf(part.requests).size === 0 && amountsOf(part.limits).size === 0)) {
    return 'BestEffort';
  }
  return parts.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

function isGuaranteed({ limits, requests }: ResourceRequirements): boolean {
  const [most, least] = [amountsOf(limits), amountsOf(requests)];
  return COUNTED.every((name) => most.has(name) && most.get(name) === least.get(name));
}

/** The counted resources of which there is any. */
function amountsOf(quantities: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, bigint> {
  const amounts = new Map<string, bigint>();
  for (const name of COUNTED) {
    const nanos = quantityNanos(quantities?.[name] ?? '0') ?? 0n;
    if (nanos > 0n) amounts.set(name, nanos);
  }
  return amounts;
}
