import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { ResourceStore } from '../../registry/resource-store.js';
import type { Authorizer } from './authorizer.js';
import { openObjectCache, type ObjectCache, type ObjectListener } from './object-cache.js';
import { createRbacAuthorizer, type RuleResolver } from './rbac-authorizer.js';
import { RbacIndex } from './rbac-index.js';
import type { ClusterRole } from '../../registry/clusterroles/clusterroles.js';
import type { Binding } from '../../registry/rolebindings/validate-binding.js';

/** The stores that RBAC reads. */
export interface RbacStores {
  readonly roles: ResourceStore<ClusterRole>;
  readonly clusterRoles: ResourceStore<ClusterRole>;
  readonly roleBindings: ResourceStore<Binding>;
  readonly clusterRoleBindings: ResourceStore<Binding>;
}

export interface RbacOptions {
  readonly stores: RbacStores;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** RBAC at work: decides, and follows every change of roles and bindings. */
export interface Rbac extends Authorizer, RuleResolver {
  readonly index: RbacIndex;
  /** Every ClusterRole, as `onClusterRole` listeners see them. */
  readonly clusterRoles: ObjectCache<ClusterRole>;
  /** Calls back after each change of a ClusterRole; the answer ends it. */
  onClusterRole(listener: () => void): () => void;
  close(): void;
}

/** Reads all roles and bindings, and resolves when decisions can be made. */
export async function openRbac(options: RbacOptions): Promise<Rbac> {
  const { stores, clock, logger } = options;
  const index = new RbacIndex();
  const listeners = new Set<() => void>();
  const setRole: ObjectListener<ClusterRole> = (namespace, name, role) => {
    index.setRole(namespace, name, role);
    if (namespace === '') for (const listener of listeners) listener();
  };
  const setBinding: ObjectListener<Binding> = (namespace, name, binding) => index.setBinding(namespace, name, binding);
  const common = { clock, logger };
  const [clusterRoles, ...others] = await Promise.all([
    openObjectCache({ ...common, store: stores.clusterRoles, onChange: setRole }),
    openObjectCache({ ...common, store: stores.roles, onChange: setRole }),
    openObjectCache({ ...common, store: stores.clusterRoleBindings, onChange: setBinding }),
    openObjectCache({ ...common, store: stores.roleBindings, onChange: setBinding }),
  ]);
  return {
    ...createRbacAuthorizer(index),
    index,
    clusterRoles,
    onClusterRole: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      for (const cache of [clusterRoles, ...others]) cache.close();
    },
  };
}
