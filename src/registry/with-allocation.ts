import type { KubeObject } from '../kube/object-meta.js';
import { StatusError } from '../kube/status.js';
import type { RequestContext, Resource } from './resource.js';

/**
 * Writes an object with what its resource's allocator gives it. `write` answers undefined where somebody else was
 * faster, and then wrote nothing; so does this.
 */
export async function withAllocation<T extends KubeObject, R>(
  { allocator }: Resource<T>,
  next: T,
  previous: T | undefined,
  context: RequestContext,
  write: (object: T) => Promise<R | undefined>,
): Promise<R | undefined> {
  if (allocator === undefined) return write(next);
  const { object, settle } = await allocator.allocate(next, previous, context);
  let written: R | undefined;
  try {
    written = await write(object);
  } catch (error) {
    // a refusal of ours wrote nothing; a store that does not answer may have written
    await settle(error instanceof StatusError ? 'refused' : 'unknown');
    throw error;
  }
  await settle(written === undefined ? 'refused' : 'written');
  return written;
}
