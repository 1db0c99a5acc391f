import { metadataField } from '../../kube/object-meta-schema.js';
import type { MessageSchema } from '../../kube/schema.js';
import { ALWAYS, ATOMIC, coreMessage, field, MAP, mergedBy, POINTER, REQUIRED } from '../schema-fields.js';

const taintSchema = coreMessage('Taint', 'What keeps pods away that do not put up with it.', [
  field('key', 1, 'string', 'Its key.', REQUIRED),
  field('value', 2, 'string', 'Its value.'),
  field('effect', 3, 'string', 'NoSchedule, PreferNoSchedule or NoExecute.', REQUIRED),
  field('timeAdded', 4, 'time', 'When it was added.', POINTER),
]);

const configMapSourceSchema = coreMessage('ConfigMapNodeConfigSource', 'A ConfigMap of settings. Removed.', [
  field('namespace', 1, 'string', 'Its namespace.', REQUIRED),
  field('name', 2, 'string', 'Its name.', REQUIRED),
  field('uid', 3, 'string', 'Its UID.'),
  field('resourceVersion', 4, 'string', 'Its version.'),
  field('kubeletConfigKey', 5, 'string', 'The key of the settings.', REQUIRED),
]);

const configSourceSchema = coreMessage('NodeConfigSource', 'Where settings came from. Removed.', [
  field('configMap', 2, configMapSourceSchema, 'A ConfigMap.', POINTER),
]);

const nodeSpecSchema = coreMessage('NodeSpec', 'What a node shall be.', [
  field('podCIDR', 1, 'string', 'The network of its pods.'),
  field('podCIDRs', 7, 'string', 'The networks of its pods, that of podCIDR first; one of each family.', {
    repeated: true,
    patchStrategy: 'merge',
    listType: 'set',
  }),
  field('providerID', 3, 'string', 'What its provider calls it.'),
  field('unschedulable', 4, 'bool', 'Whether new pods are kept away.'),
  field('taints', 5, taintSchema, 'What keeps pods away.', ATOMIC),
  field('configSource', 6, configSourceSchema, 'Where its settings came from. Removed.', POINTER),
  field('externalID', 2, 'string', 'Deprecated: not used any more.'),
]);

const nodeConditionSchema = coreMessage('NodeCondition', 'One thing that is known about a node.', [
  field('type', 1, 'string', 'What it is about, such as Ready.', REQUIRED),
  field('status', 2, 'string', 'True, False or Unknown.', REQUIRED),
  field('lastHeartbeatTime', 3, 'time', 'When the node last told it.', ALWAYS),
  field('lastTransitionTime', 4, 'time', 'When the status last changed.', ALWAYS),
  field('reason', 5, 'string', 'Why, in one word.'),
  field('message', 6, 'string', 'Why, for people.'),
]);

const nodeAddressSchema = coreMessage('NodeAddress', 'A name or an address of a node.', [
  field('type', 1, 'string', 'Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS.', REQUIRED),
  field('address', 2, 'string', 'The name or address.', REQUIRED),
]);

const daemonEndpointsSchema = coreMessage('NodeDaemonEndpoints', 'Where the daemons of a node listen.', [
  field(
    'kubeletEndpoint',
    1,
    coreMessage('DaemonEndpoint', 'Where a daemon listens.', [field('Port', 1, 'int32', 'The port.', REQUIRED)]),
    'The kubelet.',
    ALWAYS,
  ),
]);

const nodeInfoSchema = coreMessage('NodeSystemInfo', 'What runs on a node.', [
  field('machineID', 1, 'string', 'Identifier of the machine.', REQUIRED),
  field('systemUUID', 2, 'string', 'UUID of the machine.', REQUIRED),
  field('bootID', 3, 'string', 'Identifier of its last start.', REQUIRED),
  field('kernelVersion', 4, 'string', 'Version of the kernel.', REQUIRED),
  field('osImage', 5, 'string', 'The operating system, as it calls itself.', REQUIRED),
  field('containerRuntimeVersion', 6, 'string', 'Version of the container runtime.', REQUIRED),
  field('kubeletVersion', 7, 'string', 'Version of the kubelet.', REQUIRED),
  field('kubeProxyVersion', 8, 'string', 'Deprecated: version of kube-proxy.', REQUIRED),
  field('operatingSystem', 9, 'string', 'Kind of the operating system.', REQUIRED),
  field('architecture', 10, 'string', 'Kind of the processor.', REQUIRED),
  field(
    'swap',
    11,
    coreMessage('NodeSwapStatus', 'Swap of a node.', [field('capacity', 1, 'int64', 'How much, in bytes.', POINTER)]),
    'Its swap.',
    POINTER,
  ),
]);

const imageSchema = coreMessage('ContainerImage', 'An image on a node.', [
  field('names', 1, 'string', 'Its names.', { ...ATOMIC, ...ALWAYS }),
  field('sizeBytes', 2, 'int64', 'Its size, in bytes.'),
]);

const attachedVolumeSchema = coreMessage('AttachedVolume', 'A volume that is attached to a node.', [
  field('name', 1, 'string', 'Its name.', REQUIRED),
  field('devicePath', 2, 'string', 'Path of its device.', REQUIRED),
]);

const configStatusSchema = coreMessage('NodeConfigStatus', 'Which settings a node uses. Removed.', [
  field('assigned', 1, configSourceSchema, 'Those it shall use.', POINTER),
  field('active', 2, configSourceSchema, 'Those it uses.', POINTER),
  field('lastKnownGood', 3, configSourceSchema, 'Those to which it falls back.', POINTER),
  field('error', 4, 'string', 'Why it does not use what it shall.'),
]);

const runtimeHandlerSchema = coreMessage('NodeRuntimeHandler', 'A way in which a node runs containers.', [
  field('name', 1, 'string', 'Its name; empty for the usual one.', ALWAYS),
  field(
    'features',
    2,
    coreMessage('NodeRuntimeHandlerFeatures', 'What a runtime can do.', [
      field('recursiveReadOnlyMounts', 1, 'bool', 'Whether read-only mounts hold for mounts within.', POINTER),
      field('userNamespaces', 2, 'bool', 'Whether pods can have users of their own.', POINTER),
    ]),
    'What it can do.',
    POINTER,
  ),
]);

const nodeFeaturesSchema = coreMessage('NodeFeatures', 'What a node can do, whichever runtime it has.', [
  field('supplementalGroupsPolicy', 1, 'bool', 'Whether it heeds supplementalGroupsPolicy.', POINTER),
]);

const nodeStatusSchema = coreMessage('NodeStatus', 'What a node is.', [
  field('capacity', 1, 'quantity', 'All that it has.', MAP),
  field('allocatable', 2, 'quantity', 'What of that is left for pods.', MAP),
  field('phase', 3, 'string', 'Deprecated: conditions tell it.'),
  field('conditions', 4, nodeConditionSchema, 'What is known about it.', mergedBy('type')),
  field('addresses', 5, nodeAddressSchema, 'Its names and addresses.', mergedBy('type')),
  field('daemonEndpoints', 6, daemonEndpointsSchema, 'Where its daemons listen.', ALWAYS),
  field('nodeInfo', 7, nodeInfoSchema, 'What runs on it.', ALWAYS),
  field('images', 8, imageSchema, 'Images that it has.', ATOMIC),
  field('volumesInUse', 9, 'string', 'Volumes that pods mount.', ATOMIC),
  field('volumesAttached', 10, attachedVolumeSchema, 'Volumes that are attached.', ATOMIC),
  field('config', 11, configStatusSchema, 'Which settings it uses. Removed.', POINTER),
  field('runtimeHandlers', 12, runtimeHandlerSchema, 'The ways in which it runs containers.', ATOMIC),
  field('features', 13, nodeFeaturesSchema, 'What it can do.', POINTER),
  field('declaredFeatures', 14, 'string', 'Features on which pods may rely.', ATOMIC),
]);

/** core/v1 Node. */
export const nodeSchema: MessageSchema = coreMessage('Node', 'A machine that runs pods.', [
  metadataField,
  field('spec', 2, nodeSpecSchema, 'What the node shall be.', ALWAYS),
  field('status', 3, nodeStatusSchema, 'What the node is.', ALWAYS),
]);
