import type { CompiledPolicy, NotReadyPolicy } from './compiled-policy.js';
import type { Identity } from './identity.js';
import { createRequesterIndex } from './requester-index.js';
import type { PolicyReview } from './verdict.js';

/** Policies as decisions look them up. A set never changes: whoever sees a policy change makes a new set. */
export interface PolicySet {
  /** All of them, in the order of their names. */
  readonly policies: readonly (CompiledPolicy | NotReadyPolicy)[];
  /** Those about one signer, in the order of their names. */
  forSigner(signerName: string): readonly (CompiledPolicy | NotReadyPolicy)[];
  /**
   * Asks those about one signer that may concern an identity. All others do not match, whatever the facts are: with them
   * a decision costs what the policies cost that select its requester, however many there are.
   */
  review(signerName: string, identity: Identity, ask: AskPolicy): PolicyReviews;
}

/** What a policy says of the request that is decided about. */
export type AskPolicy = (policy: CompiledPolicy | NotReadyPolicy) => PolicyReview;

/** What the policies about a signer say. */
export interface PolicyReviews {
  /** Of every one of them, in the order of their names. */
  readonly all: readonly PolicyReview[];
  /** Of those that were asked. */
  readonly asked: readonly PolicyReview[];
}

const NONE: readonly never[] = [];
const NO_REVIEWS: PolicyReviews = { all: NONE, asked: NONE };

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
  const reviewers = new Map([...bySigner].map(([signerName, ofSigner]) => [signerName, createReviewer(ofSigner)]));
  return {
    policies: sorted,
    forSigner: (signerName) => bySigner.get(signerName) ?? NONE,
    review: (signerName, identity, ask) => reviewers.get(signerName)?.(identity, ask) ?? NO_REVIEWS,
  };
}

/** Asks the policies of a signer that their index finds, and answers for the others. */
function createReviewer(
  policies: readonly (CompiledPolicy | NotReadyPolicy)[],
): (identity: Identity, ask: AskPolicy) => PolicyReviews {
  const index = createRequesterIndex(policies);
  const unasked = policies.map((policy): PolicyReview | undefined =>
    policy.kind === 'ready' ? policy.noMatch : undefined,
  );
  return (identity, ask) => {
    const all = [...unasked];
    const asked: PolicyReview[] = [];
    for (const place of index.placesFor(identity)) {
      const policy = policies[place];
      if (policy === undefined) continue;
      const review = ask(policy);
      all[place] = review;
      asked.push(review);
    }
    // A policy that is not ready is always asked, so that no place is left open.
    return { all: all as PolicyReview[], asked };
  };
}
