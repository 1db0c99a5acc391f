import type { KubeObject } from '../../kube/object-meta.js';
import { detailsOf, failure, notFound, qualified, StatusError } from '../../kube/status.js';
import type { MaybePromise } from '../../registry/resource.js';
import type { AdmissionOperation } from './admission.js';

/** What is read of a Namespace. */
export interface NamespaceObject extends KubeObject {
  readonly status?: { readonly phase?: string };
}

/** Finds a namespace; undefined when there is none of that name. */
export type NamespaceLookup = (name: string) => MaybePromise<NamespaceObject | undefined>;

/**
 * Nothing is written into a namespace that is not there (404), and nothing new into one that is going away (403 with a
 * cause). Access reviews are always let through: they would tell who asks whether the namespace exists.
 */
export async function refuseNamespace(operation: AdmissionOperation, find: NamespaceLookup): Promise<void> {
  const { namespace, verb, resource } = operation;
  if (namespace === '' || verb === 'delete') return;
  if (resource.group === '' && resource.resource === 'namespaces') return;
  if (resource.group === 'authorization.k8s.io' && resource.resource === 'localsubjectaccessreviews') return;
  const found = await find(namespace);
  if (found === undefined) throw notFound({ group: '', resource: 'namespaces' }, namespace);
  if (verb === 'create' && found.status?.phase === 'Terminating') throw terminating(operation);
}

function terminating(operation: AdmissionOperation): StatusError {
  const { namespace, resource } = operation;
  const name = shownName(operation);
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  return new StatusError(
    failure(
      403,
      'Forbidden',
      `${qualified(resource)} ${JSON.stringify(name)} is forbidden: ${why}`,
      detailsOf(resource, name, [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ]),
    ),
  );
}

/** The name in a refusal: where it is not generated yet, the real server's stand-in for it. */
export function shownName({ name, object }: AdmissionOperation): string {
  for (const candidate of [name, object?.metadata.name, object?.metadata.generateName]) {
    if (candidate !== undefined && candidate !== '') return candidate;
  }
  return 'Unknown';
}
