import { dnsLabelProblems, dnsSubdomainProblems } from '../../kube/names.js';
import type { Resource } from '../resource.js';
import type { Pod } from './pod.js';
import { POD_COLUMNS, podCells, podRowCondition } from './pod-cells.js';
import { withAdmissionDefaults, withPodDefaults } from './pod-defaults.js';
import { qosClassOf } from './qos-class.js';
import { podSchema } from './schema/pod.js';
import { beginDelete, type NodeLookup } from './pod-deletion.js';
import { status } from './status.js';
import { validatePod } from './validate-pod.js';
import { validatePodUpdate } from './validate-pod-update.js';

function prepareForCreate(pod: Pod): Pod {
  const filled = withAdmissionDefaults(pod);
  return { ...filled, status: { phase: 'Pending', qosClass: qosClassOf(filled) } };
}

/** A name with dots is fine for an object, but not for a host. */
function warningsFor({ metadata: { name = '' } }: Pod, previous: Pod | undefined): readonly string[] {
  const problems = previous === undefined ? dnsLabelProblems(name) : [];
  if (problems.length === 0) return [];
  const what =
    "this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended";
  return [`metadata.name: ${what}: [${problems.join(' ')}]`];
}

/** Fields by which pods can be selected. */
const SELECTABLE: NonNullable<Resource<Pod>['selectableFields']> = {
  'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
  'spec.host': ({ spec }) => spec.nodeName ?? '', // its name of old
  'spec.restartPolicy': ({ spec }) => spec.restartPolicy ?? '',
  'spec.schedulerName': ({ spec }) => spec.schedulerName ?? '',
  'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
  'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork === true),
  'status.phase': ({ status: { phase = '' } }) => phase,
  'status.podIP': ({ status: { podIP = '' } }) => podIP,
  'status.podIPs': ({ status: { podIP = '' } }) => podIP,
  'status.nominatedNodeName': ({ status: { nominatedNodeName = '' } }) => nominatedNodeName,
};

/** What pods need of others. */
export interface PodsDependencies {
  /** Whether there is a node of that name: a pod on one that is gone has nobody who would end it. */
  readonly nodeExists: NodeLookup;
}

/** core/v1 pods. Nothing runs them here: they are what others tell of them. */
export function createPods({ nodeExists }: PodsDependencies): Resource<Pod> {
  return {
    group: '',
    version: 'v1',
    kind: 'Pod',
    resource: 'pods',
    singular: 'pod',
    namespaced: true,
    shortNames: ['po'],
    categories: ['all'],
    storageVersionHash: 'xPOwRZ+Yhw8=',
    schema: podSchema,
    keyPrefix: '/registry/pods/',
    strategy: {
      nameProblems: dnsSubdomainProblems,
      createOnUpdate: false,
      unconditionalUpdate: true,
      countsGenerations: true,
      setDefaults: withPodDefaults,
      prepareForCreate,
      validate: validatePod,
      prepareForUpdate: (next, previous) => ({ ...next, status: previous.status }),
      validateUpdate: validatePodUpdate,
      warningsFor,
      beginDelete: (pod, context, wished) => beginDelete(pod, context.now, wished, nodeExists),
    },
    subresources: { status },
    selectableFields: SELECTABLE,
    unknownFieldText: 'plain',
    columns: POD_COLUMNS,
    cells: podCells,
    rowCondition: podRowCondition,
    deleteAnswer: 'object',
  };
}
