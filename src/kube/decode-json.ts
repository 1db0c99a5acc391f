import type { KubeObject } from './object-meta.js';
import type { MessageSchema } from './schema.js';

/** An object in the API's JSON shape, and what its JSON had that the schema has not, as dotted paths. */
export interface DecodedObject<T = KubeObject> {
  readonly object: T;
  readonly unknownFields: readonly string[];
}

/**
 * Decodes parsed JSON as a Kubernetes API server does: null is absence, names are case-sensitive, values are brought
 * into their canonical form, unset fields are left out or written as the schema says, in the schema's order. `kind` and
 * `apiVersion` are kept as they are. The input is not changed; the result may share its free-form parts.
 * Throws OBJECT_MALFORMED with Go's text (`json: cannot unmarshal number into Go struct field ConfigMap.data of type string`).
 */
export function decodeObject(schema: MessageSchema, kindName: string, json: unknown): DecodedObject {
  throw new Error(`not yet: ${schema.name}${kindName}${String(json)}`);
}
