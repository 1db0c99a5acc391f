import { metadataField } from '../../kube/object-meta-schema.js';
import type { FieldSchema, MessageSchema } from '../../kube/schema.js';

function strings(name: string, number: number, description: string): FieldSchema {
  return { name, number, type: 'string', repeated: true, listType: 'atomic', description };
}

/** rbac.authorization.k8s.io/v1 PolicyRule. */
export const policyRuleSchema: MessageSchema = {
  name: 'io.k8s.api.rbac.v1.PolicyRule',
  description: 'What may be done to which resources or paths. It says nothing about who may do it.',
  fields: [
    {
      ...strings('verbs', 1, 'What may be done, such as get or approve; * is everything.'),
      always: true,
      required: true,
    },
    strings('apiGroups', 2, 'API groups of the resources; "" is the core group, * is every group.'),
    strings('resources', 3, 'Resources, such as secrets or certificatesigningrequests/approval; * is every resource.'),
    strings('resourceNames', 4, 'Only objects with these names. Empty: all of them.'),
    strings(
      'nonResourceURLs',
      5,
      'Paths that are no resources, such as /metrics; a * may stand at the end. Only in a ClusterRole.',
    ),
  ],
};

/** The `rules` field of Role and ClusterRole. */
export const rulesField: FieldSchema = {
  name: 'rules',
  number: 2,
  type: policyRuleSchema,
  repeated: true,
  always: true,
  listType: 'atomic',
  description: 'What the role allows. Rules add up; none takes anything away.',
};

/** rbac.authorization.k8s.io/v1 Role. */
export const roleSchema: MessageSchema = {
  name: 'io.k8s.api.rbac.v1.Role',
  description: 'A set of permissions in one namespace, granted to somebody by a RoleBinding.',
  fields: [metadataField, rulesField],
};
