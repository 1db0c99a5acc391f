import type { FieldError } from './field-error.js';
import type { ObjectMeta } from './object-meta.js';

/** What metadata rules depend on. */
export interface ObjectMetaRules {
  readonly namespaced: boolean;
  readonly nameProblems: (name: string, prefix: boolean) => readonly string[];
}

/** The metadata of a new object, after its name has been generated. */
export function validateObjectMeta(meta: ObjectMeta, rules: ObjectMetaRules): readonly FieldError[] {
  throw new Error(`not yet: ${meta.name ?? ''}${rules.namespaced}`);
}

/** What an update may do to metadata. */
export function validateObjectMetaUpdate(next: ObjectMeta, previous: ObjectMeta): readonly FieldError[] {
  throw new Error(`not yet: ${next.name ?? ''}${previous.name ?? ''}`);
}
