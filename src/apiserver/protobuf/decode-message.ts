import type { MessageSchema } from '../../kube/schema.js';

/**
 * Decodes a message without its envelope into the same JSON shape that `decodeObject` gives, without kind and
 * apiVersion. Unknown fields are skipped. Throws StatusError 400 for malformed input.
 */
export function decodeMessage(schema: MessageSchema, raw: Uint8Array): Record<string, unknown> {
  throw new Error(`not yet: ${schema.name}${raw.length}`);
}
