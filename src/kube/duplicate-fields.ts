/** Dotted paths of fields that JSON text names twice in one object, in the order of the text, each once. */
export function findDuplicateFields(text: string): readonly string[] {
  throw new Error(`not yet: ${text}`);
}

/**
 * What strict validation finds: `unknown field "a.b"` and `duplicate field "c"`, in the order of the text. Nothing is
 * looked for inside unknown fields.
 */
export function strictFindings(text: string, unknownFields: readonly string[]): readonly string[] {
  throw new Error(`not yet: ${text}${unknownFields.length}`);
}
