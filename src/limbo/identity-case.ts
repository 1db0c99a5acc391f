import type { Requester } from '../certificates/normalised-request.js';
import type { FactStore } from '../policy/fact-store.js';
import type { GeneralName } from '../x509/general-name.js';
import { requesterOf } from './shop.js';

/**
 * A request that is honest in its bytes, from somebody who is not what it takes, or in a cluster where the name is not
 * (any more, yet, alone) the requester's. What the approver's policy grants are the pod's own names.
 */
export interface IdentityCase {
  /** `identity/…`, or `facts/…` where the cluster is the point. */
  readonly id: string;
  readonly title: string;
  readonly history?: string;
  /** Default: pod `web-1`, by a token bound to it. */
  readonly requester?: Requester;
  /** Default: the DNS name of Service `web`. */
  readonly names?: readonly GeneralName[];
  /** What is different in the cluster. */
  readonly change?: (facts: FactStore) => void;
  /** `withholds`: denied or deferred. */
  readonly expect: 'approves' | 'denies' | 'defers' | 'withholds';
}

const EXTRA = 'authentication.kubernetes.io/';

/** The requester of pod `web-1` with other extras of the API server's; undefined takes one away. */
export function withExtra(changes: Readonly<Record<string, readonly string[] | undefined>>): Requester {
  const web = requesterOf('web');
  const extra: Record<string, readonly string[]> = { ...web.extra };
  for (const [name, values] of Object.entries(changes)) {
    if (values === undefined) Reflect.deleteProperty(extra, EXTRA + name);
    else extra[EXTRA + name] = values;
  }
  return { ...web, extra };
}
