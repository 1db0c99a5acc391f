import type { FieldSchema, MessageSchema } from '../../kube/schema.js';

/** What a message holds under one number: a field, or a message that has no name in JSON, with fields of its own. */
export type WireField =
  { readonly kind: 'field'; readonly field: FieldSchema } | { readonly kind: 'embedded'; readonly fields: WireFields };

/** The fields of a message by number, in the order of the numbers. */
export type WireFields = ReadonlyMap<number, WireField>;

const known = new WeakMap<MessageSchema, WireFields>();

/** How the fields of a message stand in protobuf; made once for each message. */
export function wireFieldsOf(schema: MessageSchema): WireFields {
  let fields = known.get(schema);
  if (fields === undefined) {
    fields = makeWireFields(schema);
    known.set(schema, fields);
  }
  return fields;
}

function makeWireFields({ fields }: MessageSchema): WireFields {
  const sorted = fields.toSorted((a, b) => a.number - b.number);
  const embedded = new Map<number, Map<number, WireField>>();
  const all = new Map<number, WireField>();
  for (const field of sorted) {
    const { embeddedIn, number } = field;
    const wire = { kind: 'field', field } as const;
    if (embeddedIn === undefined) all.set(number, wire);
    else embedded.set(embeddedIn, (embedded.get(embeddedIn) ?? new Map<number, WireField>()).set(number, wire));
  }
  for (const [number, inner] of embedded) all.set(number, { kind: 'embedded', fields: inner });
  return new Map([...all].sort(([a], [b]) => a - b));
}
