import type { ProvableName } from '../certificates/approval-policy.js';
import { isDnsLabel } from '../kube/names.js';
import { backsService } from './backs-service.js';
import type { PodFacts, ServiceFacts } from './facts.js';
import { contradicted, listed, objectText, onlyPods, unknown, type ProofContext } from './proof-context.js';
import { isPublicSuffixLabel } from './public-suffix.js';
import { shownText } from './shown-text.js';
import type { NameVerdict } from './verdict.js';

/** Names of a Service belong to the pods that back it. */
export function proveServiceName(
  { service, namespace }: { readonly service: string; readonly namespace: string },
  grantedBy: ProvableName,
  context: ProofContext,
): NameVerdict {
  const { identity, facts } = context;
  if (identity.kind !== 'pod') return onlyPods(identity);
  const foreign = foreignService(service, namespace, identity.pod);
  if (foreign !== undefined) return foreign;
  const found = facts.service(namespace, service);
  return found === undefined ? missing(service, namespace) : proveBacking(identity.pod, found, grantedBy, context);
}

/**
 * `<service>` and `<service>.<namespace>` also mean other things to other resolvers: they are refused where the last
 * label is a public suffix, and where a Node has that name.
 */
export function proveShortServiceName(
  name: { readonly service: string; readonly namespace: string | undefined },
  grantedBy: 'ServiceBareDNS' | 'ServiceNamespaceDNS',
  context: ProofContext,
): NameVerdict {
  const { identity, facts } = context;
  if (identity.kind !== 'pod') return onlyPods(identity);
  const last = name.namespace ?? name.service;
  if (isDnsLabel(last) && isPublicSuffixLabel(last))
    return contradicted(`${shownText(last)} is a public suffix: the name may be one of the Internet`);
  const text = name.namespace === undefined ? name.service : `${name.service}.${name.namespace}`;
  const node = facts.node(text) ?? facts.nodesByAddress(text)[0];
  if (node !== undefined) return contradicted(`it is a name of ${objectText('node', node)}`);
  return proveServiceName(
    { service: name.service, namespace: name.namespace ?? identity.pod.namespace },
    grantedBy,
    context,
  );
}

/** `<hostname>.<service>.<namespace>.svc.<domain>` belongs to the pod that its headless Service knows by that name. */
export function proveStablePodName(labels: readonly string[], context: ProofContext): NameVerdict {
  const { identity, facts } = context;
  if (identity.kind !== 'pod') return onlyPods(identity);
  const { pod } = identity;
  const [hostname = '', service = '', namespace = ''] = labels;
  const foreign = foreignService(service, namespace, pod);
  if (foreign !== undefined) return foreign;
  const podText = objectText('pod', pod);
  if (pod.hostname === '') return contradicted(`${podText} has no spec.hostname`);
  if (pod.hostname !== hostname) return contradicted(`the spec.hostname of ${podText} is ${shownText(pod.hostname)}`);
  if (pod.subdomain !== service) {
    const has =
      pod.subdomain === ''
        ? `${podText} has no spec.subdomain`
        : `the spec.subdomain of ${podText} is ${shownText(pod.subdomain)}`;
    return contradicted(has);
  }
  const found = facts.service(namespace, service);
  if (found === undefined) return missing(service, namespace);
  return found.headless
    ? proveBacking(pod, found, 'StablePodDNS', context)
    : contradicted(`${objectText('Service', found)} is not headless: it gives its pods no names`);
}

/**
 * A cluster IP belongs to the pods that back its Service. Undefined where no Service has it: it may be the address of a
 * pod. External IPs and those of load balancers are whatever somebody writes, and prove nothing.
 */
export function proveServiceClusterIp(text: string, context: ProofContext): NameVerdict | undefined {
  const services = context.facts.servicesByIp(text).filter(({ clusterIPs }) => clusterIPs.includes(text));
  const [service, ...more] = services;
  if (service === undefined) return undefined;
  const { identity } = context;
  if (identity.kind !== 'pod') return onlyPods(identity);
  return more.length === 0
    ? proveBacking(identity.pod, service, 'ServiceClusterIP', context)
    : unknown(`it is a cluster IP of ${listed(services.map((each) => objectText('Service', each)))}`);
}

function proveBacking(
  pod: PodFacts,
  service: ServiceFacts,
  grantedBy: ProvableName,
  { facts }: ProofContext,
): NameVerdict {
  const backing = backsService(pod, service, facts);
  switch (backing.kind) {
    case 'backs':
      return {
        kind: 'proven',
        grantedBy,
        because: `${objectText('pod', pod)} backs ${objectText('Service', service)}`,
        evidence: backing.evidence,
      };
    case 'waits':
      return unknown(backing.because);
    case 'foreign':
      return contradicted(backing.because);
  }
}

function missing(service: string, namespace: string): NameVerdict {
  return unknown(`there is no ${objectText('Service', { namespace, name: service })} yet`);
}

/** The verdict where the name can be of no Service that the pod could ever back. */
function foreignService(service: string, namespace: string, pod: PodFacts): NameVerdict | undefined {
  if (!isDnsLabel(service) || !isDnsLabel(namespace)) return contradicted('no Service can have this name');
  return namespace === pod.namespace
    ? undefined
    : contradicted(
        `only pods of namespace ${namespace} back its Services, and ${objectText('pod', pod)} is in another`,
      );
}
