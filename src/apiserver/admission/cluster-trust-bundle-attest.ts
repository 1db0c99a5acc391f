import { CERTIFICATES_GROUP } from '../../certificates/certificate-signing-request.js';
import type { ClusterTrustBundle } from '../../certificates/cluster-trust-bundle.js';
import { forbidden } from '../../kube/status.js';
import type { Authorizer } from '../authorization/authorizer.js';
import { mayActForSigner } from '../authorization/signer-permission.js';
import type { AdmissionOperation } from './admission.js';
import { onlyGarbageCollected } from './only-garbage-collected.js';

const BUNDLES = { group: CERTIFICATES_GROUP, resource: 'clustertrustbundles' };

/**
 * Whoever says what to trust in a signer's name needs `attest` on that signer, for new bundles and changed ones, labels
 * too; a bundle of no signer needs nothing more than the right to write it (plugin ClusterTrustBundleAttest).
 */
export async function refuseAttestation(operation: AdmissionOperation, authorizer: Authorizer): Promise<void> {
  const { resource, verb, object, previous } = operation;
  if (resource.resource !== BUNDLES.resource || resource.group !== BUNDLES.group || object === undefined) return;
  if (verb !== 'create' && verb !== 'update') return;
  if (previous !== undefined && onlyGarbageCollected(object, previous)) return;
  // what is written as a bundle was decoded by the schema of bundles
  const { signerName = '' } = (object as ClusterTrustBundle).spec;
  if (signerName === '' || (await mayActForSigner(authorizer, operation.user, 'attest', signerName))) return;
  const why = `user not permitted to attest for signerName ${JSON.stringify(signerName)}`;
  throw forbidden(BUNDLES, object.metadata.name ?? operation.name, why);
}
