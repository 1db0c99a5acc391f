import { PROVABLE_NAMES, type ProvableName } from '../../certificates/approval-policy.js';
import type { Requester } from '../../certificates/normalised-request.js';
import { withAccessReviews, type AccessReview } from '../facts-snapshot.js';
import { identify } from '../identity.js';
import { proveName } from '../prove-name.js';
import type { ProofContext } from '../proof-context.js';
import { DEFAULT_SETTINGS, type ApprovalSettings } from '../settings.js';
import type { NameVerdict } from '../verdict.js';
import { clusterFacts, type Cluster } from './facts.js';
import { requestOf, type RequestWish } from './requests.js';
import { POD_REQUESTER } from './world.js';

/** What a proof in a test looks at; without a word, the pod of world.ts asks in its cluster. */
export interface ProofWish {
  readonly cluster?: Cluster;
  readonly requester?: Requester;
  readonly request?: RequestWish;
  readonly settings?: Partial<ApprovalSettings>;
  readonly reviews?: readonly AccessReview[];
}

/** The context of a proof. */
export function proofContextOf(wish: ProofWish = {}): ProofContext {
  const { cluster, requester = POD_REQUESTER, request = {}, settings = {}, reviews = [] } = wish;
  const facts = withAccessReviews(clusterFacts(cluster), reviews);
  return {
    request: requestOf({ ...request, requester }),
    identity: identify(requester, facts),
    facts,
    settings: { ...DEFAULT_SETTINGS, ...settings },
  };
}

/** Every kind of provable name. */
export const EVERY_KIND: ReadonlySet<ProvableName> = new Set(PROVABLE_NAMES);

/** What facts say of a name, written as in a certificate; its type is seen from its shape. */
export function verdictOf(
  text: string,
  wish: ProofWish = {},
  kinds: readonly ProvableName[] = PROVABLE_NAMES,
): NameVerdict | undefined {
  const type = /^[0-9.]+$|:(?!\/\/)/.test(text)
    ? 'ip'
    : text.includes('://')
      ? 'uri'
      : text.includes('@')
        ? 'email'
        : 'dns';
  return proveName({ type, text, path: 'subjectAltNames[0]' }, new Set(kinds), proofContextOf(wish));
}

/** A verdict in one line: `proven PodIP: pod shop/web-7f holds it`. */
export function verdictText(verdict: NameVerdict | undefined): string {
  if (verdict === undefined) return 'no kind';
  return `${verdict.kind}${verdict.kind === 'proven' ? ` ${verdict.grantedBy}` : ''}: ${verdict.because}`;
}
