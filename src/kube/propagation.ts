/** What becomes of what a deleted object owns: it is left, goes after the object, or goes before it. */
export type Propagation = 'Orphan' | 'Background' | 'Foreground';

/** Holds a deleted object until the garbage collector has taken it out of the owners of everything that it owns. */
export const ORPHAN_FINALIZER = 'orphan';

/** Holds a deleted object until the garbage collector has deleted what it owns, as far as that blocks it. */
export const FOREGROUND_FINALIZER = 'foregroundDeletion';

/**
 * The finalizers of an object once somebody deletes it with a policy: what an earlier delete asked of the garbage
 * collector is overruled, what others wait for stays. The same array where nothing changes.
 */
export function finalizersForDelete(finalizers: readonly string[], policy: Propagation): readonly string[] {
  const asked = policy === 'Background' ? [] : [policy === 'Orphan' ? ORPHAN_FINALIZER : FOREGROUND_FINALIZER];
  const others = finalizers.filter((name) => name !== ORPHAN_FINALIZER && name !== FOREGROUND_FINALIZER);
  const wanted = [...others, ...asked];
  const same = new Set(finalizers).size === new Set(wanted).size && wanted.every((name) => finalizers.includes(name));
  return same ? finalizers : wanted;
}
