import type { MessageSchema } from '../../kube/schema.js';
import type { Resource } from '../resource.js';
import { bindingFields } from '../rolebindings/schema.js';
import { BINDING_COLUMNS, bindingCells, bindingStrategy } from '../rolebindings/rolebindings.js';
import type { Binding } from '../rolebindings/validate-binding.js';
import { RBAC_GROUP } from '../roles/roles.js';

const schema: MessageSchema = {
  name: 'io.k8s.api.rbac.v1.ClusterRoleBinding',
  description: 'Grants a ClusterRole in the whole cluster.',
  fields: bindingFields,
};

/** rbac.authorization.k8s.io/v1 clusterrolebindings. */
export const clusterRoleBindings: Resource<Binding> = {
  group: RBAC_GROUP,
  version: 'v1',
  kind: 'ClusterRoleBinding',
  resource: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  namespaced: false,
  storageVersionHash: '48tpQ8gZHFc=',
  schema,
  keyPrefix: '/registry/clusterrolebindings/',
  strategy: bindingStrategy(false),
  unknownFieldText: 'known',
  columns: BINDING_COLUMNS,
  cells: bindingCells,
  deleteAnswer: 'status',
};
