import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApprovalPolicy } from '../../certificates/approval-policy.js';
import { AUTHORITY_USAGES, USAGE_NAMES } from '../../certificates/usages.js';
import { decodeObject } from '../../kube/decode-json.js';
import { fieldErrorText, invalid } from '../../kube/field-error.js';
import { openTestStore } from '../testing/open-test-store.js';
import { createApprovalPolicies } from './approvalpolicies.js';

const policies = createApprovalPolicies();

const GOOD = {
  signerNames: ['example.com/serving'],
  requesters: { serviceAccounts: [{ namespaceSelector: {} }] },
  names: { provable: ['ServiceDNS'] },
  usages: { allowed: ['digital signature', 'server auth'] },
};

/** A policy as the API decodes it. */
function policy(spec: object | undefined, more: object = {}): ApprovalPolicy {
  const { object } = decodeObject(policies.schema, 'ApprovalPolicy', {
    metadata: { name: 'p' },
    ...(spec === undefined ? {} : { spec }),
    ...more,
  });
  return object as ApprovalPolicy; // decoded by its schema; what is missing in it is what the tests are about
}

const refused: readonly { readonly name: string; readonly spec?: object; readonly errors: readonly string[] }[] = [
  { name: 'a policy that says nothing', errors: ['spec: Required value'] },
  {
    name: 'an empty spec, with every error at once',
    spec: {},
    errors: [
      'spec.signerNames: Required value',
      'spec.requesters: Required value',
      'spec.names: Required value',
      'spec.usages: Required value',
    ],
  },
  {
    name: 'a mode that is none',
    spec: { ...GOOD, mode: 'Dream' },
    errors: ['spec.mode: Unsupported value: "Dream": supported values: "Enforce", "Shadow"'],
  },
  {
    name: 'an empty mode',
    spec: { ...GOOD, mode: '' },
    errors: ['spec.mode: Unsupported value: "": supported values: "Enforce", "Shadow"'],
  },
  {
    name: 'every signer',
    spec: { ...GOOD, signerNames: ['*', 'example.com/*'] },
    errors: [
      `spec.signerNames[0]: Invalid value: "*": spec.signerNames[0] in body should match '^[^/*]+/[^*]+$'`,
      `spec.signerNames[1]: Invalid value: "example.com/*": spec.signerNames[1] in body should match '^[^/*]+/[^*]+$'`,
    ],
  },
  {
    name: 'more signers than anybody needs',
    spec: { ...GOOD, signerNames: Array.from({ length: 7 }, (_, i) => `example.com/${i}`) },
    errors: ['spec.signerNames: Too many: 7: must have at most 6 items'],
  },
  {
    name: 'an empty list where none would mean all',
    spec: { ...GOOD, requesters: { serviceAccounts: [{ namespaces: ['shop'], names: [] }] }, keys: [] },
    errors: [
      'spec.requesters.serviceAccounts[0].names: Invalid value: 0: ' +
        'spec.requesters.serviceAccounts[0].names in body should have at least 1 items',
      'spec.keys: Invalid value: 0: spec.keys in body should have at least 1 items',
    ],
  },
  {
    name: 'a usage for authorities',
    spec: { ...GOOD, usages: { allowed: ['cert sign'] } },
    errors: [
      'spec.usages.allowed[0]: Unsupported value: "cert sign": supported values: ' +
        USAGE_NAMES.filter((name) => !AUTHORITY_USAGES.has(name))
          .map((name) => JSON.stringify(name))
          .join(', '),
    ],
  },
  {
    name: 'a kind of name that nobody proves',
    spec: { ...GOOD, names: { provable: ['Hope'], maxCount: 0 } },
    errors: [
      'spec.names.provable[0]: Unsupported value: "Hope": supported values: "PodIP", "PodDNS", "PodIPDNS", ' +
        '"ServiceDNS", "ServiceClusterIP", "StablePodDNS", "SPIFFE", "KubeletClient", "ServiceNamespaceDNS", ' +
        '"ServiceBareDNS"',
      'spec.names.maxCount: Invalid value: 0: spec.names.maxCount in body should be greater than or equal to 1',
    ],
  },
  {
    name: 'a rule without an expression, and one that is too long',
    spec: {
      ...GOOD,
      rules: [
        { name: 'a', expression: '' },
        { name: 'b', expression: 'x'.repeat(4097) },
      ],
    },
    errors: [
      'spec.rules[0].expression: Invalid value: "": spec.rules[0].expression in body should be at least 1 chars long',
      'spec.rules[1].expression: Too long: may not be more than 4096 bytes',
    ],
  },
];

for (const { name, spec, errors } of refused) {
  test(`refuses ${name}`, async () => {
    const { context } = openTestStore(policies);
    const found = await policies.strategy.validate(policy(spec), context());
    assert.deepEqual(found.map(fieldErrorText), errors);
  });
}

test('refuses what further rules refuse, and asks them about nothing that the schema refuses', async () => {
  const seen: string[] = [];
  const strict = createApprovalPolicies((object) => {
    seen.push(object.spec.signerNames.join());
    return [invalid('spec.rules[0].expression', 'x', 'is no CEL')];
  });
  const { objects, context } = openTestStore(strict);
  await assert.rejects(objects.create(policy(GOOD), { context: context() }), { message: /is no CEL/ });
  await assert.rejects(objects.create(policy({}), { context: context() }), { message: /spec.names: Required value/ });
  assert.deepEqual(seen, ['example.com/serving']);
});

test('fills in what a policy does when it does not say', async () => {
  const { objects, context } = openTestStore(policies);
  const { spec, metadata } = await objects.create(policy(GOOD), { context: context() });
  assert.deepEqual(spec, {
    mode: 'Enforce',
    onViolation: 'Defer',
    ...GOOD,
    names: { provable: ['ServiceDNS'], maxCount: 10 },
  });
  assert.equal(metadata.generation, 1);
});

test('counts a generation for each change of the spec, and for nothing else', async () => {
  const { objects, context } = openTestStore(policies);
  const key = { namespace: '', name: 'p' };
  await objects.create(policy(GOOD, { status: { conditions: [] } }), { context: context() });
  const update = async (change: (current: ApprovalPolicy) => ApprovalPolicy, subresource?: string) => {
    const options = { context: context(), ...(subresource === undefined ? {} : { subresource }) };
    // the policy is there, so there is a current one
    return (await objects.update(key, (current) => change(current as ApprovalPolicy), options)).object;
  };
  const changed = await update((p) => ({ ...p, spec: { ...p.spec, mode: 'Shadow' } }));
  assert.equal(changed.metadata.generation, 2);
  const labelled = await update((p) => ({ ...p, metadata: { ...p.metadata, generation: 9, labels: { a: 'b' } } }));
  assert.equal(labelled.metadata.generation, 2);
  const conditions = [{ type: 'Ready', status: 'True', observedGeneration: 2 }];
  const judged = await update(
    (p) => ({ ...p, spec: { ...p.spec, mode: 'Enforce' }, status: { conditions } }),
    'status',
  );
  assert.deepEqual(
    [judged.metadata.generation, judged.spec.mode, judged.status, judged.metadata.labels],
    [2, 'Shadow', { conditions }, { a: 'b' }],
  );
  const written = await update((p) => ({ ...p, status: {} }));
  assert.deepEqual(written.status, { conditions });
  assert.equal(written.metadata.resourceVersion, judged.metadata.resourceVersion);
});

test('prints what it decides, and whether the approver can use it', () => {
  const { context } = openTestStore(policies);
  const ready = policy(
    { ...GOOD, mode: 'Shadow' },
    {
      metadata: { name: 'p', creationTimestamp: '2025-12-31T23:59:00Z' },
      status: {
        conditions: [
          { type: 'Other', status: 'True' },
          { type: 'Ready', status: 'False', message: 'rule a is no CEL' },
        ],
      },
    },
  );
  assert.deepEqual(policies.cells(ready, context().now), [
    'p',
    'Shadow',
    null,
    '["example.com/serving"]',
    'False',
    'rule a is no CEL',
    '60s',
  ]);
});
