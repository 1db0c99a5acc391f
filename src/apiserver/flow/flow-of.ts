import type { UserInfo } from '../../kube/object-meta.js';
import type { RequestInfo } from '../routing/request-info.js';
import type { FlowKey, PriorityLevel } from './fair-queue.js';

/** Where a request queues, and which rule put it there: words of API Priority and Fairness. */
export interface RequestFlow extends FlowKey {
  readonly schema: string;
}

const EXEMPT: PriorityLevel = { name: 'exempt', weight: 1 };
const SYSTEM: PriorityLevel = { name: 'system', weight: 30 };
const LEADER_ELECTION: PriorityLevel = { name: 'leader-election', weight: 10 };
const WORKLOAD_HIGH: PriorityLevel = { name: 'workload-high', weight: 40 };
const WORKLOAD_LOW: PriorityLevel = { name: 'workload-low', weight: 50 };
const GLOBAL_DEFAULT: PriorityLevel = { name: 'global-default', weight: 50 };
const CATCH_ALL: PriorityLevel = { name: 'catch-all', weight: 5 };

const HEALTH = /^\/(?:healthz|livez|readyz)(?:\/|$)/;
const CONTROL_PLANE: ReadonlySet<string> = new Set(['system:kube-controller-manager', 'system:kube-scheduler']);
const KUBE_SYSTEM = 'system:serviceaccounts:kube-system';

/** Who asks, and from where. */
export interface Asker {
  readonly user: UserInfo;
  readonly inProcess: boolean;
  /** Of the connection; empty for a part of this process. */
  readonly address: string;
}

/**
 * The flow of a request, by the first rule that fits; undefined for probes, which never wait. Users nobody has named
 * are told apart by their address.
 */
export function flowOf({ user, inProcess, address }: Asker, info: RequestInfo): RequestFlow | undefined {
  if (info.kind === 'path' && HEALTH.test(info.path)) return undefined;
  const { username, groups } = user;
  if (inProcess) return { level: WORKLOAD_HIGH, schema: 'own-controllers', user: username, patient: true };
  const flow = (level: PriorityLevel, schema: string, of = username): RequestFlow => ({
    level,
    schema,
    user: of,
    patient: level === EXEMPT,
  });
  if (groups.includes('system:masters')) return flow(EXEMPT, 'exempt');
  if (groups.includes('system:nodes')) return flow(SYSTEM, 'system-nodes');
  const controlPlane = CONTROL_PLANE.has(username);
  if (info.kind === 'resource' && info.resource === 'leases' && (controlPlane || groups.includes(KUBE_SYSTEM))) {
    return flow(LEADER_ELECTION, 'system-leader-election');
  }
  if (controlPlane) return flow(WORKLOAD_HIGH, username.slice('system:'.length));
  if (groups.includes(KUBE_SYSTEM)) return flow(WORKLOAD_HIGH, 'kube-system-service-accounts');
  if (groups.includes('system:serviceaccounts')) return flow(WORKLOAD_LOW, 'service-accounts');
  if (groups.includes('system:unauthenticated')) return flow(CATCH_ALL, 'catch-all', `${username} ${address}`);
  return flow(GLOBAL_DEFAULT, 'global-default');
}
