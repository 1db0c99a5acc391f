import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FakeClock } from '../base/fake-clock.js';
import type { CertificateSigningRequest } from '../certificates/certificate-signing-request.js';
import type { Transport } from '../kube/exchange.js';
import { createClient } from './client.js';
import { CERTIFICATE_SIGNING_REQUESTS } from './resources.js';
import { createMemoryApi } from './testing/memory-api.js';
import { settle } from './testing/settle.js';
import { escapeFieldValue, waitFor } from './wait-for.js';

const PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests/my-svc';

function csr(certificate?: string): CertificateSigningRequest {
  return {
    metadata: { name: 'my-svc' },
    spec: { request: '', signerName: 'example.com/serving' },
    status: certificate === undefined ? {} : { certificate },
  };
}

function waiting(transport: Transport, clock: FakeClock, signal = new AbortController().signal): Promise<string> {
  const client = createClient(transport, { userAgent: 'test' });
  return waitFor(client, CERTIFICATE_SIGNING_REQUESTS, 'my-svc', (seen) => seen?.status.certificate, { clock, signal });
}

suite('waitFor', () => {
  test('answers at once what is there already', async () => {
    const api = createMemoryApi();
    api.put(PATH, csr('cert'));
    assert.equal(await waiting(api.transport, new FakeClock()), 'cert');
    assert.equal(api.log.length, 1);
  });

  test('follows an object that does not exist yet', async () => {
    const api = createMemoryApi();
    const result = waiting(api.transport, new FakeClock());
    await settle();
    api.put(PATH, csr());
    api.put(PATH, csr('cert'));
    assert.equal(await result, 'cert');
  });

  test('outlasts ended watches, forgotten versions and a server that is away', async () => {
    const api = createMemoryApi();
    const clock = new FakeClock();
    let away = false;
    const result = waiting((request) => (away ? Promise.reject(new Error('away')) : api.transport(request)), clock);
    await settle();
    away = true;
    api.endWatches();
    for (let i = 0; i < 10; i++) {
      await settle();
      clock.advance(10_000);
    }
    api.put(PATH, csr('cert'));
    api.compact();
    away = false;
    clock.advance(10_000);
    assert.equal(await result, 'cert');
  });

  test('throws a refusal that waiting will not change', async () => {
    const refusing: Transport = () => Promise.resolve({ status: 403, headers: {}, body: { kind: 'none' } });
    await assert.rejects(waiting(refusing, new FakeClock()), { code: 'API_STATUS' });
  });

  test('ends when its caller gives up', async () => {
    const api = createMemoryApi();
    const stop = new AbortController();
    const result = waiting(api.transport, new FakeClock(), stop.signal);
    await settle();
    stop.abort();
    await assert.rejects(result, {
      code: 'ABORTED',
      message: 'Cannot wait for certificatesigningrequests "my-svc": the call was given up',
    });
  });

  test('escapes what means something in a selector', () => {
    assert.equal(escapeFieldValue('a,b=c\\d'), 'a\\,b\\=c\\\\d');
  });
});
