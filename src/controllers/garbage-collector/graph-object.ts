import type { ResourceType } from '../../client/resource-type.js';
import type { KubeObject, ObjectMeta, OwnerReference } from '../../kube/object-meta.js';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../../kube/propagation.js';

/** An owner, as one that it owns names it. */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** Its deletion in the foreground waits for what names it so. */
  readonly blocks: boolean;
}

/**
 * Where an object is in its life. `leaving`: it is being deleted and somebody else holds it; `orphaning`: it is, once
 * what it owns is rid of it; `emptying`: it is, once what it owns and blocks it is gone.
 */
export type Phase = 'here' | 'leaving' | 'orphaning' | 'emptying';

/** What the collector must know of an object that has owners, or waits for the collector. */
export interface GraphObject {
  readonly uid: string;
  /** The same for all objects of a resource. */
  readonly type: ResourceType;
  /** Empty where there is none. */
  readonly namespace: string;
  readonly name: string;
  readonly owners: readonly Owner[];
  readonly phase: Phase;
}

/** What stays of an object in memory. Most have no owners and wait for nothing: their uid. */
export type Kept = string | GraphObject;

/** The uid of what was kept. */
export function uidOf(kept: Kept): string {
  return typeof kept === 'string' ? kept : kept.uid;
}

/** Where an object is in its life, by its metadata. */
export function phaseOf({ deletionTimestamp, finalizers = [] }: ObjectMeta): Phase {
  if ((deletionTimestamp ?? '') === '') return 'here';
  if (finalizers.includes(ORPHAN_FINALIZER)) return 'orphaning';
  return finalizers.includes(FOREGROUND_FINALIZER) ? 'emptying' : 'leaving';
}

/** Says of the objects of a resource what is kept; nothing of one without uid. */
export function keeperOf(type: ResourceType): (object: KubeObject) => Kept | undefined {
  return ({ metadata }) => {
    const { uid = '', namespace = '', name = '', ownerReferences = [] } = metadata;
    if (uid === '') return undefined;
    const phase = phaseOf(metadata);
    const waits = phase === 'orphaning' || phase === 'emptying';
    if (ownerReferences.length === 0 && !waits) return uid;
    return { uid, type, namespace, name, owners: ownerReferences.map(ownerOf), phase };
  };
}

function ownerOf({ apiVersion, kind, name, uid, blockOwnerDeletion }: OwnerReference): Owner {
  return { apiVersion, kind, name, uid, blocks: blockOwnerDeletion === true };
}
