import { metadataField } from '../../kube/object-meta-schema.js';
import type { FieldSchema, MessageSchema } from '../../kube/schema.js';

const subjectSchema: MessageSchema = {
  name: 'io.k8s.api.rbac.v1.Subject',
  description: 'Somebody to whom a role is granted.',
  mapType: 'atomic',
  fields: [
    {
      name: 'kind',
      number: 1,
      type: 'string',
      always: true,
      required: true,
      description: 'User, Group or ServiceAccount.',
    },
    {
      name: 'apiGroup',
      number: 2,
      type: 'string',
      description:
        'Group of the kind: "" for ServiceAccount, rbac.authorization.k8s.io for User and Group; the default.',
    },
    { name: 'name', number: 3, type: 'string', always: true, required: true, description: 'Its name.' },
    {
      name: 'namespace',
      number: 4,
      type: 'string',
      description: 'Namespace of a ServiceAccount. No other kind has one.',
    },
  ],
};

const roleRefSchema: MessageSchema = {
  name: 'io.k8s.api.rbac.v1.RoleRef',
  description: 'The role that is granted.',
  mapType: 'atomic',
  fields: [
    {
      name: 'apiGroup',
      number: 1,
      type: 'string',
      always: true,
      description: 'Group of the role: rbac.authorization.k8s.io, the default.',
    },
    { name: 'kind', number: 2, type: 'string', always: true, required: true, description: 'Role or ClusterRole.' },
    { name: 'name', number: 3, type: 'string', always: true, required: true, description: 'Its name.' },
  ],
};

/** The fields of both kinds of binding. */
export const bindingFields: readonly FieldSchema[] = [
  metadataField,
  {
    name: 'subjects',
    number: 2,
    type: subjectSchema,
    repeated: true,
    listType: 'atomic',
    description: 'Who gets the role.',
  },
  {
    name: 'roleRef',
    number: 3,
    type: roleRefSchema,
    always: true,
    required: true,
    description: 'The role. It cannot be changed: delete the binding and make another.',
  },
];

/** rbac.authorization.k8s.io/v1 RoleBinding. */
export const roleBindingSchema: MessageSchema = {
  name: 'io.k8s.api.rbac.v1.RoleBinding',
  description: 'Grants a Role of its namespace, or a ClusterRole within its namespace.',
  fields: bindingFields,
};
