import type { Clock } from '../../base/clock.js';
import { messageOf } from '../../base/error.js';
import type { Logger } from '../../base/logger.js';
import { fromMetaLabelSelector, matchesLabels } from '../../kube/label-selector.js';
import { hasReason, notFound } from '../../kube/status.js';
import type { RequestContext } from '../../registry/resource.js';
import type { ResourceStore } from '../../registry/resource-store.js';
import { equalSemantically } from '../admission/equal-semantically.js';
import { serverContext } from './bootstrap/ensure-policy.js';
import type { Rbac } from './open-rbac.js';
import type { ClusterRole } from '../../registry/clusterroles/clusterroles.js';
import { RBAC_GROUP } from '../../registry/roles/roles.js';
import type { PolicyRule } from '../../registry/roles/validate-rules.js';

export interface RoleAggregationOptions {
  readonly rbac: Pick<Rbac, 'clusterRoles' | 'onClusterRole'>;
  readonly store: ResourceStore<ClusterRole>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Aggregation at work. */
export interface RoleAggregation {
  /** Resolves when every aggregated role holds what it should, or a write has failed. */
  settled(): Promise<void>;
  close(): void;
}

/**
 * Keeps the rules of ClusterRoles with an aggregationRule equal to the union of the roles that they select, as
 * kube-controller-manager does. Starts with what is there, and follows every change of a ClusterRole. A failed write is
 * tried again with the next change.
 */
export function startRoleAggregation(options: RoleAggregationOptions): RoleAggregation {
  const { rbac, logger } = options;
  const stopping = new AbortController();
  let changed = true;
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    while (changed && !stopping.signal.aborted) {
      changed = false;
      await aggregateAll(options, stopping.signal);
    }
  };
  const start = (): void => {
    running ??= run().then(ended, (error: unknown) => {
      running = undefined;
      logger.warn('Could not aggregate ClusterRoles', { error: messageOf(error) });
    });
  };
  const ended = (): void => {
    running = undefined;
    if (changed && !stopping.signal.aborted) start(); // changed after the last look
  };
  const unsubscribe = rbac.onClusterRole(() => {
    changed = true;
    start();
  });
  start();
  return {
    settled: async () => {
      while (running !== undefined) await running;
    },
    close: () => {
      unsubscribe();
      stopping.abort();
    },
  };
}

async function aggregateAll({ rbac, store, clock }: RoleAggregationOptions, signal: AbortSignal): Promise<void> {
  const roles = [...rbac.clusterRoles.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  for (const role of roles) {
    if (role.aggregationRule === undefined || signal.aborted) continue;
    const rules = aggregatedRules(role, roles);
    if (equalSemantically(rules, role.rules)) continue;
    await writeRules(store, role, rules, serverContext(clock, signal));
  }
}

/**
 * Writes the rules if the role is still the one that was looked at: one that was deleted, or that somebody wrote since,
 * is left as it is. Its change is on its way here, and is looked at then. So replicas may all do this: what one that
 * lags behind has gathered never stands in place of what is newer.
 */
async function writeRules(
  store: ResourceStore<ClusterRole>,
  seen: ClusterRole,
  rules: readonly PolicyRule[],
  context: RequestContext,
): Promise<void> {
  const name = nameOf(seen);
  try {
    await store.update(
      { namespace: '', name },
      (current) => {
        if (current === undefined) throw notFound({ group: RBAC_GROUP, resource: 'clusterroles' }, name);
        const isSeen = current.metadata.resourceVersion === seen.metadata.resourceVersion;
        return isSeen ? { ...current, rules } : current;
      },
      { context },
    );
  } catch (error) {
    if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
  }
}

/** The union of the rules of the roles that `role` selects, itself excepted; `roles` come in order of name. */
export function aggregatedRules(role: ClusterRole, roles: readonly ClusterRole[]): readonly PolicyRule[] {
  const rules: PolicyRule[] = [];
  const known = new Set<string>();
  for (const meta of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const selector = fromMetaLabelSelector(meta);
    if (selector === undefined) continue;
    for (const other of roles) {
      if (nameOf(other) === nameOf(role) || !matchesLabels(selector, other.metadata.labels)) continue;
      for (const rule of other.rules ?? []) {
        const identity = identityOf(rule);
        if (known.has(identity)) continue;
        known.add(identity);
        rules.push(rule);
      }
    }
  }
  return rules;
}

function identityOf({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
  return JSON.stringify([verbs, apiGroups, resources, resourceNames, nonResourceURLs].map((list) => list ?? []));
}

function nameOf({ metadata }: ClusterRole): string {
  return metadata.name ?? '';
}
