import { labelSelectorSchema, metadataField } from '../../../kube/object-meta-schema.js';
import type { MessageSchema } from '../../../kube/schema.js';
import { ALWAYS, ATOMIC, coreMessage, field, MAP, POINTER, REQUIRED } from '../../schema-fields.js';
import * as disks from './disks.js';
import {
  EMBEDDED_NAME,
  keyToPathSchema,
  objectFieldSelectorSchema,
  OPTIONAL_TEXT,
  resourceFieldSelectorSchema,
  typedLocalObjectReferenceSchema,
  typedObjectReferenceSchema,
} from './references.js';

const ITEMS = 'The keys that become files, and where; all of them when empty.';
const DEFAULT_MODE = 'Permissions of the files; 0644 unless told otherwise.';

const secretVolumeSchema = coreMessage('SecretVolumeSource', 'The values of a Secret as files.', [
  field('secretName', 1, 'string', 'Name of the Secret.'),
  field('items', 2, keyToPathSchema, ITEMS, ATOMIC),
  field('defaultMode', 3, 'int32', DEFAULT_MODE, POINTER),
  field('optional', 4, 'bool', OPTIONAL_TEXT, POINTER),
]);

const configMapVolumeSchema = coreMessage('ConfigMapVolumeSource', 'The values of a ConfigMap as files.', [
  EMBEDDED_NAME,
  field('items', 2, keyToPathSchema, ITEMS, ATOMIC),
  field('defaultMode', 3, 'int32', DEFAULT_MODE, POINTER),
  field('optional', 4, 'bool', OPTIONAL_TEXT, POINTER),
]);

const persistentVolumeClaimVolumeSchema = coreMessage(
  'PersistentVolumeClaimVolumeSource',
  'The volume that a claim of the namespace got.',
  [
    field('claimName', 1, 'string', 'Name of the claim.', REQUIRED),
    field('readOnly', 2, 'bool', 'Whether it is mounted without the right to write.'),
  ],
);

const downwardAPIVolumeFileSchema = coreMessage('DownwardAPIVolumeFile', 'A file that tells something of the pod.', [
  field('path', 1, 'string', 'Path of the file within the volume.', REQUIRED),
  field('fieldRef', 2, objectFieldSelectorSchema, 'The field of the pod that it tells.', POINTER),
  field('resourceFieldRef', 3, resourceFieldSelectorSchema, 'The resource of a container that it tells.', POINTER),
  field('mode', 4, 'int32', 'Permissions of the file.', POINTER),
]);

const downwardAPIVolumeSchema = coreMessage('DownwardAPIVolumeSource', 'Files that tell something of the pod.', [
  field('items', 1, downwardAPIVolumeFileSchema, 'The files.', ATOMIC),
  field('defaultMode', 2, 'int32', DEFAULT_MODE, POINTER),
]);

function keysProjection(name: string, description: string): MessageSchema {
  return coreMessage(name, description, [
    EMBEDDED_NAME,
    field('items', 2, keyToPathSchema, ITEMS, ATOMIC),
    field('optional', 4, 'bool', OPTIONAL_TEXT, POINTER),
  ]);
}

const serviceAccountTokenProjectionSchema = coreMessage(
  'ServiceAccountTokenProjection',
  'A token of the service account, bound to the pod.',
  [
    field('audience', 1, 'string', 'For whom the token is; the API server when empty.'),
    field('expirationSeconds', 2, 'int64', 'How long it is good; 3600 unless told otherwise, at least 600.', POINTER),
    field('path', 3, 'string', 'Path of the file within the volume.', REQUIRED),
  ],
);

const clusterTrustBundleProjectionSchema = coreMessage(
  'ClusterTrustBundleProjection',
  'Trust anchors of ClusterTrustBundles as one file.',
  [
    field('name', 1, 'string', 'The one bundle that is meant.', POINTER),
    field('signerName', 2, 'string', 'The signer whose bundles are meant.', POINTER),
    field('labelSelector', 3, labelSelectorSchema, 'Which bundles of the signer are meant.', POINTER),
    field('path', 4, 'string', 'Path of the file within the volume.', REQUIRED),
    field('optional', 5, 'bool', OPTIONAL_TEXT, POINTER),
  ],
);

const podCertificateProjectionSchema = coreMessage(
  'PodCertificateProjection',
  'A private key and a certificate that the node requests for the pod.',
  [
    field('signerName', 1, 'string', 'The signer that is asked.', REQUIRED),
    field('keyType', 2, 'string', 'Kind of the key, such as ECDSAP256 or ED25519.', REQUIRED),
    field('maxExpirationSeconds', 3, 'int32', 'How long the certificate may be good at most.', POINTER),
    field('credentialBundlePath', 4, 'string', 'File of key and certificates together.'),
    field('keyPath', 5, 'string', 'File of the key.'),
    field('certificateChainPath', 6, 'string', 'File of the certificates.'),
    field('userAnnotations', 7, 'string', 'What the signer is told besides, unverified.', MAP),
  ],
);

const volumeProjectionSchema = coreMessage('VolumeProjection', 'One of several sources of a volume.', [
  field(
    'secret',
    1,
    keysProjection('SecretProjection', 'The values of a Secret as files.'),
    'Values of a Secret.',
    POINTER,
  ),
  field(
    'downwardAPI',
    2,
    coreMessage('DownwardAPIProjection', 'Files that tell something of the pod.', [
      field('items', 1, downwardAPIVolumeFileSchema, 'The files.', ATOMIC),
    ]),
    'What is told of the pod.',
    POINTER,
  ),
  field(
    'configMap',
    3,
    keysProjection('ConfigMapProjection', 'The values of a ConfigMap as files.'),
    'Values of a ConfigMap.',
    POINTER,
  ),
  field('serviceAccountToken', 4, serviceAccountTokenProjectionSchema, 'A token.', POINTER),
  field('clusterTrustBundle', 5, clusterTrustBundleProjectionSchema, 'Trust anchors.', POINTER),
  field('podCertificate', 6, podCertificateProjectionSchema, 'A key and its certificate.', POINTER),
]);

const projectedVolumeSchema = coreMessage('ProjectedVolumeSource', 'Several sources in one folder.', [
  field('sources', 1, volumeProjectionSchema, 'The sources.', { ...ATOMIC, ...ALWAYS }),
  field('defaultMode', 2, 'int32', DEFAULT_MODE, POINTER),
]);

const volumeResourcesSchema = coreMessage('VolumeResourceRequirements', 'How large a volume shall be.', [
  field('limits', 1, 'quantity', 'The most.', MAP),
  field('requests', 2, 'quantity', 'The least.', MAP),
]);

const claimSpecSchema = coreMessage('PersistentVolumeClaimSpec', 'Which volume is claimed.', [
  field('accessModes', 1, 'string', 'How it shall be mounted, such as ReadWriteOnce.', ATOMIC),
  field('selector', 4, labelSelectorSchema, 'Labels of volumes that will do.', POINTER),
  field('resources', 2, volumeResourcesSchema, 'How large it shall be.', ALWAYS),
  field('volumeName', 3, 'string', 'Name of the volume, once there is one.'),
  field('storageClassName', 5, 'string', 'The storage class.', POINTER),
  field('volumeMode', 6, 'string', 'Filesystem or Block.', POINTER),
  field('dataSource', 7, typedLocalObjectReferenceSchema, 'What it is filled with.', POINTER),
  field('dataSourceRef', 8, typedObjectReferenceSchema, 'What it is filled with, of any kind.', POINTER),
  field('volumeAttributesClassName', 9, 'string', 'The class of its attributes.', POINTER),
]);

const claimTemplateSchema = coreMessage('PersistentVolumeClaimTemplate', 'The claim that is made for the pod.', [
  metadataField,
  field('spec', 2, claimSpecSchema, 'Which volume is claimed.', REQUIRED),
]);

const ephemeralVolumeSchema = coreMessage('EphemeralVolumeSource', 'A volume that is claimed for the pod alone.', [
  field('volumeClaimTemplate', 1, claimTemplateSchema, 'The claim.', POINTER),
]);

const imageVolumeSchema = coreMessage('ImageVolumeSource', 'The files of an image.', [
  field('reference', 1, 'string', 'Name of the image.'),
  field('pullPolicy', 2, 'string', 'When it is pulled: Always, IfNotPresent or Never.'),
]);

function source(name: string, number: number, type: MessageSchema, description: string) {
  return field(name, number, type, description, { pointer: true, embeddedIn: 2 });
}

/** core/v1 Volume: a name, and one of many sources. */
export const volumeSchema: MessageSchema = coreMessage('Volume', 'A folder that containers of the pod may mount.', [
  field('name', 1, 'string', 'Its name: a DNS label, once in a pod.', REQUIRED),
  source('hostPath', 1, disks.hostPathSchema, 'A file or folder of the node.'),
  source('emptyDir', 2, disks.emptyDirSchema, 'A folder that lives as long as the pod.'),
  source('gcePersistentDisk', 3, disks.gcePersistentDiskSchema, 'A disk of Google Cloud.'),
  source('awsElasticBlockStore', 4, disks.awsElasticBlockStoreSchema, 'A disk of Amazon EC2.'),
  source('gitRepo', 5, disks.gitRepoSchema, 'A copy of a git repository.'),
  source('secret', 6, secretVolumeSchema, 'Values of a Secret.'),
  source('nfs', 7, disks.nfsSchema, 'A folder of an NFS server.'),
  source('iscsi', 8, disks.iscsiSchema, 'A disk over iSCSI.'),
  source('glusterfs', 9, disks.glusterfsSchema, 'A volume of GlusterFS.'),
  source('persistentVolumeClaim', 10, persistentVolumeClaimVolumeSchema, 'The volume that a claim got.'),
  source('rbd', 11, disks.rbdSchema, 'A block device of Ceph.'),
  source('flexVolume', 12, disks.flexVolumeSchema, 'A volume of a plugin of the node.'),
  source('cinder', 13, disks.cinderSchema, 'A disk of OpenStack.'),
  source('cephfs', 14, disks.cephfsSchema, 'A folder of CephFS.'),
  source('flocker', 15, disks.flockerSchema, 'A volume of Flocker.'),
  source('downwardAPI', 16, downwardAPIVolumeSchema, 'What is told of the pod.'),
  source('fc', 17, disks.fcSchema, 'A disk over Fibre Channel.'),
  source('azureFile', 18, disks.azureFileSchema, 'A file share of Azure.'),
  source('configMap', 19, configMapVolumeSchema, 'Values of a ConfigMap.'),
  source('vsphereVolume', 20, disks.vsphereVolumeSchema, 'A disk of vSphere.'),
  source('quobyte', 21, disks.quobyteSchema, 'A volume of Quobyte.'),
  source('azureDisk', 22, disks.azureDiskSchema, 'A disk of Azure.'),
  source('photonPersistentDisk', 23, disks.photonPersistentDiskSchema, 'A disk of Photon.'),
  source('projected', 26, projectedVolumeSchema, 'Several sources in one folder.'),
  source('portworxVolume', 24, disks.portworxVolumeSchema, 'A volume of Portworx.'),
  source('scaleIO', 25, disks.scaleIOSchema, 'A volume of ScaleIO.'),
  source('storageos', 27, disks.storageosSchema, 'A volume of StorageOS.'),
  source('csi', 28, disks.csiSchema, 'A volume that a CSI driver makes.'),
  source('ephemeral', 29, ephemeralVolumeSchema, 'A volume that is claimed for the pod alone.'),
  source('image', 30, imageVolumeSchema, 'The files of an image.'),
]);
