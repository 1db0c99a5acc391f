import {
  addErrors,
  type FieldError,
  forbiddenField,
  invalid,
  MAX_FIELD_ERRORS,
  required,
  tooLong,
} from './field-error.js';
import type { MetaLabelSelector } from './label-selector.js';
import { byteLength, dnsLabelProblems, labelValueProblems, qualifiedNameProblems } from './names.js';
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from './object-meta.js';

/** What metadata rules depend on. */
export interface ObjectMetaRules {
  readonly namespaced: boolean;
  readonly nameProblems: (name: string, prefix: boolean) => readonly string[];
}

/** Keys and values of all annotations together. */
export const MAX_ANNOTATION_BYTES = 262_144;

/** The longest name of a field manager. */
export const MAX_FIELD_MANAGER_BYTES = 128;

const MAX_SUBRESOURCE_BYTES = 256;

/** Superfluous controllers that are told, for each is told with the whole list. */
const MAX_CONTROLLERS_TOLD = 4;

/** Finalizers that need no domain. */
const STANDARD_FINALIZERS: readonly string[] = ['kubernetes', 'orphan', 'foregroundDeletion'];

/**
 * The metadata of a new object, after its name has been generated: names, namespace, labels, annotations, owners,
 * finalizers, managed fields, in the order and the words of the API server. Errors are under `metadata`.
 */
export function validateObjectMeta(meta: ObjectMeta, rules: ObjectMetaRules): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { generateName, name, namespace, generation } = meta;
  if (isSet(generateName)) {
    for (const problem of rules.nameProblems(generateName, true)) {
      errors.push(invalid('metadata.generateName', generateName, problem));
    }
  }
  if (!isSet(name)) errors.push(required('metadata.name', 'name or generateName is required'));
  else for (const problem of rules.nameProblems(name, false)) errors.push(invalid('metadata.name', name, problem));
  if (rules.namespaced) {
    if (!isSet(namespace)) errors.push(required('metadata.namespace'));
    else
      for (const problem of dnsLabelProblems(namespace)) errors.push(invalid('metadata.namespace', namespace, problem));
  } else if (isSet(namespace)) errors.push(forbiddenField('metadata.namespace', 'not allowed on this type'));
  if (generation !== undefined && generation < 0) {
    errors.push(invalid('metadata.generation', generation, 'must be greater than or equal to 0'));
  }
  addErrors(errors, validateLabels(meta.labels, 'metadata.labels'));
  addErrors(errors, validateAnnotations(meta.annotations, 'metadata.annotations'));
  addErrors(errors, validateOwnerReferences(meta.ownerReferences ?? []));
  addErrors(errors, validateFinalizers(meta.finalizers ?? []));
  addErrors(errors, validateManagedFields(meta.managedFields ?? []));
  addErrors(errors, validateFinalizerDomains(meta.finalizers ?? []));
  return errors;
}

/**
 * What an update may do to metadata: everything that names the object stays, and an object that is being deleted gets
 * no new finalizer. The check of resourceVersion belongs to the store.
 */
export function validateObjectMetaUpdate(next: ObjectMeta, previous: ObjectMeta): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (isSet(previous.deletionTimestamp ?? undefined)) {
    const known = new Set(previous.finalizers);
    const added = (next.finalizers ?? []).filter((f) => !known.has(f));
    if (added.length > 0) errors.push(forbiddenField('metadata.finalizers', newFinalizersText(added)));
  }
  if ((next.generation ?? 0) < (previous.generation ?? 0)) {
    errors.push(invalid('metadata.generation', next.generation ?? 0, 'must not be decremented'));
  }
  for (const field of ['name', 'namespace', 'uid'] as const) {
    if ((next[field] ?? '') !== (previous[field] ?? '')) errors.push(immutable(field, next[field] ?? ''));
  }
  for (const field of ['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    if ((next[field] ?? null) !== (previous[field] ?? null)) errors.push(immutable(field, next[field] ?? null));
  }
  addErrors(errors, validateLabels(next.labels, 'metadata.labels'));
  addErrors(errors, validateAnnotations(next.annotations, 'metadata.annotations'));
  addErrors(errors, validateOwnerReferences(next.ownerReferences ?? []));
  addErrors(errors, validateManagedFields(next.managedFields ?? []));
  addErrors(errors, validateFinalizerDomains(next.finalizers ?? []));
  return errors;
}

/** Keys and values of labels; errors are on the map itself. */
export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  field: string,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (errors.length > MAX_FIELD_ERRORS) break;
    for (const problem of qualifiedNameProblems(key)) errors.push(invalid(field, key, problem));
    for (const problem of labelValueProblems(value)) errors.push(invalid(field, value, problem));
  }
  return errors;
}

/** Keys of annotations, whose case does not matter, and the size of all of them. */
export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    if (errors.length <= MAX_FIELD_ERRORS) {
      for (const problem of qualifiedNameProblems(key.toLowerCase())) errors.push(invalid(field, key, problem));
    }
    bytes += byteLength(key) + byteLength(value);
  }
  if (bytes > MAX_ANNOTATION_BYTES) errors.push(tooLong(field, MAX_ANNOTATION_BYTES));
  return errors;
}

/** A label selector in an object. */
export function validateLabelSelector(selector: MetaLabelSelector | undefined, field: string): readonly FieldError[] {
  const errors = [...validateLabels(selector?.matchLabels, `${field}.matchLabels`)];
  selector?.matchExpressions?.forEach((expression, i) => {
    const path = `${field}.matchExpressions[${i}]`;
    const values = expression.values ?? [];
    if (expression.operator === 'In' || expression.operator === 'NotIn') {
      if (values.length === 0) {
        errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
    } else if (expression.operator === 'Exists' || expression.operator === 'DoesNotExist') {
      if (values.length > 0) {
        errors.push(
          forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        );
      }
    } else errors.push(invalid(`${path}.operator`, expression.operator, 'not a valid selector operator'));
    for (const problem of qualifiedNameProblems(expression.key)) {
      errors.push(invalid(`${path}.key`, expression.key, problem));
    }
  });
  return errors;
}

/** A field manager's name: at most 128 bytes, printable. */
export function validateFieldManager(manager: string, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (byteLength(manager) > MAX_FIELD_MANAGER_BYTES) errors.push(tooLong(field, MAX_FIELD_MANAGER_BYTES));
  let at = 0;
  for (const c of manager) {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(c)) {
      const code = (c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      errors.push(invalid(field, manager, `invalid character U+${code} (at position ${at})`));
    }
    at += byteLength(c);
  }
  return errors;
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

function immutable(field: string, value: unknown): FieldError {
  return invalid(`metadata.${field}`, value, 'field is immutable');
}

/** The list is printed as Go prints a slice of strings. */
function newFinalizersText(added: readonly string[]): string {
  const list = [...new Set(added)].sort().map((f) => JSON.stringify(f));
  return `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list.join(', ')}}`;
}

function validateOwnerReferences(owners: readonly OwnerReference[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  const field = 'metadata.ownerReferences';
  let controller: string | undefined;
  let superfluous = 0;
  for (const owner of owners) {
    const slash = owner.apiVersion.indexOf('/');
    if (owner.apiVersion === '' || owner.apiVersion.endsWith('/') || slash !== owner.apiVersion.lastIndexOf('/')) {
      errors.push(invalid(`${field}.apiVersion`, owner.apiVersion, 'version must not be empty'));
    }
    for (const part of ['kind', 'name', 'uid'] as const) {
      if (owner[part] === '') errors.push(invalid(`${field}.${part}`, '', 'must not be empty'));
    }
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
      errors.push(invalid(field, owner, '/v1, Kind=Event is disallowed from being an owner'));
    }
    if (owner.controller !== true) continue;
    const name = `${owner.kind}/${owner.name}`;
    if (controller === undefined) controller = name;
    else if (++superfluous <= MAX_CONTROLLERS_TOLD) {
      errors.push(
        invalid(
          field,
          owners,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`,
        ),
      );
    }
  }
  return errors;
}

function validateFinalizers(finalizers: readonly string[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const finalizer of finalizers) {
    if (errors.length > MAX_FIELD_ERRORS) break;
    for (const problem of qualifiedNameProblems(finalizer)) {
      errors.push(invalid('metadata.finalizers', finalizer, problem));
    }
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    const detail = 'finalizer orphan and foregroundDeletion cannot be both set';
    errors.push(invalid('metadata.finalizers', finalizers, detail));
  }
  return errors;
}

/** A finalizer without a domain must be a standard one. */
function validateFinalizerDomains(finalizers: readonly string[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, finalizer] of finalizers.entries()) {
    if (errors.length > MAX_FIELD_ERRORS) break;
    if (finalizer.includes('/') || STANDARD_FINALIZERS.includes(finalizer)) continue;
    const detail = 'name is neither a standard finalizer name nor is it fully qualified';
    errors.push(invalid(`metadata.finalizers[${i}]`, finalizer, detail));
  }
  return errors;
}

function validateManagedFields(entries: readonly ManagedFieldsEntry[]): readonly FieldError[] {
  return entries.flatMap((entry, i) => {
    const field = `metadata.managedFields[${i}]`;
    const errors: FieldError[] = [];
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') {
      errors.push(invalid(`${field}.operation`, entry.operation ?? '', 'must be `Apply` or `Update`'));
    }
    if (isSet(entry.fieldsType) && entry.fieldsType !== 'FieldsV1') {
      errors.push(invalid(`${field}.fieldsType`, entry.fieldsType, 'must be `FieldsV1`'));
    }
    addErrors(errors, validateFieldManager(entry.manager ?? '', `${field}.manager`));
    if (byteLength(entry.subresource ?? '') > MAX_SUBRESOURCE_BYTES) {
      errors.push(tooLong(`${field}.subresource`, MAX_SUBRESOURCE_BYTES));
    }
    return errors;
  });
}
