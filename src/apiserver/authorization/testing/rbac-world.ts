import type { Clock } from '../../../base/clock.js';
import { FakeClock } from '../../../base/fake-clock.js';
import { silentLogger } from '../../../base/logger.js';
import { clusterRoleBindings } from '../../../registry/clusterrolebindings/clusterrolebindings.js';
import { clusterRoles } from '../../../registry/clusterroles/clusterroles.js';
import { createResourceStore, type ResourceStoreDependencies } from '../../../registry/generic-store.js';
import type { RequestContext } from '../../../registry/resource.js';
import { roleBindings } from '../../../registry/rolebindings/rolebindings.js';
import { roles } from '../../../registry/roles/roles.js';
import { createMemoryStore } from '../../../storage/memory/memory-store.js';
import { serverContext } from '../bootstrap/ensure-policy.js';
import type { RbacOptions, RbacStores } from '../open-rbac.js';

/** Empty stores in memory, and what RBAC over them needs. For tests. */
export interface RbacWorld extends RbacOptions {
  readonly stores: RbacStores;
  readonly clock: Clock;
  readonly context: RequestContext;
}

/** A world without any role. */
export function createRbacWorld(): RbacWorld {
  const clock = new FakeClock();
  let made = 0;
  const dependencies: ResourceStoreDependencies = {
    store: createMemoryStore(),
    clock,
    random: (count) => new Uint8Array(count),
    newUid: () => `uid-${++made}`,
  };
  return {
    stores: {
      roles: createResourceStore(roles, dependencies),
      clusterRoles: createResourceStore(clusterRoles, dependencies),
      roleBindings: createResourceStore(roleBindings, dependencies),
      clusterRoleBindings: createResourceStore(clusterRoleBindings, dependencies),
    },
    clock,
    logger: silentLogger,
    context: serverContext(clock, new AbortController().signal),
  };
}
