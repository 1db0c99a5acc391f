import { metadataField } from '../../kube/object-meta-schema.js';
import type { FieldSchema, MessageSchema } from '../../kube/schema.js';

function text(name: string, number: number, description: string, more: Partial<FieldSchema> = {}): FieldSchema {
  return { name, number, type: 'string', description, ...more };
}

const namespaceConditionSchema: MessageSchema = {
  name: 'io.k8s.api.core.v1.NamespaceCondition',
  description: 'One thing that is known about a namespace.',
  fields: [
    text('type', 1, 'What it is about, such as NamespaceContentRemaining.', { always: true, required: true }),
    text('status', 2, 'True, False or Unknown.', { always: true, required: true }),
    text('lastTransitionTime', 4, 'When the status last changed.', { type: 'time' }),
    text('reason', 5, 'Why, in one word.'),
    text('message', 6, 'Why, for people.'),
  ],
};

const namespaceSpecSchema: MessageSchema = {
  name: 'io.k8s.api.core.v1.NamespaceSpec',
  description: 'What a namespace shall be.',
  fields: [
    text('finalizers', 1, 'Who must say that its content is gone before the namespace goes.', {
      repeated: true,
      listType: 'atomic',
    }),
  ],
};

const namespaceStatusSchema: MessageSchema = {
  name: 'io.k8s.api.core.v1.NamespaceStatus',
  description: 'What a namespace is.',
  fields: [
    text('phase', 1, 'Active or Terminating.'),
    text('conditions', 2, 'What is known about it.', {
      type: namespaceConditionSchema,
      repeated: true,
      patchStrategy: 'merge',
      patchMergeKey: 'type',
      listType: 'map',
      listMapKeys: ['type'],
    }),
  ],
};

/** core/v1 Namespace. */
export const namespaceSchema: MessageSchema = {
  name: 'io.k8s.api.core.v1.Namespace',
  description: 'A scope for names and permissions.',
  fields: [
    metadataField,
    text('spec', 2, 'What the namespace shall be.', { type: namespaceSpecSchema, always: true }),
    text('status', 3, 'What the namespace is.', { type: namespaceStatusSchema, always: true }),
  ],
};
