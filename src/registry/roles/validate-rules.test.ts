import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../../kube/field-error.js';
import type { PolicyRule } from './validate-rules.js';
import { validateRules } from './validate-rules.js';

const refused: readonly {
  readonly name: string;
  readonly rule: PolicyRule;
  readonly namespaced?: true;
  readonly errors: readonly string[];
}[] = [
  {
    name: 'without verbs',
    rule: { apiGroups: [''], resources: ['secrets'] },
    errors: ['rules[0].verbs: Required value: verbs must contain at least one value'],
  },
  {
    name: 'without groups',
    rule: { resources: ['secrets'], verbs: ['get'] },
    errors: ['rules[0].apiGroups: Required value: resource rules must supply at least one api group'],
  },
  {
    name: 'without resources',
    rule: { apiGroups: [''], verbs: ['get'] },
    errors: ['rules[0].resources: Required value: resource rules must supply at least one resource'],
  },
  {
    name: 'of resources and paths',
    rule: { apiGroups: [''], resources: ['secrets'], verbs: ['get'], nonResourceURLs: ['/x'] },
    errors: [
      'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
  },
  {
    name: 'of paths in a namespace',
    rule: { verbs: ['get'], nonResourceURLs: ['/x'] },
    namespaced: true,
    errors: ['rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs'],
  },
];

for (const { name, rule, namespaced, errors } of refused) {
  test(`refuses a rule ${name}`, () => {
    assert.deepEqual(validateRules([rule], namespaced === true).map(fieldErrorText), errors);
  });
}

test('takes rules of resources, rules of paths, and no rules', () => {
  assert.deepEqual(validateRules([{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }], true), []);
  assert.deepEqual(validateRules([{ nonResourceURLs: ['/metrics'], verbs: ['get'] }], false), []);
  assert.deepEqual(validateRules(null, true), []);
});

test('stops at a thousand errors', () => {
  assert.equal(validateRules(new Array<object>(1_000_000).fill({}), false).length, 1002);
});
