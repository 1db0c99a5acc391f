import { fieldSelectorRequirementSchema, labelSelectorRequirementSchema } from '../../kube/object-meta-schema.js';
import type { FieldSchema, MessageSchema } from '../../kube/schema.js';
import { message, reviewSchema, text, texts } from './schema-fields.js';

const AUTHORIZATION = 'io.k8s.api.authorization.v1.';

function selectorSchema(name: string, of: string, requirement: MessageSchema): MessageSchema {
  return {
    name: `${AUTHORIZATION}${name}`,
    description: `Limits a request to objects with certain ${of}. Rules of roles do not look at it.`,
    fields: [
      text('rawSelector', 1, `A ${of.slice(0, -1)} selector as in a query; not together with requirements.`),
      message('requirements', 2, requirement, 'Conditions that must all hold.', {
        repeated: true,
        listType: 'atomic',
      }),
    ],
  };
}

const resourceAttributesSchema: MessageSchema = {
  name: `${AUTHORIZATION}ResourceAttributes`,
  description: 'A request for a resource. `*` means all, and only rules for `*` allow it.',
  fields: [
    text('namespace', 1, 'Namespace of the request; empty for resources of the whole cluster, and for all namespaces.'),
    text(
      'verb',
      2,
      'get, list, watch, create, update, patch, delete, deletecollection, or one with a special meaning.',
    ),
    text('group', 3, 'API group.'),
    text('version', 4, 'API version.'),
    text('resource', 5, 'The resource, in plural.'),
    text('subresource', 6, 'The subresource; empty for none.'),
    text('name', 7, 'Name of one object; empty for all.'),
    message(
      'fieldSelector',
      8,
      selectorSchema('FieldSelectorAttributes', 'fields', fieldSelectorRequirementSchema),
      'Limits the request by fields.',
      { pointer: true },
    ),
    message(
      'labelSelector',
      9,
      selectorSchema('LabelSelectorAttributes', 'labels', labelSelectorRequirementSchema),
      'Limits the request by labels.',
      { pointer: true },
    ),
  ],
};

const attributeFields: readonly FieldSchema[] = [
  message('resourceAttributes', 1, resourceAttributesSchema, 'A request for a resource.', { pointer: true }),
  message(
    'nonResourceAttributes',
    2,
    {
      name: `${AUTHORIZATION}NonResourceAttributes`,
      description: 'A request for a path that is no resource.',
      fields: [text('path', 1, 'Path of the request.'), text('verb', 2, 'HTTP method in lower case.')],
    },
    'A request for a path.',
    { pointer: true },
  ),
];

const subjectAccessReviewSpecSchema: MessageSchema = {
  name: `${AUTHORIZATION}SubjectAccessReviewSpec`,
  description: 'Who would do what. Exactly one of the two kinds of attributes is given.',
  fields: [
    ...attributeFields,
    text('user', 3, 'Name of the user.'),
    texts('groups', 4, 'Groups of the user; none is added.'),
    {
      name: 'extra',
      number: 5,
      type: 'string',
      map: true,
      repeated: true,
      goType: 'v1.ExtraValue',
      description: 'Whatever else is known of the user.',
    },
    text('uid', 6, 'UID of the user.'),
  ],
};

const statusSchema: MessageSchema = {
  name: `${AUTHORIZATION}SubjectAccessReviewStatus`,
  description: 'Whether it is allowed.',
  fields: [
    { name: 'allowed', number: 1, type: 'bool', always: true, required: true, description: 'Whether it is allowed.' },
    text('reason', 2, 'Why.'),
    text('evaluationError', 3, 'What went wrong while this was decided; the decision stands.'),
    {
      name: 'denied',
      number: 4,
      type: 'bool',
      description: 'Whether it is denied, whatever else may allow it. Otherwise nobody had an opinion.',
    },
  ],
};

/** authorization.k8s.io/v1 SubjectAccessReview. */
export const subjectAccessReviewSchema: MessageSchema = reviewSchema(
  `${AUTHORIZATION}SubjectAccessReview`,
  'Asks whether a user may do something.',
  subjectAccessReviewSpecSchema,
  statusSchema,
);

/** authorization.k8s.io/v1 LocalSubjectAccessReview. */
export const localSubjectAccessReviewSchema: MessageSchema = reviewSchema(
  `${AUTHORIZATION}LocalSubjectAccessReview`,
  'Asks whether a user may do something in one namespace.',
  subjectAccessReviewSpecSchema,
  statusSchema,
);

/** authorization.k8s.io/v1 SelfSubjectAccessReview. */
export const selfSubjectAccessReviewSchema: MessageSchema = reviewSchema(
  `${AUTHORIZATION}SelfSubjectAccessReview`,
  'Asks whether the caller may do something.',
  {
    name: `${AUTHORIZATION}SelfSubjectAccessReviewSpec`,
    description: 'What the caller would do. Exactly one of the two kinds of attributes is given.',
    fields: attributeFields,
  },
  statusSchema,
);

/** authorization.k8s.io/v1 SelfSubjectRulesReview. */
export const selfSubjectRulesReviewSchema: MessageSchema = reviewSchema(
  `${AUTHORIZATION}SelfSubjectRulesReview`,
  'Asks for everything that the caller may do in one namespace.',
  {
    name: `${AUTHORIZATION}SelfSubjectRulesReviewSpec`,
    description: 'Which namespace.',
    fields: [text('namespace', 1, 'The namespace. Required.')],
  },
  {
    name: `${AUTHORIZATION}SubjectRulesReviewStatus`,
    description: 'Rules that apply to the caller, one after the other.',
    fields: [
      message(
        'resourceRules',
        1,
        {
          name: `${AUTHORIZATION}ResourceRule`,
          description: 'Verbs on resources.',
          fields: [
            texts('verbs', 1, 'Verbs; `*` is all.', { always: true, required: true }),
            texts('apiGroups', 2, 'API groups; `*` is all.'),
            texts('resources', 3, 'Resources; `*` is all, `*/sub` a subresource of all.'),
            texts('resourceNames', 4, 'Names of objects; none means all.'),
          ],
        },
        'Rules for resources.',
        { repeated: true, listType: 'atomic', always: true, required: true },
      ),
      message(
        'nonResourceRules',
        2,
        {
          name: `${AUTHORIZATION}NonResourceRule`,
          description: 'Verbs on paths.',
          fields: [
            texts('verbs', 1, 'HTTP methods in lower case; `*` is all.', { always: true, required: true }),
            texts('nonResourceURLs', 2, 'Paths; a trailing `*` stands for any rest.'),
          ],
        },
        'Rules for paths.',
        { repeated: true, listType: 'atomic', always: true, required: true },
      ),
      {
        name: 'incomplete',
        number: 3,
        type: 'bool',
        always: true,
        required: true,
        description: 'Whether more may be allowed than is listed.',
      },
      text('evaluationError', 4, 'What went wrong while the rules were gathered.'),
    ],
  },
);
