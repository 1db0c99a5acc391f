import { dnsSubdomainProblems } from '../../kube/names.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { AGE_COLUMN, ageCell, NAME_COLUMN } from '../columns.js';
import type { CreateSubresource, Resource } from '../resource.js';
import { serviceAccountSchema } from './schema.js';

/** core/v1 ServiceAccount. */
export interface ServiceAccount extends KubeObject {
  readonly secrets?: readonly { readonly name?: string }[];
  readonly imagePullSecrets?: readonly { readonly name?: string }[];
  readonly automountServiceAccountToken?: boolean;
}

/** Of the Secrets that an account refers to, only the names count: they are in its own namespace. */
function namesOnly(account: ServiceAccount): ServiceAccount {
  if (account.secrets === undefined) return account;
  return { ...account, secrets: account.secrets.map(({ name }) => (name === undefined ? {} : { name })) };
}

/** core/v1 serviceaccounts; `token` is served where there is somebody to issue tokens. */
export function createServiceAccounts(token: CreateSubresource<KubeObject> | undefined): Resource<ServiceAccount> {
  return {
    group: '',
    version: 'v1',
    kind: 'ServiceAccount',
    resource: 'serviceaccounts',
    singular: 'serviceaccount',
    namespaced: true,
    shortNames: ['sa'],
    storageVersionHash: 'pbx9ZvyFpBE=',
    schema: serviceAccountSchema,
    keyPrefix: '/registry/serviceaccounts/',
    strategy: {
      nameProblems: dnsSubdomainProblems,
      createOnUpdate: false,
      unconditionalUpdate: true,
      prepareForCreate: namesOnly,
      validate: () => [],
      prepareForUpdate: namesOnly,
      validateUpdate: () => [],
    },
    ...(token === undefined ? {} : { subresources: { token } }),
    unknownFieldText: 'known',
    columns: [NAME_COLUMN, AGE_COLUMN],
    cells: (account, now) => [account.metadata.name ?? '', ageCell(account, now)],
    deleteAnswer: 'object',
  };
}
