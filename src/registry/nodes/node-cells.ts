import type { UnixSeconds } from '../../base/clock.js';
import { AGE_COLUMN, ageCell, NAME_COLUMN, textColumn } from '../columns.js';
import type { Cell, Column } from '../resource.js';
import type { Node } from './node.js';

/** What `kubectl get nodes` prints. */
export const NODE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Status', 'Whether it can run pods, and gets new ones.'),
  textColumn('Roles', 'What it is for, as its labels say.'),
  AGE_COLUMN,
  textColumn('Version', 'Version of its kubelet.'),
  textColumn('Internal-IP', 'Its address within the cluster.', 1),
  textColumn('External-IP', 'Its address from outside.', 1),
  textColumn('OS-Image', 'Its operating system.', 1),
  textColumn('Kernel-Version', 'Version of its kernel.', 1),
  textColumn('Container-Runtime', 'Version of its container runtime.', 1),
];

/** One cell for each of these columns. */
export function nodeCells(node: Node, now: UnixSeconds): readonly Cell[] {
  const { nodeInfo = {} } = node.status;
  return [
    node.metadata.name ?? '',
    statusCell(node),
    rolesCell(node),
    ageCell(node, now),
    nodeInfo.kubeletVersion ?? '',
    addressCell(node, 'InternalIP'),
    addressCell(node, 'ExternalIP'),
    orUnknown(nodeInfo.osImage),
    orUnknown(nodeInfo.kernelVersion),
    orUnknown(nodeInfo.containerRuntimeVersion),
  ];
}

function orUnknown(text = ''): string {
  return text === '' ? '<unknown>' : text;
}

function statusCell({ spec, status }: Node): string {
  const ready = status.conditions?.find((c) => c.type === 'Ready');
  const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec.unschedulable === true ? `${state},SchedulingDisabled` : state;
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function rolesCell({ metadata }: Node): string {
  const roles = Object.entries(metadata.labels ?? {}).map(([key, value]) =>
    key.startsWith(ROLE_PREFIX) ? key.slice(ROLE_PREFIX.length) : key === 'kubernetes.io/role' ? value : '',
  );
  const named = [...new Set(roles)].filter((role) => role !== '').sort();
  return named.length === 0 ? '<none>' : named.join(',');
}

function addressCell({ status }: Node, type: string): string {
  return status.addresses?.find((address) => address.type === type)?.address ?? '<none>';
}
