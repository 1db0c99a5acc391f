import { deleteOptionsSchema, statusSchema } from '../../kube/object-meta-schema.js';
import { messageOfField, type MessageSchema } from '../../kube/schema.js';
import type { Resource } from '../../registry/resource.js';
import { createResources } from '../../registry/resources.js';
import { selfSubjectReviewSchema, tokenRequestSchema, tokenReviewSchema } from '../reviews/authentication-schemas.js';
import {
  localSubjectAccessReviewSchema,
  selfSubjectAccessReviewSchema,
  selfSubjectRulesReviewSchema,
  subjectAccessReviewSchema,
} from '../reviews/authorization-schemas.js';

/** Everything that is stored, and so comes in lists and watches. */
export const SERVED_RESOURCES: readonly Resource[] = createResources({
  requestVerifier: { verify: () => Promise.reject(new Error('nobody asks')) },
});

/** Its kinds. */
export const STORED_KINDS: readonly MessageSchema[] = SERVED_RESOURCES.map((resource) => resource.schema);

/** Every kind that a client sends or is sent by itself. */
export const SERVED_KINDS: readonly MessageSchema[] = [
  ...STORED_KINDS,
  tokenRequestSchema,
  tokenReviewSchema,
  selfSubjectReviewSchema,
  subjectAccessReviewSchema,
  localSubjectAccessReviewSchema,
  selfSubjectAccessReviewSchema,
  selfSubjectRulesReviewSchema,
  deleteOptionsSchema,
  statusSchema,
];

/** Every message that is reached from these, once. */
export function messagesWithin(kinds: readonly MessageSchema[]): readonly MessageSchema[] {
  const found = new Set<MessageSchema>();
  const pending = [...kinds];
  for (let message = pending.pop(); message !== undefined; message = pending.pop()) {
    if (found.has(message)) continue;
    found.add(message);
    pending.push(...message.fields.flatMap((f) => messageOfField(f) ?? []));
  }
  return [...found];
}
