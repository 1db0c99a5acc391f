import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { StatusError } from '../kube/status.js';
import { HOSTILE_BYTES, HOSTILE_TEXTS } from '../../test/hostile.js';
import { parseGoDuration } from './bodies/go-duration.js';
import { parseInt64 } from './bodies/parse-int64.js';
import { parseAccept } from './negotiation/accept.js';
import { queryOf } from './routing/query.js';
import { requestInfo } from './routing/request-info.js';
import { openTestServer, type TestServer } from './testing/open-test-server.js';

let server: TestServer;
before(async () => {
  server = await openTestServer();
});
after(() => server.close());

/** Text that is nearly what parsers expect. */
const nearly = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[/%a-z0-9.?&=;,"+-]{0,60}$/),
  fc.constantFrom(...HOSTILE_TEXTS),
);

test('the parsers of a request answer anything, and throw nothing but refusals', () => {
  fc.assert(
    fc.property(nearly, (text) => {
      requestInfo('GET', text);
      requestInfo(text, `/api/v1/namespaces/${text}?fieldSelector=${text}`);
      queryOf(text).get('a');
      parseAccept(text);
      parseGoDuration(text);
      try {
        parseInt64(text);
      } catch (error) {
        assert.ok(error instanceof StatusError);
      }
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('a path is taken apart the same, however it is escaped', () => {
  const segment = fc.stringMatching(/^[a-z:@!$'()*,;=~_ -]{1,10}$/);
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (segments) => {
      const plain = `/apis/${segments.join('/')}`;
      const escaped = `/apis/${segments.map((s) => Array.from(Buffer.from(s), (b) => `%${b.toString(16).padStart(2, '0')}`).join('')).join('%2F')}`;
      assert.deepEqual({ ...requestInfo('GET', escaped), query: null }, { ...requestInfo('GET', plain), query: null });
    }),
    { seed: 2, numRuns: 500 },
  );
});

test('parsers take time in proportion to what they read', () => {
  for (const unit of ['a/b,', ';q=1', '%41', 'a=b&', '1h', '"', '\\', 'a,', '//']) {
    const long = unit.repeat(100_000);
    const start = performance.now();
    parseAccept(long);
    requestInfo('GET', `/${long}?${long}`);
    queryOf(long).get('x');
    parseGoDuration(long);
    assert.ok(performance.now() - start < 2000, unit);
  }
});

test('more mistakes than a call takes arguments are refused like a few', { timeout: 30_000 }, async () => {
  const many = 130_000;
  const texts = Array.from({ length: many }, () => '');
  const maps = '/api/v1/namespaces/default/configmaps';
  const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
  await server.ask({ method: 'POST', path: maps, body: { metadata: { name: 'few' } } });
  for (const [method, path, body] of [
    ['POST', maps, { metadata: { name: 'many', finalizers: texts } }],
    ['PUT', `${maps}/few`, { metadata: { name: 'few', finalizers: texts } }],
    ['POST', requests, { metadata: { name: 'many' }, spec: { request: '', signerName: 'a.b/c', usages: texts } }],
  ] as const) {
    const { status, text } = await server.ask({ method, path, body });
    assert.equal(status, 422, text.slice(0, 300));
  }
  await server.ask({ method: 'DELETE', path: `${maps}/few` });
});

test('a server answers hostile bodies and headers with refusals, and stays up', async () => {
  const path = '/api/v1/namespaces/default/configmaps';
  for (const value of [...HOSTILE_TEXTS, ...HOSTILE_BYTES]) {
    const text = typeof value === 'string' ? value : Buffer.from(value.subarray(0, 4096)).toString('latin1');
    for (const type of ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']) {
      const answer = await server.ask({ method: 'POST', path, body: value, headers: { 'content-type': type } });
      assert.ok(answer.status >= 400 && answer.status < 500, `${type} ${answer.text}`);
    }
    for (const type of ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json']) {
      const headers = { 'content-type': `application/${type}`, accept: text };
      const answer = await server.ask({ method: 'PATCH', path: `${path}/nope`, body: value, headers });
      assert.ok(answer.status >= 400 && answer.status < 500, `${type} ${answer.text}`);
    }
    const answer = await server.ask({ path: `${path}?${text}&labelSelector=${text}&continue=${text}` });
    assert.ok(answer.status < 500, answer.text);
  }
  assert.equal((await server.ask({ path })).status, 200);
});
