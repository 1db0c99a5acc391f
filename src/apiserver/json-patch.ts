/** RFC 6902 with at most this many operations. */
export const MAX_JSON_PATCH_OPERATIONS = 10_000;

/**
 * Applies an RFC 6902 patch, given as parsed JSON. The target is not changed. Throws StatusError: 400 for what is no
 * patch, 413 for more than 10,000 operations, 422 for one that does not apply.
 */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  throw new Error(`not yet: ${String(target)}${String(patch)}`);
}
