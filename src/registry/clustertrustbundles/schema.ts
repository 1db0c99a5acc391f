import { metadataField } from '../../kube/object-meta-schema.js';
import type { MessageSchema } from '../../kube/schema.js';

/** certificates.k8s.io ClusterTrustBundle in one of its versions, which differ in name only. */
export function clusterTrustBundleSchema(version: 'v1beta1' | 'v1alpha1'): MessageSchema {
  const name = `io.k8s.api.certificates.${version}.ClusterTrustBundle`;
  const spec: MessageSchema = {
    name: `${name}Spec`,
    description: 'Certificates to trust, and whose they are.',
    fields: [
      {
        name: 'signerName',
        number: 1,
        type: 'string',
        description:
          'The signer whose anchors these are, such as example.com/serving: the name of the bundle starts with example.com:serving: then. Empty for a bundle of nobody in particular. It cannot be changed.',
      },
      {
        name: 'trustBundle',
        number: 2,
        type: 'string',
        always: true,
        required: true,
        description: 'PEM of the trust anchors, in CERTIFICATE blocks: each a CA, none of them twice.',
      },
    ],
  };
  return {
    name,
    description: 'Trust anchors for everybody in the cluster to read: what to trust when a signer has signed.',
    fields: [
      metadataField,
      { name: 'spec', number: 2, type: spec, always: true, required: true, description: 'The anchors.' },
    ],
  };
}
