import type { ObjectMeta } from '../kube/object-meta.js';
import { distinctOwners } from './owner-references.js';
import type { RequestContext } from './resource.js';

/** The metadata that writers may set freely. */
export type FreeMetadata = Pick<ObjectMeta, 'labels' | 'annotations' | 'ownerReferences' | 'finalizers'>;

/** Of what a writer sent, what it may set freely: without what is empty, and each owner once, with a warning. */
export function freeMetadata(meta: ObjectMeta, context: RequestContext): FreeMetadata {
  const { labels, annotations, ownerReferences, finalizers } = meta;
  const { owners, warning } = distinctOwners(ownerReferences);
  if (warning !== undefined) context.warn(warning);
  return {
    ...(labels === undefined || isEmpty(labels) ? {} : { labels }),
    ...(annotations === undefined || isEmpty(annotations) ? {} : { annotations }),
    ...(owners === undefined || owners.length === 0 ? {} : { ownerReferences: owners }),
    ...(finalizers === undefined || finalizers.length === 0 ? {} : { finalizers }),
  };
}

function isEmpty(map: object): boolean {
  for (const name in map) if (Object.hasOwn(map, name)) return false;
  return true;
}
