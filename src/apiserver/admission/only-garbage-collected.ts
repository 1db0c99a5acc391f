import type { KubeObject } from '../../kube/object-meta.js';
import { equalSemantically } from './equal-semantically.js';

/** Whether an update touches nothing but what lets the object go: owner references and finalizers. */
export function onlyGarbageCollected(next: KubeObject, previous: KubeObject): boolean {
  return equalSemantically(withoutOwners(next), withoutOwners(previous));
}

function withoutOwners(object: KubeObject): KubeObject {
  const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _managed, ...metadata } = object.metadata;
  return { ...object, metadata };
}
