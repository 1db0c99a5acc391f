import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { fetchDocument } from '../../src/apiserver/node/fetch-document.js';
import { startIssuer, type IssuerServer } from './issuer-server.js';

suite('a document of an issuer', () => {
  let issuer: IssuerServer;
  let other: IssuerServer;
  before(async () => {
    [issuer, other] = await Promise.all([startIssuer(), startIssuer()]);
    issuer.documents.set('/good', 'x'.repeat(1000));
    issuer.documents.set('/moved', { status: 302, headers: { location: `${issuer.url}/good` } });
    issuer.documents.set('/broken', { status: 500 });
  });
  after(() => Promise.all([issuer.close(), other.close()]));

  const fetched = (path: string, more: object = {}) =>
    fetchDocument({
      url: `${issuer.url}${path}`,
      caPem: issuer.caPem,
      maxBytes: 1000,
      timeoutMs: 5000,
      signal: new AbortController().signal,
      ...more,
    });

  const failures: readonly (readonly [string, string, () => object, RegExp])[] = [
    ['that is not there', '/none', () => ({}), /^status 404$/],
    ['of a server in trouble', '/broken', () => ({}), /^status 500$/],
    ['that is elsewhere', '/moved', () => ({}), /^status 302$/],
    ['that is too long', '/good', () => ({ maxBytes: 999 }), /^it is longer than 999 bytes$/],
    ['of an unknown authority', '/good', () => ({ caPem: other.caPem }), /certificate|issuer/],
    ['of an authority that the system does not know', '/good', () => ({ caPem: undefined }), /certificate|issuer/],
    [
      'of another name',
      '/good',
      () => ({ url: `${issuer.url.replace('127.0.0.1', 'localhost')}/good` }),
      /localhost|ECONNREFUSED/,
    ],
    ['of nobody', '/good', () => ({ url: 'https://127.0.0.1:1/' }), /ECONNREFUSED/],
    ['for which nobody waits', '/good', () => ({ signal: AbortSignal.abort() }), /abort/],
  ];
  for (const [name, path, more, detail] of failures) {
    test(`is refused: one ${name}`, async () => {
      const changes = more();
      const answer = await fetched(path, changes);
      assert.ok(answer.kind === 'failed');
      assert.match(answer.detail, detail);
    });
  }

  test('is given up on when it does not come', async (t) => {
    const silent = (await import('node:net')).createServer(() => undefined);
    silent.listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    t.after(() => silent.close());
    const { port } = silent.address() as { port: number }; // it listens on TCP
    const answer = await fetched('', { url: `https://127.0.0.1:${port}/`, timeoutMs: 50 });
    assert.deepEqual(answer, { kind: 'failed', detail: 'no answer within 50 ms' });
  });

  test('comes whole', async () => {
    assert.deepEqual(await fetched('/good'), { kind: 'document', text: 'x'.repeat(1000) });
  });
});
