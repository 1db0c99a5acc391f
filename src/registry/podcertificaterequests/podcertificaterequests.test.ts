import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBase64 } from '../../base/base64.js';
import { utf8 } from '../../base/bytes.js';
import { type UnixSeconds, toUnixSeconds } from '../../base/clock.js';
import type {
  PodCertificateRequest,
  PodCertificateRequestSpec,
  PodCertificateRequestStatus,
} from '../../certificates/pod-certificate-request.js';
import { CA_PEM, CERTIFICATE_PEM, REQUEST_PEM } from '../../certificates/testing/samples.js';
import type { RequestVerifier } from '../../certificates/request-verifier.js';
import { formatTime } from '../../kube/time.js';
import { parseApiRequest } from '../../x509/api-request.js';
import { assembleCertificate, encodeTbsCertificate } from '../../x509/certificate.js';
import { encodePem } from '../../x509/pem.js';
import { SIGNATURE_ALGORITHM } from '../../x509/signature-algorithm.js';
import { openTestStore, type TestStore } from '../testing/open-test-store.js';
import { createPodCertificateRequests } from './podcertificaterequests.js';

type Request = PodCertificateRequest;

const KEY = { namespace: 'shop', name: 'r' };
const parsed = parseApiRequest(utf8(REQUEST_PEM));
const STUB = toBase64(parsed.der);
const PUBLIC_KEY = toBase64(parsed.publicKey.der);
const requests: RequestVerifier = { verify: () => Promise.resolve({ kind: 'valid', request: parsed }) };

const SPEC: PodCertificateRequestSpec = {
  signerName: 'example.com/foo',
  podName: 'web',
  podUID: 'u1',
  serviceAccountName: 'default',
  serviceAccountUID: 'u2',
  nodeName: 'n1',
  nodeUID: 'u3',
  stubPKCS10Request: STUB,
};

function asking(spec: Partial<PodCertificateRequestSpec> = {}): Request {
  return { metadata: { name: 'r', namespace: 'shop' }, spec: { ...SPEC, ...spec }, status: {} };
}

const resource = createPodCertificateRequests({
  requests,
  proofs: (_key, data, signature) => new TextDecoder().decode(data) === 'u1' && signature.length === 1,
  maySign: ({ username }, signerName) => username === 'alice' && signerName === 'example.com/foo',
});

async function opened(): Promise<TestStore<Request>> {
  const store = openTestStore(resource);
  await store.objects.create(asking(), { context: store.context() });
  return store;
}

function leafPem(notBefore: UnixSeconds, seconds: number): string {
  const tbs = encodeTbsCertificate({
    serialNumber: Uint8Array.of(1),
    signatureAlgorithm: SIGNATURE_ALGORITHM.ecdsaSha256,
    issuer: parsed.subject,
    notBefore,
    notAfter: toUnixSeconds(notBefore + seconds),
    subject: parsed.subject,
    publicKeyDer: parsed.publicKey.der,
    extensions: [],
  });
  return encodePem('CERTIFICATE', assembleCertificate(tbs, SIGNATURE_ALGORITHM.ecdsaSha256, Uint8Array.of(1)));
}

function ended(type: string, more: PodCertificateRequestStatus = {}): PodCertificateRequestStatus {
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  return { conditions: [{ type, status: 'True', reason: 'Ok', message: '', lastTransitionTime }], ...more };
}

function issued(now: UnixSeconds, seconds = 7200, from = 0): PodCertificateRequestStatus {
  const notBefore = toUnixSeconds(now + from);
  return ended('Issued', {
    certificateChain: leafPem(notBefore, seconds) + CA_PEM,
    notBefore: formatTime(notBefore),
    beginRefreshAt: formatTime(toUnixSeconds(notBefore + 1800)),
    notAfter: formatTime(toUnixSeconds(notBefore + seconds)),
  });
}

async function writeStatus(store: TestStore<Request>, status: PodCertificateRequestStatus, username = 'alice') {
  const context = store.context({ user: { username, groups: [] } });
  const change = (current: Request = asking()): Request => ({
    ...current,
    metadata: { ...current.metadata, labels: {} },
    status,
  });
  return (await store.objects.update(KEY, change, { context, subresource: 'status' })).object;
}

const RANGE = 'must be in the range';
const ONE_FORM = 'exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set';

const refused: readonly (readonly [string, Partial<PodCertificateRequestSpec>, string])[] = [
  ['no uid', { podUID: '' }, 'spec.podUID: Invalid value: "": must not be empty'],
  ['a long uid', { nodeUID: 'x'.repeat(129) }, 'spec.nodeUID: Too long: may not be more than 128 bytes'],
  ['59 minutes', { maxExpirationSeconds: 3599 }, `Invalid value: 3599: ${RANGE} [3600, 7862400]`],
  ['92 days', { maxExpirationSeconds: 7_862_401 }, `Invalid value: 7862401: ${RANGE} [3600, 7862400]`],
  [
    'two days of a signer of Kubernetes',
    { signerName: 'kubernetes.io/x', maxExpirationSeconds: 172_800 },
    `Invalid value: 172800: ${RANGE} [3600, 86400]`,
  ],
  ['no key', { stubPKCS10Request: null }, `spec: Invalid value: ${ONE_FORM}`],
  ['two forms of key', { pkixPublicKey: PUBLIC_KEY, proofOfPossession: 'AQ==' }, `spec: Invalid value: ${ONE_FORM}`],
  ['a request that is none', { stubPKCS10Request: 'AQ==' }, 'must be a valid PKCS#10 CSR'],
  [
    'a proof by somebody else',
    { stubPKCS10Request: null, pkixPublicKey: PUBLIC_KEY, proofOfPossession: 'AQI=' },
    'spec.proofOfPossession: Invalid value: "AQI=": could not verify proof-of-possession signature',
  ],
  [
    'an annotation without a domain',
    { unverifiedUserAnnotations: { foo: 'x' } },
    'must be a domain-prefixed key (such as "acme.io/foo")',
  ],
];

for (const [name, spec, text] of refused) {
  test(`refuses ${name}`, async () => {
    const { objects, context } = openTestStore(resource);
    await assert.rejects(objects.create(asking(spec), { context: context() }), (error: Error) => {
      assert.ok(error.message.endsWith(text), error.message);
      return true;
    });
  });
}

test('takes the deprecated form, fills in a day, and no status', async () => {
  const { objects, context } = openTestStore(resource);
  const form = { stubPKCS10Request: null, pkixPublicKey: PUBLIC_KEY, proofOfPossession: 'AQ==' };
  const created = await objects.create({ ...asking(form), status: ended('Denied') }, { context: context() });
  assert.deepEqual(created.spec, { ...SPEC, ...form, maxExpirationSeconds: 86_400 });
  assert.deepEqual(created.status, {});
});

test('lets nobody change the spec, nor the status by the main endpoint', async () => {
  const { objects, context } = await opened();
  const change = (more: Partial<Request>) =>
    objects.update(KEY, (current = asking()) => ({ ...current, ...more }), { context: context() });
  await assert.rejects(change({ spec: { ...SPEC, podName: 'other' } }), /spec: Invalid value: .*: field is immutable/);
  assert.deepEqual((await change({ status: ended('Denied') })).object.status, {});
});

const badStatus: readonly (readonly [string, (now: UnixSeconds) => PodCertificateRequestStatus, string])[] = [
  [
    'a condition of another type',
    () => ended('Foo'),
    'status.conditions.[0].type: Unsupported value: "Foo": supported values: "Issued", "Denied", "Failed"',
  ],
  ['a chain with a denial', () => ended('Denied', { certificateChain: 'x' }), 'non-condition status fields'],
  ['a chain alone', () => ({ certificateChain: 'x' }), 'status is immutable unless transitioning'],
  ['no chain', () => ended('Issued'), 'must contain at least one certificate'],
  ['a certificate of another key', () => ended('Issued', { certificateChain: CA_PEM }), 'to the requested public key'],
  ['no times', () => ended('Issued', { certificateChain: CERTIFICATE_PEM }), 'status.notBefore: Required value'],
  [
    'half an hour',
    (now) => issued(now, 1800),
    'Invalid value: 1800000000000: leaf certificate lifetime must be >= 1 hour',
  ],
  ['two days', (now) => issued(now, 172_800), 'lifetime must be <= spec.maxExpirationSeconds (86400)'],
  ['an old certificate', (now) => issued(now, 7200, -300), 'status.notBefore: Invalid value'],
  [
    'a renewal at the end',
    (now) => ({ ...issued(now), beginRefreshAt: issued(now).notAfter ?? null }),
    'status.beginRefreshAt: Invalid value',
  ],
];

for (const [name, status, text] of badStatus) {
  test(`refuses ${name} in a status`, async () => {
    const store = await opened();
    await assert.rejects(writeStatus(store, status(store.context().now)), (error: Error) => {
      assert.ok(error.message.includes(text), error.message);
      return true;
    });
  });
}

test('takes a certificate once, from who may sign, and no metadata with it', async () => {
  const store = await opened();
  const status = issued(store.context().now);
  await assert.rejects(writeStatus(store, status, 'pat'), {
    httpCode: 422,
    message:
      'PodCertificateRequest.certificates.k8s.io "r" is invalid: spec.signerName: Forbidden: User "pat" is not permitted to "sign" for signer "example.com/foo"',
  });
  const written = await writeStatus(store, status);
  assert.deepEqual(written.status, status);
  assert.equal(written.metadata.labels, undefined);
  assert.deepEqual((await writeStatus(store, status, 'pat')).status, status);
  await assert.rejects(writeStatus(store, ended('Failed')), /immutable after PodCertificateRequest is issued/);
});

test('prints a row', () => {
  const unverifiedUserAnnotations = { 'b.io/x': '2', 'a.io/x': '1' };
  const request = { ...asking({ unverifiedUserAnnotations }), status: ended('Denied') };
  const row = ['r', 'web', 'default', 'n1', 'example.com/foo', 'Denied', 'a.io/x=1,b.io/x=2'];
  assert.deepEqual(resource.cells(request, toUnixSeconds(0)), row);
  assert.deepEqual(resource.cells(asking(), toUnixSeconds(0)).slice(5), ['Pending', '<none>']);
});
