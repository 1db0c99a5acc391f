import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import {
  API_CLIENT_SIGNER,
  KUBELET_CLIENT_SIGNER,
  KUBELET_SERVING_SIGNER,
} from '../../certificates/kubernetes-signers.js';
import { toUnixSeconds } from '../../base/clock.js';
import type { GeneralName } from '../../x509/general-name.js';
import { ATTRIBUTE, encodeName } from '../../x509/name.js';
import { decide, isUndecided, withApproval } from './decide.js';
import { recognisersOf } from './recognise.js';

const USAGES = ['digital signature', 'client auth'];
const DNS: GeneralName = { kind: 'dns', value: 'node-a' };

interface Case {
  readonly name: string;
  readonly signerName?: string;
  readonly username?: string;
  readonly usages?: readonly string[];
  readonly commonName?: string;
  readonly names?: readonly GeneralName[];
  readonly expect: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'the certificate of a server', signerName: KUBELET_SERVING_SIGNER, expect: [] },
  { name: 'any client', signerName: API_CLIENT_SIGNER, expect: [] },
  { name: 'a signer of others', signerName: 'example.com/kubelet', expect: [] },
  { name: "a name that is no node's", commonName: 'martha', expect: [] },
  { name: 'a node with a DNS name', names: [DNS], expect: [] },
  { name: 'a usage too many', usages: [...USAGES, 'server auth'], expect: [] },
  { name: 'no usage', usages: [], expect: [] },
  { name: 'a node that somebody asks for', username: 'system:bootstrap:abcdef', expect: ['nodeclient'] },
  { name: 'another node', username: 'system:node:b', expect: ['nodeclient'] },
  { name: 'a node that asks for itself', username: 'system:node:a', expect: ['selfnodeclient', 'nodeclient'] },
];

function csrOf({ signerName = KUBELET_CLIENT_SIGNER, username = 'x', usages = USAGES }: Partial<Case>) {
  const spec = { request: '', signerName, username, usages };
  return { metadata: { name: 'n' }, spec, status: {} } satisfies CertificateSigningRequest;
}

function requestOf({ commonName = 'system:node:a', names = [] }: Partial<Case>) {
  const subject = encodeName([
    [{ oid: ATTRIBUTE.organization, value: 'system:nodes' }],
    [{ oid: ATTRIBUTE.commonName, value: commonName }],
  ]);
  return { subject, subjectAltNames: names };
}

suite('approval of kubelets', () => {
  for (const c of cases) {
    test(`takes ${c.name} for ${c.expect.join(', then ') || 'nothing'}`, () => {
      const recognisers = recognisersOf(csrOf(c), requestOf(c));
      assert.deepEqual(
        recognisers.map(({ question }) => question),
        c.expect.map((subresource) => ({
          verb: 'create',
          group: 'certificates.k8s.io',
          resource: 'certificatesigningrequests',
          subresource,
        })),
      );
    });
  }

  test('leaves alone what somebody has decided, whatever the status says', () => {
    const having = (type: string): CertificateSigningRequest => ({
      ...csrOf({}),
      status: { conditions: [{ type, status: 'False' }] },
    });
    assert.deepEqual(['Approved', 'Denied', 'Failed'].map(having).map(isUndecided), [false, false, true]);
    assert.equal(isUndecided({ ...csrOf({}), status: { certificate: 'eA==' } }), false);
  });

  test('asks again where nobody may, and never denies', () => {
    const csr = csrOf({ username: 'system:node:a' });
    const recognisers = recognisersOf(csr, requestOf({}));
    const because = 'recognized csr "n" as [selfnodeclient nodeclient] but subject access review was not approved';
    assert.deepEqual(decide({ kind: 'recognised', csr, recognisers, allowed: undefined }), {
      kind: 'act',
      actions: [{ kind: 'ask-again', because }],
    });
    assert.deepEqual(decide({ kind: 'leave' }), { kind: 'done' });
  });

  test('approves in the words of kube-controller-manager, for which of both was allowed', () => {
    const csr = csrOf({ username: 'system:node:a' });
    const recognisers = recognisersOf(csr, requestOf({}));
    const messages = recognisers.map((allowed) => decide({ kind: 'recognised', csr, recognisers, allowed }));
    const approval = (message: string) => ({ kind: 'act', actions: [{ kind: 'approve', csr, message }] });
    const [self, node] = [
      'Auto approving self kubelet client certificate after SubjectAccessReview.',
      'Auto approving kubelet client certificate after SubjectAccessReview.',
    ];
    assert.deepEqual(messages, [approval(self), approval(node)]);
    assert.deepEqual(withApproval(csr, node, toUnixSeconds(0)).status.conditions, [
      {
        type: 'Approved',
        status: 'True',
        reason: 'AutoApproved',
        message: node,
        lastUpdateTime: '1970-01-01T00:00:00Z',
      },
    ]);
  });
});
