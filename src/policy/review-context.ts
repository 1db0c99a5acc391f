import type { UnixSeconds } from '../base/clock.js';
import type { NormalisedRequest } from '../certificates/normalised-request.js';
import { expressionVariables } from './expression-variables.js';
import type { ProofContext } from './proof-context.js';
import type { RequestedName } from '../certificates/normalised-request.js';
import type { CompiledNames } from './compiled-policy.js';
import type { AccessQuestion } from './facts.js';
import { proveName } from './prove-name.js';
import { reservedBecause } from './reserved-names.js';
import type { GrantedName, NameVerdict, Violation } from './verdict.js';

/** What a policy is asked about. One context serves all policies of one decision. */
export interface ReviewContext extends ProofContext {
  readonly request: NormalisedRequest;
  readonly now: UnixSeconds;
  /** The variables of rules; made when the first rule asks. */
  variables(): Readonly<Record<string, unknown>>;
  /** Why a name of the request is reserved (reservedBecause); looked up once for all policies. */
  reserved(name: RequestedName): string | undefined;
  /** What facts say of a name of the request (proveName); proven once for all policies that grant the same kinds. */
  proof(name: RequestedName, names: CompiledNames): NameVerdict | undefined;
}

/** What a review has come to so far. */
export interface ReviewNotes {
  readonly names: GrantedName[];
  readonly violations: Violation[];
  readonly questions: AccessQuestion[];
}

/** The context of one decision. */
export function createReviewContext(sources: Omit<ReviewContext, 'variables' | 'reserved' | 'proof'>): ReviewContext {
  const { request, identity, facts, settings, now } = sources;
  const sourcesOfProof: ProofContext = { request, identity, facts, settings };
  let variables: Readonly<Record<string, unknown>> | undefined;
  const reserved = new Map<RequestedName, string | undefined>();
  const proofs = new Map<RequestedName, Map<string, NameVerdict | undefined>>();
  return {
    request,
    identity,
    facts,
    settings,
    now,
    variables: () => (variables ??= expressionVariables({ request, identity, facts, now })),
    reserved: (name) => remembered(reserved, name, () => reservedBecause(name, sourcesOfProof)),
    proof: (name, { provable, provableText }) => {
      const byKinds = remembered(proofs, name, () => new Map<string, NameVerdict | undefined>());
      return remembered(byKinds, provableText, () => proveName(name, provable, sourcesOfProof));
    },
  };
}

/** What is known under a key; found out where nothing is, undefined included. */
function remembered<Key, Value>(known: Map<Key, Value>, key: Key, find: () => Value): Value {
  const value = known.get(key);
  if (value !== undefined || known.has(key)) return value as Value; // there is an entry, and this is what is in it
  const found = find();
  known.set(key, found);
  return found;
}
