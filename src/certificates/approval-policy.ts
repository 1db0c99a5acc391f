import type { KubeObject } from '../kube/object-meta.js';

/** The group and version of our own kinds. */
export const COUNTERSIGN_GROUP = 'countersign.dev';
export const COUNTERSIGN_VERSION = 'v1alpha1';

/**
 * Kinds of name that follow from who asks and from what the cluster looks like. The last two are names that more than
 * one Service can have in the eyes of a resolver: a policy must list them by name, and no example does.
 */
export const PROVABLE_NAMES = [
  'PodIP',
  'PodDNS',
  'PodIPDNS',
  'ServiceDNS',
  'ServiceClusterIP',
  'StablePodDNS',
  'SPIFFE',
  'KubeletClient',
  'ServiceNamespaceDNS',
  'ServiceBareDNS',
] as const;

/**
 * PodIP: an address of the pod. PodDNS: `<pod>.<ns>.pod.<domain>`. PodIPDNS: `10-0-0-7.<ns>.pod.<domain>`. ServiceDNS:
 * `<svc>.<ns>.svc` and `<svc>.<ns>.svc.<domain>`. ServiceClusterIP: a cluster IP of a Service that the pod backs.
 * StablePodDNS: `<hostname>.<svc>.<ns>.svc.<domain>`. SPIFFE: `spiffe://<trust domain>/ns/<ns>/sa/<sa>`. KubeletClient:
 * the subject of a kubelet's client certificate, where the API server says that the requester may ask for it.
 * ServiceNamespaceDNS: `<svc>.<ns>`. ServiceBareDNS: `<svc>`.
 */
export type ProvableName = (typeof PROVABLE_NAMES)[number];

/** Identities from weak to strong, as policies name the least that they take. */
export const IDENTITY_STRENGTHS = ['User', 'Node', 'ServiceAccount', 'Pod'] as const;

/**
 * The least identity a policy takes. User: whoever the requesters name. Node: nodes. ServiceAccount: service accounts,
 * also those of pods. Pod: pods only.
 */
export type IdentityStrength = (typeof IDENTITY_STRENGTHS)[number];

/** Service accounts by namespace and name. All that is given must hold; an empty selector means every namespace. */
export interface ServiceAccountRequesters {
  readonly namespaces?: readonly string[];
  readonly namespaceSelector?: LabelSelectorSpec;
  /** Names of service accounts; absent: all of these namespaces. */
  readonly names?: readonly string[];
}

/** meta/v1 LabelSelector. */
export interface LabelSelectorSpec {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** Whose requests a policy looks at: one match in any list is enough; there must be at least one entry. */
export interface PolicyRequesters {
  readonly serviceAccounts?: readonly ServiceAccountRequesters[];
  readonly users?: readonly string[];
  readonly groups?: readonly string[];
  /** Every node, by its own credentials. */
  readonly nodes?: boolean;
}

/**
 * Which names may be asked for. DNS patterns: a literal, `*.zone` (exactly one label more), or `**.zone` (one or more).
 * What none of these grants is not granted.
 */
export interface PolicyNames {
  /** Kinds that are granted where they are proven. */
  readonly provable?: readonly ProvableName[];
  /** A node's own name: CN = its username with O = system:nodes, and DNS = its metadata.name. */
  readonly ownNode?: boolean;
  /** Further names and addresses that the node's own Node object reports, within these bounds. */
  readonly nodeAddresses?: { readonly dns?: readonly string[]; readonly cidrs?: readonly string[] };
  /** Granted without proof, by pattern: a team's zone. Never reserved names, never names inside the cluster domain. */
  readonly dns?: readonly string[];
  readonly cidrs?: readonly string[];
  /** URIs, each literally. */
  readonly uris?: readonly string[];
  /** Email addresses, each literally. */
  readonly emails?: readonly string[];
  /** Wildcard DNS names that may be asked for, each literally. */
  readonly wildcards?: readonly string[];
  /** Reserved names and addresses that may be asked for, each literally, by whoever the policy matches. */
  readonly reservedNames?: readonly string[];
  /** Most names in one request. Default 10. */
  readonly maxCount?: number;
}

/** What a subject may hold besides a common name that is one of the granted names. */
export interface PolicySubject {
  /** Default Optional. */
  readonly commonName?: 'Forbidden' | 'Optional' | 'Required';
  /** Values that may be asked for; absent: none. */
  readonly organizations?: readonly string[];
  readonly organizationalUnits?: readonly string[];
  readonly countries?: readonly string[];
  readonly localities?: readonly string[];
  readonly provinces?: readonly string[];
}

/** One kind of key that is taken. */
export interface PolicyKey {
  readonly algorithm: 'RSA' | 'ECDSA' | 'Ed25519';
  /** RSA only. Default 2048. */
  readonly minimumBits?: number;
  /** ECDSA only; absent: P-256, P-384 and P-521. */
  readonly curves?: readonly ('P-256' | 'P-384' | 'P-521')[];
}

/** A condition in CEL over `request`, `identity` and `facts`; it must be true. */
export interface PolicyRule {
  readonly name: string;
  readonly expression: string;
  /** What a violation says; default: the name of the rule. */
  readonly message?: string;
}

/** countersign.dev/v1alpha1 ApprovalPolicySpec. */
export interface ApprovalPolicySpec {
  /** Default Enforce. Shadow: what it would have done is told, and nothing is done. */
  readonly mode?: 'Enforce' | 'Shadow';
  /** Default Defer: a person decides. */
  readonly onViolation?: 'Deny' | 'Defer';
  /** Exact names; no wildcard. */
  readonly signerNames: readonly string[];
  readonly requesters: PolicyRequesters;
  /** Default Pod where `requesters.serviceAccounts` is given, else User; requesters with less do not match. */
  readonly minimumIdentity?: IdentityStrength;
  readonly names: PolicyNames;
  readonly subject?: PolicySubject;
  /** Absent: RSA from 2048 bits, ECDSA on P-256, P-384 and P-521, Ed25519. */
  readonly keys?: readonly PolicyKey[];
  readonly usages: { readonly required?: readonly string[]; readonly allowed: readonly string[] };
  /** Longest lifetime; a request must say a lifetime where this is given. */
  readonly maxExpirationSeconds?: number;
  readonly rules?: readonly PolicyRule[];
}

/** One condition of a policy. */
export interface PolicyCondition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string | null;
  readonly reason?: string;
  readonly message?: string;
}

/** countersign.dev/v1alpha1 ApprovalPolicy: who may have which certificate without a person looking. */
export interface ApprovalPolicy extends KubeObject {
  readonly spec: ApprovalPolicySpec;
  readonly status?: { readonly conditions?: readonly PolicyCondition[] };
}
