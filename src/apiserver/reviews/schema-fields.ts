import { metadataField } from '../../kube/object-meta-schema.js';
import type { FieldSchema, MessageSchema } from '../../kube/schema.js';

type Rest = Partial<Omit<FieldSchema, 'name' | 'number' | 'type' | 'description'>>;

/** A string field. */
export function text(name: string, number: number, description: string, rest: Rest = {}): FieldSchema {
  return { name, number, type: 'string', description, ...rest };
}

/** A list of strings. */
export function texts(name: string, number: number, description: string, rest: Rest = {}): FieldSchema {
  return { name, number, type: 'string', description, repeated: true, listType: 'atomic', ...rest };
}

/** A field that holds another message. */
export function message(
  name: string,
  number: number,
  type: MessageSchema,
  description: string,
  rest: Rest = {},
): FieldSchema {
  return { name, number, type, description, ...rest };
}

/** A review with a spec and a status. */
export function reviewSchema(
  name: string,
  description: string,
  spec: MessageSchema,
  status: MessageSchema,
): MessageSchema {
  return {
    name,
    description,
    fields: [
      metadataField,
      message('spec', 2, spec, 'What is asked.', { always: true, required: true }),
      message('status', 3, status, 'The answer. Filled in by the server.', { always: true }),
    ],
  };
}
