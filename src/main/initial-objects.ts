import type { Clock } from '../base/clock.js';
import { serverContext } from '../apiserver/authorization/bootstrap/ensure-policy.js';
import { TRUST_NAMESPACE } from '../authority/trust-root.js';
import { heartbeatName } from '../client/heartbeat.js';
import type { KubeObject } from '../kube/object-meta.js';
import { hasReason } from '../kube/status.js';
import type { ResourceStore } from '../registry/resource-store.js';
import { AUTHENTICATION_CONFIG_MAP } from './publish-authentication.js';

export interface InitialObjectsOptions {
  readonly namespaces: ResourceStore;
  readonly roles: ResourceStore;
  readonly roleBindings: ResourceStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Namespaces that every API server has. */
const NAMESPACES = ['default', 'kube-system', TRUST_NAMESPACE, 'kube-node-lease'];

const RBAC = 'rbac.authorization.k8s.io';
const TRUST_READER = 'countersign:trust-reader';

const HEARTBEATS = {
  apiGroups: ['coordination.k8s.io'],
  resources: ['leases'],
  resourceNames: [heartbeatName('signer'), heartbeatName('approver')],
  verbs: ['get'],
};

/** Lets every authenticated user read the trust roots that signers publish, and see whether signer and approver work. */
const trustReader = {
  apiVersion: `${RBAC}/v1`,
  kind: 'Role',
  metadata: { name: TRUST_READER, namespace: TRUST_NAMESPACE },
  rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }, HEARTBEATS],
};

const trustReaderBinding = {
  apiVersion: `${RBAC}/v1`,
  kind: 'RoleBinding',
  metadata: { name: TRUST_READER, namespace: TRUST_NAMESPACE },
  roleRef: { apiGroup: RBAC, kind: 'Role', name: TRUST_READER },
  subjects: [{ apiGroup: RBAC, kind: 'Group', name: 'system:authenticated' }],
};

const AUTHENTICATION_READER = 'extension-apiserver-authentication-reader';
const { namespace, name: AUTHENTICATION } = AUTHENTICATION_CONFIG_MAP;

/** Lets those who read it read how users of this server are known. */
const authenticationReader = {
  apiVersion: `${RBAC}/v1`,
  kind: 'Role',
  metadata: { name: AUTHENTICATION_READER, namespace },
  rules: [
    { apiGroups: [''], resources: ['configmaps'], resourceNames: [AUTHENTICATION], verbs: ['get', 'list', 'watch'] },
  ],
};

const authenticationReaderBinding = {
  apiVersion: `${RBAC}/v1`,
  kind: 'RoleBinding',
  metadata: { name: `system::${AUTHENTICATION_READER}`, namespace },
  roleRef: { apiGroup: RBAC, kind: 'Role', name: AUTHENTICATION_READER },
  subjects: ['system:kube-controller-manager', 'system:kube-scheduler'].map((name) => ({
    apiGroup: RBAC,
    kind: 'User',
    name,
  })),
};

/** Makes what must be there from the first start, where it is missing. What is there is left as it is. */
export async function ensureInitialObjects(options: InitialObjectsOptions): Promise<void> {
  const context = serverContext(options.clock, options.signal);
  const ensure = async (store: ResourceStore, object: KubeObject): Promise<void> => {
    try {
      await store.create(object, { context });
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
    }
  };
  await Promise.all([
    ...NAMESPACES.map((name) =>
      // spec and status are there in every decoded namespace, and strategies count on them
      ensure(options.namespaces, {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name },
        ...{ spec: {}, status: {} },
      }),
    ),
    ensure(options.roles, trustReader),
    ensure(options.roleBindings, trustReaderBinding),
    ensure(options.roles, authenticationReader),
    ensure(options.roleBindings, authenticationReaderBinding),
  ]);
}
