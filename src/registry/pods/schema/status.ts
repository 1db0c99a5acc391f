import type { MessageSchema } from '../../../kube/schema.js';
import {
  ALWAYS,
  ATOMIC,
  coreMessage,
  field,
  MAP,
  mergedBy,
  POINTER,
  REQUIRED,
  retainedBy,
} from '../../schema-fields.js';
import { resourceRequirementsSchema } from './references.js';

const podConditionSchema = coreMessage('PodCondition', 'One thing that is known about a pod.', [
  field('type', 1, 'string', 'What it is about, such as Ready.', REQUIRED),
  field('observedGeneration', 7, 'int64', 'The generation of the pod that it is about.'),
  field('status', 2, 'string', 'True, False or Unknown.', REQUIRED),
  field('lastProbeTime', 3, 'time', 'When it was last looked at.', ALWAYS),
  field('lastTransitionTime', 4, 'time', 'When the status last changed.', ALWAYS),
  field('reason', 5, 'string', 'Why, in one word.'),
  field('message', 6, 'string', 'Why, for people.'),
]);

const containerStateSchema = coreMessage('ContainerState', 'What a container does: one of three.', [
  field(
    'waiting',
    1,
    coreMessage('ContainerStateWaiting', 'A container that has not started.', [
      field('reason', 1, 'string', 'Why, in one word.'),
      field('message', 2, 'string', 'Why, for people.'),
    ]),
    'It has not started.',
    POINTER,
  ),
  field(
    'running',
    2,
    coreMessage('ContainerStateRunning', 'A container that runs.', [
      field('startedAt', 1, 'time', 'Since when.', ALWAYS),
    ]),
    'It runs.',
    POINTER,
  ),
  field(
    'terminated',
    3,
    coreMessage('ContainerStateTerminated', 'A container that has ended.', [
      field('exitCode', 1, 'int32', 'Its exit code.', REQUIRED),
      field('signal', 2, 'int32', 'The signal that ended it.'),
      field('reason', 3, 'string', 'Why, in one word.'),
      field('message', 4, 'string', 'Its last words.'),
      field('startedAt', 5, 'time', 'When it started.', ALWAYS),
      field('finishedAt', 6, 'time', 'When it ended.', ALWAYS),
      field('containerID', 7, 'string', 'Which one it was.'),
    ]),
    'It has ended.',
    POINTER,
  ),
]);

const volumeStatusSchema = coreMessage('VolumeStatus', 'What is known about a volume.', [
  field(
    'image',
    1,
    coreMessage('ImageVolumeStatus', 'The image of a volume.', [
      field('imageRef', 1, 'string', 'Its digest.', REQUIRED),
    ]),
    'The image that is mounted.',
    POINTER,
  ),
]);

const volumeMountStatusSchema = coreMessage('VolumeMountStatus', 'How a volume was mounted.', [
  field('name', 1, 'string', 'Name of the volume.', REQUIRED),
  field('mountPath', 2, 'string', 'Where it is mounted.', REQUIRED),
  field('readOnly', 3, 'bool', 'Whether it cannot be written.'),
  field('recursiveReadOnly', 4, 'string', 'The same of what is mounted in it.', POINTER),
  field('volumeStatus', 5, volumeStatusSchema, 'What is known about the volume.', POINTER),
]);

const containerUserSchema = coreMessage('ContainerUser', 'As whom a container started.', [
  field(
    'linux',
    1,
    coreMessage('LinuxContainerUser', 'As whom a container of Linux started.', [
      field('uid', 1, 'int64', 'The user.', REQUIRED),
      field('gid', 2, 'int64', 'The group.', REQUIRED),
      field('supplementalGroups', 3, 'int64', 'Further groups.', ATOMIC),
    ]),
    'On Linux.',
    POINTER,
  ),
]);

const resourceHealthSchema = coreMessage('ResourceHealth', 'Whether a device works.', [
  field('resourceID', 1, 'string', 'Which device.', REQUIRED),
  field('health', 2, 'string', 'Healthy, Unhealthy or Unknown.'),
  field('message', 6, 'string', 'Why, for people.', POINTER),
]);

const resourceStatusSchema = coreMessage('ResourceStatus', 'Whether the devices of a resource work.', [
  field('name', 1, 'string', 'Name of the resource.', REQUIRED),
  field('resources', 2, resourceHealthSchema, 'Each of its devices.', {
    repeated: true,
    listType: 'map',
    listMapKeys: ['resourceID'],
  }),
]);

const containerStatusSchema = coreMessage('ContainerStatus', 'What is known about a container.', [
  field('name', 1, 'string', 'Its name.', REQUIRED),
  field('state', 2, containerStateSchema, 'What it does.', ALWAYS),
  field('lastState', 3, containerStateSchema, 'What the one before it did.', ALWAYS),
  field('ready', 4, 'bool', 'Whether it can serve.', REQUIRED),
  field('restartCount', 5, 'int32', 'How often it was started again.', REQUIRED),
  field('image', 6, 'string', 'Name of its image.', REQUIRED),
  field('imageID', 7, 'string', 'Digest of its image.', REQUIRED),
  field('containerID', 8, 'string', 'Which one it is: type://id.'),
  field('started', 9, 'bool', 'Whether it has passed its startup probe.', POINTER),
  field('allocatedResources', 10, 'quantity', 'What the node keeps free for it.', MAP),
  field('resources', 11, resourceRequirementsSchema, 'What it has.', POINTER),
  field('volumeMounts', 12, volumeMountStatusSchema, 'How its volumes were mounted.', mergedBy('mountPath')),
  field('user', 13, containerUserSchema, 'As whom it started.', POINTER),
  field('allocatedResourcesStatus', 14, resourceStatusSchema, 'Whether its devices work.', mergedBy('name')),
  field('stopSignal', 15, 'string', 'The signal that stops it.', POINTER),
]);

const resourceClaimStatusSchema = coreMessage('PodResourceClaimStatus', 'The claim that was made for the pod.', [
  field('name', 1, 'string', 'Name of the entry of resourceClaims.', REQUIRED),
  field('resourceClaimName', 2, 'string', 'Name of the claim; none was needed when absent.', POINTER),
]);

const extendedResourceRequestSchema = coreMessage(
  'ContainerExtendedResourceRequest',
  'Which request of a claim stands for a resource of a container.',
  [
    field('containerName', 1, 'string', 'The container.', REQUIRED),
    field('resourceName', 2, 'string', 'The resource.', REQUIRED),
    field('requestName', 3, 'string', 'The request.', REQUIRED),
  ],
);

const extendedResourceClaimStatusSchema = coreMessage(
  'PodExtendedResourceClaimStatus',
  'The claim that was made for extended resources.',
  [
    field('requestMappings', 1, extendedResourceRequestSchema, 'Its requests.', { ...ATOMIC, ...REQUIRED }),
    field('resourceClaimName', 2, 'string', 'Name of the claim.', REQUIRED),
  ],
);

const nodeAllocatableClaimSchema = coreMessage(
  'NodeAllocatableResourceClaimStatus',
  'What a claim takes of the resources of the node.',
  [
    field('resourceClaimName', 1, 'string', 'Name of the claim.', REQUIRED),
    field('containers', 2, 'string', 'The containers that use it.', { repeated: true, listType: 'set' }),
    field('resources', 3, 'quantity', 'What it takes.', MAP),
  ],
);

const podIPSchema = coreMessage('PodIP', 'An address of a pod.', [field('ip', 1, 'string', 'The address.', REQUIRED)]);

const hostIPSchema = coreMessage('HostIP', 'An address of the node of a pod.', [
  field('ip', 1, 'string', 'The address.', REQUIRED),
]);

/** core/v1 PodStatus. */
export const podStatusSchema: MessageSchema = coreMessage('PodStatus', 'What a pod is.', [
  field('observedGeneration', 17, 'int64', 'The generation of the pod that it is about.'),
  field('phase', 1, 'string', 'Pending, Running, Succeeded, Failed or Unknown.'),
  field('conditions', 2, podConditionSchema, 'What is known about it.', mergedBy('type')),
  field('message', 3, 'string', 'Why it is so, for people.'),
  field('reason', 4, 'string', 'Why it is so, in one word.'),
  field('nominatedNodeName', 11, 'string', 'The node on which others make room for it.'),
  field('hostIP', 5, 'string', 'Address of its node.'),
  field('hostIPs', 16, hostIPSchema, 'Addresses of its node, that of hostIP first.', {
    repeated: true,
    patchStrategy: 'merge',
    patchMergeKey: 'ip',
    listType: 'atomic',
  }),
  field('podIP', 6, 'string', 'Its address.'),
  field('podIPs', 12, podIPSchema, 'Its addresses, that of podIP first; one of each family.', mergedBy('ip')),
  field('startTime', 7, 'time', 'When its node took it up.', POINTER),
  field('initContainerStatuses', 10, containerStatusSchema, 'Its init containers.', ATOMIC),
  field('containerStatuses', 8, containerStatusSchema, 'Its containers.', ATOMIC),
  field('qosClass', 9, 'string', 'Guaranteed, Burstable or BestEffort, as its resources say.'),
  field('ephemeralContainerStatuses', 13, containerStatusSchema, 'Its ephemeral containers.', ATOMIC),
  field('resize', 14, 'string', 'How a change of its resources goes. Deprecated: conditions tell it.'),
  field('resourceClaimStatuses', 15, resourceClaimStatusSchema, 'Claims that were made for it.', retainedBy('name')),
  field('extendedResourceClaimStatus', 18, extendedResourceClaimStatusSchema, 'Claim of extended resources.', POINTER),
  field('allocatedResources', 19, 'quantity', 'What the node keeps free for it.', MAP),
  field('resources', 20, resourceRequirementsSchema, 'What it has.', POINTER),
  field('nodeAllocatableResourceClaimStatuses', 21, nodeAllocatableClaimSchema, 'What claims take of the node.', {
    repeated: true,
    listType: 'map',
    listMapKeys: ['resourceClaimName'],
  }),
]);
