import type { ApiResponse } from '../../kube/exchange.js';
import { statusSchema } from '../../kube/object-meta-schema.js';
import type { KubeObject } from '../../kube/object-meta.js';
import type { Status } from '../../kube/status.js';
import type { Resource } from '../../registry/resource.js';
import type { DeleteOptions } from '../../registry/resource-store.js';
import { type DeleteQuery, parseDeleteOptions } from '../bodies/delete-options.js';
import { parseListQuery } from '../bodies/list-options.js';
import { negotiate } from '../negotiation/negotiate.js';
import { respondObject, respondValue } from '../responses/respond.js';
import type { ResourceRequest } from '../routing/request-info.js';
import type { ServedRequest } from '../served-request.js';
import type { ServedResource } from '../served-resource.js';
import type { ServerParts } from '../server-parts.js';
import { admitWith, type Operation, operationOn } from './admission-of.js';
import { keyOf, OBJECT_OFFER, respondListOf } from './read-handlers.js';

/** DELETE of an object: a Status when it is gone, the object where it stays for a while or its resource shows it. */
export async function deleteObject(
  parts: ServerParts,
  served: ServedRequest<ResourceRequest>,
  { resource, store }: ServedResource,
): Promise<ApiResponse> {
  const form = negotiate(served.accept, OBJECT_OFFER);
  const options = await parseDeleteOptions(served, parts.limits.maxBodyBytes);
  const operation: Operation = { verb: 'delete', resource, subresource: '', dryRun: options.dryRun };
  await parts.admission.beforeValidation(operationOn(served, operation, served.info.name, undefined, undefined));
  const key = keyOf(served.info, resource);
  const deleted = await store.delete(key, storeOptions(parts, served, operation, options));
  // the only case in which the API server tells "not yet" from "done"
  const status = !deleted.removed && options.orphanDependents === false ? 202 : 200;
  if (!deleted.removed || resource.deleteAnswer === 'object') {
    return respondObject(served, status, deleted.object, resource, form);
  }
  return respondValue(served, status, deletedStatus(resource, deleted.object), statusSchema, form);
}

/** DELETE of a collection: the answer is the list of what was there. */
export async function deleteObjects(
  parts: ServerParts,
  served: ServedRequest<ResourceRequest>,
  { resource, store }: ServedResource,
): Promise<ApiResponse> {
  const form = negotiate(served.accept, { ...OBJECT_OFFER, shape: 'list' });
  const query = parseListQuery(served.info, resource);
  const options = await parseDeleteOptions(served, parts.limits.maxBodyBytes);
  const operation: Operation = { verb: 'delete', resource, subresource: '', dryRun: options.dryRun };
  await parts.admission.beforeValidation(operationOn(served, operation, '', undefined, undefined));
  const list = await store.deleteCollection(query, storeOptions(parts, served, operation, options));
  return respondListOf(served, list, resource, form);
}

function storeOptions(
  parts: ServerParts,
  served: ServedRequest<ResourceRequest>,
  operation: Operation,
  options: DeleteQuery,
): DeleteOptions<KubeObject> {
  const { orphanDependents: orphans } = options;
  // the way of old to say it; a delete never says both
  const policy = orphans === undefined ? options.propagationPolicy : orphans ? 'Orphan' : 'Background';
  return {
    context: served.context(options.dryRun, ''),
    admit: admitWith(parts, served, operation),
    ...(options.preconditions === undefined ? {} : { preconditions: options.preconditions }),
    ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
  };
}

function deletedStatus(resource: Resource, object: KubeObject): Status {
  const { name, uid } = object.metadata;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      ...(name === undefined ? {} : { name }),
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.resource,
      ...(uid === undefined ? {} : { uid }),
    },
  };
}
