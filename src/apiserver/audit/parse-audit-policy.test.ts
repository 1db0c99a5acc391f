import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '../../base/error.js';
import { parseAuditPolicy } from './parse-audit-policy.js';

const head = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy' };

function policyOf(rule: object): object {
  return { ...head, rules: [{ level: 'Metadata', ...rule }] };
}

const refused: readonly { readonly name: string; readonly policy: unknown; readonly detail: string }[] = [
  { name: 'what is no object', policy: ['Policy'], detail: 'policy: Invalid value: ["Policy"]: must be an object' },
  {
    name: 'an older version',
    policy: { ...policyOf({}), apiVersion: 'audit.k8s.io/v1beta1' },
    detail: 'apiVersion: Unsupported value: "audit.k8s.io/v1beta1": supported values: "audit.k8s.io/v1"',
  },
  {
    name: 'another kind',
    policy: { ...policyOf({}), kind: 'EncryptionConfiguration' },
    detail: 'kind: Unsupported value: "EncryptionConfiguration": supported values: "Policy"',
  },
  { name: 'no rules', policy: head, detail: 'rules: Required value: a policy without rules writes nothing down' },
  {
    name: 'a field that a policy has not',
    policy: { ...policyOf({}), omitStage: ['Panic'] },
    detail: 'omitStage: Invalid value: ["Panic"]: unknown field',
  },
  {
    name: 'a field that a rule has not',
    policy: policyOf({ user: ['a'] }),
    detail: 'rules[0].user: Invalid value: ["a"]: unknown field',
  },
  {
    name: 'a field that a group has not',
    policy: policyOf({ resources: [{ group: '', resource: ['pods'] }] }),
    detail: 'rules[0].resources[0].resource: Invalid value: ["pods"]: unknown field',
  },
  { name: 'a rule without level', policy: policyOf({ level: undefined }), detail: 'rules[0].level: Required value' },
  {
    name: 'a level of another case',
    policy: policyOf({ level: 'metadata' }),
    detail:
      'rules[0].level: Unsupported value: "metadata": supported values: "None", "Metadata", "Request", "RequestResponse"',
  },
  {
    name: 'an unknown stage',
    policy: policyOf({ omitStages: ['Received'] }),
    detail:
      'rules[0].omitStages[0]: Unsupported value: "Received": supported values: "RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"',
  },
  {
    name: 'a text where a list must be',
    policy: policyOf({ users: 'alice' }),
    detail: 'rules[0].users: Invalid value: "alice": must be a list',
  },
  {
    name: 'a number for a name',
    policy: policyOf({ verbs: [1] }),
    detail: 'rules[0].verbs[0]: Invalid value: 1: must be a string',
  },
  {
    name: 'a text for a switch',
    policy: policyOf({ omitManagedFields: 'yes' }),
    detail: 'rules[0].omitManagedFields: Invalid value: "yes": must be true or false',
  },
  {
    name: 'a rule that is no object',
    policy: { ...head, rules: ['None'] },
    detail:
      'rules[0]: Invalid value: "None": must be an object; rules: Required value: a policy without rules writes nothing down',
  },
  {
    name: 'resources that are no objects',
    policy: policyOf({ resources: ['pods'] }),
    detail: 'rules[0].resources[0]: Invalid value: "pods": must be an object',
  },
  {
    name: 'names without resources',
    policy: policyOf({ resources: [{ resourceNames: ['a'] }] }),
    detail: 'rules[0].resources[0].resourceNames: Invalid value: ["a"]: names need at least one of resources',
  },
  {
    name: 'a path without slash',
    policy: policyOf({ nonResourceURLs: ['healthz'] }),
    detail: 'rules[0].nonResourceURLs[0]: Invalid value: "healthz": must begin with "/", or be "*"',
  },
  {
    name: 'a star in the middle of a path',
    policy: policyOf({ nonResourceURLs: ['/api/*/x'] }),
    detail: 'rules[0].nonResourceURLs[0]: Invalid value: "/api/*/x": a "*" may only be the last character',
  },
  {
    name: 'paths and resources in one rule',
    policy: policyOf({ nonResourceURLs: ['/api'], namespaces: ['default'] }),
    detail:
      'rules[0].nonResourceURLs: Invalid value: ["/api"]: a rule cannot be about resources or namespaces and about paths that are none',
  },
];

for (const { name, policy, detail } of refused) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => parseAuditPolicy(policy, 'audit.yaml'),
      (error) => {
        assert.ok(hasCode(error, 'CONFIG_INVALID'));
        assert.equal(error.message, `Cannot use audit policy "audit.yaml": ${detail}`);
        return true;
      },
    );
  });
}

test('refuses a group that is no DNS name', () => {
  assert.throws(
    () => parseAuditPolicy(policyOf({ resources: [{ group: 'Apps/v1' }] }), 'a'),
    /rules\[0\]\.resources\[0\]\.group: Invalid value: "Apps\/v1": /,
  );
});

test('tells everything that is wrong at once', () => {
  const policy = { ...head, rules: [{ level: 'All' }, { level: 'None', verbs: 'get' }] };
  assert.throws(() => parseAuditPolicy(policy, 'a'), /rules\[0\]\.level: .*; rules\[1\]\.verbs: /);
});

test('reads every field; stages add up, and managed fields are omitted where the rule or else the policy says so', () => {
  const policy = parseAuditPolicy(
    {
      ...head,
      metadata: { name: 'x' },
      omitStages: ['RequestReceived'],
      omitManagedFields: true,
      rules: [
        {
          level: 'Request',
          users: ['alice'],
          userGroups: ['ops'],
          verbs: ['create'],
          namespaces: ['', 'default'],
          resources: [{ resources: ['pods'], resourceNames: ['a'] }, { group: 'apps' }],
          omitStages: ['Panic', 'RequestReceived'],
          omitManagedFields: false,
        },
        { level: 'None', nonResourceURLs: ['/healthz*', '*'], users: null },
      ],
    },
    'a',
  );
  assert.deepEqual(policy, {
    rules: [
      {
        level: 'Request',
        users: ['alice'],
        userGroups: ['ops'],
        verbs: ['create'],
        namespaces: ['', 'default'],
        resources: [
          { group: '', resources: ['pods'], resourceNames: ['a'] },
          { group: 'apps', resources: [], resourceNames: [] },
        ],
        nonResourceURLs: [],
        omitStages: ['RequestReceived', 'Panic'],
        omitManagedFields: false,
      },
      {
        level: 'None',
        users: [],
        userGroups: [],
        verbs: [],
        namespaces: [],
        resources: [],
        nonResourceURLs: ['/healthz*', '*'],
        omitStages: ['RequestReceived'],
        omitManagedFields: true,
      },
    ],
  });
});
