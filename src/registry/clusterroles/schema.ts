import { labelSelectorSchema, metadataField } from '../../kube/object-meta-schema.js';
import type { MessageSchema } from '../../kube/schema.js';
import { rulesField } from '../roles/schema.js';

const aggregationRuleSchema: MessageSchema = {
  name: 'io.k8s.api.rbac.v1.AggregationRule',
  description: 'Which ClusterRoles make up this one.',
  fields: [
    {
      name: 'clusterRoleSelectors',
      number: 1,
      type: labelSelectorSchema,
      repeated: true,
      listType: 'atomic',
      description: 'ClusterRoles that match any of these give their rules to this one.',
    },
  ],
};

/** rbac.authorization.k8s.io/v1 ClusterRole. */
export const clusterRoleSchema: MessageSchema = {
  name: 'io.k8s.api.rbac.v1.ClusterRole',
  description: 'A set of permissions in the whole cluster, or, through a RoleBinding, in one namespace.',
  fields: [
    metadataField,
    rulesField,
    {
      name: 'aggregationRule',
      number: 3,
      type: aggregationRuleSchema,
      pointer: true,
      description: 'When set, the rules are written by the server: the union of those of the selected ClusterRoles.',
    },
  ],
};
