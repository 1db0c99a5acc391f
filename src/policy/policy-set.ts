import type { CompiledPolicy, NotReadyPolicy } from './compiled-policy.js';

/** Policies as decisions look them up. A set never changes: whoever sees a policy change makes a new set. */
export interface PolicySet {
  /** All of them, in the order of their names. */
  readonly policies: readonly (CompiledPolicy | NotReadyPolicy)[];
  /** Those about one signer, in the order of their names. */
  forSigner(signerName: string): readonly (CompiledPolicy | NotReadyPolicy)[];
}

const NONE: readonly never[] = [];

/** A set of policies. Of two with one name the later counts. */
export function createPolicySet(policies: readonly (CompiledPolicy | NotReadyPolicy)[]): PolicySet {
  const byName = new Map(policies.map((policy) => [policy.reference.name, policy]));
  const sorted = [...byName.values()].sort((a, b) => (a.reference.name < b.reference.name ? -1 : 1));
  const bySigner = new Map<string, (CompiledPolicy | NotReadyPolicy)[]>();
  for (const policy of sorted) {
    for (const signerName of new Set(policy.signerNames)) {
      const others = bySigner.get(signerName);
      if (others === undefined) bySigner.set(signerName, [policy]);
      else others.push(policy);
    }
  }
  return { policies: sorted, forSigner: (signerName) => bySigner.get(signerName) ?? NONE };
}
