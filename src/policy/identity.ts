import type { Requester } from '../certificates/normalised-request.js';
import type { NodeFacts, PodFacts, ServiceAccountFacts } from './facts.js';

/**
 * Who asks, as far as it can be shown. The strongest kind that holds completely; anything less is the weaker one.
 */
export type Identity =
  | {
      readonly kind: 'pod';
      readonly requester: Requester;
      readonly pod: PodFacts;
      readonly account: ServiceAccountFacts;
    }
  | {
      readonly kind: 'serviceAccount';
      readonly requester: Requester;
      readonly namespace: string;
      readonly name: string;
      /** The live account where its uid and the groups fit; without it, it proves nothing. */
      readonly account?: ServiceAccountFacts;
      /** Why this is no pod. */
      readonly because: string;
      /** Whether that may change by itself: a pod or an account that is not seen yet. */
      readonly mayGrow: boolean;
    }
  | { readonly kind: 'node'; readonly requester: Requester; readonly nodeName: string; readonly node?: NodeFacts }
  | { readonly kind: 'user'; readonly requester: Requester };
