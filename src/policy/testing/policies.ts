import type { ApprovalPolicy, ApprovalPolicySpec } from '../../certificates/approval-policy.js';
import { fieldErrorText } from '../../kube/field-error.js';
import { compilePolicy } from '../compile-policy.js';
import type { CompiledPolicy } from '../compiled-policy.js';
import type { ExpressionEngine, ExpressionResult } from '../expression.js';

/** The tutorial's policy: pods of namespace `shop`, and what they can prove. */
export const SERVING_SPEC: ApprovalPolicySpec = {
  signerNames: ['countersign.dev/serving'],
  requesters: { serviceAccounts: [{ namespaces: ['shop'] }] },
  names: { provable: ['PodIP', 'PodDNS', 'ServiceDNS', 'ServiceClusterIP'] },
  usages: {
    required: ['server auth'],
    allowed: ['digital signature', 'key encipherment', 'server auth'],
  },
};

/** The tutorial's policy, with other fields in its spec. */
export function policyOf(spec: Partial<ApprovalPolicySpec> = {}, name = 'workload-serving'): ApprovalPolicy {
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalPolicy',
    metadata: { name, uid: `uid-policy-${name}`, resourceVersion: '201', generation: 1 },
    spec: { ...SERVING_SPEC, ...spec },
  };
}

/** That policy, compiled. Throws where it is invalid. */
export function compiledPolicyOf(
  spec: Partial<ApprovalPolicySpec> = {},
  name = 'workload-serving',
  engine: ExpressionEngine = scriptedEngine({}),
): CompiledPolicy {
  const compilation = compilePolicy(policyOf(spec, name), engine);
  if (compilation.kind === 'compiled') return compilation.policy;
  throw new RangeError(`Cannot compile policy: ${compilation.errors.map(fieldErrorText).join('; ')}`);
}

/** What an expression of the scripted engine says of its variables. */
export type ScriptedCondition = (variables: Readonly<Record<string, unknown>>) => ExpressionResult<boolean>;

/** An engine that knows these expressions and no others, for tests of what is made of their answers. */
export function scriptedEngine(conditions: Readonly<Record<string, ScriptedCondition>>): ExpressionEngine {
  return {
    compileRule: (source) => {
      const evaluate = Object.hasOwn(conditions, source) ? conditions[source] : undefined;
      return evaluate === undefined
        ? { kind: 'refused', problems: [{ detail: 'it is unknown', offset: 2 }, { detail: 'it is too short' }] }
        : { kind: 'compiled', expression: { evaluate } };
    },
    compileMessage: () => ({ kind: 'refused', problems: [{ detail: 'this engine has no messages' }] }),
  };
}
