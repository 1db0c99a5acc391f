import type { IdentityStrength, PolicyKey, PolicySubject, ProvableName } from '../certificates/approval-policy.js';
import type { IpNetwork } from '../base/ip-network.js';
import type { LabelSelector } from '../kube/label-selector.js';
import type { CompiledExpression } from './expression.js';
import type { Evidence, PolicyReference, PolicyReview } from './verdict.js';

/**
 * An ApprovalPolicy that was checked whole, in the form in which it is asked: defaults filled in, lists as sets, rules
 * compiled. It never changes.
 */
export interface CompiledPolicy {
  readonly kind: 'ready';
  readonly reference: PolicyReference;
  /** The policy in the version that was compiled: what its explicit grants rest on. */
  readonly evidence: readonly Evidence[];
  readonly mode: 'Enforce' | 'Shadow';
  readonly onViolation: 'Deny' | 'Defer';
  readonly signerNames: readonly string[];
  readonly requesters: CompiledRequesters;
  readonly minimumIdentity: IdentityStrength;
  readonly names: CompiledNames;
  readonly subject: CompiledSubject;
  readonly keys: CompiledKeys;
  readonly usages: CompiledUsages;
  readonly maxExpirationSeconds?: number;
  readonly rules: readonly CompiledRule[];
  /** What it says where its requesters do not name who asks; made once, as most policies say it of most requests. */
  readonly noMatch: Extract<PolicyReview, { readonly kind: 'noMatch' }>;
}

/** A policy that cannot be applied. It approves nothing, and nothing is denied while there is one for the signer. */
export interface NotReadyPolicy {
  readonly kind: 'notReady';
  readonly reference: PolicyReference;
  readonly mode: 'Enforce' | 'Shadow';
  /** What it would be about, as far as that can be read. */
  readonly signerNames: readonly string[];
  /** In one sentence, without full stop. */
  readonly because: string;
}

/** Whose requests a policy looks at. */
export interface CompiledRequesters {
  readonly serviceAccounts: readonly CompiledServiceAccounts[];
  readonly users: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly nodes: boolean;
}

/** One entry of `requesters.serviceAccounts`: all that is there must hold. */
export interface CompiledServiceAccounts {
  readonly namespaces?: ReadonlySet<string>;
  readonly namespaceSelector?: LabelSelector;
  readonly names?: ReadonlySet<string>;
}

/** Which names a policy grants. DNS names are in lower case, addresses in canonical form. */
export interface CompiledNames {
  readonly provable: ReadonlySet<ProvableName>;
  /** The same in one text, equal for equal sets. */
  readonly provableText: string;
  readonly ownNode: boolean;
  readonly nodeAddresses: CompiledPatterns;
  readonly explicit: CompiledPatterns;
  readonly uris: ReadonlySet<string>;
  readonly emails: ReadonlySet<string>;
  readonly wildcards: ReadonlySet<string>;
  readonly reservedNames: ReadonlySet<string>;
  readonly maxCount: number;
}

/** Patterns of DNS names, and networks. */
export interface CompiledPatterns {
  readonly dns: readonly string[];
  readonly cidrs: readonly IpNetwork[];
}

/** What a subject may hold: the values by the OID of their attribute. */
export interface CompiledSubject {
  readonly commonName: NonNullable<PolicySubject['commonName']>;
  readonly values: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Which keys are taken. */
export interface CompiledKeys {
  readonly kinds: readonly PolicyKey[];
  /** All of it in words: `RSA from 2048 bits, ECDSA on P-256, or Ed25519`. */
  readonly text: string;
}

/** Which usages must and may be asked for. */
export interface CompiledUsages {
  readonly required: readonly string[];
  readonly allowed: ReadonlySet<string>;
  /** What is allowed, in words. */
  readonly text: string;
}

/** A rule that compiled. */
export interface CompiledRule {
  readonly name: string;
  readonly message: string;
  readonly condition: CompiledExpression<boolean>;
}
