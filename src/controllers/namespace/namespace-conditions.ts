import type { UnixSeconds } from '../../base/clock.js';
import type { NamespaceCondition } from '../../client/core-objects.js';
import { formatTime } from '../../kube/time.js';

/** What was found while a namespace was emptied. */
export interface NamespaceContent {
  /** How much there still is of each resource, as `configmaps.` or `leases.coordination.k8s.io`. */
  readonly remaining: ReadonlyMap<string, number>;
  /** How much of it each finalizer holds. */
  readonly finalizers: ReadonlyMap<string, number>;
  /** Why something could not be deleted, or looked for. */
  readonly failures: readonly string[];
  /** Groups with version of which the server could not tell. */
  readonly undiscovered: readonly string[];
}

/** A condition of a namespace that is being deleted, before it is known since when. */
type Finding = Omit<NamespaceCondition, 'lastTransitionTime'>;

const FINE: readonly Finding[] = [
  fine('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
  fine(
    'NamespaceDeletionGroupVersionParsingFailure',
    'ParsedGroupVersions',
    'All legacy kube types successfully parsed',
  ),
  fine(
    'NamespaceDeletionContentFailure',
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ),
  fine('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'),
  fine('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'),
];

function fine(type: string, reason: string, message: string): Finding {
  return { type, status: 'False', reason, message };
}

/**
 * The conditions of a namespace after it was looked at, in the words of kube-controller-manager. Conditions of other
 * types stay; a condition whose status is the same keeps its time. The same array where nothing changes.
 */
export function namespaceConditions(
  before: readonly NamespaceCondition[],
  content: NamespaceContent,
  now: UnixSeconds,
): readonly NamespaceCondition[] {
  const found = findings(content);
  const updated = FINE.map((good): NamespaceCondition => {
    const next = found.find(({ type }) => type === good.type) ?? good;
    const old = before.find(({ type }) => type === good.type);
    if (old?.status === next.status && old.reason === next.reason && old.message === next.message) return old;
    const since = old?.status === next.status ? old.lastTransitionTime : formatTime(now);
    return { ...next, lastTransitionTime: since ?? formatTime(now) };
  });
  if (updated.every((condition) => before.includes(condition))) return before;
  const others = before.filter(({ type }) => !FINE.some((good) => good.type === type));
  return [...others, ...updated];
}

/** What is wrong. */
function findings({ remaining, finalizers, failures, undiscovered }: NamespaceContent): readonly Finding[] {
  const wrong: Finding[] = [];
  const tell = (type: string, reason: string, message: string): void => {
    wrong.push({ type, status: 'True', reason, message });
  };
  if (undiscovered.length > 0) {
    const why = `unable to retrieve the complete list of server APIs: ${undiscovered.join(', ')}`;
    const message = `Discovery failed for some groups, ${undiscovered.length} failing: ${why}`;
    tell('NamespaceDeletionDiscoveryFailure', 'DiscoveryFailed', message);
  }
  if (failures.length > 0) {
    const message = `Failed to delete all resource types, ${failures.length} remaining: ${[...failures].sort().join(', ')}`;
    tell('NamespaceDeletionContentFailure', 'ContentDeletionFailed', message);
  }
  if (remaining.size > 0) {
    const message = `Some resources are remaining: ${countsText(remaining, 'has')}`;
    tell('NamespaceContentRemaining', 'SomeResourcesRemain', message);
  }
  if (finalizers.size > 0) {
    const message = `Some content in the namespace has finalizers remaining: ${countsText(finalizers, 'in')}`;
    tell('NamespaceFinalizersRemaining', 'SomeFinalizersRemain', message);
  }
  return wrong;
}

/** `configmaps. has 1 resource instances, pods. has 2 resource instances`, sorted so that the same is told the same. */
function countsText(counts: ReadonlyMap<string, number>, word: 'has' | 'in'): string {
  const texts = [...counts].map(([name, count]) => `${name} ${word} ${count} resource instances`);
  return texts.sort().join(', ');
}
