import type { KubeObject } from '../kube/object-meta.js';
import { alreadyExists, failure, StatusError } from '../kube/status.js';
import { generateName } from './generate-name.js';
import { prepareNew, putNew } from './new-objects.js';
import { storeKeyOf } from './object-scope.js';
import type { WriteOptions } from './resource-store.js';
import { readObject, type WriteSources } from './store-access.js';
import { withAllocation } from './with-allocation.js';

/** How often a name is generated before the API gives up. */
const NAME_ATTEMPTS = 8;

/** Creates an object as `ResourceStore.create` promises it. */
export async function createObject<T extends KubeObject>(
  sources: WriteSources<T>,
  object: T,
  options: WriteOptions<T>,
): Promise<T> {
  const { name, generateName: base } = object.metadata;
  if ((name ?? '') !== '' || (base ?? '') === '') return createOnce(sources, object, name ?? '', options);
  for (let attempt = 1; ; attempt++) {
    try {
      return await createOnce(sources, object, generateName(base ?? '', sources.random), options);
    } catch (error) {
      if (!(error instanceof NameTaken)) throw error;
      if (attempt === NAME_ATTEMPTS) throw namesTaken(error.status);
    }
  }
}

/** The name is in use: for generated ones a reason to try another. */
class NameTaken extends StatusError {}

function namesTaken({ message = '', details = {} }: StatusError['status']): StatusError {
  const text = `${message}, the server was not able to generate a unique name for the object`;
  return new StatusError(failure(409, 'AlreadyExists', text, { ...details, retryAfterSeconds: 1 }));
}

async function createOnce<T extends KubeObject>(
  sources: WriteSources<T>,
  object: T,
  name: string,
  options: WriteOptions<T>,
): Promise<T> {
  const { resource } = sources;
  const next = await prepareNew(sources, object, name, options.context);
  if (options.admit !== undefined) await options.admit(next, undefined);
  // kube-apiserver finds this out when it stores the object, and says it as a plain error.
  const version = object.metadata.resourceVersion ?? '';
  if (version !== '' && version !== '0') {
    throw new StatusError(failure(500, undefined, 'resourceVersion should not be set on objects to be created'));
  }
  const key = storeKeyOf(resource, { namespace: next.metadata.namespace ?? '', name });
  const stored = await withAllocation(resource, next, undefined, options.context, (given) =>
    putNew(sources, key, given, options.context.dryRun),
  );
  if (stored !== undefined) return stored;
  const { status } = alreadyExists(resource, name);
  const existing = await readObject(sources, key);
  const leaving = (existing?.object.metadata.deletionTimestamp ?? '') !== '';
  throw new NameTaken(leaving ? { ...status, message: `object is being deleted: ${status.message ?? ''}` } : status);
}
