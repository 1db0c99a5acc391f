import { isJsonObject } from './decode-json.js';
import { setOwn } from './unset-values.js';

/**
 * Applies an RFC 7386 merge patch: objects are merged, null deletes, everything else replaces. Neither argument is
 * changed; the result may share parts of both. A name `__proto__` is a name like any other.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const merged: Record<string, unknown> = {};
  if (isJsonObject(target)) {
    for (const name of Object.keys(target)) {
      if (!Object.hasOwn(patch, name)) setOwn(merged, name, target[name]);
      else if (patch[name] !== null) setOwn(merged, name, mergePatch(target[name], patch[name]));
    }
  }
  for (const name of Object.keys(patch)) {
    if (Object.hasOwn(merged, name) || patch[name] === null) continue;
    setOwn(merged, name, mergePatch(undefined, patch[name]));
  }
  return merged;
}
