import type { KubeObject, OwnerReference } from '../../kube/object-meta.js';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER, type Propagation } from '../../kube/propagation.js';
import type { Decision } from '../runtime/controller.js';
import type { GraphObject } from './graph-object.js';

/**
 * What is known of an owner. `solid`: it is there; `waiting`: it is being deleted and waits for what it owns; `absent`:
 * the server says that it is not there; `unresolvable`: nobody can say, because its kind is not served, or because it
 * lives in a namespace and what names it does not.
 */
export type OwnerState = 'solid' | 'waiting' | 'absent' | 'unresolvable';

/** An owner of an object, and what is known of it. */
export interface JudgedOwner {
  readonly reference: OwnerReference;
  readonly state: OwnerState;
}

/** What is known about an object. */
export type Seen =
  /** It is gone, its owners are there, somebody else holds it, or nobody can say. */
  | { readonly kind: 'left alone' }
  /** What it owns is not known yet. */
  | { readonly kind: 'unknown'; readonly because: string }
  | { readonly kind: 'orphaning'; readonly object: GraphObject; readonly dependents: readonly GraphObject[] }
  | {
      readonly kind: 'emptying';
      readonly object: GraphObject;
      readonly blockers: number;
      /** It waits for others that wait for it. */
      readonly waitsForItself: boolean;
    }
  | {
      readonly kind: 'owned';
      readonly object: GraphObject;
      /** As the server has it. */
      readonly live: KubeObject;
      readonly owners: readonly JudgedOwner[];
      readonly ownsSomething: boolean;
    };

/** One thing to do. */
export type CollectorAction =
  /** In the version that was judged. */
  | {
      readonly kind: 'delete';
      readonly object: GraphObject;
      readonly resourceVersion: string;
      readonly policy: Propagation;
    }
  /** Leave it these owners, in the version that was judged. */
  | {
      readonly kind: 'trim';
      readonly object: GraphObject;
      readonly resourceVersion: string;
      readonly owners: readonly OwnerReference[];
    }
  /** Block no owner any more. */
  | { readonly kind: 'unblock'; readonly object: GraphObject }
  | { readonly kind: 'orphan'; readonly object: GraphObject; readonly dependents: readonly GraphObject[] }
  | { readonly kind: 'release'; readonly object: GraphObject; readonly finalizer: string };

const READ_AGAIN_MS = 1000;

/** What the collector does about an object. */
export function decideCollection(seen: Seen): Decision<CollectorAction> {
  switch (seen.kind) {
    case 'left alone':
      return { kind: 'done' };
    case 'unknown':
      return { kind: 'wait', delayMs: READ_AGAIN_MS, because: seen.because };
    case 'orphaning': {
      const { object, dependents } = seen;
      const orphan: readonly CollectorAction[] =
        dependents.length === 0 ? [] : [{ kind: 'orphan', object, dependents }];
      return { kind: 'act', actions: [...orphan, { kind: 'release', object, finalizer: ORPHAN_FINALIZER }] };
    }
    case 'emptying':
      return decideEmptying(seen);
    case 'owned':
      return decideOwned(seen);
  }
}

function decideEmptying({
  object,
  blockers,
  waitsForItself,
}: Extract<Seen, { readonly kind: 'emptying' }>): Decision<CollectorAction> {
  if (blockers === 0) return { kind: 'act', actions: [{ kind: 'release', object, finalizer: FOREGROUND_FINALIZER }] };
  // what blocks it is looked at by itself, and its end is a change
  return waitsForItself ? { kind: 'act', actions: [{ kind: 'unblock', object }] } : { kind: 'done' };
}

function decideOwned({
  object,
  live,
  owners,
  ownsSomething,
}: Extract<Seen, { readonly kind: 'owned' }>): Decision<CollectorAction> {
  const { resourceVersion = '', finalizers = [] } = live.metadata;
  const having = (state: OwnerState): readonly JudgedOwner[] => owners.filter((owner) => owner.state === state);
  if (owners.length === 0 || having('unresolvable').length > 0) return { kind: 'done' };
  const solid = having('solid');
  if (solid.length === owners.length) return { kind: 'done' };
  if (solid.length > 0) {
    // an owner that waits would wait for ever for what stays
    const left = solid.map(({ reference }) => reference);
    return { kind: 'act', actions: [{ kind: 'trim', object, resourceVersion, owners: left }] };
  }
  const policy = ((): Propagation => {
    if (having('waiting').length > 0 && ownsSomething) return 'Foreground';
    if (finalizers.includes(ORPHAN_FINALIZER)) return 'Orphan';
    return finalizers.includes(FOREGROUND_FINALIZER) ? 'Foreground' : 'Background';
  })();
  return { kind: 'act', actions: [{ kind: 'delete', object, resourceVersion, policy }] };
}
