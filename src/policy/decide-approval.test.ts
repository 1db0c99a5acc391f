import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ApprovalPolicySpec } from '../certificates/approval-policy.js';
import { notReadyPolicy } from './compile-policy.js';
import type { CompiledPolicy, NotReadyPolicy } from './compiled-policy.js';
import { decisionOf, withAnswers, type Situation } from './testing/decisions.js';
import { compiledPolicyOf, policyOf, scriptedEngine } from './testing/policies.js';
import { SERVING_WISH, type RequestWish } from './testing/requests.js';
import { NODE_REQUESTER, POD, shopFacts } from './testing/world.js';

const elsewhere: Partial<ApprovalPolicySpec> = { requesters: { serviceAccounts: [{ namespaces: ['bank'] }] } };
const deny: Partial<ApprovalPolicySpec> = { onViolation: 'Deny' };
const onlyIp: Partial<ApprovalPolicySpec> = { names: { provable: ['PodIP'] } };
const onlyDns: Partial<ApprovalPolicySpec> = { names: { provable: ['PodDNS', 'ServiceDNS'] } };

/** What belongs to another pod, what nobody has yet, and both. */
const foreign: RequestWish = { dns: ['web-8a.shop.pod.cluster.local'] };
const early: RequestWish = { ips: ['10.0.34.9'] };
const foreignAndEarly: RequestWish = { ...foreign, ...early };

function policy(name: string, ...specs: readonly Partial<ApprovalPolicySpec>[]): CompiledPolicy {
  return compiledPolicyOf(Object.assign({}, ...specs) as Partial<ApprovalPolicySpec>, name);
}

function notReady(name: string, spec: Partial<ApprovalPolicySpec> = {}): NotReadyPolicy {
  return notReadyPolicy(policyOf(spec, name), 'its rules do not compile');
}

const DEFERRALS: readonly (Situation & { readonly name: string; readonly message: RegExp })[] = [
  { name: 'there is no policy', policies: [], message: /^waits for a person: no policy is for signer/ },
  {
    name: 'no policy is for the signer, be it that its name is a pattern',
    wish: { ...SERVING_WISH, signerName: 'countersign.dev/*' },
    message: /^waits for a person: no policy is for signer "countersign.dev\/\*"$/,
  },
  {
    name: 'no policy matches who asks',
    policies: [policy('a', deny, elsewhere)],
    message:
      /^waits for a person: no policy matches: policy a does not match: it is for service accounts of namespace bank$/,
  },
  {
    name: 'a name is not proven yet, though the policy denies',
    policies: [policy('a', deny)],
    wish: early,
    message: /^waits: policy a: request.subjectAltNames\[0\]: IP "10.0.34.9": .* does not hold it/,
  },
  {
    name: 'a name belongs to somebody else, and the policy does not deny',
    policies: [policy('a')],
    wish: foreign,
    message:
      /^waits for a person: policy a: request.subjectAltNames\[0\]: DNS .* it is not the name of pod shop\/web-7f$/,
  },
  {
    name: 'two policies grant a part each: what they grant is never added up',
    policies: [policy('a', onlyIp), policy('b', onlyDns)],
    message: /^waits for a person: policy a: .*; policy b: /,
  },
  {
    name: 'another policy for the signer is not ready, so that it may approve later',
    policies: [policy('a', deny), notReady('b')],
    wish: foreign,
    message: /policy b is not ready: its rules do not compile$/,
  },
  {
    name: 'the only policy is not ready',
    policies: [notReady('a')],
    message: /^waits: policy a is not ready: its rules do not compile$/,
  },
  {
    name: 'another matching policy waits for a fact only, so that it may approve later',
    policies: [policy('a', deny, onlyDns), policy('b', { names: { cidrs: ['10.0.34.0/24'] } })],
    wish: { ips: ['10.0.34.2'] },
    facts: shopFacts((facts) => facts.set('Pod', { ...POD, name: 'twin', uid: 'uid-twin' })),
    message: /^waits: policy a: .*; policy b: .* it belongs to pod shop\/twin too$/,
  },
  {
    name: 'another policy may come to match: the namespace is not known yet',
    policies: [
      policy('a', deny),
      policy('b', { requesters: { serviceAccounts: [{ namespaceSelector: { matchLabels: { team: 'shop' } } }] } }),
    ],
    wish: foreign,
    facts: shopFacts((facts) => facts.remove('Namespace', '', 'shop')),
    message: /policy b does not match: the namespace of who asks is not known yet$/,
  },
  {
    name: 'who asks may turn out to be more: the pod is not seen yet',
    policies: [policy('a', deny, { minimumIdentity: 'ServiceAccount' })],
    wish: { dns: ['google.com'] },
    facts: shopFacts((facts) => facts.remove('Pod', 'shop', 'web-7f')),
    message: /^waits/,
  },
  {
    name: 'a cache has not been read yet, though the policy would approve',
    facts: shopFacts((facts) => facts.setStanding({ kind: 'syncing', resources: ['services', 'pods'] })),
    message: /^waits for what has not been read yet: pods and services$/,
  },
  {
    name: 'a cache has been silent for too long, though the policy would deny',
    policies: [policy('a', deny)],
    wish: foreign,
    facts: shopFacts((facts) => facts.setStanding({ kind: 'silent', resource: 'pods', seconds: 130 })),
    message: /^waits: nothing has been heard of pods for 130 seconds$/,
  },
  {
    name: 'the only policy that approves is in shadow mode',
    policies: [policy('a', { mode: 'Shadow' })],
    message: /^waits for a person: no policy is for signer/,
  },
  {
    name: 'the only policy that denies is in shadow mode',
    policies: [policy('a', deny, { mode: 'Shadow' }), policy('b')],
    wish: foreign,
    message: /^waits for a person: policy b: /,
  },
  {
    name: 'a rule has no value, though the policy denies',
    policies: [
      compiledPolicyOf(
        { ...deny, rules: [{ name: 'r', expression: 'x' }] },
        'a',
        scriptedEngine({ x: () => ({ kind: 'exceeded', what: 'deadline' }) }),
      ),
    ],
    message: /^waits: policy a: rules\[0\]: rule "r" was stopped/,
  },
];

const DENIALS: readonly (Situation & { readonly name: string; readonly message: string })[] = [
  {
    name: 'what belongs to somebody else',
    policies: [policy('a', deny)],
    wish: foreign,
    message:
      'denied by policy a: request.subjectAltNames[0]: DNS "web-8a.shop.pod.cluster.local": it is not the name of pod shop/web-7f',
  },
  {
    name: 'a broken rule',
    policies: [
      compiledPolicyOf(
        { ...deny, rules: [{ name: 'office-hours', expression: 'x' }] },
        'a',
        scriptedEngine({ x: () => ({ kind: 'value', value: false }) }),
      ),
    ],
    message: 'denied by policy a: rules[0]: rule "office-hours" is not met',
  },
  {
    name: 'for what is final, and does not tell what might have been waited for',
    policies: [policy('a', deny)],
    wish: foreignAndEarly,
    message:
      'denied by policy a: request.subjectAltNames[0]: DNS "web-8a.shop.pod.cluster.local": it is not the name of pod shop/web-7f',
  },
  {
    name: 'by one policy where another that only defers could not approve either',
    policies: [policy('a'), policy('b', deny)],
    wish: foreign,
    message:
      'denied by policy b: request.subjectAltNames[0]: DNS "web-8a.shop.pod.cluster.local": it is not the name of pod shop/web-7f',
  },
  {
    name: 'by several policies, each violation once',
    policies: [policy('b', deny), policy('a', deny)],
    wish: foreign,
    message:
      'denied by policies a and b: request.subjectAltNames[0]: DNS "web-8a.shop.pod.cluster.local": it is not the name of pod shop/web-7f',
  },
  {
    name: 'whatever policies in shadow mode, of other signers or of other requesters say',
    policies: [
      policy('a', deny),
      notReady('shadow', { mode: 'Shadow' }),
      notReady('other-signer', { signerNames: ['countersign.dev/other'] }),
      policy('other-namespace', elsewhere),
      policy('open', { mode: 'Shadow', names: { dns: ['web-8a.shop.example.com'] } }),
    ],
    wish: foreign,
    message:
      'denied by policy a: request.subjectAltNames[0]: DNS "web-8a.shop.pod.cluster.local": it is not the name of pod shop/web-7f',
  },
];

describe('decideApproval', () => {
  for (const { name, message, ...situation } of DEFERRALS) {
    it(`defers where ${name}`, () => {
      const decision = decisionOf(situation);
      assert.equal(decision.kind, 'defer');
      assert.match(decision.message, message);
    });
  }

  for (const { name, message, ...situation } of DENIALS) {
    it(`denies ${name}`, () => {
      const decision = decisionOf(situation);
      assert.equal(decision.kind, 'deny');
      assert.equal(decision.message, message);
    });
  }

  it('approves where one policy approves the whole request', () => {
    const decision = decisionOf();
    assert.equal(decision.kind, 'approve');
    assert.equal(decision.policy.name, 'workload-serving');
  });

  it('approves whatever other policies have against the request, or that they are not ready', () => {
    const decision = decisionOf({ policies: [policy('a', deny, onlyIp), notReady('b'), policy('c'), policy('d')] });
    assert.equal(decision.kind === 'approve' && decision.policy.name, 'c');
    assert.deepEqual(
      decision.kind === 'approve' && decision.reviews.map(({ policy: { name }, kind }) => [name, kind]),
      [
        ['a', 'violated'],
        ['b', 'notReady'],
        ['c', 'approve'],
        ['d', 'approve'],
      ],
    );
  });

  it('reports what policies in shadow mode would have done', () => {
    const decision = decisionOf({
      policies: [policy('a', { mode: 'Shadow' }), policy('b', deny, { mode: 'Shadow' }, onlyIp)],
    });
    assert.deepEqual(decision.kind === 'defer' && decision.reviews.map(({ mode, kind }) => [mode, kind]), [
      ['Shadow', 'approve'],
      ['Shadow', 'violated'],
    ]);
  });

  it('gives names, evidence and violations of the policies that decided', () => {
    const approval = decisionOf({ policies: [policy('a', onlyIp), policy('b')] });
    assert.deepEqual(approval.kind === 'approve' && approval.names.map(({ path }) => path), [
      'request.subjectAltNames[0]',
      'request.subjectAltNames[1]',
      'request.subjectAltNames[2]',
    ]);
    const denial = decisionOf({ policies: [policy('a', deny)], wish: { ...foreignAndEarly, usages: ['any'] } });
    assert.deepEqual(denial.kind === 'deny' && denial.violations.map(({ path }) => path), [
      'request.subjectAltNames[0]',
      'spec.usages',
      'spec.usages[0]',
    ]);
  });
});

describe('questions to the authorizer', () => {
  const spec: Partial<ApprovalPolicySpec> = {
    onViolation: 'Deny',
    signerNames: ['kubernetes.io/kube-apiserver-client-kubelet'],
    requesters: { groups: ['system:authenticated'] },
    minimumIdentity: 'User',
    names: { provable: ['KubeletClient'] },
    usages: { allowed: ['digital signature', 'key encipherment', 'client auth'] },
  };
  const kubelet = policy('kubelet-client', spec);
  const wish: RequestWish = {
    signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
    requester: NODE_REQUESTER,
    commonName: 'system:node:node-a',
    organizations: ['system:nodes'],
    usages: ['digital signature', 'client auth'],
  };
  const own = {
    verb: 'create',
    group: 'certificates.k8s.io',
    resource: 'certificatesigningrequests',
    subresource: 'selfnodeclient',
  };

  it('are told where the decision depends on them, each once', () => {
    const decision = decisionOf({ policies: [kubelet, policy('other', spec)], wish });
    assert.ok(decision.kind === 'needs');
    assert.deepEqual(decision.questions, [own]);
    assert.deepEqual(
      decision.reviews.map(({ kind }) => kind),
      ['needs', 'needs'],
    );
  });

  it('are not asked where the request is refused anyway', () => {
    const decision = decisionOf({ policies: [kubelet], wish: { ...wish, usages: ['any'] } });
    assert.equal(decision.kind, 'deny');
  });

  it('are not asked for policies in shadow mode, and not on facts that are not fresh', () => {
    const shadow = policy('shadow', spec, { mode: 'Shadow' });
    assert.equal(decisionOf({ policies: [shadow], wish }).kind, 'defer');
    const facts = shopFacts((store) => store.setStanding({ kind: 'syncing', resources: ['nodes'] }));
    assert.equal(decisionOf({ policies: [kubelet], wish, facts }).kind, 'defer');
  });

  it('lead to an approval, or to the next question, or to waiting: rights may be granted later', () => {
    const decided = (answers: Readonly<Record<string, 'allowed' | 'denied'>>): string => {
      const decision = decisionOf({ policies: [kubelet], wish, facts: withAnswers(shopFacts(), answers) });
      return decision.kind === 'needs'
        ? (decision.questions[0]?.subresource ?? '')
        : `${decision.kind}: ${decision.message}`;
    };
    assert.equal(decided({ selfnodeclient: 'denied' }), 'nodeclient');
    assert.match(decided({ selfnodeclient: 'denied', nodeclient: 'denied' }), /^defer: waits: policy kubelet-client: /);
    assert.equal(
      decided({ selfnodeclient: 'allowed' }),
      'approve: approved by policy kubelet-client: the subject O="system:nodes" and CN="system:node:node-a" is granted: node node-a may create certificatesigningrequests/selfnodeclient',
    );
  });
});
