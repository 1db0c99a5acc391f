import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toUnixSeconds } from '../base/clock.js';
import { canonicalRecordBytes } from '../certificates/canonical-record.js';
import type { CertificateSigningRequest } from '../certificates/certificate-signing-request.js';
import { normaliseRequest, type NormalisedRequest } from '../certificates/normalised-request.js';
import { inBase64, REQUEST_PEM } from '../certificates/testing/samples.js';
import { PUBLIC_KEY_DIGEST, REQUEST_DIGEST } from '../certificates/testing/records.js';
import { sha256 } from '../crypto/digest.js';
import { utf8 } from '../base/bytes.js';
import { parseApiRequest } from '../x509/api-request.js';
import type { Identity } from './identity.js';
import { buildOtherRecordSpec, buildRecordSpec, MAX_FACTS_BYTES, type FinalDecision } from './record.js';

const NOW = toUnixSeconds(1_700_000_000);

const REQUESTER = {
  username: 'system:serviceaccount:my-namespace:my-account',
  uid: 'account-1',
  groups: ['system:serviceaccounts', 'system:authenticated'],
  extra: { 'authentication.kubernetes.io/pod-name': ['my-pod'] },
};

function request(spec: Partial<CertificateSigningRequest['spec']> = {}): NormalisedRequest {
  const csr: CertificateSigningRequest = {
    metadata: { name: 'web', uid: 'csr-1', resourceVersion: '5', creationTimestamp: '2023-11-14T22:13:00Z' },
    spec: {
      request: inBase64(REQUEST_PEM),
      signerName: 'example.com/serving',
      usages: ['server auth'],
      expirationSeconds: 3600,
      ...REQUESTER,
      ...spec,
    },
    status: {},
  };
  return normaliseRequest(csr, parseApiRequest(utf8(REQUEST_PEM)), sha256);
}

const account = {
  namespace: 'my-namespace',
  name: 'my-account',
  uid: 'account-1',
  resourceVersion: '2',
  deleting: false,
};

const podIdentity: Identity = {
  kind: 'pod',
  requester: REQUESTER,
  account,
  pod: {
    name: 'my-pod',
    namespace: 'my-namespace',
    uid: 'pod-1',
    resourceVersion: '7',
    labels: {},
    serviceAccountName: 'my-account',
    nodeName: 'n1',
    hostNetwork: false,
    hostname: '',
    subdomain: '',
    phase: 'Running',
    deleting: false,
    ips: ['10.0.34.2'],
    hostIPs: [],
  },
};

const evidence = [
  { kind: 'Pod', namespace: 'my-namespace', name: 'my-pod', uid: 'pod-1', resourceVersion: '7' },
] as const;

const approval: FinalDecision = {
  kind: 'approve',
  policy: { name: 'workload-serving', uid: 'policy-1', generation: 3 },
  message: 'approved by policy workload-serving',
  reviews: [],
  names: [
    {
      type: 'IP',
      value: '10.0.34.2',
      path: 'subjectAltNames[3]',
      grantedBy: 'PodIP',
      because: 'it holds it',
      evidence,
    },
    { type: 'DNS', value: 'x.example.com', path: 'subjectAltNames[9]', grantedBy: 'dns', because: 'so', evidence: [] },
  ],
};

suite('buildRecordSpec', () => {
  test('records an approval, name by name, with its evidence', () => {
    const spec = buildRecordSpec({ request: request(), identity: podIdentity, decision: approval, now: NOW });
    assert.deepEqual(spec, {
      request: {
        name: 'web',
        uid: 'csr-1',
        signerName: 'example.com/serving',
        request: inBase64(REQUEST_PEM),
        requestDigest: REQUEST_DIGEST,
        publicKeyDigest: PUBLIC_KEY_DIGEST,
        usages: ['server auth'],
        expirationSeconds: 3600,
        creationTimestamp: '2023-11-14T22:13:00Z',
      },
      requester: {
        ...REQUESTER,
        identity: {
          kind: 'Pod',
          namespace: 'my-namespace',
          serviceAccountName: 'my-account',
          podName: 'my-pod',
          podUID: 'pod-1',
        },
      },
      decision: {
        verdict: 'Approved',
        by: 'Policy',
        policy: { name: 'workload-serving', uid: 'policy-1', generation: 3 },
        reason: 'ApprovedByPolicy',
        message: 'approved by policy workload-serving',
        decidedAt: '2023-11-14T22:13:20Z',
      },
      names: [
        { type: 'IP', value: '10.0.34.2', grantedBy: 'PodIP', because: 'it holds it', evidence },
        { type: 'DNS', value: 'x.example.com', grantedBy: 'dns', because: 'so' },
      ],
    });
  });

  test('records a denial with every name that was asked for, and grants none', () => {
    const decision: FinalDecision = {
      kind: 'deny',
      policies: [
        { name: 'a', uid: '1', generation: 1 },
        { name: 'b', uid: '2', generation: 1 },
      ],
      violations: [
        { path: 'request.subjectAltNames[2]', detail: 'it belongs to pod x/y', kind: 'contradicted' },
        { path: 'subject[0].CN', detail: 'it is no granted name', kind: 'broken' },
      ],
      message: 'denied',
      reviews: [],
    };
    const spec = buildRecordSpec({ request: request(), identity: podIdentity, decision, now: NOW });
    assert.equal(spec.decision.verdict, 'Denied');
    assert.equal(spec.decision.reason, 'DeniedByPolicy');
    assert.deepEqual(spec.decision.policy, { name: 'a', uid: '1', generation: 1 });
    assert.deepEqual(
      spec.names.map(({ type, value, because, grantedBy }) => [type, value, because, grantedBy]),
      [
        ['DNS', 'my-svc.my-namespace.svc.cluster.local', 'nothing was held against it', undefined],
        ['DNS', 'my-pod.my-namespace.pod.cluster.local', 'nothing was held against it', undefined],
        ['IP', '192.0.2.24', 'it belongs to pod x/y', undefined],
        ['IP', '10.0.34.2', 'nothing was held against it', undefined],
        ['CN', 'my-pod.my-namespace.pod.cluster.local', 'it is no granted name', undefined],
      ],
    );
  });

  const identities: readonly { readonly identity: Identity; readonly expect: object }[] = [
    {
      identity: {
        kind: 'serviceAccount',
        requester: REQUESTER,
        namespace: 'n',
        name: 'a',
        because: 'no pod',
        mayGrow: false,
      },
      expect: { kind: 'ServiceAccount', namespace: 'n', serviceAccountName: 'a' },
    },
    { identity: { kind: 'node', requester: REQUESTER, nodeName: 'n1' }, expect: { kind: 'Node', nodeName: 'n1' } },
    { identity: { kind: 'user', requester: REQUESTER }, expect: { kind: 'User' } },
  ];
  for (const { identity, expect } of identities) {
    test(`records the identity of a ${identity.kind}`, () => {
      const spec = buildRecordSpec({ request: request(), identity, decision: approval, now: NOW });
      assert.deepEqual(spec.requester.identity, expect);
    });
  }

  test('holds the facts as JSON, and leaves them out with a note where they are too many', () => {
    const built = (facts: unknown): string | undefined =>
      buildRecordSpec({ request: request(), identity: podIdentity, decision: approval, facts, now: NOW }).facts;
    assert.equal(built({ pods: [{ hostNetwork: false }] }), '{"pods":[{"hostNetwork":false}]}');
    assert.equal(built('x'.repeat(MAX_FACTS_BYTES - 2))?.length, MAX_FACTS_BYTES);
    assert.equal(
      built('é'.repeat(MAX_FACTS_BYTES / 2)),
      '{"leftOut":"65538 bytes of facts are more than the 65536 that a record holds"}',
    );
  });

  test('cuts texts without end', () => {
    const long = 'x'.repeat(10_000);
    const [name] = approval.names;
    assert.ok(name);
    const decision = { ...approval, message: long, names: [{ ...name, because: long }] };
    const spec = buildRecordSpec({ request: request(), identity: podIdentity, decision, now: NOW });
    assert.equal(spec.decision.message.length, 4096);
    assert.equal(spec.names[0]?.because.length, 1024);
  });

  test('makes Unicode of what is none, so that a store gives back what was signed', () => {
    const decision = { ...approval, message: 'half \ud83d of a pair, and a whole one \u{1f600}' };
    const spec = buildRecordSpec({ request: request(), identity: podIdentity, decision, now: NOW });
    assert.equal(spec.decision.message, 'half \ufffd of a pair, and a whole one \u{1f600}');
  });

  test('comes back from JSON as it was signed', () => {
    const spec = buildRecordSpec({ request: request(), identity: podIdentity, decision: approval, now: NOW });
    const read: unknown = JSON.parse(JSON.stringify(spec));
    assert.deepEqual(canonicalRecordBytes(read as typeof spec), canonicalRecordBytes(spec));
  });
});

suite('buildOtherRecordSpec', () => {
  const identityOf = (spec: Partial<CertificateSigningRequest['spec']>): object =>
    buildOtherRecordSpec({ request: request(spec), reason: 'R', message: 'm', decidedAt: NOW }).requester.identity;

  test('records every name, and a ground for none', () => {
    const spec = buildOtherRecordSpec({ request: request(), reason: 'KubectlApprove', message: 'm', decidedAt: NOW });
    assert.deepEqual(spec.decision, {
      verdict: 'Approved',
      by: 'Other',
      reason: 'KubectlApprove',
      message: 'm',
      decidedAt: '2023-11-14T22:13:20Z',
    });
    assert.equal(spec.names.length, 5);
    for (const { grantedBy, because } of spec.names) {
      assert.equal(grantedBy, undefined);
      assert.equal(because, 'approved by somebody else');
    }
  });

  test('has words for an approval that has none, which no API server would take', () => {
    const { decision } = buildOtherRecordSpec({ request: request(), reason: '', message: '', decidedAt: NOW });
    assert.deepEqual([decision.reason, decision.message], ['Unknown', 'approved without a word']);
  });

  test('takes a requester at the name that the API server wrote', () => {
    assert.deepEqual(identityOf({}), {
      kind: 'ServiceAccount',
      namespace: 'my-namespace',
      serviceAccountName: 'my-account',
    });
    assert.deepEqual(identityOf({ username: 'system:node:n1', groups: ['system:nodes'] }), {
      kind: 'Node',
      nodeName: 'n1',
    });
    assert.deepEqual(identityOf({ username: 'system:node:n1', groups: [] }), { kind: 'User' });
    assert.deepEqual(identityOf({ username: 'jane' }), { kind: 'User' });
    assert.deepEqual(identityOf({ username: 'system:serviceaccount:a:b:c' }), { kind: 'User' });
  });
});
