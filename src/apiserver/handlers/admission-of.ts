import type { KubeObject } from '../../kube/object-meta.js';
import type { Resource } from '../../registry/resource.js';
import type { Admit } from '../../registry/resource-store.js';
import type { AdmissionOperation } from '../admission/admission.js';
import type { ServerParts } from '../server-parts.js';
import type { ServedRequest } from '../served-request.js';
import type { ResourceRequest } from '../routing/request-info.js';

/** What an admission operation says whatever the object is. */
export interface Operation {
  readonly verb: AdmissionOperation['verb'];
  readonly resource: Resource;
  readonly subresource: string;
  readonly dryRun: boolean;
}

/** The operation on one object. */
export function operationOn(
  served: ServedRequest<ResourceRequest>,
  operation: Operation,
  name: string,
  object: KubeObject | undefined,
  previous: KubeObject | undefined,
): AdmissionOperation {
  const { verb, resource, subresource, dryRun } = operation;
  const namespace = resource.namespaced ? served.info.namespace : '';
  return { verb, resource, subresource, namespace, name, object, previous, user: served.user, dryRun };
}

/** The validating phase, as the registry calls it between validation and the write. */
export function admitWith(
  parts: ServerParts,
  served: ServedRequest<ResourceRequest>,
  operation: Operation,
): Admit<KubeObject> {
  return (object, previous) => {
    const name = object.metadata.name ?? served.info.name;
    if (operation.verb === 'delete') {
      // a delete stores nothing: what the registry shows is what is there
      return parts.admission.afterValidation(operationOn(served, operation, name, undefined, previous ?? object));
    }
    // an update of what is not there creates it
    const verb = previous === undefined ? 'create' : operation.verb;
    return parts.admission.afterValidation(operationOn(served, { ...operation, verb }, name, object, previous));
  };
}
