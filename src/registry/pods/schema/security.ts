import type { MessageSchema } from '../../../kube/schema.js';
import { ATOMIC, coreMessage, field, POINTER, REQUIRED } from '../../schema-fields.js';

const seLinuxOptionsSchema = coreMessage('SELinuxOptions', 'An SELinux label.', [
  field('user', 1, 'string', 'Its user.'),
  field('role', 2, 'string', 'Its role.'),
  field('type', 3, 'string', 'Its type.'),
  field('level', 4, 'string', 'Its level.'),
]);

const windowsOptionsSchema = coreMessage('WindowsSecurityContextOptions', 'Settings of Windows containers.', [
  field('gmsaCredentialSpecName', 1, 'string', 'Name of the credential spec of a GMSA.', POINTER),
  field('gmsaCredentialSpec', 2, 'string', 'The credential spec itself.', POINTER),
  field('runAsUserName', 3, 'string', 'The user that runs the program.', POINTER),
  field('hostProcess', 4, 'bool', 'Whether it runs as a process of the host.', POINTER),
]);

const seccompProfileSchema = coreMessage('SeccompProfile', 'Which system calls are allowed.', [
  field('type', 1, 'string', 'RuntimeDefault, Localhost or Unconfined.', REQUIRED),
  field('localhostProfile', 2, 'string', 'File of the profile on the node, for Localhost.', POINTER),
]);

const appArmorProfileSchema = coreMessage('AppArmorProfile', 'The AppArmor profile.', [
  field('type', 1, 'string', 'RuntimeDefault, Localhost or Unconfined.', REQUIRED),
  field('localhostProfile', 2, 'string', 'Name of the profile on the node, for Localhost.', POINTER),
]);

const capabilitiesSchema = coreMessage('Capabilities', 'Capabilities of Linux, besides the usual ones.', [
  field('add', 1, 'string', 'Capabilities that are added.', ATOMIC),
  field('drop', 2, 'string', 'Capabilities that are taken away.', ATOMIC),
]);

const sysctlSchema = coreMessage('Sysctl', 'A setting of the kernel.', [
  field('name', 1, 'string', 'Its name.', REQUIRED),
  field('value', 2, 'string', 'Its value.', REQUIRED),
]);

/** core/v1 SecurityContext, of a container. */
export const securityContextSchema: MessageSchema = coreMessage(
  'SecurityContext',
  'With which rights a container runs.',
  [
    field('capabilities', 1, capabilitiesSchema, 'Capabilities of Linux.', POINTER),
    field('privileged', 2, 'bool', 'Whether it is as good as root on the node.', POINTER),
    field('seLinuxOptions', 3, seLinuxOptionsSchema, 'Its SELinux label.', POINTER),
    field('windowsOptions', 10, windowsOptionsSchema, 'Settings of Windows.', POINTER),
    field('runAsUser', 4, 'int64', 'The user that runs the program.', POINTER),
    field('runAsGroup', 8, 'int64', 'The group that runs the program.', POINTER),
    field('runAsNonRoot', 5, 'bool', 'Whether a program that would run as root is not started.', POINTER),
    field('readOnlyRootFilesystem', 6, 'bool', 'Whether the files of the image cannot be written.', POINTER),
    field('allowPrivilegeEscalation', 7, 'bool', 'Whether a program may gain more rights than its parent.', POINTER),
    field('procMount', 9, 'string', 'How /proc is mounted: Default or Unmasked.', POINTER),
    field('seccompProfile', 11, seccompProfileSchema, 'Which system calls are allowed.', POINTER),
    field('appArmorProfile', 12, appArmorProfileSchema, 'The AppArmor profile.', POINTER),
  ],
);

/** core/v1 PodSecurityContext. */
export const podSecurityContextSchema: MessageSchema = coreMessage(
  'PodSecurityContext',
  'With which rights all containers run.',
  [
    field('seLinuxOptions', 1, seLinuxOptionsSchema, 'Their SELinux label.', POINTER),
    field('windowsOptions', 8, windowsOptionsSchema, 'Settings of Windows.', POINTER),
    field('runAsUser', 2, 'int64', 'The user that runs the programs.', POINTER),
    field('runAsGroup', 6, 'int64', 'The group that runs the programs.', POINTER),
    field('runAsNonRoot', 3, 'bool', 'Whether a program that would run as root is not started.', POINTER),
    field('supplementalGroups', 4, 'int64', 'Further groups of the programs.', ATOMIC),
    field('supplementalGroupsPolicy', 12, 'string', 'Merge with the groups of the image, or Strict.', POINTER),
    field('fsGroup', 5, 'int64', 'The group that owns the volumes.', POINTER),
    field('sysctls', 7, sysctlSchema, 'Settings of the kernel.', ATOMIC),
    field('fsGroupChangePolicy', 9, 'string', 'When owners are changed: Always or OnRootMismatch.', POINTER),
    field('seccompProfile', 10, seccompProfileSchema, 'Which system calls are allowed.', POINTER),
    field('appArmorProfile', 11, appArmorProfileSchema, 'The AppArmor profile.', POINTER),
    field('seLinuxChangePolicy', 13, 'string', 'How volumes are labelled: Recursive or MountOption.', POINTER),
  ],
);
