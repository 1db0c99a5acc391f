import type { FieldError } from '../../kube/field-error.js';
import { forbiddenField, invalid, required } from '../../kube/field-error.js';
import { dnsSubdomainProblems, qualifiedNameProblems } from '../../kube/names.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { AGE_COLUMN, ageCell, NAME_COLUMN, textColumn } from '../columns.js';
import type { Resource } from '../resource.js';
import { leaseSchema } from './schema.js';

/** coordination.k8s.io/v1 Lease. */
export interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string | null;
    readonly renewTime?: string | null;
    readonly leaseTransitions?: number;
    readonly strategy?: string;
    readonly preferredHolder?: string;
  };
}

/** What is wrong with a lease (pkg/apis/coordination/validation). */
function validateLease({ spec = {} }: Lease): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { leaseDurationSeconds: duration, leaseTransitions: transitions, strategy, preferredHolder } = spec;
  if (duration !== undefined && duration <= 0) {
    errors.push(invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0'));
  }
  if (transitions !== undefined && transitions < 0) {
    errors.push(invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
  }
  if (strategy === '') errors.push(required('spec.strategy'));
  else if (strategy !== undefined) {
    for (const problem of qualifiedNameProblems(strategy)) errors.push(invalid('spec.strategy', strategy, problem));
  }
  if ((preferredHolder ?? '') !== '' && (strategy ?? '') === '') {
    errors.push(forbiddenField('spec.preferredHolder', 'may only be specified if `strategy` is defined'));
  }
  return errors;
}

/** coordination.k8s.io/v1 leases. */
export const leases: Resource<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  resource: 'leases',
  singular: 'lease',
  namespaced: true,
  storageVersionHash: 'gqkMMb/YqFM=',
  schema: leaseSchema,
  keyPrefix: '/registry/leases/',
  strategy: {
    nameProblems: dnsSubdomainProblems,
    createOnUpdate: true,
    unconditionalUpdate: false,
    prepareForCreate: (lease) => lease,
    validate: validateLease,
    prepareForUpdate: (next) => next,
    validateUpdate: validateLease,
  },
  unknownFieldText: 'known',
  columns: [NAME_COLUMN, textColumn('Holder', 'Who holds the lease.'), AGE_COLUMN],
  cells: (lease, now) => [lease.metadata.name ?? '', lease.spec?.holderIdentity ?? '', ageCell(lease, now)],
  deleteAnswer: 'status',
};
