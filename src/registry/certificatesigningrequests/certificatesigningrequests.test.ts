import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '../../base/bytes.js';
import { toUnixSeconds } from '../../base/clock.js';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
  CertificateSigningRequestStatus,
} from '../../certificates/certificate-signing-request.js';
import type { RequestVerifier } from '../../certificates/request-verifier.js';
import { CERTIFICATE_PEM, inBase64, REQUEST_PEM } from '../../certificates/testing/samples.js';
import { decodeObject } from '../../kube/decode-json.js';
import { StatusError } from '../../kube/status.js';
import { parseApiRequest } from '../../x509/api-request.js';
import { openTestStore, type TestStore } from '../testing/open-test-store.js';
import { createCertificateSigningRequests } from './certificatesigningrequests.js';
import { withConditionTimes } from './condition-times.js';
import { certificateSigningRequestSchema } from './schema.js';

const REQUEST = inBase64(REQUEST_PEM);
const CERTIFICATE = inBase64(CERTIFICATE_PEM);
const KEY = { namespace: '', name: 'x' };
const THEN = '2026-01-01T00:00:00Z';
const LATER = '2026-01-01T00:01:00Z';

const verifier: RequestVerifier = {
  verify: () => Promise.resolve({ kind: 'valid', request: parseApiRequest(utf8(REQUEST_PEM)) }),
};

type Csr = CertificateSigningRequest;

function fresh(): Csr {
  return {
    metadata: { name: 'x' },
    spec: { request: REQUEST, signerName: 'example.com/serving', usages: ['server auth'] },
    status: {},
  };
}

function condition(
  type: string,
  more: Partial<CertificateSigningRequestCondition> = {},
): CertificateSigningRequestCondition {
  return { type, status: 'True', ...more };
}

/** A store with one request, a minute ago; with this status. */
async function opened(status: CertificateSigningRequestStatus = {}): Promise<TestStore<Csr>> {
  const store = openTestStore(createCertificateSigningRequests(verifier));
  await store.objects.create(fresh(), { context: store.context() });
  const { conditions = [], certificate } = status;
  if (conditions.length > 0) await write(store, 'approval', { conditions });
  if (certificate !== undefined) await write(store, 'status', { conditions, certificate });
  store.clock.advance(60_000);
  return store;
}

async function write(
  { objects, context }: TestStore<Csr>,
  subresource: 'main' | 'approval' | 'status',
  status: CertificateSigningRequestStatus,
  more: Partial<Csr> = {},
): Promise<Csr> {
  const options = { context: context(), ...(subresource === 'main' ? {} : { subresource }) };
  return (await objects.update(KEY, () => ({ ...fresh(), status, ...more }), options)).object;
}

test('writes down who asks, whatever the request says, and nothing decided', async () => {
  const { objects, context } = openTestStore(createCertificateSigningRequests(verifier));
  const sent: Csr = {
    ...fresh(),
    spec: { ...fresh().spec, username: 'root', uid: '0', groups: ['system:masters'], extra: { a: ['b'] } },
    status: { conditions: [condition('Approved')], certificate: CERTIFICATE },
  };
  const created = await objects.create(sent, { context: context() });
  assert.deepEqual(created.spec, { ...fresh().spec, username: 'alice', groups: ['system:authenticated'] });
  assert.deepEqual(created.status, {});
  const user = { username: 'bob', uid: '7', groups: [], extra: { k: ['v'] } };
  const other = await objects.create({ ...sent, metadata: { name: 'y' } }, { context: context({ user }) });
  assert.deepEqual(other.spec, { ...fresh().spec, username: 'bob', uid: '7', extra: { k: ['v'] } });
});

test('takes names that kubelets use', async () => {
  const { objects, context } = openTestStore(createCertificateSigningRequests(verifier));
  const name = 'node-csr-Abc_dEf:1 2';
  const created = await objects.create({ ...fresh(), metadata: { name } }, { context: context() });
  assert.equal(created.metadata.name, name);
  assert.deepEqual(await objects.get({ namespace: '', name }), created);
});

for (const endpoint of ['main', 'approval', 'status'] as const) {
  test(`changes metadata but never the spec through ${endpoint}`, async () => {
    const store = await opened();
    const written = await write(
      store,
      endpoint,
      {},
      {
        metadata: { name: 'x', labels: { a: 'b' } },
        spec: { request: '', signerName: 'other.example.com/x', usages: [] },
      },
    );
    assert.deepEqual(written.metadata.labels, { a: 'b' });
    assert.equal(written.spec.signerName, 'example.com/serving');
    assert.equal(written.spec.username, 'alice');
  });
}

test('ignores a status that is sent to the main endpoint', async () => {
  const store = await opened();
  const written = await write(store, 'main', { conditions: [condition('Approved')], certificate: CERTIFICATE });
  assert.deepEqual(written.status, {});
  assert.equal(await store.store.currentRevision(), 1);
});

test('ignores a certificate that is sent to /approval', async () => {
  const store = await opened();
  const written = await write(store, 'approval', { conditions: [condition('Approved')], certificate: CERTIFICATE });
  assert.equal(written.status.certificate, undefined);
});

test('keeps the certificate when /approval does not send it', async () => {
  const store = await opened({ certificate: CERTIFICATE });
  const written = await write(store, 'approval', { conditions: [condition('Denied')] });
  assert.equal(written.status.certificate, CERTIFICATE);
});

test('fills in the times of conditions, and keeps those that were sent', async () => {
  const store = await opened({ conditions: [condition('Approved')] });
  const old = { lastUpdateTime: '1999-01-01T00:00:00Z', lastTransitionTime: null };
  const written = await write(store, 'approval', {
    conditions: [condition('Approved', { message: 'other' }), condition('Mine', { ...old, status: 'Unknown' })],
  });
  assert.deepEqual(written.status.conditions, [
    { type: 'Approved', status: 'True', message: 'other', lastUpdateTime: LATER, lastTransitionTime: THEN },
    { type: 'Mine', status: 'Unknown', lastUpdateTime: '1999-01-01T00:00:00Z', lastTransitionTime: LATER },
  ]);
});

test('puts decisions back that a signer garbled, in place, and takes the rest', async () => {
  const store = await opened({ conditions: [condition('Approved', { reason: 'ok' })] });
  const written = await write(store, 'status', {
    conditions: [condition('Failed', { reason: 'no' }), condition('Approved', { status: 'False', reason: 'garbled' })],
  });
  assert.deepEqual(
    written.status.conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [
      ['Failed', 'True', 'no'],
      ['Approved', 'True', 'ok'],
    ],
  );
});

test('takes a certificate once through /status', async () => {
  const store = await opened();
  const issued = await write(store, 'status', { certificate: CERTIFICATE });
  assert.equal(issued.status.certificate, CERTIFICATE);
  const again = write(store, 'status', { certificate: inBase64(`${CERTIFICATE_PEM} `) });
  await assert.rejects(again, (error) => {
    assert.ok(error instanceof StatusError);
    assert.equal(
      error.message,
      'CertificateSigningRequest.certificates.k8s.io "x" is invalid: status.certificate: Forbidden: updates may not ' +
        'modify existing certificate content',
    );
    return true;
  });
});

test('shows admission an empty certificate, and does not store it', async () => {
  const store = await opened();
  const seen: (string | undefined)[] = [];
  const { object } = await store.objects.update(KEY, () => ({ ...fresh(), status: { certificate: '' } }), {
    context: store.context(),
    subresource: 'status',
    admit: (next) => {
      seen.push(next.status.certificate);
    },
  });
  assert.deepEqual(seen, ['']);
  assert.deepEqual(object.status, {});
  assert.equal(await store.store.currentRevision(), 1);
});

test('refuses in the order of the API: validation before admission', async () => {
  const store = await opened();
  const update = store.objects.update(
    KEY,
    () => ({ ...fresh(), status: { conditions: [condition('Approved', { status: 'False' })] } }),
    {
      context: store.context(),
      subresource: 'approval',
      admit: () => assert.fail('admission was asked'),
    },
  );
  await assert.rejects(update, { message: /status\.conditions\[0\]\.status: Unsupported value: "False"/ });
});

test('prints a row', () => {
  const resource = createCertificateSigningRequests(verifier);
  const { clock, context } = openTestStore(resource);
  clock.advance(5_400_000);
  const csr: Csr = {
    metadata: { name: 'x', creationTimestamp: THEN },
    spec: { request: REQUEST, signerName: '', usages: [], username: 'alice', expirationSeconds: 7200 },
    status: { conditions: [condition('Approved')], certificate: CERTIFICATE },
  };
  assert.deepEqual(resource.cells(csr, context().now), ['x', '90m', '<none>', 'alice', '120m', 'Approved,Issued']);
});

test('decodes what is not set as the API shows it', () => {
  const decoded = decodeObject(certificateSigningRequestSchema, 'CertificateSigningRequest', {});
  assert.deepEqual(decoded.object, { metadata: {}, spec: { request: null, signerName: '' }, status: {} });
});

test('fills in the times of many conditions in little time', { timeout: 20_000 }, () => {
  const conditions = Array.from({ length: 50_000 }, (_, i) => condition(`type-${i}`));
  const before: Csr = { ...fresh(), status: { conditions } };
  const next: Csr = { ...fresh(), status: { conditions: conditions.toReversed() } };
  const filled = withConditionTimes(next, before, toUnixSeconds(0));
  assert.equal(filled.status.conditions?.length, conditions.length);
});
