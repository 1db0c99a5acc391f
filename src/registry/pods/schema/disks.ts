import type { MessageSchema } from '../../../kube/schema.js';
import { ATOMIC, coreMessage, field, MAP, POINTER, REQUIRED } from '../../schema-fields.js';
import { localObjectReferenceSchema } from '../../serviceaccounts/schema.js';

const FS_TYPE = 'Kind of its file system; ext4 unless told otherwise.';
const READ_ONLY = 'Whether it is mounted without the right to write.';
const USER_SECRET = 'The Secret that holds the credentials.';

/** core/v1 HostPathVolumeSource. */
export const hostPathSchema: MessageSchema = coreMessage('HostPathVolumeSource', 'A file or folder of the node.', [
  field('path', 1, 'string', 'Its path on the node.', REQUIRED),
  field('type', 2, 'string', 'What must be there; nothing is looked at when empty.', POINTER),
]);

/** core/v1 EmptyDirVolumeSource. */
export const emptyDirSchema: MessageSchema = coreMessage(
  'EmptyDirVolumeSource',
  'A folder that lives as long as the pod.',
  [
    field('medium', 1, 'string', 'Where it is kept: the disk of the node when empty, or Memory.'),
    field('sizeLimit', 2, 'quantity', 'The most that it may hold.', POINTER),
  ],
);

/** core/v1 GCEPersistentDiskVolumeSource. */
export const gcePersistentDiskSchema: MessageSchema = coreMessage(
  'GCEPersistentDiskVolumeSource',
  'A disk of Google Cloud.',
  [
    field('pdName', 1, 'string', 'Name of the disk.', REQUIRED),
    field('fsType', 2, 'string', FS_TYPE),
    field('partition', 3, 'int32', 'Number of the partition; the whole disk when 0.'),
    field('readOnly', 4, 'bool', READ_ONLY),
  ],
);

/** core/v1 AWSElasticBlockStoreVolumeSource. */
export const awsElasticBlockStoreSchema: MessageSchema = coreMessage(
  'AWSElasticBlockStoreVolumeSource',
  'A disk of Amazon EC2.',
  [
    field('volumeID', 1, 'string', 'Identifier of the volume.', REQUIRED),
    field('fsType', 2, 'string', FS_TYPE),
    field('partition', 3, 'int32', 'Number of the partition; the whole disk when 0.'),
    field('readOnly', 4, 'bool', READ_ONLY),
  ],
);

/** core/v1 GitRepoVolumeSource. */
export const gitRepoSchema: MessageSchema = coreMessage(
  'GitRepoVolumeSource',
  'A copy of a git repository. Deprecated.',
  [
    field('repository', 1, 'string', 'URL of the repository.', REQUIRED),
    field('revision', 2, 'string', 'The commit.'),
    field('directory', 3, 'string', 'The folder into which it is copied.'),
  ],
);

/** core/v1 NFSVolumeSource. */
export const nfsSchema: MessageSchema = coreMessage('NFSVolumeSource', 'A folder of an NFS server.', [
  field('server', 1, 'string', 'Name or address of the server.', REQUIRED),
  field('path', 2, 'string', 'Path that the server exports.', REQUIRED),
  field('readOnly', 3, 'bool', READ_ONLY),
]);

/** core/v1 ISCSIVolumeSource. */
export const iscsiSchema: MessageSchema = coreMessage('ISCSIVolumeSource', 'A disk over iSCSI.', [
  field('targetPortal', 1, 'string', 'Address of the portal, with its port where that is not the usual one.', REQUIRED),
  field('iqn', 2, 'string', 'The qualified name of the target.', REQUIRED),
  field('lun', 3, 'int32', 'Number of the logical unit.', REQUIRED),
  field('iscsiInterface', 4, 'string', 'The interface that is used; default unless told otherwise.'),
  field('fsType', 5, 'string', FS_TYPE),
  field('readOnly', 6, 'bool', READ_ONLY),
  field('portals', 7, 'string', 'Further portals.', ATOMIC),
  field('chapAuthDiscovery', 8, 'bool', 'Whether discovery is authenticated by CHAP.'),
  field('chapAuthSession', 11, 'bool', 'Whether sessions are authenticated by CHAP.'),
  field('secretRef', 10, localObjectReferenceSchema, USER_SECRET, POINTER),
  field('initiatorName', 12, 'string', 'Name by which the node presents itself.', POINTER),
]);

/** core/v1 GlusterfsVolumeSource. */
export const glusterfsSchema: MessageSchema = coreMessage(
  'GlusterfsVolumeSource',
  'A volume of GlusterFS. Deprecated.',
  [
    field('endpoints', 1, 'string', 'The Endpoints object that names the servers.', REQUIRED),
    field('path', 2, 'string', 'Name of the volume.', REQUIRED),
    field('readOnly', 3, 'bool', READ_ONLY),
  ],
);

/** core/v1 RBDVolumeSource. */
export const rbdSchema: MessageSchema = coreMessage('RBDVolumeSource', 'A block device of Ceph. Deprecated.', [
  field('monitors', 1, 'string', 'Addresses of the monitors.', { ...ATOMIC, ...REQUIRED }),
  field('image', 2, 'string', 'Name of the image.', REQUIRED),
  field('fsType', 3, 'string', FS_TYPE),
  field('pool', 4, 'string', 'Name of the pool; rbd unless told otherwise.'),
  field('user', 5, 'string', 'Name of the user; admin unless told otherwise.'),
  field('keyring', 6, 'string', 'Path of the keyring on the node.'),
  field('secretRef', 7, localObjectReferenceSchema, USER_SECRET, POINTER),
  field('readOnly', 8, 'bool', READ_ONLY),
]);

/** core/v1 FlexVolumeSource. */
export const flexVolumeSchema: MessageSchema = coreMessage(
  'FlexVolumeSource',
  'A volume of a plugin of the node. Deprecated.',
  [
    field('driver', 1, 'string', 'Name of the driver.', REQUIRED),
    field('fsType', 2, 'string', FS_TYPE),
    field('secretRef', 3, localObjectReferenceSchema, USER_SECRET, POINTER),
    field('readOnly', 4, 'bool', READ_ONLY),
    field('options', 5, 'string', 'What the driver is told besides.', MAP),
  ],
);

/** core/v1 CinderVolumeSource. */
export const cinderSchema: MessageSchema = coreMessage('CinderVolumeSource', 'A disk of OpenStack.', [
  field('volumeID', 1, 'string', 'Identifier of the volume.', REQUIRED),
  field('fsType', 2, 'string', FS_TYPE),
  field('readOnly', 3, 'bool', READ_ONLY),
  field('secretRef', 4, localObjectReferenceSchema, USER_SECRET, POINTER),
]);

/** core/v1 CephFSVolumeSource. */
export const cephfsSchema: MessageSchema = coreMessage('CephFSVolumeSource', 'A folder of CephFS. Deprecated.', [
  field('monitors', 1, 'string', 'Addresses of the monitors.', { ...ATOMIC, ...REQUIRED }),
  field('path', 2, 'string', 'The folder; the root when empty.'),
  field('user', 3, 'string', 'Name of the user; admin unless told otherwise.'),
  field('secretFile', 4, 'string', 'Path of the keyring on the node.'),
  field('secretRef', 5, localObjectReferenceSchema, USER_SECRET, POINTER),
  field('readOnly', 6, 'bool', READ_ONLY),
]);

/** core/v1 FlockerVolumeSource. */
export const flockerSchema: MessageSchema = coreMessage('FlockerVolumeSource', 'A volume of Flocker. Deprecated.', [
  field('datasetName', 1, 'string', 'Name of the dataset.'),
  field('datasetUUID', 2, 'string', 'UUID of the dataset.'),
]);

/** core/v1 FCVolumeSource. */
export const fcSchema: MessageSchema = coreMessage('FCVolumeSource', 'A disk over Fibre Channel.', [
  field('targetWWNs', 1, 'string', 'World wide names of the targets.', ATOMIC),
  field('lun', 2, 'int32', 'Number of the logical unit.', POINTER),
  field('fsType', 3, 'string', FS_TYPE),
  field('readOnly', 4, 'bool', READ_ONLY),
  field('wwids', 5, 'string', 'World wide identifiers of the volume.', ATOMIC),
]);

/** core/v1 AzureFileVolumeSource. */
export const azureFileSchema: MessageSchema = coreMessage('AzureFileVolumeSource', 'A file share of Azure.', [
  field('secretName', 1, 'string', 'The Secret that holds account and key.', REQUIRED),
  field('shareName', 2, 'string', 'Name of the share.', REQUIRED),
  field('readOnly', 3, 'bool', READ_ONLY),
]);

/** core/v1 VsphereVirtualDiskVolumeSource. */
export const vsphereVolumeSchema: MessageSchema = coreMessage('VsphereVirtualDiskVolumeSource', 'A disk of vSphere.', [
  field('volumePath', 1, 'string', 'Path of the disk.', REQUIRED),
  field('fsType', 2, 'string', FS_TYPE),
  field('storagePolicyName', 3, 'string', 'Name of its storage policy.'),
  field('storagePolicyID', 4, 'string', 'Identifier of its storage policy.'),
]);

/** core/v1 QuobyteVolumeSource. */
export const quobyteSchema: MessageSchema = coreMessage('QuobyteVolumeSource', 'A volume of Quobyte. Deprecated.', [
  field('registry', 1, 'string', 'Addresses of the registries, separated by commas.', REQUIRED),
  field('volume', 2, 'string', 'Name of the volume.', REQUIRED),
  field('readOnly', 3, 'bool', READ_ONLY),
  field('user', 4, 'string', 'The user to whom access is mapped.'),
  field('group', 5, 'string', 'The group to which access is mapped.'),
  field('tenant', 6, 'string', 'The tenant that owns it.'),
]);

/** core/v1 AzureDiskVolumeSource. */
export const azureDiskSchema: MessageSchema = coreMessage('AzureDiskVolumeSource', 'A disk of Azure.', [
  field('diskName', 1, 'string', 'Name of the disk.', REQUIRED),
  field('diskURI', 2, 'string', 'URI of the disk.', REQUIRED),
  field('cachingMode', 3, 'string', 'What is cached: None, ReadOnly or ReadWrite.', POINTER),
  field('fsType', 4, 'string', FS_TYPE, POINTER),
  field('readOnly', 5, 'bool', READ_ONLY, POINTER),
  field('kind', 6, 'string', 'Shared, Dedicated or Managed.', POINTER),
]);

/** core/v1 PhotonPersistentDiskVolumeSource. */
export const photonPersistentDiskSchema: MessageSchema = coreMessage(
  'PhotonPersistentDiskVolumeSource',
  'A disk of Photon. Deprecated.',
  [field('pdID', 1, 'string', 'Identifier of the disk.', REQUIRED), field('fsType', 2, 'string', FS_TYPE)],
);

/** core/v1 PortworxVolumeSource. */
export const portworxVolumeSchema: MessageSchema = coreMessage('PortworxVolumeSource', 'A volume of Portworx.', [
  field('volumeID', 1, 'string', 'Identifier of the volume.', REQUIRED),
  field('fsType', 2, 'string', FS_TYPE),
  field('readOnly', 3, 'bool', READ_ONLY),
]);

/** core/v1 ScaleIOVolumeSource. */
export const scaleIOSchema: MessageSchema = coreMessage('ScaleIOVolumeSource', 'A volume of ScaleIO. Deprecated.', [
  field('gateway', 1, 'string', 'Address of the gateway.', REQUIRED),
  field('system', 2, 'string', 'Name of the storage system.', REQUIRED),
  field('secretRef', 3, localObjectReferenceSchema, USER_SECRET, { ...REQUIRED, ...POINTER }),
  field('sslEnabled', 4, 'bool', 'Whether the gateway is spoken to over TLS.'),
  field('protectionDomain', 5, 'string', 'Name of the protection domain.'),
  field('storagePool', 6, 'string', 'Name of the storage pool.'),
  field('storageMode', 7, 'string', 'ThickProvisioned or ThinProvisioned.'),
  field('volumeName', 8, 'string', 'Name of the volume.'),
  field('fsType', 9, 'string', FS_TYPE),
  field('readOnly', 10, 'bool', READ_ONLY),
]);

/** core/v1 StorageOSVolumeSource. */
export const storageosSchema: MessageSchema = coreMessage(
  'StorageOSVolumeSource',
  'A volume of StorageOS. Deprecated.',
  [
    field('volumeName', 1, 'string', 'Name of the volume.'),
    field('volumeNamespace', 2, 'string', 'Namespace of the volume; that of the pod when empty.'),
    field('fsType', 3, 'string', FS_TYPE),
    field('readOnly', 4, 'bool', READ_ONLY),
    field('secretRef', 5, localObjectReferenceSchema, USER_SECRET, POINTER),
  ],
);

/** core/v1 CSIVolumeSource. */
export const csiSchema: MessageSchema = coreMessage(
  'CSIVolumeSource',
  'A volume that a CSI driver makes for the pod.',
  [
    field('driver', 1, 'string', 'Name of the driver.', REQUIRED),
    field('readOnly', 2, 'bool', READ_ONLY, POINTER),
    field('fsType', 3, 'string', 'Kind of its file system; the driver decides when absent.', POINTER),
    field('volumeAttributes', 4, 'string', 'What the driver is told besides.', MAP),
    field('nodePublishSecretRef', 5, localObjectReferenceSchema, USER_SECRET, POINTER),
  ],
);
