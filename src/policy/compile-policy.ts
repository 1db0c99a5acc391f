import { parseIpNetwork } from '../base/ip-network.js';
import type {
  ApprovalPolicy,
  ApprovalPolicySpec,
  PolicyKey,
  PolicyRule,
  PolicySubject,
  ServiceAccountRequesters,
} from '../certificates/approval-policy.js';
import { fieldErrorText, invalid, type FieldError } from '../kube/field-error.js';
import { fromMetaLabelSelector } from '../kube/label-selector.js';
import { ATTRIBUTE } from '../x509/name.js';
import type {
  CompiledKeys,
  CompiledNames,
  CompiledPatterns,
  CompiledPolicy,
  CompiledRule,
  CompiledServiceAccounts,
  CompiledSubject,
  NotReadyPolicy,
} from './compiled-policy.js';
import { describeKeys, describeRequesters } from './describe-policy.js';
import { EXPRESSION_VARIABLES } from './expression-variables.js';
import type { ExpressionEngine } from './expression.js';
import { validateApprovalPolicySpec } from './validate-approval-policy.js';
import { MAX_RECORDS } from './validate-list.js';
import { defaultMinimum } from './validate-requesters.js';
import type { PolicyReference } from './verdict.js';

/** A policy that can be asked, or everything that is wrong with it. */
export type PolicyCompilation =
  | { readonly kind: 'compiled'; readonly policy: CompiledPolicy }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

/** Names that a request may hold unless its policy says otherwise. */
const DEFAULT_MAX_COUNT = 10;
const DEFAULT_RSA_BITS = 2048;
/** In UTF-16 units. */
const MAX_SHOWN_EXPRESSION = 200;
const DEFAULT_KEYS: readonly PolicyKey[] = [{ algorithm: 'RSA' }, { algorithm: 'ECDSA' }, { algorithm: 'Ed25519' }];

/** Checks a policy and compiles its rules. No error hides another. */
export function compilePolicy(policy: ApprovalPolicy, engine: ExpressionEngine): PolicyCompilation {
  const errors = [...validateApprovalPolicySpec(policy.spec)];
  const rules = compileRules(policy, engine, errors);
  if (errors.length > 0) return { kind: 'invalid', errors };
  return { kind: 'compiled', policy: compiled(policy, rules) };
}

/** The policy, compiled; where that cannot be, what stands in for it and says why. */
export function compileOrExplain(policy: ApprovalPolicy, engine: ExpressionEngine): CompiledPolicy | NotReadyPolicy {
  const compilation = compilePolicy(policy, engine);
  return compilation.kind === 'compiled'
    ? compilation.policy
    : notReadyPolicy(policy, compilation.errors.map(fieldErrorText).join('; '));
}

/** Stands in for a policy that does not compile. */
export function notReadyPolicy(policy: ApprovalPolicy, because: string): NotReadyPolicy {
  const spec = policy.spec as Partial<ApprovalPolicySpec> | undefined;
  return {
    kind: 'notReady',
    reference: referenceOf(policy),
    mode: spec?.mode === 'Shadow' ? 'Shadow' : 'Enforce',
    signerNames: spec?.signerNames ?? [],
    because,
  };
}

function referenceOf({ metadata }: ApprovalPolicy): PolicyReference {
  return { name: metadata.name ?? '', uid: metadata.uid ?? '', generation: metadata.generation ?? 0 };
}

/** Rules that could be compiled; what is wrong with the others goes to `errors`. */
function compileRules(policy: ApprovalPolicy, engine: ExpressionEngine, errors: FieldError[]): readonly CompiledRule[] {
  const spec = policy.spec as Partial<ApprovalPolicySpec> | undefined;
  return (spec?.rules ?? [])
    .slice(0, MAX_RECORDS)
    .flatMap((rule, i) => compileRule(rule, `spec.rules[${i}]`, engine, errors));
}

function compileRule(
  { name, expression, message }: Partial<PolicyRule>,
  field: string,
  engine: ExpressionEngine,
  errors: FieldError[],
): readonly CompiledRule[] {
  if (name === undefined || expression === undefined || expression === '') return []; // found by validation
  const compilation = engine.compileRule(expression, EXPRESSION_VARIABLES);
  if (compilation.kind === 'compiled') return [{ name, message: message ?? name, condition: compilation.expression }];
  for (const { detail, offset } of compilation.problems) {
    const where = offset === undefined ? '' : `at offset ${offset}: `;
    errors.push(invalid(`${field}.expression`, excerpt(expression), `${where}${detail}`));
  }
  return [];
}

/** As much of an expression as an error shows of it. */
function excerpt(expression: string): string {
  return expression.length > MAX_SHOWN_EXPRESSION ? `${expression.slice(0, MAX_SHOWN_EXPRESSION)}…` : expression;
}

function compiled(policy: ApprovalPolicy, rules: readonly CompiledRule[]): CompiledPolicy {
  const { spec, metadata } = policy;
  const reference = referenceOf(policy);
  const { name, uid } = reference;
  const { mode = 'Enforce' } = spec;
  const { serviceAccounts, users, groups, nodes } = spec.requesters;
  return {
    kind: 'ready',
    reference,
    evidence: [{ kind: 'ApprovalPolicy', name, uid, resourceVersion: metadata.resourceVersion ?? '' }],
    mode,
    onViolation: spec.onViolation ?? 'Defer',
    signerNames: spec.signerNames,
    requesters: {
      serviceAccounts: (serviceAccounts ?? []).map(compiledAccounts),
      users: new Set(users),
      groups: new Set(groups),
      nodes: nodes ?? false,
    },
    minimumIdentity: spec.minimumIdentity ?? defaultMinimum(serviceAccounts),
    names: compiledNames(spec),
    subject: compiledSubject(spec.subject),
    keys: compiledKeys(spec.keys ?? DEFAULT_KEYS),
    usages: {
      required: spec.usages.required ?? [],
      allowed: new Set(spec.usages.allowed),
      text: spec.usages.allowed.join(', '),
    },
    ...(spec.maxExpirationSeconds === undefined ? {} : { maxExpirationSeconds: spec.maxExpirationSeconds }),
    rules,
    noMatch: {
      policy: reference,
      mode,
      kind: 'noMatch',
      because: `it is for ${describeRequesters(spec.requesters)}`,
      mayChange: false,
    },
  };
}

function compiledAccounts({ namespaces, namespaceSelector, names }: ServiceAccountRequesters): CompiledServiceAccounts {
  const selector = fromMetaLabelSelector(namespaceSelector);
  return {
    ...(namespaces === undefined ? {} : { namespaces: new Set(namespaces) }),
    ...(selector === undefined ? {} : { namespaceSelector: selector }),
    ...(names === undefined ? {} : { names: new Set(names) }),
  };
}

function compiledNames({ names }: ApprovalPolicySpec): CompiledNames {
  return {
    provable: new Set(names.provable),
    provableText: [...new Set(names.provable)].sort().join(' '),
    ownNode: names.ownNode ?? false,
    nodeAddresses: compiledPatterns(names.nodeAddresses ?? {}),
    explicit: compiledPatterns(names),
    uris: new Set(names.uris),
    emails: new Set(names.emails),
    wildcards: new Set(names.wildcards),
    reservedNames: new Set(names.reservedNames),
    maxCount: names.maxCount ?? DEFAULT_MAX_COUNT,
  };
}

function compiledPatterns(patterns: {
  readonly dns?: readonly string[];
  readonly cidrs?: readonly string[];
}): CompiledPatterns {
  return {
    dns: patterns.dns ?? [],
    cidrs: (patterns.cidrs ?? []).flatMap((text) => parseIpNetwork(text) ?? []),
  };
}

function compiledSubject(subject: PolicySubject = {}): CompiledSubject {
  return {
    commonName: subject.commonName ?? 'Optional',
    values: new Map([
      [ATTRIBUTE.organization, new Set(subject.organizations)],
      [ATTRIBUTE.organizationalUnit, new Set(subject.organizationalUnits)],
      [ATTRIBUTE.country, new Set(subject.countries)],
      [ATTRIBUTE.locality, new Set(subject.localities)],
      [ATTRIBUTE.province, new Set(subject.provinces)],
    ]),
  };
}

function compiledKeys(keys: readonly PolicyKey[]): CompiledKeys {
  const kinds = keys.map((key) =>
    key.algorithm === 'RSA' ? { ...key, minimumBits: key.minimumBits ?? DEFAULT_RSA_BITS } : key,
  );
  return { kinds, text: describeKeys(kinds) };
}
