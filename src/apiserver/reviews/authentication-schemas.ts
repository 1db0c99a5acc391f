import { metadataField } from '../../kube/object-meta-schema.js';
import type { MessageSchema } from '../../kube/schema.js';
import { message, reviewSchema, text, texts } from './schema-fields.js';

const AUTHENTICATION = 'io.k8s.api.authentication.v1.';

/** authentication.k8s.io/v1 UserInfo. */
export const userInfoSchema: MessageSchema = {
  name: `${AUTHENTICATION}UserInfo`,
  description: 'What is known of an authenticated user.',
  fields: [
    text('username', 1, 'Name that is unique among all active users.'),
    text('uid', 2, 'Identity over time: another user of the same name has another one.'),
    texts('groups', 3, 'Groups to which the user belongs.'),
    {
      name: 'extra',
      number: 4,
      type: 'string',
      map: true,
      repeated: true,
      goType: 'v1.ExtraValue',
      description: 'Whatever else the authenticator says, by key.',
    },
  ],
};

/** authentication.k8s.io/v1 TokenReview. */
export const tokenReviewSchema: MessageSchema = reviewSchema(
  `${AUTHENTICATION}TokenReview`,
  'Asks whose a bearer token is.',
  {
    name: `${AUTHENTICATION}TokenReviewSpec`,
    description: 'The token, and for whom it should be meant.',
    fields: [
      text('token', 1, 'The opaque bearer token.'),
      texts('audiences', 2, 'Who asks: the token must be meant for one of these. Empty: for the API server.'),
    ],
  },
  {
    name: `${AUTHENTICATION}TokenReviewStatus`,
    description: 'Whose the token is.',
    fields: [
      { name: 'authenticated', number: 1, type: 'bool', description: 'Whether the token is known and good.' },
      message('user', 2, userInfoSchema, 'The bearer.', { always: true }),
      text('error', 3, 'Why the token could not be checked.'),
      texts('audiences', 4, 'Those of the asked audiences for which the token is good.'),
    ],
  },
);

/** authentication.k8s.io/v1 SelfSubjectReview. */
export const selfSubjectReviewSchema: MessageSchema = {
  name: `${AUTHENTICATION}SelfSubjectReview`,
  description: 'Asks as whom the server sees the caller.',
  fields: [
    metadataField,
    message(
      'status',
      2,
      {
        name: `${AUTHENTICATION}SelfSubjectReviewStatus`,
        description: 'The caller.',
        fields: [message('userInfo', 1, userInfoSchema, 'The caller.', { always: true })],
      },
      'The answer. Filled in by the server.',
      { always: true },
    ),
  ],
};

/** authentication.k8s.io/v1 TokenRequest. */
export const tokenRequestSchema: MessageSchema = reviewSchema(
  `${AUTHENTICATION}TokenRequest`,
  'Asks for a token of a service account.',
  {
    name: `${AUTHENTICATION}TokenRequestSpec`,
    description: 'What the token shall say.',
    fields: [
      texts('audiences', 1, 'Whom the token is meant for. Empty: the API server.', { always: true, required: true }),
      message(
        'boundObjectRef',
        3,
        {
          name: `${AUTHENTICATION}BoundObjectReference`,
          description: 'Names the object with which a token ends.',
          fields: [
            text('kind', 1, 'Pod, Secret or Node.'),
            text('apiVersion', 2, 'API version of the object.'),
            text('name', 3, 'Name of the object.'),
            text('uid', 4, 'UID that the object must have.', { goType: 'types.UID' }),
          ],
        },
        'An object without which the token is no longer good.',
        { pointer: true, always: true },
      ),
      {
        name: 'expirationSeconds',
        number: 4,
        type: 'int64',
        pointer: true,
        description: 'How long the token shall be good, at least 600. The answer may say less or more. Default 3600.',
      },
    ],
  },
  {
    name: `${AUTHENTICATION}TokenRequestStatus`,
    description: 'The token.',
    fields: [
      text('token', 1, 'The opaque bearer token.', { always: true, required: true }),
      {
        name: 'expirationTimestamp',
        number: 2,
        type: 'time',
        always: true,
        required: true,
        description: 'When the token ends.',
      },
    ],
  },
);
