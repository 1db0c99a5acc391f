import type { OwnerReference } from '../kube/object-meta.js';
import { equalValues } from './equal-values.js';

/** Owners without exact repetitions, and the warning that the API gives where there were any. */
export interface DistinctOwners {
  readonly owners: readonly OwnerReference[] | undefined;
  readonly warning?: string;
}

/** Drops owners that are listed again; the order stays. */
export function distinctOwners(owners: readonly OwnerReference[] | undefined): DistinctOwners {
  if (owners === undefined || owners.length < 2) return { owners };
  const distinct: OwnerReference[] = [];
  const repeated: string[] = [];
  for (const owner of owners) {
    if (!distinct.some((known) => equalValues(known, owner))) distinct.push(owner);
    else if (!repeated.includes(owner.uid)) repeated.push(owner.uid);
  }
  if (repeated.length === 0) return { owners };
  const warning =
    '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may ' +
    `reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: [${repeated.join(' ')}]`;
  return { owners: distinct, warning };
}
