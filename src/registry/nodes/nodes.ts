import { dnsSubdomainProblems } from '../../kube/names.js';
import type { Resource, UpdateSubresource } from '../resource.js';
import type { Node, NodeSpec, NodeStatus } from './node.js';
import { NODE_COLUMNS, nodeCells } from './node-cells.js';
import { nodeSchema } from './schema.js';
import { validateNode, validateNodeUpdate } from './validate-node.js';

function setDefaults(node: Node): Node {
  return { ...node, spec: withSameNetworks(node.spec), status: withAllocatable(node.status) };
}

/** `podCIDR` is the first of `podCIDRs`; where they differ, `podCIDR` counts. */
function withSameNetworks(spec: NodeSpec): NodeSpec {
  const { podCIDR = '', podCIDRs = [] } = spec;
  const first = podCIDRs[0] ?? '';
  if (podCIDR === first) return spec;
  return podCIDR === '' ? { ...spec, podCIDR: first } : { ...spec, podCIDRs: [podCIDR] };
}

/** All that a node has is left for pods, unless it says otherwise. */
function withAllocatable(status: NodeStatus): NodeStatus {
  const { capacity, allocatable } = status;
  return allocatable !== undefined || capacity === undefined ? status : { ...status, allocatable: capacity };
}

const status: UpdateSubresource<Node> = {
  kind: 'update',
  table: true,
  verbs: ['get', 'patch', 'update'],
  unconditionalUpdate: true,
  prepareForUpdate: (next, previous) => ({ ...next, spec: previous.spec }),
  validateUpdate: validateNodeUpdate,
};

/** core/v1 nodes. No kubelet speaks for them here: they are what others tell of them. */
export const nodes: Resource<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  resource: 'nodes',
  singular: 'node',
  namespaced: false,
  shortNames: ['no'],
  storageVersionHash: 'XwShjMxG9Fs=',
  schema: nodeSchema,
  keyPrefix: '/registry/minions/',
  strategy: {
    nameProblems: dnsSubdomainProblems,
    createOnUpdate: false,
    unconditionalUpdate: true,
    setDefaults,
    prepareForCreate: (node) => node,
    validate: validateNode,
    prepareForUpdate: (next, previous) => ({ ...next, status: previous.status }),
    validateUpdate: validateNodeUpdate,
  },
  subresources: { status },
  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec.unschedulable === true) },
  unknownFieldText: 'plain',
  columns: NODE_COLUMNS,
  cells: nodeCells,
  deleteAnswer: 'status',
};
