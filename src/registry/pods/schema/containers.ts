import type { FieldSchema, MessageSchema } from '../../../kube/schema.js';
import { ALWAYS, ATOMIC, coreMessage, field, mergedBy, POINTER, REQUIRED } from '../../schema-fields.js';
import { lifecycleSchema, probeSchema } from './probes.js';
import {
  EMBEDDED_NAME,
  objectFieldSelectorSchema,
  OPTIONAL_TEXT,
  resourceFieldSelectorSchema,
  resourceRequirementsSchema,
} from './references.js';
import { securityContextSchema } from './security.js';

const containerPortSchema = coreMessage('ContainerPort', 'A port on which a container listens.', [
  field('name', 1, 'string', 'Its name, once in a pod.'),
  field('hostPort', 2, 'int32', 'The port of the node that leads to it.'),
  field('containerPort', 3, 'int32', 'The port, from 1 to 65535.', REQUIRED),
  field('protocol', 4, 'string', 'TCP, UDP or SCTP.', { default: 'TCP' }),
  field('hostIP', 5, 'string', 'The address of the node on which the host port is open.'),
]);

function keySelector(name: string, description: string): MessageSchema {
  return coreMessage(
    name,
    description,
    [
      EMBEDDED_NAME,
      field('key', 2, 'string', 'The key.', REQUIRED),
      field('optional', 3, 'bool', OPTIONAL_TEXT, POINTER),
    ],
    { mapType: 'atomic' },
  );
}

const fileKeySelectorSchema = coreMessage(
  'FileKeySelector',
  'Names a variable in a file of a volume.',
  [
    field('volumeName', 1, 'string', 'The volume.', REQUIRED),
    field('path', 2, 'string', 'Path of the file within the volume.', REQUIRED),
    field('key', 3, 'string', 'Name of the variable in the file.', REQUIRED),
    field('optional', 4, 'bool', OPTIONAL_TEXT, POINTER),
  ],
  { mapType: 'atomic' },
);

const configMapKeySelectorSchema = keySelector('ConfigMapKeySelector', 'Names a key of a ConfigMap.');
const secretKeySelectorSchema = keySelector('SecretKeySelector', 'Names a key of a Secret.');

const envVarSourceSchema = coreMessage('EnvVarSource', 'Where the value of a variable comes from.', [
  field('fieldRef', 1, objectFieldSelectorSchema, 'A field of the pod.', POINTER),
  field('resourceFieldRef', 2, resourceFieldSelectorSchema, 'A resource of a container.', POINTER),
  field('configMapKeyRef', 3, configMapKeySelectorSchema, 'A key of a ConfigMap.', POINTER),
  field('secretKeyRef', 4, secretKeySelectorSchema, 'A key of a Secret.', POINTER),
  field('fileKeyRef', 5, fileKeySelectorSchema, 'A variable in a file.', POINTER),
]);

const envVarSchema = coreMessage('EnvVar', 'An environment variable.', [
  field('name', 1, 'string', 'Its name.', REQUIRED),
  field('value', 2, 'string', 'Its value.'),
  field('valueFrom', 3, envVarSourceSchema, 'Where its value comes from.', POINTER),
]);

function envSource(name: string, description: string): MessageSchema {
  return coreMessage(name, description, [EMBEDDED_NAME, field('optional', 2, 'bool', OPTIONAL_TEXT, POINTER)]);
}

const configMapEnvSourceSchema = envSource('ConfigMapEnvSource', 'All values of a ConfigMap as variables.');
const secretEnvSourceSchema = envSource('SecretEnvSource', 'All values of a Secret as variables.');

const envFromSourceSchema = coreMessage('EnvFromSource', 'Variables that come from an object.', [
  field('prefix', 1, 'string', 'What their names begin with.'),
  field('configMapRef', 2, configMapEnvSourceSchema, 'A ConfigMap.', POINTER),
  field('secretRef', 3, secretEnvSourceSchema, 'A Secret.', POINTER),
]);

const volumeMountSchema = coreMessage('VolumeMount', 'A volume in the files of a container.', [
  field('name', 1, 'string', 'Name of the volume.', REQUIRED),
  field('readOnly', 2, 'bool', 'Whether it cannot be written.'),
  field(
    'recursiveReadOnly',
    7,
    'string',
    'The same of what is mounted in it: Disabled, IfPossible or Enabled.',
    POINTER,
  ),
  field('mountPath', 3, 'string', 'Where it is mounted.', REQUIRED),
  field('subPath', 4, 'string', 'The folder of the volume that is mounted; its root when empty.'),
  field('mountPropagation', 5, 'string', 'Whether later mounts pass between node and container.', POINTER),
  field('subPathExpr', 6, 'string', 'The folder, with variables of the environment.'),
]);

const volumeDeviceSchema = coreMessage('VolumeDevice', 'A block device in a container.', [
  field('name', 1, 'string', 'Name of the volume.', REQUIRED),
  field('devicePath', 2, 'string', 'Path of the device.', REQUIRED),
]);

const resizePolicySchema = coreMessage('ContainerResizePolicy', 'What a change of a resource does to a container.', [
  field('resourceName', 1, 'string', 'The resource: cpu or memory.', REQUIRED),
  field('restartPolicy', 2, 'string', 'NotRequired or RestartContainer.', REQUIRED),
]);

const restartRuleExitCodesSchema = coreMessage('ContainerRestartRuleOnExitCodes', 'Which exit codes are meant.', [
  field('operator', 1, 'string', 'In or NotIn.', REQUIRED),
  field('values', 2, 'int32', 'The exit codes.', { repeated: true, listType: 'set' }),
]);

const restartRuleSchema = coreMessage('ContainerRestartRule', 'When a container that ended is started again.', [
  field('action', 1, 'string', 'What is done: Restart or RestartAllContainers.', REQUIRED),
  field('exitCodes', 2, restartRuleExitCodesSchema, 'Which exit codes are meant.', POINTER),
]);

/** The fields of a container; those of ephemeral ones are embedded. */
function containerFields(embedding: Pick<FieldSchema, 'embeddedIn'>): readonly FieldSchema[] {
  const fields: readonly FieldSchema[] = [
    field('name', 1, 'string', 'Its name: a DNS label, once in a pod.', REQUIRED),
    field('image', 2, 'string', 'Name of its image.'),
    field('command', 3, 'string', 'The program; that of the image when empty.', ATOMIC),
    field('args', 4, 'string', 'Arguments of the program; those of the image when empty.', ATOMIC),
    field('workingDir', 5, 'string', 'The folder in which the program starts.'),
    field('ports', 6, containerPortSchema, 'Ports on which it listens.', mergedBy('containerPort', 'protocol')),
    field('envFrom', 19, envFromSourceSchema, 'Objects whose values become variables.', ATOMIC),
    field('env', 7, envVarSchema, 'Environment variables.', mergedBy('name')),
    field('resources', 8, resourceRequirementsSchema, 'What it needs of the node.', ALWAYS),
    field('resizePolicy', 23, resizePolicySchema, 'What a change of its resources does.', ATOMIC),
    field('restartPolicy', 24, 'string', 'Whether it is started again; the pod says when absent.', POINTER),
    field('restartPolicyRules', 25, restartRuleSchema, 'Exceptions from that.', ATOMIC),
    field('volumeMounts', 9, volumeMountSchema, 'Volumes in its files.', mergedBy('mountPath')),
    field('volumeDevices', 21, volumeDeviceSchema, 'Block devices in it.', mergedBy('devicePath')),
    field('livenessProbe', 10, probeSchema, 'Whether it still works; restarted where not.', POINTER),
    field('readinessProbe', 11, probeSchema, 'Whether it can serve; left out of Services where not.', POINTER),
    field('startupProbe', 22, probeSchema, 'Whether it has started; the other probes wait for it.', POINTER),
    field('lifecycle', 12, lifecycleSchema, 'What is done when it starts and stops.', POINTER),
    field('terminationMessagePath', 13, 'string', 'File of its last words.'),
    field('terminationMessagePolicy', 20, 'string', 'Where its last words come from: File or FallbackToLogsOnError.'),
    field('imagePullPolicy', 14, 'string', 'When its image is pulled: Always, IfNotPresent or Never.'),
    field('securityContext', 15, securityContextSchema, 'With which rights it runs.', POINTER),
    field('stdin', 16, 'bool', 'Whether it has a standard input.'),
    field('stdinOnce', 17, 'bool', 'Whether its standard input ends with the first who is attached.'),
    field('tty', 18, 'bool', 'Whether it has a terminal.'),
  ];
  return fields.map((each) => ({ ...each, ...embedding }));
}

/** core/v1 Container. */
export const containerSchema: MessageSchema = coreMessage(
  'Container',
  'One program of a pod, with its files.',
  containerFields({}),
);

/** core/v1 EphemeralContainer. */
export const ephemeralContainerSchema: MessageSchema = coreMessage(
  'EphemeralContainer',
  'A container that somebody adds to a running pod to look into it.',
  [
    ...containerFields({ embeddedIn: 1 }),
    field('targetContainerName', 2, 'string', 'The container whose processes it sees.'),
  ],
);
