import type { FieldError } from '../../kube/field-error.js';
import { invalid } from '../../kube/field-error.js';
import { dnsLabelProblems, qualifiedNameProblems } from '../../kube/names.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { conflict, forbidden, type StatusError } from '../../kube/status.js';
import { formatTime } from '../../kube/time.js';
import { AGE_COLUMN, ageCell, NAME_COLUMN, textColumn } from '../columns.js';
import type { Preconditions, RequestContext, Resource, UpdateSubresource } from '../resource.js';
import { namespaceSchema } from './schema.js';

/** core/v1 Namespace. */
export interface Namespace extends KubeObject {
  readonly spec: { readonly finalizers?: readonly string[] };
  readonly status: {
    readonly phase?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly lastTransitionTime?: string | null;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
}

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Holds a namespace until its content is gone. */
const CONTENT_FINALIZER = 'kubernetes';

/** Namespaces that stay. */
const UNDELETABLE: readonly string[] = ['default', 'kube-system', 'kube-public'];

function setDefaults(namespace: Namespace): Namespace {
  const { name } = namespace.metadata;
  if (name === undefined || namespace.metadata.labels?.[NAME_LABEL] === name) return namespace;
  return {
    ...namespace,
    metadata: { ...namespace.metadata, labels: { ...namespace.metadata.labels, [NAME_LABEL]: name } },
  };
}

function prepareForCreate(namespace: Namespace): Namespace {
  const finalizers = namespace.spec.finalizers ?? [];
  return {
    ...namespace,
    spec: {
      ...namespace.spec,
      finalizers: finalizers.includes(CONTENT_FINALIZER) ? finalizers : [...finalizers, CONTENT_FINALIZER],
    },
    status: { phase: 'Active' },
  };
}

function validateFinalizers(namespace: Namespace): readonly FieldError[] {
  return (namespace.spec.finalizers ?? []).flatMap((finalizer) => {
    const standard = finalizer === CONTENT_FINALIZER || finalizer.includes('/');
    const problems = [
      ...qualifiedNameProblems(finalizer),
      ...(standard ? [] : ['name is neither a standard finalizer name nor is it fully qualified']),
    ];
    return problems.map((problem) => invalid('spec.finalizers', finalizer, problem));
  });
}

/**
 * A delete turns the namespace to Terminating; its content goes first, then `/finalize` lets it go. What the first
 * delete asked of the garbage collector stands until then.
 */
function beginDelete(namespace: Namespace, context: RequestContext): Namespace | undefined {
  const { deletionTimestamp, finalizers = [] } = namespace.metadata;
  if (readyToRemove(namespace) && (finalizers.length === 0 || isSet(deletionTimestamp))) return undefined;
  if (isSet(deletionTimestamp)) return namespace;
  return {
    ...namespace,
    metadata: { ...namespace.metadata, deletionTimestamp: formatTime(context.now) },
    status: { ...namespace.status, phase: 'Terminating' },
  };
}

function isSet(time: string | null | undefined): boolean {
  return (time ?? '') !== '';
}

/** 403 for the namespaces that stay; 409 for another namespace than the caller means, which has words of its own. */
function refuseDelete({ metadata }: Namespace, preconditions: Preconditions): void {
  const of = { group: '', resource: 'namespaces' };
  const { name = '', uid = '', resourceVersion = '' } = metadata;
  if (UNDELETABLE.includes(name)) throw forbidden(of, name, 'this namespace may not be deleted');
  const failed = (what: string, wanted: string, actual: string): StatusError =>
    conflict(of, name, `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${actual}`);
  if (preconditions.uid !== undefined && preconditions.uid !== uid) throw failed('UID', preconditions.uid, uid);
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    throw failed('ResourceVersion', preconditions.resourceVersion, resourceVersion);
  }
}

function readyToRemove(namespace: Namespace): boolean {
  return (namespace.spec.finalizers ?? []).length === 0;
}

const status: UpdateSubresource<Namespace> = {
  kind: 'update',
  table: true,
  verbs: ['get', 'patch', 'update'],
  unconditionalUpdate: true,
  prepareForUpdate: (next, previous) => ({ ...next, spec: previous.spec }),
  validateUpdate: (next) => {
    const wanted = (next.metadata.deletionTimestamp ?? '') === '' ? 'Active' : 'Terminating';
    const { phase = '' } = next.status;
    if (phase === wanted) return [];
    const when = wanted === 'Active' ? 'if `deletionTimestamp` is empty' : 'if `deletionTimestamp` is not empty';
    return [invalid('status.Phase', phase, `may only be '${wanted}' ${when}`)];
  },
};

const finalize: UpdateSubresource<Namespace> = {
  kind: 'update',
  table: false,
  verbs: ['update'],
  unconditionalUpdate: true,
  prepareForUpdate: (next, previous) => ({ ...next, status: previous.status }),
  validateUpdate: validateFinalizers,
};

/** core/v1 namespaces. */
export const namespaces: Resource<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  resource: 'namespaces',
  singular: 'namespace',
  namespaced: false,
  shortNames: ['ns'],
  storageVersionHash: 'Q3oi5N2YM8M=',
  deleteCollection: false,
  schema: namespaceSchema,
  keyPrefix: '/registry/namespaces/',
  strategy: {
    nameProblems: dnsLabelProblems,
    createOnUpdate: false,
    unconditionalUpdate: true,
    setDefaults,
    prepareForCreate,
    validate: validateFinalizers,
    prepareForUpdate: (next, previous) => ({ ...next, spec: previous.spec, status: previous.status }),
    validateUpdate: () => [],
    refuseDelete,
    beginDelete,
    readyToRemove,
  },
  subresources: { finalize, status },
  selectableFields: { 'status.phase': (namespace) => namespace.status.phase ?? '' },
  unknownFieldText: 'plain',
  columns: [NAME_COLUMN, textColumn('Status', 'Active or Terminating.'), AGE_COLUMN],
  cells: (namespace, now) => [namespace.metadata.name ?? '', namespace.status.phase ?? '', ageCell(namespace, now)],
  deleteAnswer: 'object',
};
