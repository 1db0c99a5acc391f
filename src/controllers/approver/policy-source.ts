import type { Random } from '../../base/bytes.js';
import type { Clock } from '../../base/clock.js';
import type { ApprovalPolicy } from '../../certificates/approval-policy.js';
import type { Client } from '../../client/client.js';
import { createInformer, type Informer } from '../../client/informer.js';
import { APPROVAL_POLICIES } from '../../client/resources.js';
import { compileOrExplain } from '../../policy/compile-policy.js';
import type { CompiledPolicy, NotReadyPolicy } from '../../policy/compiled-policy.js';
import { createPolicySet, type PolicySet } from '../../policy/policy-set.js';
import type { ExpressionEngine } from '../../policy/expression.js';

/** The policies that the approver goes by, as they are at any time. */
export interface PolicySource {
  /** Caches to run; none where policies are fixed. */
  readonly informers: readonly Informer<KnownPolicy>[];
  /** All policies. */
  policies(): PolicySet;
  /** Calls `listener` with the signerNames whose policies changed; the answer ends that. */
  onChange(listener: (signerNames: ReadonlySet<string>) => void): () => void;
}

/** A policy of the API, and what became of it. */
export interface KnownPolicy {
  readonly policy: ApprovalPolicy;
  readonly compiled: CompiledPolicy | NotReadyPolicy;
}

/** What the policies of an API server are read with. */
export interface PolicyCacheOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly engine: ExpressionEngine;
}

/** The ApprovalPolicies of an API server. */
export function createPolicyCache({ client, clock, random, engine }: PolicyCacheOptions): PolicySource {
  const informer: Informer<KnownPolicy> = createInformer(client, APPROVAL_POLICIES, {
    clock,
    random,
    keep: (policy) => {
      // One that is on its way out approves nothing any more.
      if ((policy.metadata.deletionTimestamp ?? null) !== null) return undefined;
      const known = informer.get(policy.metadata.name ?? '');
      return known !== undefined && isSameVersion(known.policy, policy)
        ? { policy, compiled: known.compiled }
        : { policy, compiled: compileOrExplain(policy, engine) };
    },
  });
  let set: PolicySet | undefined;
  informer.onChange(() => {
    set = undefined;
  });
  return {
    informers: [informer],
    policies: () => {
      set ??= createPolicySet([...informer.values()].map(({ compiled }) => compiled));
      return set;
    },
    onChange: (listener) =>
      informer.onChange(({ current, previous }) => {
        if (current?.compiled === previous?.compiled) return; // its status was written
        const names = [previous, current].flatMap((known) => known?.compiled.signerNames ?? []);
        listener(new Set(names));
      }),
  };
}

/** These policies and no others, for ever. */
export function fixedPolicies(compiled: readonly CompiledPolicy[]): PolicySource {
  const set = createPolicySet(compiled);
  return { informers: [], policies: () => set, onChange: () => () => undefined };
}

function isSameVersion(one: ApprovalPolicy, other: ApprovalPolicy): boolean {
  const { uid, generation } = one.metadata;
  return generation !== undefined && generation === other.metadata.generation && uid === other.metadata.uid;
}
