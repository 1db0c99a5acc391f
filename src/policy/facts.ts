// What a decision may rest on: the few fields of cluster objects that prove a name, in one slim form that caches hold,
// records keep and tests write by hand. Addresses are spelled as RFC 5952 or dotted decimal, DNS names in lower case.

/** What every fact tells of its object. */
export interface ObjectFacts {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** A pod. */
export interface PodFacts extends ObjectFacts {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccountName: string;
  /** Empty while it is not scheduled. */
  readonly nodeName: string;
  readonly hostNetwork: boolean;
  /** spec.hostname and spec.subdomain; empty where unset. */
  readonly hostname: string;
  readonly subdomain: string;
  readonly phase: string;
  /** Whether it has a deletionTimestamp. */
  readonly deleting: boolean;
  readonly ips: readonly string[];
  readonly hostIPs: readonly string[];
}

/** A Service. */
export interface ServiceFacts extends ObjectFacts {
  readonly namespace: string;
  readonly type: string;
  /** spec.selector; empty where there is none. */
  readonly selector: Readonly<Record<string, string>>;
  readonly headless: boolean;
  /** Cluster IPs; `None` is no address. */
  readonly clusterIPs: readonly string[];
  readonly externalIPs: readonly string[];
  /** status.loadBalancer.ingress. */
  readonly ingressIPs: readonly string[];
  readonly ingressHostnames: readonly string[];
  readonly deleting: boolean;
}

/** An EndpointSlice. */
export interface EndpointSliceFacts extends ObjectFacts {
  readonly namespace: string;
  /** The uid of the Service that controls it (ownerReferences); empty where none does. */
  readonly serviceUid: string;
  /** The uids of the pods that its endpoints point at (targetRef). */
  readonly podUids: readonly string[];
  /** Every address in it, whoever wrote it. */
  readonly addresses: readonly string[];
}

/** A Node. */
export interface NodeFacts extends ObjectFacts {
  /** status.addresses that are IP addresses. */
  readonly ips: readonly string[];
  /** status.addresses that are names. */
  readonly dnsNames: readonly string[];
  readonly deleting: boolean;
}

/** A Namespace. */
export interface NamespaceFacts extends ObjectFacts {
  readonly labels: Readonly<Record<string, string>>;
  readonly deleting: boolean;
}

/** A ServiceAccount. */
export interface ServiceAccountFacts extends ObjectFacts {
  readonly namespace: string;
  readonly deleting: boolean;
}

/** Somebody for whom a public key is on record. */
export interface KeyHolder {
  /** The CertificateRecord. */
  readonly record: string;
  /** Name of the request that is on record. */
  readonly requestName: string;
  /** As identityKey says it: who holds the key. */
  readonly identityKey: string;
}

/** A question to the API server's authorizer about the requester (a SubjectAccessReview). */
export interface AccessQuestion {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
}

/** Whether the caches behind the facts may be believed. */
export type FactsStanding =
  | { readonly kind: 'fresh' }
  /** Something has not been read completely since the start. */
  | { readonly kind: 'syncing'; readonly resources: readonly string[] }
  /** Nothing has been heard of a resource for longer than the bound. */
  | { readonly kind: 'silent'; readonly resource: string; readonly seconds: number };

/**
 * Everything that decisions look up. Answers come from memory; a lookup never waits. What is not there is undefined or
 * empty. No answer may be changed.
 */
export interface Facts {
  readonly standing: FactsStanding;
  pod(namespace: string, name: string): PodFacts | undefined;
  /** Pods that hold an address, whatever their phase. */
  podsByIp(ip: string): readonly PodFacts[];
  service(namespace: string, name: string): ServiceFacts | undefined;
  /** Services that hold an address: cluster, external or ingress. The names of load balancers are found here, too. */
  servicesByIp(ip: string): readonly ServiceFacts[];
  endpointSlice(namespace: string, name: string): EndpointSliceFacts | undefined;
  /** Slices with an endpoint that points at the pod of this uid. */
  slicesByPod(podUid: string): readonly EndpointSliceFacts[];
  node(name: string): NodeFacts | undefined;
  /** Nodes that report an address or a DNS name as theirs. */
  nodesByAddress(address: string): readonly NodeFacts[];
  namespace(name: string): NamespaceFacts | undefined;
  serviceAccount(namespace: string, name: string): ServiceAccountFacts | undefined;
  /** Who has had a request with this key approved, by publicKeyDigest. */
  keyHolders(publicKeyDigest: string): readonly KeyHolder[];
  /** The authorizer's answer about the requester of the request in question; undefined: it was not asked. */
  accessReview(question: AccessQuestion): 'allowed' | 'denied' | undefined;
}
