import type { OwnerReference } from '../kube/object-meta.js';

/** Owners without exact repetitions, and the warning that the API gives where there were any. */
export interface DistinctOwners {
  readonly owners: readonly OwnerReference[] | undefined;
  readonly warning?: string;
}

/** Drops owners that are listed again; the order stays. */
export function distinctOwners(owners: readonly OwnerReference[] | undefined): DistinctOwners {
  if (owners === undefined || owners.length < 2) return { owners };
  // Anybody's list, and before it is validated: comparing each with each would hold up everybody for hours.
  const distinct = new Map<string, OwnerReference>();
  const repeated = new Set<string>();
  for (const owner of owners) {
    const identity = identityOf(owner);
    if (distinct.has(identity)) repeated.add(owner.uid);
    else distinct.set(identity, owner);
  }
  if (repeated.size === 0) return { owners };
  const warning =
    '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may ' +
    `reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: [${[...repeated].join(' ')}]`;
  return { owners: [...distinct.values()], warning };
}

/** A text that is equal for equal owners. */
function identityOf({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }: OwnerReference): string {
  return JSON.stringify([apiVersion, kind, name, uid, controller, blockOwnerDeletion]);
}
