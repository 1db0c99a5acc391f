import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CertificateRecord } from '../../certificates/certificate-record.js';
import { decodeObject } from '../../kube/decode-json.js';
import { fieldErrorText } from '../../kube/field-error.js';
import { openTestStore } from '../testing/open-test-store.js';
import { certificateRecords } from './certificaterecords.js';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

const SPEC: CertificateRecord['spec'] = {
  request: {
    name: 'web',
    uid: 'u-1',
    signerName: 'example.com/serving',
    request: 'cGVt',
    requestDigest: DIGEST,
    publicKeyDigest: DIGEST,
    usages: [],
    expirationSeconds: 0,
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  requester: {
    username: 'system:serviceaccount:shop:web',
    groups: ['system:serviceaccounts', ''],
    extra: { 'authentication.kubernetes.io/pod-name': ['web-7f'], none: [] },
    identity: { kind: 'Pod', namespace: 'shop', serviceAccountName: 'web', podName: 'web-7f', podUID: 'u-2' },
  },
  decision: {
    verdict: 'Approved',
    by: 'Policy',
    policy: { name: 'serving', uid: 'u-3', generation: 4 },
    reason: 'ApprovedByPolicy',
    message: 'all names are proven',
    decidedAt: '2026-01-01T00:00:01.5Z',
  },
  names: [
    {
      type: 'DNS',
      value: 'web.shop.svc',
      grantedBy: 'ServiceDNS',
      because: 'the pod backs Service shop/web',
      evidence: [{ kind: 'Service', namespace: 'shop', name: 'web', uid: 'u-4', resourceVersion: '7' }],
    },
  ],
  facts: '{}',
  signature: { keyID: DIGEST, value: 'c2ln' },
};

/** A record as the API decodes it. */
function record(spec: object, more: object = {}): CertificateRecord {
  const { object } = decodeObject(certificateRecords.schema, 'CertificateRecord', {
    metadata: { name: 'b7c5a2e4-3a0c-4a52-9c39-6f1e1f4f7f5d' },
    spec,
    ...more,
  });
  return object as CertificateRecord; // decoded by its schema; what is missing in it is what the tests are about
}

const refused: readonly { readonly name: string; readonly spec: object; readonly errors: readonly string[] }[] = [
  {
    name: 'a record of nothing',
    spec: {},
    errors: [
      'spec.request: Required value',
      'spec.requester: Required value',
      'spec.decision: Required value',
      'spec.signature: Required value',
    ],
  },
  {
    name: 'a verdict that is none, and a time that is none',
    spec: { ...SPEC, decision: { ...SPEC.decision, verdict: 'Perhaps', decidedAt: 'today' } },
    errors: [
      'spec.decision.verdict: Unsupported value: "Perhaps": supported values: "Approved", "Denied"',
      'spec.decision.decidedAt: Invalid value: "today": spec.decision.decidedAt in body must be of type date-time: "today"',
    ],
  },
  {
    name: 'a digest that is none, and no signature',
    spec: { ...SPEC, request: { ...SPEC.request, requestDigest: 'md5:0' }, signature: { keyID: DIGEST } },
    errors: [
      'spec.request.requestDigest: Invalid value: "md5:0": spec.request.requestDigest in body should match ' +
        `'^sha256:[0-9a-f]{64}$'`,
      'spec.signature.value: Required value',
    ],
  },
];

for (const { name, spec, errors } of refused) {
  test(`refuses ${name}`, async () => {
    const { context } = openTestStore(certificateRecords);
    const found = await certificateRecords.strategy.validate(record(spec), context());
    assert.deepEqual(found.map(fieldErrorText), errors);
  });
}

test('keeps every word of what was signed', async () => {
  const { objects, context } = openTestStore(certificateRecords);
  const made = await objects.create(record(SPEC), { context: context() });
  assert.deepEqual(made.spec, SPEC);
});

test('never changes a decision, and takes what came of it through status alone', async () => {
  const { objects, context } = openTestStore(certificateRecords);
  const made = await objects.create(record(SPEC, { status: { issuance: { phase: 'Issued' } } }), {
    context: context(),
  });
  assert.equal(made.status, undefined);
  const key = { namespace: '', name: made.metadata.name ?? '' };
  const reason = { ...made, spec: { ...made.spec, decision: { ...made.spec.decision, reason: 'Bribed' } } };
  await assert.rejects(
    objects.update(key, () => reason, { context: context() }),
    { message: /: spec: Invalid value: "object": field is immutable$/ },
  );
  const status = { issuance: { phase: 'Issued' as const, serialNumber: '0a', notAfter: '2026-01-02T00:00:00Z' } };
  const through = { context: context(), subresource: 'status' };
  const { object: issued } = await objects.update(key, () => ({ ...reason, status }), through);
  assert.deepEqual([issued.spec, issued.status], [made.spec, status]);
  const phase = { ...issued, status: { issuance: { phase: 'Dreamt' } } } as unknown as CertificateRecord;
  await assert.rejects(
    objects.update(key, () => phase, through),
    { message: /status.issuance.phase: Unsupported value: "Dreamt"/ },
  );
});

test('finds records by request, signer, key and requester', () => {
  const found = Object.entries(certificateRecords.selectableFields ?? {}).map(([field, read]) => [
    field,
    read(record(SPEC)),
  ]);
  assert.deepEqual(found, [
    ['spec.request.name', 'web'],
    ['spec.request.signerName', 'example.com/serving'],
    ['spec.request.publicKeyDigest', DIGEST],
    ['spec.requester.username', 'system:serviceaccount:shop:web'],
  ]);
});

test('prints who asked whom, and what came of it', () => {
  const { context } = openTestStore(certificateRecords);
  const issuance = { phase: 'Issued', serialNumber: '0a', notAfter: '2026-01-02T00:00:00Z' };
  const metadata = { name: 'u-1', creationTimestamp: '2025-12-31T23:59:00Z' };
  assert.deepEqual(certificateRecords.cells(record(SPEC, { metadata, status: { issuance } }), context().now), [
    'u-1',
    'web',
    'system:serviceaccount:shop:web',
    'example.com/serving',
    'Approved',
    'Issued',
    '2026-01-02T00:00:00Z',
    'serving',
    '0a',
    '60s',
  ]);
});
