/** Applies an RFC 7386 merge patch. Neither argument is changed; the result may share parts of both. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  throw new Error(`not yet: ${String(target)}${String(patch)}`);
}
