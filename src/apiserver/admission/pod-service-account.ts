import { forbidden, notFound } from '../../kube/status.js';
import type { Pod } from '../../registry/pods/pod.js';
import type { MaybePromise } from '../../registry/resource.js';
import type { AdmissionOperation } from './admission.js';
import { shownName } from './namespace-lifecycle.js';

/** What is known of service accounts. */
export interface ServiceAccountLookup {
  /** Finds one; undefined when there is none of that name. */
  find(namespace: string, name: string): MaybePromise<object | undefined>;
  /** Resolves after that time, or earlier when nobody waits any more. */
  pause(ms: number): Promise<void>;
}

/** The service account of pods that name none. A controller makes it in each namespace. */
const DEFAULT_ACCOUNT = 'default';

/** How often the account `default` is looked for, in a namespace that may be new. */
const ATTEMPTS = 10;
const PAUSE_MS = 100;

/** A pod runs as a service account that is there (plugin ServiceAccount). No token is mounted into it. */
export async function refuseServiceAccount(
  operation: AdmissionOperation,
  accounts: ServiceAccountLookup,
): Promise<void> {
  const { verb, resource, subresource, namespace } = operation;
  if (verb !== 'create' || resource.group !== '' || resource.resource !== 'pods' || subresource !== '') return;
  // what is created as a pod was decoded by the schema of pods
  const { spec } = operation.object as Pod;
  const name = spec.serviceAccountName ?? spec.serviceAccount ?? DEFAULT_ACCOUNT;
  for (let attempt = 1; (await accounts.find(namespace, name)) === undefined; attempt++) {
    if (name !== DEFAULT_ACCOUNT || attempt === ATTEMPTS) throw missing(operation, name);
    await accounts.pause(PAUSE_MS);
  }
}

function missing(operation: AdmissionOperation, account: string): Error {
  const { resource, namespace } = operation;
  const why = notFound({ group: '', resource: 'serviceaccount' }, account).message;
  return forbidden(resource, shownName(operation), `error looking up service account ${namespace}/${account}: ${why}`);
}
