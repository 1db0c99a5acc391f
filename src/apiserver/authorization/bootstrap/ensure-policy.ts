import { secondsOf, type Clock } from '../../../base/clock.js';
import type { KubeObject, ObjectMeta } from '../../../kube/object-meta.js';
import { hasReason } from '../../../kube/status.js';
import type { ObjectKey, ResourceStore } from '../../../registry/resource-store.js';
import type { RequestContext } from '../../../registry/resource.js';
import { equalSemantically } from '../../admission/equal-semantically.js';
import type { ClusterRole } from '../../../registry/clusterroles/clusterroles.js';
import type { Binding, Subject } from '../../../registry/rolebindings/validate-binding.js';
import { RBAC_GROUP } from '../../../registry/roles/roles.js';
import { MASTERS } from '../superusers.js';
import { missingPermissions } from '../rule-cover.js';
import { compactRules } from '../rule-text.js';
import type { BootstrapBinding, BootstrapPolicy, BootstrapRole } from './policy.js';

const AUTOUPDATE = 'rbac.authorization.kubernetes.io/autoupdate';
const API_VERSION = `${RBAC_GROUP}/v1`;

export interface EnsurePolicyOptions {
  readonly clusterRoles: ResourceStore<ClusterRole>;
  readonly clusterRoleBindings: ResourceStore<Binding>;
  readonly policies: readonly BootstrapPolicy[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Brings the bootstrap roles and bindings into the store, at every start: creates what is missing and gives back rules,
 * subjects, labels and annotations that were taken away; what was added stays. Leaves alone what carries the annotation
 * `rbac.authorization.kubernetes.io/autoupdate: "false"`. A binding to another role is replaced.
 */
export async function ensureBootstrapPolicy(options: EnsurePolicyOptions): Promise<void> {
  const { clusterRoles, clusterRoleBindings, policies } = options;
  const context = serverContext(options.clock, options.signal);
  const [roles, bindings] = await Promise.all([byName(clusterRoles), byName(clusterRoleBindings)]);
  // All at once: a durable store flushes them together.
  await Promise.all([
    ...policies.flatMap((policy) =>
      policy.roles.map((role) => ensure(clusterRoles, context, roles.get(role.name), roleObject(role), topUpRole)),
    ),
    ...policies.flatMap((policy) =>
      policy.bindings.map((binding) =>
        ensureBinding(clusterRoleBindings, context, bindings.get(binding.name), bindingObject(binding)),
      ),
    ),
  ]);
}

/** Writes of the server itself: as `system:apiserver`, who may do everything. */
export function serverContext(clock: Clock, signal: AbortSignal): RequestContext {
  return {
    user: { username: 'system:apiserver', groups: [MASTERS] },
    now: secondsOf(clock),
    dryRun: false,
    fieldManager: 'countersign',
    warn: () => undefined,
    signal,
  };
}

async function byName<T extends KubeObject>(store: ResourceStore<T>): Promise<ReadonlyMap<string, T>> {
  const list = await store.list({
    namespace: '',
    filter: { matches: () => true, everything: true },
    resourceVersion: '',
    resourceVersionMatch: '',
  });
  return new Map(list.items.map((item) => [item.metadata.name ?? '', item]));
}

async function ensure<T extends KubeObject>(
  store: ResourceStore<T>,
  context: RequestContext,
  existing: T | undefined,
  wanted: T,
  topUp: (existing: T, wanted: T) => T,
): Promise<void> {
  if (existing === undefined) {
    const other = await createOrRead(store, context, wanted);
    // another replica that starts at the same time has made it, maybe one of another version
    if (other !== undefined) await ensure(store, context, other, wanted, topUp);
    return;
  }
  if (existing.metadata.annotations?.[AUTOUPDATE] === 'false') return;
  if (equalSemantically(topUp(existing, wanted), existing)) return;
  try {
    await store.update(keyOf(wanted), (current) => topUp(current ?? existing, wanted), { context });
  } catch (error) {
    if (!hasReason(error, 'Conflict')) throw error;
    await ensure(store, context, await store.get(keyOf(wanted)), wanted, topUp);
  }
}

async function ensureBinding(
  store: ResourceStore<Binding>,
  context: RequestContext,
  existing: Binding | undefined,
  wanted: Binding,
): Promise<void> {
  const keep = existing === undefined || existing.roleRef?.name === wanted.roleRef?.name;
  const protectedBinding = existing?.metadata.annotations?.[AUTOUPDATE] === 'false';
  if (keep || protectedBinding) {
    await ensure(store, context, existing, wanted, topUpBinding);
    return;
  }
  // A binding cannot be moved to another role.
  await removeIfThere(store, context, keyOf(wanted));
  await createOrRead(store, context, wanted);
}

/** Creates an object; answers the one that is there where somebody else was first. */
async function createOrRead<T extends KubeObject>(
  store: ResourceStore<T>,
  context: RequestContext,
  wanted: T,
): Promise<T | undefined> {
  try {
    await store.create(wanted, { context });
    return undefined;
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error;
    return store.get(keyOf(wanted));
  }
}

async function removeIfThere(store: ResourceStore<Binding>, context: RequestContext, key: ObjectKey): Promise<void> {
  try {
    await store.delete(key, { context });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}

function keyOf({ metadata }: KubeObject): ObjectKey {
  return { namespace: '', name: metadata.name ?? '' };
}

function topUpRole(existing: ClusterRole, wanted: ClusterRole): ClusterRole {
  const metadata = topUpMetadata(existing.metadata, wanted.metadata);
  if (wanted.aggregationRule !== undefined) {
    const own = existing.aggregationRule?.clusterRoleSelectors ?? [];
    const missing = (wanted.aggregationRule.clusterRoleSelectors ?? []).filter(
      (selector) => !own.some((o) => equalSemantically(o, selector)),
    );
    return { ...existing, metadata, aggregationRule: { clusterRoleSelectors: [...own, ...missing] } };
  }
  const rules = existing.rules ?? [];
  const missing = compactRules(missingPermissions(rules, wanted.rules ?? []));
  return { ...existing, metadata, rules: [...rules, ...missing] };
}

function topUpBinding(existing: Binding, wanted: Binding): Binding {
  const own = existing.subjects ?? [];
  const missing = (wanted.subjects ?? []).filter((subject) => !own.some((o) => sameSubject(o, subject)));
  const metadata = topUpMetadata(existing.metadata, wanted.metadata);
  return { ...existing, metadata, subjects: [...own, ...missing] };
}

function sameSubject(a: Subject, b: Subject): boolean {
  return a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');
}

/** What an administrator set stays; what is not there is added. */
function topUpMetadata(existing: ObjectMeta, wanted: ObjectMeta): ObjectMeta {
  return {
    ...existing,
    labels: { ...wanted.labels, ...existing.labels },
    annotations: { ...wanted.annotations, ...existing.annotations },
  };
}

function metadataOf(name: string, labels: Readonly<Record<string, string>> = {}): ObjectMeta {
  return {
    name,
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
    annotations: { [AUTOUPDATE]: 'true' },
  };
}

function roleObject({ name, labels, rules, aggregates }: BootstrapRole): ClusterRole {
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterRole',
    metadata: metadataOf(name, labels),
    rules,
    ...(aggregates === undefined ? {} : { aggregationRule: { clusterRoleSelectors: aggregates } }),
  };
}

function bindingObject({ name, role, subjects }: BootstrapBinding): Binding {
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterRoleBinding',
    metadata: metadataOf(name),
    subjects,
    roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: role },
  };
}
