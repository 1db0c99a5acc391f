import {
  COUNTERSIGN_GROUP,
  COUNTERSIGN_VERSION,
  IDENTITY_STRENGTHS,
  PROVABLE_NAMES,
} from '../../certificates/approval-policy.js';
import { AUTHORITY_USAGES, USAGE_NAMES } from '../../certificates/usages.js';
import { labelSelectorSchema, metadataField } from '../../kube/object-meta-schema.js';
import type { Bounds, FieldSchema, MessageSchema } from '../../kube/schema.js';
import { count, flag, message, messages, text, texts, time } from '../custom/custom-fields.js';

const NAME = `${COUNTERSIGN_GROUP.split('.').reverse().join('.')}.${COUNTERSIGN_VERSION}.ApprovalPolicy`;

/**
 * On a cluster, a ValidatingAdmissionPolicy asks about each signer of the old and the new spec, which may cost as much as
 * 28 questions to the authorizer: two for each of 12 names are 24.
 */
const MAX_SIGNERS = 6;

const GRANTABLE_USAGES = USAGE_NAMES.filter((name) => !AUTHORITY_USAGES.has(name));

/** Names, none of them empty. */
function names(name: string, number: number, description: string, bounds: Bounds = {}): FieldSchema {
  return texts(name, number, description, { bounds: { minLength: 1, maxLength: 1024, maxItems: 1000, ...bounds } });
}

/** Lists that mean everything where they are absent have an item where they are not: empty must not turn into all. */
const serviceAccountsSchema: MessageSchema = {
  name: `${NAME}ServiceAccounts`,
  description: 'Service accounts by namespace and name. All that is given must hold.',
  fields: [
    names('namespaces', 1, 'Names of namespaces.', { minItems: 1, maxLength: 63 }),
    message(
      'namespaceSelector',
      2,
      labelSelectorSchema,
      'Labels of the namespace. An empty selector means every namespace.',
    ),
    names('names', 3, 'Names of service accounts. Absent: all of these namespaces.', { minItems: 1, maxLength: 253 }),
  ],
};

const requestersSchema: MessageSchema = {
  name: `${NAME}Requesters`,
  description: 'One match in any of the lists is enough.',
  fields: [
    messages('serviceAccounts', 1, serviceAccountsSchema, 'Service accounts, and the pods that run as them.', {
      bounds: { maxItems: 100 },
    }),
    names('users', 2, 'User names, each literally.'),
    names('groups', 3, 'Groups, each literally.'),
    flag('nodes', 4, 'Every node, by its own credentials.'),
  ],
};

const nodeAddressesSchema: MessageSchema = {
  name: `${NAME}NodeAddresses`,
  description: 'Only within these bounds.',
  fields: [
    names('dns', 1, 'Patterns of DNS names: a literal, *.zone for one label more, **.zone for one or more.'),
    names('cidrs', 2, 'Networks, such as 10.0.0.0/16.'),
  ],
};

const namesSchema: MessageSchema = {
  name: `${NAME}Names`,
  description: 'What nothing here grants is not granted.',
  fields: [
    texts(
      'provable',
      1,
      'Kinds of name that are granted where the cluster proves them: PodIP, an address of the pod; PodDNS, ' +
        'pod.ns.pod.DOMAIN; PodIPDNS, 10-0-0-7.ns.pod.DOMAIN; ServiceDNS, svc.ns.svc and svc.ns.svc.DOMAIN of a ' +
        'Service that the pod backs; ServiceClusterIP, its cluster IPs; StablePodDNS, hostname.svc.ns.svc.DOMAIN; ' +
        'SPIFFE, spiffe://TRUST-DOMAIN/ns/NS/sa/SA; KubeletClient, the subject of a kubelet; ServiceNamespaceDNS, ' +
        'svc.ns, and ServiceBareDNS, svc, which a resolver can take for names of others.',
      { enum: PROVABLE_NAMES },
    ),
    flag('ownNode', 2, "A node's own name: as CN with O = system:nodes, and as DNS name."),
    message('nodeAddresses', 3, nodeAddressesSchema, 'Further names and addresses that its own Node object reports.'),
    names(
      'dns',
      4,
      "Patterns that are granted without proof, such as a team's zone: a literal, *.zone for one label more, " +
        '**.zone for one or more. They grant no reserved name, and none inside the cluster domain.',
    ),
    names('cidrs', 5, 'Networks whose addresses are granted without proof.'),
    names('uris', 6, 'URIs that are granted, each literally.'),
    names('emails', 7, 'Email addresses that are granted, each literally.'),
    names('wildcards', 8, 'Wildcard DNS names that are granted, each literally.'),
    names('reservedNames', 9, 'Reserved names and addresses that are granted, each literally.'),
    count('maxCount', 10, 1, 'Most names in one request.', { default: 10, bounds: { maximum: 100 } }),
  ],
};

function attribute(name: string, number: number, what: string): FieldSchema {
  return names(name, number, `Values of ${what} that may be asked for. Absent: none.`);
}

const subjectSchema: MessageSchema = {
  name: `${NAME}Subject`,
  description: 'A common name is always one of the granted names.',
  fields: [
    text('commonName', 1, 'Whether there is a common name.', {
      enum: ['Forbidden', 'Optional', 'Required'],
      default: 'Optional',
    }),
    attribute('organizations', 2, 'O'),
    attribute('organizationalUnits', 3, 'OU'),
    attribute('countries', 4, 'C'),
    attribute('localities', 5, 'L'),
    attribute('provinces', 6, 'ST'),
  ],
};

const keySchema: MessageSchema = {
  name: `${NAME}Key`,
  description: 'A kind of key that is taken.',
  fields: [
    text('algorithm', 1, 'Algorithm of the key.', { required: true, enum: ['RSA', 'ECDSA', 'Ed25519'] }),
    count('minimumBits', 2, 2048, 'For RSA: least length. Absent: 2048.', { bounds: { maximum: 8192 } }),
    texts('curves', 3, 'For ECDSA: curves that are taken. Absent: all of these.', {
      enum: ['P-256', 'P-384', 'P-521'],
      bounds: { minItems: 1 },
    }),
  ],
};

const usagesSchema: MessageSchema = {
  name: `${NAME}Usages`,
  description: 'A request may ask for nothing else.',
  fields: [
    texts('required', 1, 'Usages that a request must ask for.', { enum: GRANTABLE_USAGES }),
    texts('allowed', 2, 'Usages that a request may ask for.', { enum: GRANTABLE_USAGES, required: true }),
  ],
};

const ruleSchema: MessageSchema = {
  name: `${NAME}Rule`,
  description: 'A condition that must be true.',
  fields: [
    text('name', 1, 'Name of the rule, for messages.', { required: true, bounds: { maxLength: 63 } }),
    text('expression', 2, 'CEL over request, identity and facts. It yields true or false.', {
      required: true,
      bounds: { maxLength: 4096 },
    }),
    text('message', 3, 'What is said where the rule is broken. Absent: its name.', { bounds: { maxLength: 1024 } }),
  ],
};

const specSchema: MessageSchema = {
  name: `${NAME}Spec`,
  description: 'One policy must grant the whole of a request.',
  fields: [
    text('mode', 1, 'Enforce decides. Shadow tells what it would have decided, and does nothing.', {
      enum: ['Enforce', 'Shadow'],
      default: 'Enforce',
    }),
    text('onViolation', 2, 'What becomes of a request that breaks this policy: Defer leaves it to a person.', {
      enum: ['Deny', 'Defer'],
      default: 'Defer',
    }),
    texts('signerNames', 3, 'Signers whose requests it decides, each literally, such as example.com/serving.', {
      required: true,
      bounds: { minLength: 1, maxItems: MAX_SIGNERS, maxLength: 571, pattern: '^[^/*]+/[^*]+$' },
    }),
    message('requesters', 4, requestersSchema, 'Whose requests it looks at.', { required: true }),
    text(
      'minimumIdentity',
      5,
      'Least identity of a requester. Requesters with less do not match. Absent: Pod where requesters.serviceAccounts ' +
        'is given, else User.',
      { enum: IDENTITY_STRENGTHS },
    ),
    message('names', 6, namesSchema, 'Which names may be asked for.', { required: true }),
    message('subject', 7, subjectSchema, 'What the subject may hold.'),
    messages(
      'keys',
      8,
      keySchema,
      'Keys that are taken. Absent: RSA from 2048 bits, ECDSA on P-256 to P-521, Ed25519.',
      { bounds: { minItems: 1, maxItems: 100 } },
    ),
    message('usages', 9, usagesSchema, 'What the key may be used for.', { required: true }),
    count(
      'maxExpirationSeconds',
      10,
      600,
      'Longest lifetime in seconds. Where it is given, a request must say which lifetime it wishes.',
    ),
    messages('rules', 11, ruleSchema, 'Further conditions, all of which must be true.', { bounds: { maxItems: 100 } }),
  ],
};

const conditionSchema: MessageSchema = {
  name: `${NAME}Condition`,
  description: 'One aspect of the state of a policy.',
  fields: [
    text('type', 1, 'Which aspect it is, such as Ready.', { required: true, bounds: { maxLength: 316 } }),
    text('status', 2, 'True, False or Unknown.', { required: true, enum: ['True', 'False', 'Unknown'] }),
    count('observedGeneration', 3, 0, 'The generation of the policy that this speaks of.', { type: 'int64' }),
    time('lastTransitionTime', 4, 'When the status last changed.'),
    text('reason', 5, 'Why, in one word.'),
    text('message', 6, 'Why, for people.'),
  ],
};

const statusSchema: MessageSchema = {
  name: `${NAME}Status`,
  description: 'It is about the generation that its conditions name.',
  fields: [
    messages('conditions', 1, conditionSchema, 'What the approver makes of it.', {
      listType: 'map',
      listMapKeys: ['type'],
      bounds: { maxItems: 16 },
    }),
  ],
};

/** countersign.dev/v1alpha1 ApprovalPolicy. */
export const approvalPolicySchema: MessageSchema = {
  name: NAME,
  description:
    'Who may have which certificate without a person looking. A request is approved where one policy grants all of it.',
  fields: [
    metadataField,
    message('spec', 2, specSchema, 'Who may have which certificate.', { required: true }),
    message('status', 3, statusSchema, 'What the approver makes of it; nobody else writes it.'),
  ],
};
