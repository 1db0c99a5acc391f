import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  type CelInput,
  type CelMap,
  celEnv,
  celMethod,
  CelScalar,
  isCelError,
  mapType,
  parse,
  plan,
} from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { parseAllDocuments } from 'yaml';
import { refuseApprovalPolicy } from '../../src/apiserver/admission/approval-policy.js';
import type { AdmissionOperation } from '../../src/apiserver/admission/admission.js';
import type { Authorizer } from '../../src/apiserver/authorization/authorizer.js';
import type { KubeObject } from '../../src/kube/object-meta.js';
import { StatusError } from '../../src/kube/status.js';
import { approvalPolicySchema } from '../../src/registry/approvalpolicies/schema.js';

const FILE = fileURLToPath(new URL('../../deploy/approver/policy-admission.yaml', import.meta.url));

interface AdmissionPolicy {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly failurePolicy: string;
    readonly matchConstraints: { readonly resourceRules: readonly object[] };
    readonly matchConditions: readonly { readonly expression: string }[];
    readonly variables: readonly { readonly name: string; readonly expression: string }[];
    readonly validations: readonly {
      readonly expression: string;
      readonly message?: string;
      readonly messageExpression?: string;
      readonly reason: string;
    }[];
  };
}

interface Binding {
  readonly spec: { readonly policyName: string; readonly validationActions: readonly string[] };
}

const [policy, binding] = parseAllDocuments(readFileSync(FILE, 'utf8')).map(
  (document) => document.toJS() as unknown,
) as [AdmissionPolicy, Binding];

/** Cost units of kube-apiserver: of one question to the authorizer, of one expression, and of a policy as a whole. */
const COST = { check: 350_000, expression: 1_000_000, policy: 10_000_000 } as const;

const STATE = mapType(CelScalar.STRING, CelScalar.STRING);

/** Stands in for kube-apiserver's `authorizer`, and counts what it is asked. */
function authorizerMethods(allowed: ReadonlySet<string>, asked: string[]) {
  const step = (name: string) =>
    celMethod(name, STATE, [CelScalar.STRING], STATE, function (this: CelMap, value: string) {
      return new Map([...said(this), [name, value]]);
    });
  return [
    ...['group', 'resource', 'name', 'check'].map(step),
    celMethod('allowed', STATE, [], CelScalar.BOOL, function (this: CelMap) {
      const state = said(this);
      assert.deepEqual(
        [state.get('group'), state.get('resource'), state.get('check')],
        ['certificates.k8s.io', 'signers', 'approve'],
      );
      const name = state.get('name') ?? '';
      asked.push(name);
      return allowed.has(name);
    }),
  ];
}

/** What has been said to the authorizer so far, by the method that said it. */
function said(state: CelMap): ReadonlyMap<string, string> {
  // a map from text to text, as the methods above make it
  return new Map([...state.entries()] as [string, string][]);
}

interface World {
  readonly object: object | null;
  readonly oldObject: object | null;
  readonly allowed: ReadonlySet<string>;
}

/** What a cluster answers: undefined where it lets through, else the message of the first refusal. */
function clusterSays({ object, oldObject, allowed }: World): string | undefined {
  let cost = 0;
  const evaluate = (expression: string, variables: Readonly<Record<string, CelInput>>): unknown => {
    const asked: string[] = [];
    const env = celEnv({ funcs: [...strings, ...authorizerMethods(allowed, asked)] });
    const bindings = { object, oldObject, authorizer: {}, variables } as Record<string, CelInput>;
    const result = plan(env, parse(expression))(bindings);
    if (isCelError(result)) throw new Error(`${expression}: ${result.message}`);
    const spent = asked.length * COST.check;
    assert.ok(spent < COST.expression, `${expression} asks ${asked.length} times`);
    cost += spent;
    assert.ok(cost < COST.policy, `asks for ${cost}`);
    return result;
  };
  const { matchConditions, variables, validations } = policy.spec;
  if (!matchConditions.every(({ expression }) => evaluate(expression, {}) === true)) return undefined;
  const known: Record<string, CelInput> = {};
  for (const { name, expression } of variables) known[name] = evaluate(expression, known) as CelInput;
  const refusals = validations.filter(({ expression }) => evaluate(expression, known) !== true);
  const [first] = refusals;
  if (first === undefined) return undefined;
  return first.message ?? String(evaluate(first.messageExpression ?? '', known));
}

/** The same of the embedded server. */
async function serverSays({ object, oldObject, allowed }: World): Promise<string | undefined> {
  const authorizer: Authorizer = {
    authorize: (asked) => ({ allowed: asked.kind === 'resource' && allowed.has(asked.name), reason: '' }),
  };
  const operation: AdmissionOperation = {
    verb: oldObject === null ? 'create' : 'update',
    resource: { group: 'countersign.dev', resource: 'approvalpolicies' },
    subresource: '',
    namespace: '',
    name: 'p',
    object: object as KubeObject,
    previous: (oldObject ?? undefined) as KubeObject | undefined,
    user: { username: 'u', groups: [] },
    dryRun: false,
  };
  try {
    await refuseApprovalPolicy(operation, authorizer);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return error.message;
  }
}

function approvalPolicy(signerNames: readonly string[], mode = 'Enforce', labels: object = {}): object {
  return { metadata: { name: 'p', labels }, spec: { mode, signerNames, names: { dns: ['a'] } } };
}

function several(prefix: string): readonly string[] {
  return Array.from({ length: MAX_SIGNERS }, (_, i) => `${prefix}.example/${i}`);
}

const MAX_SIGNERS = 6;
const one = approvalPolicy(['a.example/x']);

const cases: readonly (readonly [string, World, string | undefined])[] = [
  ['a new policy without the right', { object: one, oldObject: null, allowed: new Set() }, 'a.example/x'],
  ['a new policy with the right', { object: one, oldObject: null, allowed: new Set(['a.example/x']) }, undefined],
  ['a right for the domain', { object: one, oldObject: null, allowed: new Set(['a.example/*']) }, undefined],
  [
    'a right for another domain',
    { object: one, oldObject: null, allowed: new Set(['b.example/*', '*']) },
    'a.example/x',
  ],
  [
    'a further signer',
    { object: approvalPolicy(['a.example/x', 'b.example/y']), oldObject: one, allowed: new Set(['a.example/x']) },
    'b.example/y',
  ],
  [
    'a signer that is taken away',
    { object: one, oldObject: approvalPolicy(['a.example/x', 'b.example/y']), allowed: new Set(['a.example/x']) },
    'b.example/y',
  ],
  [
    'another mode',
    { object: approvalPolicy(['a.example/x'], 'Shadow'), oldObject: one, allowed: new Set() },
    'a.example/x',
  ],
  [
    'a label',
    { object: approvalPolicy(['a.example/x'], 'Enforce', { a: 'b' }), oldObject: one, allowed: new Set() },
    undefined,
  ],
  [
    'as many signers as can be, each by its domain',
    {
      object: approvalPolicy(several('new')),
      oldObject: approvalPolicy(several('old')),
      allowed: new Set(['new.example/*', 'old.example/*']),
    },
    undefined,
  ],
  [
    'as many signers as can be, the last of them without the right',
    {
      object: approvalPolicy(several('new')),
      oldObject: approvalPolicy(several('old')),
      allowed: new Set(['new.example/*', ...several('old').slice(0, -1)]),
    },
    'old.example/5',
  ],
];

suite('admission of policies on a cluster', () => {
  for (const [name, world, missing] of cases) {
    test(`${missing === undefined ? 'lets through' : 'refuses'} ${name}, as the embedded server does`, async () => {
      const refusal =
        missing === undefined ? undefined : `user not permitted to approve requests with signerName "${missing}"`;
      assert.equal(clusterSays(world), refusal);
      assert.equal(
        await serverSays(world),
        refusal === undefined ? undefined : `approvalpolicies.countersign.dev "p" is forbidden: ${refusal}`,
      );
    });
  }

  test('asks about every signer that a policy can name, before and after', () => {
    const spec = approvalPolicySchema.fields.find(({ name }) => name === 'spec')?.type;
    assert.ok(typeof spec === 'object');
    const most = spec.fields.find(({ name }) => name === 'signerNames')?.bounds?.maxItems;
    assert.equal(most, MAX_SIGNERS);
    assert.equal(policy.spec.validations.filter(({ reason }) => reason === 'Forbidden').length, 2 * MAX_SIGNERS);
    const more = { object: approvalPolicy([...several('a'), ...several('b'), 'c/d']), oldObject: null };
    assert.match(clusterSays({ ...more, allowed: new Set(['a.example/*', 'b.example/*', 'c/d']) }) ?? '', /at most 6/);
  });

  test('looks at writes of policies, not at their status, and fails closed', () => {
    assert.deepEqual(policy.spec.matchConstraints.resourceRules, [
      {
        apiGroups: ['countersign.dev'],
        apiVersions: ['*'],
        operations: ['CREATE', 'UPDATE'],
        resources: ['approvalpolicies'],
      },
    ]);
    assert.equal(policy.spec.failurePolicy, 'Fail');
    assert.deepEqual(binding.spec, { policyName: policy.metadata.name, validationActions: ['Deny'] });
  });
});
