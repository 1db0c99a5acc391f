import type { ApprovalPolicySpec, PolicyKey, PolicyRule, PolicySubject } from '../certificates/approval-policy.js';
import { lowerAscii } from '../certificates/normalised-request.js';
import { LEGACY_UNKNOWN, validateSignerName } from '../certificates/signer-name.js';
import { AUTHORITY_USAGES, USAGE_NAMES, usageNamed } from '../certificates/usages.js';
import { MIN_EXPIRATION_SECONDS } from '../certificates/validate-certificate-signing-request.js';
import {
  duplicate,
  forbiddenField,
  invalid,
  notSupported,
  required,
  tooLong,
  type FieldError,
} from '../kube/field-error.js';
import { byteLength } from '../kube/names.js';
import { MAX_RECORDS, validateItems, validateTexts, type TextRule } from './validate-list.js';
import { validateNames } from './validate-names.js';
import { validateRequesters } from './validate-requesters.js';

/** The spec of an ApprovalPolicy as somebody wrote it: its fields have the right types, and any may be missing. */
export type DraftPolicySpec = Partial<ApprovalPolicySpec>;

const MODES = ['Enforce', 'Shadow'] as const;
const ON_VIOLATION = ['Deny', 'Defer'] as const;
const COMMON_NAME = ['Forbidden', 'Optional', 'Required'] as const;
const ALGORITHMS = ['RSA', 'ECDSA', 'Ed25519'] as const;
const CURVES = ['P-256', 'P-384', 'P-521'] as const;
const RSA_BITS = { least: 2048, most: 8192 } as const;
const MAX_EXPIRATION_SECONDS = 2 ** 31 - 1;
const MAX_RULE_NAME_BYTES = 63;
const MAX_RULE_MESSAGE_BYTES = 1024;

/**
 * Everything that is wrong with the spec of an ApprovalPolicy, but for what only an engine of expressions can tell of its
 * rules. In the order of the fields.
 */
export function validateApprovalPolicySpec(spec: DraftPolicySpec | undefined): readonly FieldError[] {
  if (spec === undefined) return [required('spec')];
  return [
    ...validateOneOf(spec.mode, 'spec.mode', MODES),
    ...validateOneOf(spec.onViolation, 'spec.onViolation', ON_VIOLATION),
    ...validateSignerNames(spec.signerNames),
    ...validateRequesters(spec.requesters, spec.minimumIdentity),
    ...validateNames(spec.names),
    ...validateSubject(spec.subject),
    ...validateKeys(spec.keys),
    ...validateUsages(spec.usages),
    ...validateLifetime(spec.maxExpirationSeconds),
    ...validateRules(spec.rules),
  ];
}

function validateOneOf(value: string | undefined, field: string, choices: readonly string[]): readonly FieldError[] {
  return value === undefined || choices.includes(value) ? [] : [notSupported(field, value, choices)];
}

function validateSignerNames(signerNames: readonly string[] | undefined): readonly FieldError[] {
  const field = 'spec.signerNames';
  if (signerNames === undefined || signerNames.length === 0) return [required(field)];
  return validateTexts(signerNames, field, (signerName, at) => {
    if (signerName.includes('*'))
      return [invalid(at, signerName, 'must be the name of one signer; there are no wildcards')];
    if (signerName === LEGACY_UNKNOWN) return [invalid(at, signerName, 'certificates.k8s.io/v1 has no such signer')];
    return validateSignerName(signerName, at);
  });
}

function validateSubject(subject: PolicySubject | undefined): readonly FieldError[] {
  if (subject === undefined) return [];
  const field = 'spec.subject';
  return [
    ...validateOneOf(subject.commonName, `${field}.commonName`, COMMON_NAME),
    ...validateTexts(subject.organizations, `${field}.organizations`, subjectValue),
    ...validateTexts(subject.organizationalUnits, `${field}.organizationalUnits`, subjectValue),
    ...validateTexts(subject.countries, `${field}.countries`, country),
    ...validateTexts(subject.localities, `${field}.localities`, subjectValue),
    ...validateTexts(subject.provinces, `${field}.provinces`, subjectValue),
  ];
}

const subjectValue: TextRule = (text, field) => {
  if (text === '') return [required(field)];
  return isSystemValue(text)
    ? [invalid(field, text, 'is reserved: it can only be granted by spec.names.reservedNames')]
    : [];
};

const country: TextRule = (text, field) =>
  /^[A-Za-z]{2}$/.test(text) ? [] : [invalid(field, text, 'must be two letters')];

/** Whether a value of a subject is one that Kubernetes gives a meaning to: a user, a group or a node of the system. */
export function isSystemValue(text: string): boolean {
  return lowerAscii(text).startsWith('system:');
}

function validateKeys(keys: readonly PolicyKey[] | undefined): readonly FieldError[] {
  const field = 'spec.keys';
  if (keys?.length === 0) return [required(field, 'must not be empty; without it the usual keys are taken')];
  return validateItems(keys, field, MAX_RECORDS, validateKey);
}

function validateKey({ algorithm, minimumBits, curves }: PolicyKey, field: string): readonly FieldError[] {
  const errors = [...validateOneOf(algorithm, `${field}.algorithm`, ALGORITHMS)];
  if (minimumBits !== undefined) {
    if (algorithm !== 'RSA') errors.push(forbiddenField(`${field}.minimumBits`, 'only RSA keys have it'));
    else if (!isWholeWithin(minimumBits, RSA_BITS.least, RSA_BITS.most)) {
      const bounds = `must be a whole number from ${RSA_BITS.least} to ${RSA_BITS.most}`;
      errors.push(invalid(`${field}.minimumBits`, minimumBits, bounds));
    }
  }
  if (curves !== undefined) {
    if (algorithm !== 'ECDSA') errors.push(forbiddenField(`${field}.curves`, 'only ECDSA keys have them'));
    else if (curves.length === 0) {
      errors.push(required(`${field}.curves`, 'must not be empty; without it every curve is taken'));
    }
    errors.push(...validateTexts(curves, `${field}.curves`, (curve, at) => validateOneOf(curve, at, CURVES)));
  }
  return errors;
}

function isWholeWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function validateUsages(usages: DraftPolicySpec['usages']): readonly FieldError[] {
  const field = 'spec.usages';
  if (usages === undefined) return [required(field)];
  const { required: needed = [], allowed } = usages as Partial<typeof usages>;
  return [
    ...(allowed === undefined || allowed.length === 0 ? [required(`${field}.allowed`)] : []),
    ...validateTexts(needed, `${field}.required`, (name, at) => [
      ...usage(name, at),
      ...(allowed?.includes(name) === true ? [] : [invalid(at, name, 'must stand in spec.usages.allowed too')]),
    ]),
    ...validateTexts(allowed, `${field}.allowed`, usage),
  ];
}

const usage: TextRule = (name, field) => {
  if (usageNamed(name) === undefined) return [notSupported(field, name, USAGE_NAMES)];
  return AUTHORITY_USAGES.has(name) ? [invalid(field, name, 'is for authorities; no policy grants it')] : [];
};

function validateLifetime(seconds: number | undefined): readonly FieldError[] {
  return seconds === undefined || isWholeWithin(seconds, MIN_EXPIRATION_SECONDS, MAX_EXPIRATION_SECONDS)
    ? []
    : [
        invalid(
          'spec.maxExpirationSeconds',
          seconds,
          `must be a whole number from ${MIN_EXPIRATION_SECONDS} to ${MAX_EXPIRATION_SECONDS}`,
        ),
      ];
}

function validateRules(rules: readonly PolicyRule[] | undefined): readonly FieldError[] {
  const seen = new Set<string>();
  return validateItems(
    rules,
    'spec.rules',
    MAX_RECORDS,
    ({ name, expression, message }: Partial<PolicyRule>, field) => {
      const errors: FieldError[] = [];
      if (name === undefined || name === '') errors.push(required(`${field}.name`));
      else if (byteLength(name) > MAX_RULE_NAME_BYTES) errors.push(tooLong(`${field}.name`, MAX_RULE_NAME_BYTES));
      else if (seen.has(name)) errors.push(duplicate(`${field}.name`, name));
      else seen.add(name);
      if (expression === undefined || expression === '') errors.push(required(`${field}.expression`));
      if (message !== undefined && byteLength(message) > MAX_RULE_MESSAGE_BYTES) {
        errors.push(tooLong(`${field}.message`, MAX_RULE_MESSAGE_BYTES));
      }
      return errors;
    },
  );
}
