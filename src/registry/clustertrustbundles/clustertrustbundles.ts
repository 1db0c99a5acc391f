import { CERTIFICATES_GROUP } from '../../certificates/certificate-signing-request.js';
import type { ClusterTrustBundle } from '../../certificates/cluster-trust-bundle.js';
import {
  validateClusterTrustBundle,
  validateClusterTrustBundleUpdate,
} from '../../certificates/validate-cluster-trust-bundle.js';
import { NAME_COLUMN, textColumn } from '../columns.js';
import type { Resource, Strategy } from '../resource.js';
import { clusterTrustBundleSchema } from './schema.js';

const strategy: Strategy<ClusterTrustBundle> = {
  // what a name must be depends on the signer: validation knows both
  nameProblems: () => [],
  createOnUpdate: false,
  unconditionalUpdate: false,
  prepareForCreate: (bundle) => bundle,
  validate: validateClusterTrustBundle,
  prepareForUpdate: (next) => next,
  validateUpdate: validateClusterTrustBundleUpdate,
};

function signerNameOf({ spec }: ClusterTrustBundle): string {
  return spec.signerName ?? '';
}

/** certificates.k8s.io/v1beta1 clustertrustbundles. */
export const clusterTrustBundles: Resource<ClusterTrustBundle> = {
  group: CERTIFICATES_GROUP,
  version: 'v1beta1',
  kind: 'ClusterTrustBundle',
  resource: 'clustertrustbundles',
  singular: 'clustertrustbundle',
  namespaced: false,
  storageVersionHash: 'v5yhuVertL4=',
  schema: clusterTrustBundleSchema('v1beta1'),
  keyPrefix: '/registry/clustertrustbundles/',
  strategy,
  selectableFields: { 'spec.signerName': signerNameOf },
  unknownFieldText: 'plain',
  columns: [NAME_COLUMN, textColumn('SignerName', 'The signer whose anchors these are.')],
  cells: (bundle) => [bundle.metadata.name ?? '', signerNameOf(bundle) === '' ? '<none>' : signerNameOf(bundle)],
  deleteAnswer: 'status',
};

/** certificates.k8s.io/v1alpha1 clustertrustbundles: the same objects under the name of an earlier version. */
export const clusterTrustBundlesV1Alpha1: Resource<ClusterTrustBundle> = {
  ...clusterTrustBundles,
  version: 'v1alpha1',
  schema: clusterTrustBundleSchema('v1alpha1'),
  view: {
    // the store under this key prefix holds bundles only, and the versions have the same fields
    fromStored: (stored) => ({ ...(stored as ClusterTrustBundle), apiVersion: `${CERTIFICATES_GROUP}/v1alpha1` }),
    toStored: (bundle) => ({ ...bundle, apiVersion: `${CERTIFICATES_GROUP}/v1beta1` }),
  },
  deprecation: 'certificates.k8s.io/v1alpha1 ClusterTrustBundle is deprecated in v1.34+, unavailable in v1.37+',
};
