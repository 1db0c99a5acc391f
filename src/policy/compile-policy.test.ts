import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ApprovalPolicy, ApprovalPolicySpec } from '../certificates/approval-policy.js';
import { fieldErrorText } from '../kube/field-error.js';
import { compilePolicy, notReadyPolicy } from './compile-policy.js';
import { compiledPolicyOf, policyOf, scriptedEngine, SERVING_SPEC } from './testing/policies.js';

function errorsOf(policy: ApprovalPolicy): readonly string[] {
  const compilation = compilePolicy(policy, scriptedEngine({ true: () => ({ kind: 'value', value: true }) }));
  return compilation.kind === 'invalid' ? compilation.errors.map(fieldErrorText) : [];
}

const many = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `n${i}.example.com`);

const REFUSALS: readonly {
  readonly name: string;
  readonly spec: Partial<ApprovalPolicySpec>;
  readonly errors: readonly string[];
}[] = [
  {
    name: 'no signer',
    spec: { signerNames: [] },
    errors: ['spec.signerNames: Required value'],
  },
  {
    name: 'every signer, and every signer of a domain',
    spec: { signerNames: ['*', 'countersign.dev/*', 'countersign.dev/serving'] },
    errors: [
      'spec.signerNames[0]: Invalid value: "*": must be the name of one signer; there are no wildcards',
      'spec.signerNames[1]: Invalid value: "countersign.dev/*": must be the name of one signer; there are no wildcards',
    ],
  },
  {
    name: 'what is no signer, one that stands twice, and the legacy one',
    spec: { signerNames: ['serving', 'a.dev/b', 'a.dev/b', 'kubernetes.io/legacy-unknown'] },
    errors: [
      'spec.signerNames[0]: Invalid value: "serving": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
      'spec.signerNames[2]: Duplicate value: "a.dev/b"',
      'spec.signerNames[3]: Invalid value: "kubernetes.io/legacy-unknown": certificates.k8s.io/v1 has no such signer',
    ],
  },
  {
    name: 'nobody who may ask',
    spec: { requesters: {} },
    errors: ['spec.requesters: Required value: must name service accounts, users, groups or nodes'],
  },
  {
    name: 'lists of requesters that are all empty',
    spec: { requesters: { serviceAccounts: [], users: [], groups: [], nodes: false } },
    errors: ['spec.requesters: Required value: must name service accounts, users, groups or nodes'],
  },
  {
    name: 'an empty entry, which would mean everybody',
    spec: { requesters: { serviceAccounts: [{}, { names: ['web'] }] } },
    errors: [0, 1].map(
      (i) =>
        `spec.requesters.serviceAccounts[${i}]: Required value: must say namespaces or namespaceSelector; an empty namespaceSelector is every namespace`,
    ),
  },
  {
    name: 'empty lists within an entry',
    spec: { requesters: { serviceAccounts: [{ namespaces: [], names: [] }] } },
    errors: [
      'spec.requesters.serviceAccounts[0].namespaces: Required value: must not be empty',
      'spec.requesters.serviceAccounts[0].names: Required value: must not be empty; without it every name is meant',
    ],
  },
  {
    name: 'a selector that no label meets',
    spec: {
      requesters: {
        serviceAccounts: [{ namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'Near' }] } }],
      },
    },
    errors: [
      'spec.requesters.serviceAccounts[0].namespaceSelector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
    ],
  },
  {
    name: 'those who were not authenticated, and wildcards',
    spec: { requesters: { users: ['system:anonymous', '', 'a*'], groups: ['system:unauthenticated', '*'] } },
    errors: [
      'spec.requesters.users[0]: Invalid value: "system:anonymous": must be somebody who has been authenticated',
      'spec.requesters.users[1]: Required value',
      'spec.requesters.users[2]: Invalid value: "a*": must be one name; there are no wildcards',
      'spec.requesters.groups[0]: Invalid value: "system:unauthenticated": must be somebody who has been authenticated',
      'spec.requesters.groups[1]: Invalid value: "*": must be one name; there are no wildcards',
    ],
  },
  {
    name: 'a least identity that the requesters cannot have',
    spec: { requesters: { nodes: true, serviceAccounts: [{ namespaces: ['shop'] }] } },
    errors: ['spec.minimumIdentity: Invalid value: "Pod": no node has this identity, and spec.requesters.nodes is set'],
  },
  {
    name: 'a least identity that service accounts cannot have',
    spec: { minimumIdentity: 'Node' },
    errors: [
      'spec.minimumIdentity: Invalid value: "Node": no service account has this identity, and spec.requesters has some',
    ],
  },
  {
    name: 'names that grant nothing',
    spec: { names: {} },
    errors: ['spec.names: Required value: must grant some name; a policy that grants none approves nothing'],
  },
  {
    name: 'a bound on node addresses that bounds nothing',
    spec: { names: { ownNode: true, nodeAddresses: {} } },
    errors: ['spec.names.nodeAddresses: Required value: must bound what a node may ask for by dns or cidrs'],
  },
  {
    name: 'networks that are none, and the one that is everything',
    spec: { names: { cidrs: ['10.0.0.1/8', '10.0.0.0', '0.0.0.0/0', '::ffff:10.0.0.0/104'] } },
    errors: [
      ...[0, 1].map(
        (i) =>
          `spec.names.cidrs[${i}]: Invalid value: "${i === 0 ? '10.0.0.1/8' : '10.0.0.0'}": must be a network like 10.0.0.0/8 or fd00::/8, with no bits set after its prefix`,
      ),
      'spec.names.cidrs[2]: Invalid value: "0.0.0.0/0": must not be every address',
      'spec.names.cidrs[3]: Invalid value: "::ffff:10.0.0.0/104": must be a network like 10.0.0.0/8 or fd00::/8, with no bits set after its prefix',
    ],
  },
  {
    name: 'wildcards that are names, or stand for too much',
    spec: { names: { wildcards: ['shop.example.com', '*.com', '*.Shop.example.com', '**.example.com'] } },
    errors: [
      'spec.names.wildcards[0]: Invalid value: "shop.example.com": must be a wildcard name like \'*.shop.example.com\'',
      'spec.names.wildcards[1]: Invalid value: "*.com": DNS name "*.com": its wildcard stands for a whole top-level domain',
      'spec.names.wildcards[2]: Invalid value: "*.Shop.example.com": must be in lower case',
      'spec.names.wildcards[3]: Invalid value: "**.example.com": must be a wildcard name like \'*.shop.example.com\'',
    ],
  },
  {
    name: 'reserved names by pattern, or in another spelling than the one that is compared',
    spec: { names: { reservedNames: ['*.kube-system.svc', 'FD00::1', 'Kubernetes', 'a b'] } },
    errors: [
      'spec.names.reservedNames[0]: Invalid value: "*.kube-system.svc": must be one name; a wildcard never grants a reserved name',
      'spec.names.reservedNames[1]: Invalid value: "FD00::1": must be written as fd00::1',
      'spec.names.reservedNames[2]: Invalid value: "Kubernetes": must be in lower case',
      'spec.names.reservedNames[3]: Invalid value: "a b": DNS name "a b": its label "a b" is not letters, digits and inner hyphens',
    ],
  },
  {
    name: 'URIs and email addresses that are none',
    spec: { names: { uris: ['spiffe://a/../b', 'x'], emails: ['shop'] } },
    errors: [
      'spec.names.uris[0]: Invalid value: "spiffe://a/../b": URI "spiffe://a/../b": it has a dot segment',
      'spec.names.uris[1]: Invalid value: "x": URI "x": it is not absolute',
      'spec.names.emails[0]: Invalid value: "shop": email address "shop": it has no local part',
    ],
  },
  {
    name: 'counts of names beyond the bounds',
    spec: { names: { provable: ['PodIP'], maxCount: 101 } },
    errors: ['spec.names.maxCount: Invalid value: 101: must be a whole number from 1 to 100'],
  },
  {
    name: 'values of a subject that Kubernetes gives a meaning to',
    spec: { subject: { organizations: ['system:masters', 'System:nodes', ''], countries: ['DEU'] } },
    errors: [
      'spec.subject.organizations[0]: Invalid value: "system:masters": is reserved: it can only be granted by spec.names.reservedNames',
      'spec.subject.organizations[1]: Invalid value: "System:nodes": is reserved: it can only be granted by spec.names.reservedNames',
      'spec.subject.organizations[2]: Required value',
      'spec.subject.countries[0]: Invalid value: "DEU": must be two letters',
    ],
  },
  {
    name: 'keys that nobody may have',
    spec: {
      keys: [
        { algorithm: 'RSA', minimumBits: 1024, curves: ['P-256'] },
        { algorithm: 'ECDSA', minimumBits: 2048, curves: [] },
      ],
    },
    errors: [
      'spec.keys[0].minimumBits: Invalid value: 1024: must be a whole number from 2048 to 8192',
      'spec.keys[0].curves: Forbidden: only ECDSA keys have them',
      'spec.keys[1].minimumBits: Forbidden: only RSA keys have it',
      'spec.keys[1].curves: Required value: must not be empty; without it every curve is taken',
    ],
  },
  {
    name: 'an empty list of keys',
    spec: { keys: [] },
    errors: ['spec.keys: Required value: must not be empty; without it the usual keys are taken'],
  },
  {
    name: 'usages of authorities, and required ones that are not allowed',
    spec: { usages: { required: ['client auth'], allowed: ['cert sign', 'crl sign', 'ocsp signing', 'server auth'] } },
    errors: [
      'spec.usages.required[0]: Invalid value: "client auth": must stand in spec.usages.allowed too',
      'spec.usages.allowed[0]: Invalid value: "cert sign": is for authorities; no policy grants it',
      'spec.usages.allowed[1]: Invalid value: "crl sign": is for authorities; no policy grants it',
      'spec.usages.allowed[2]: Invalid value: "ocsp signing": is for authorities; no policy grants it',
    ],
  },
  {
    name: 'no usage',
    spec: { usages: { allowed: [] } },
    errors: ['spec.usages.allowed: Required value'],
  },
  {
    name: 'a lifetime that no request may have',
    spec: { maxExpirationSeconds: 599 },
    errors: ['spec.maxExpirationSeconds: Invalid value: 599: must be a whole number from 600 to 2147483647'],
  },
  {
    name: 'rules without name or expression, and a name that stands twice',
    spec: {
      rules: [
        { name: '', expression: 'true' },
        { name: 'a', expression: '' },
        { name: 'a', expression: 'true' },
        { name: 'b', expression: 'true', message: 'x'.repeat(1025) },
      ],
    },
    errors: [
      'spec.rules[0].name: Required value',
      'spec.rules[1].expression: Required value',
      'spec.rules[2].name: Duplicate value: "a"',
      'spec.rules[3].message: Too long: may not be more than 1024 bytes',
    ],
  },
  {
    name: 'rules that do not compile, each with every problem',
    spec: { rules: [{ name: 'a', expression: 'nonsense' }] },
    errors: [
      'spec.rules[0].expression: Invalid value: "nonsense": at offset 2: it is unknown',
      'spec.rules[0].expression: Invalid value: "nonsense": it is too short',
    ],
  },
  {
    name: 'rules without end, of which it shows the beginning',
    spec: { rules: [{ name: 'a', expression: 'x'.repeat(9000) }] },
    errors: ['at offset 2: it is unknown', 'it is too short'].map(
      (problem) => `spec.rules[0].expression: Invalid value: "${'x'.repeat(200)}…": ${problem}`,
    ),
  },
  {
    name: 'lists and texts without end',
    spec: { names: { dns: many(1001), uris: [`https://a.example/${'x'.repeat(1024)}`] } },
    errors: [
      'spec.names.dns: Too many: 1001: must have at most 1000 items',
      'spec.names.uris[0]: Too long: may not be more than 1024 bytes',
    ],
  },
];

describe('compilePolicy', () => {
  for (const { name, spec, errors } of REFUSALS) {
    it(`refuses ${name}`, () => assert.deepEqual(errorsOf(policyOf(spec)), errors));
  }

  it('refuses words that are none of the choices', () => {
    const spec = {
      mode: 'Audit',
      onViolation: 'Warn',
      minimumIdentity: 'Cluster',
      names: { provable: ['PodIP', 'PodName'] },
      subject: { commonName: 'Maybe' },
      keys: [{ algorithm: 'DSA' }],
      usages: { allowed: ['Server Auth'] },
    } as unknown as Partial<ApprovalPolicySpec>;
    const errors = errorsOf(policyOf(spec));
    assert.deepEqual(
      errors.map((text) => text.replace(/: supported values.*/, '')),
      [
        'spec.mode: Unsupported value: "Audit"',
        'spec.onViolation: Unsupported value: "Warn"',
        'spec.minimumIdentity: Unsupported value: "Cluster"',
        'spec.names.provable[1]: Unsupported value: "PodName"',
        'spec.subject.commonName: Unsupported value: "Maybe"',
        'spec.keys[0].algorithm: Unsupported value: "DSA"',
        'spec.usages.allowed[0]: Unsupported value: "Server Auth"',
      ],
    );
  });

  it('refuses a policy without spec, and one whose spec is empty, naming all that is missing', () => {
    const { metadata } = policyOf();
    assert.deepEqual(errorsOf({ metadata } as ApprovalPolicy), ['spec: Required value']);
    assert.deepEqual(errorsOf({ metadata, spec: {} } as ApprovalPolicy), [
      'spec.signerNames: Required value',
      'spec.requesters: Required value',
      'spec.names: Required value',
      'spec.usages: Required value',
    ]);
  });

  it('tells everything that is wrong at once, in the order of the fields', () => {
    const fields = ['signerNames', 'requesters', 'names', 'subject', 'keys', 'usages', 'maxExpirationSeconds', 'rules'];
    const refusals = fields.map((field) =>
      REFUSALS.findLast(({ spec }) => Object.hasOwn(spec, field) && spec.requesters?.nodes !== true),
    );
    let spec: Partial<ApprovalPolicySpec> = {};
    for (const refusal of refusals) spec = { ...spec, ...refusal?.spec };
    assert.deepEqual(
      errorsOf(policyOf(spec)),
      refusals.flatMap((refusal) => refusal?.errors ?? []),
    );
  });

  it('fills in what a policy leaves open', () => {
    const policy = compiledPolicyOf();
    assert.equal(policy.mode, 'Enforce');
    assert.equal(policy.onViolation, 'Defer');
    assert.equal(policy.minimumIdentity, 'Pod');
    assert.equal(policy.names.maxCount, 10);
    assert.equal(policy.subject.commonName, 'Optional');
    assert.equal(policy.keys.text, 'RSA from 2048 bits, ECDSA or Ed25519');
    assert.equal(policy.noMatch.because, 'it is for service accounts of namespace shop');
    assert.deepEqual(policy.reference, { name: 'workload-serving', uid: 'uid-policy-workload-serving', generation: 1 });
  });

  it('takes any user where it names no service accounts', () => {
    assert.equal(compiledPolicyOf({ requesters: { groups: ['platform'] } }).minimumIdentity, 'User');
  });

  it('takes an empty namespace selector for every namespace', () => {
    const requesters = { serviceAccounts: [{ namespaceSelector: {} }] };
    const policy = compiledPolicyOf({ requesters });
    assert.deepEqual(policy.requesters.serviceAccounts, [{ namespaceSelector: [] }]);
    assert.equal(policy.noMatch.because, 'it is for service accounts of every namespace');
  });

  it('keeps the rules in their order, the name standing in for the message', () => {
    const yes = { kind: 'value', value: true } as const;
    const engine = scriptedEngine({ a: () => yes, b: () => yes });
    const rules = [
      { name: 'second', expression: 'b', message: 'must be b' },
      { name: 'first', expression: 'a' },
    ];
    const policy = compiledPolicyOf({ rules }, 'p', engine);
    assert.deepEqual(
      policy.rules.map(({ name, message }) => [name, message]),
      [
        ['second', 'must be b'],
        ['first', 'first'],
      ],
    );
  });
});

describe('notReadyPolicy', () => {
  it('stands in for a policy, whatever of it can be read', () => {
    const { metadata } = policyOf();
    const nothing = notReadyPolicy({ metadata } as ApprovalPolicy, 'it does not compile');
    assert.deepEqual([nothing.mode, nothing.signerNames], ['Enforce', []]);
    const shadow = notReadyPolicy(policyOf({ ...SERVING_SPEC, mode: 'Shadow' }), 'it does not compile');
    assert.deepEqual([shadow.mode, shadow.signerNames], ['Shadow', ['countersign.dev/serving']]);
  });
});
