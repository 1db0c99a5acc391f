import type { MessageSchema } from './schema.js';

/**
 * Applies a strategic merge patch to an object of `schema`, in its JSON shape. Neither argument is changed; the result
 * may share parts of both. Throws StatusError 500 for directives that cannot be followed, as the API server does.
 */
export function strategicMerge(schema: MessageSchema, target: object, patch: object): object {
  throw new Error(`not yet: ${schema.name}${String(target)}${String(patch)}`);
}
