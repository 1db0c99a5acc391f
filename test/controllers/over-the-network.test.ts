import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { listen } from '../../src/apiserver/node/listen.js';
import { cn, testCertificate, testKey } from '../../src/authority/testing/test-certificates.js';
import { toUnixSeconds } from '../../src/base/clock.js';
import { silentLogger } from '../../src/base/logger.js';
import { type Client, createClient } from '../../src/client/client.js';
import type { ConfigMap } from '../../src/client/core-objects.js';
import { createEventRecorder } from '../../src/client/event-recorder.js';
import { createInformer } from '../../src/client/informer.js';
import { runWithLease } from '../../src/client/lease-election.js';
import { createHttpTransport } from '../../src/client/node/http-transport.js';
import { CONFIG_MAPS } from '../../src/client/resources.js';
import { waitFor } from '../../src/client/wait-for.js';
import { createGarbageCollector } from '../../src/controllers/garbage-collector/garbage-collector.js';
import { runControllers } from '../../src/controllers/runtime/run-controllers.js';
import { createSigner } from '../../src/controllers/signer/signer.js';
import { createRequestVerifier } from '../../src/crypto/request-verifier.js';
import { exportPrivateKeyPem } from '../../src/crypto/private-key.js';
import { StatusError } from '../../src/kube/status.js';
import { subjectAltNameExtension } from '../../src/x509/extension.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../src/client/resources.js';
import {
  keepingLogger,
  type Line,
  openBench,
  postApproved,
  SIGNER,
  testAuthority,
  until,
  type ControlBench,
} from './control-bench.js';

interface Network extends ControlBench {
  /** A client over TLS, authenticated by the superuser's token. */
  readonly dial: () => Promise<Client>;
}

/** The server of the other tests behind a real listener. */
async function openNetwork(t: TestContext): Promise<Network> {
  const b = await openBench();
  const key = await testKey('serving');
  const now = Date.now() / 1000;
  const caPem = await testCertificate({
    subject: cn('serving'),
    key,
    constraints: null,
    usages: null,
    extensions: [subjectAltNameExtension([{ kind: 'ip', bytes: new Uint8Array([127, 0, 0, 1]) }], false)],
    notBefore: toUnixSeconds(now - 60),
    notAfter: toUnixSeconds(now + 3600),
  });
  const listener = await listen({
    handle: (request) => b.server.api.handle(request),
    host: '127.0.0.1',
    port: 0,
    tls: { key: exportPrivateKeyPem(key, { format: 'pkcs8' }), cert: caPem },
    clientCas: [],
    logger: silentLogger,
  });
  const closers: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const close of closers) await close();
    await b.close();
    await listener.close(100);
  });
  return {
    ...b,
    dial: async () => {
      const access = {
        server: `https://127.0.0.1:${listener.port}`,
        caPem,
        insecureSkipTlsVerify: false,
        namespace: 'default',
        credentials: { token: 'admin-token' },
        source: 'test',
      };
      const transport = await createHttpTransport(access, { clock: b.clock });
      closers.push(() => transport.close());
      return createClient(transport.send, { userAgent: 'test/1', clock: b.clock });
    },
  };
}

suite('over the network', () => {
  test('a client reads, writes and is refused as in the same process', async (t) => {
    const network = await openNetwork(t);
    for (const client of [await network.dial(), network.client()]) {
      const where = { namespace: 'default' };
      const created = await client.create(CONFIG_MAPS, { metadata: { ...where, name: 'a' }, data: { x: 'ü<>&' } });
      assert.equal(created.data?.['x'], 'ü<>&');
      const patched = await client.patch(CONFIG_MAPS, 'a', { data: { y: '2' } }, where);
      assert.deepEqual((await client.get(CONFIG_MAPS, 'a', where)).data, { x: 'ü<>&', y: '2' });
      await assert.rejects(client.update(CONFIG_MAPS, created), (error: unknown) => {
        assert.ok(error instanceof StatusError);
        assert.deepEqual([error.httpCode, error.reason, error.status.details?.name], [409, 'Conflict', 'a']);
        return true;
      });
      await client.update(CONFIG_MAPS, { ...patched, data: {} });
      await assert.rejects(client.create(CONFIG_MAPS, created), {
        code: 'API_STATUS',
        message: 'resourceVersion should not be set on objects to be created',
      });
      await client.delete(CONFIG_MAPS, 'a', where);
      await assert.rejects(client.get(CONFIG_MAPS, 'a', where), { message: 'configmaps "a" not found' });
      assert.deepEqual((await client.list(CONFIG_MAPS, where)).items, []);
    }
  });

  test('a client that looks at metadata only is sent nothing else', async (t) => {
    const network = await openNetwork(t);
    const where = { namespace: 'default', metadataOnly: true };
    const client = await network.dial();
    await client.create(CONFIG_MAPS, {
      metadata: { namespace: 'default', name: 'a', labels: { l: 'x' } },
      data: { k: 'v' },
    });
    const shown = ({ kind, metadata, data }: ConfigMap): unknown => [kind, metadata.labels, data];
    const expected = ['PartialObjectMetadata', { l: 'x' }, undefined];
    assert.deepEqual(shown(await client.get(CONFIG_MAPS, 'a', where)), expected);
    assert.deepEqual((await client.list(CONFIG_MAPS, where)).items.map(shown), [expected]);
    const seen: unknown[] = [];
    const end = new AbortController();
    await client.watch(CONFIG_MAPS, { ...where, signal: end.signal }, ({ object }) => {
      seen.push(shown(object));
      end.abort();
    });
    assert.deepEqual(seen, [expected]);
  });

  test('garbage is collected', async (t) => {
    const network = await openNetwork(t);
    const local = network.client();
    const made = async (name: string, owner?: ConfigMap): Promise<ConfigMap> => {
      const { uid = '', name: ownerName = '' } = owner?.metadata ?? {};
      const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: ownerName, uid, blockOwnerDeletion: true };
      const ownerReferences = owner === undefined ? [] : [reference];
      return local.create(CONFIG_MAPS, { metadata: { namespace: 'default', name, ownerReferences } });
    };
    const { clock, random } = network;
    const lines: Line[] = [];
    const logger = keepingLogger(lines);
    const stop = network.run([createGarbageCollector({ client: await network.dial(), clock, random, logger })], logger);
    await made('leaf', await made('branch', await made('root')));
    await made('orphan', await made('leaves'));
    await local.delete(CONFIG_MAPS, 'root', { namespace: 'default', propagationPolicy: 'Foreground' });
    await local.delete(CONFIG_MAPS, 'leaves', { namespace: 'default', propagationPolicy: 'Orphan' });
    const left = async (): Promise<string> =>
      (await local.list(CONFIG_MAPS)).items.map(({ metadata }) => metadata.name).join(' ');
    await until('one is left', async () => (await left()) === 'orphan');
    await stop();
  });

  test('an informer follows, page by page and event by event', async (t) => {
    const network = await openNetwork(t);
    const local = network.client();
    for (let i = 0; i < 30; i++)
      await local.create(CONFIG_MAPS, { metadata: { namespace: 'default', name: `cm-${i}` } });
    const client = await network.dial();
    assert.equal((await client.list(CONFIG_MAPS, { pageSize: 7 })).items.length, 30);
    const { clock, random } = network;
    const informer = createInformer(client, CONFIG_MAPS, {
      clock,
      random,
      keep: ({ data = {} }: ConfigMap) => data['v'] ?? '',
    });
    const end = new AbortController();
    const running = informer.run(end.signal);
    await informer.synced;
    assert.equal(informer.size, 30);
    await local.patch(CONFIG_MAPS, 'cm-3', { data: { v: 'new' } }, { namespace: 'default' });
    await local.delete(CONFIG_MAPS, 'cm-4', { namespace: 'default' });
    await until('it has seen both', () => informer.get('default/cm-3') === 'new' && informer.size === 29);
    end.abort();
    await running;
  });

  test('of two replicas one signs, and the other goes on when it stops', async (t) => {
    const network = await openNetwork(t);
    const { clock, random, server } = network;
    const ca = await testAuthority(clock);
    const replica = async (
      identity: string,
    ): Promise<{ readonly lines: Line[]; readonly stop: () => Promise<void> }> => {
      const client = await network.dial();
      const lines: Line[] = [];
      const logger = keepingLogger(lines);
      const end = new AbortController();
      const running = runWithLease(
        { client, clock, random, logger, namespace: 'default', name: 'signer', identity },
        async (leading) => {
          const events = createEventRecorder({ client, clock, random, logger, component: identity });
          const issuers = new Map([[SIGNER, ca]]);
          const verifier = createRequestVerifier();
          const signer = createSigner({ client, clock, random, logger, verifier, events, issuers });
          await runControllers([signer], { clock, random, logger }, leading).ended;
        },
        end.signal,
      );
      return {
        lines,
        stop: async () => {
          end.abort();
          await running;
        },
      };
    };
    const issuedBy = (lines: readonly Line[]): number =>
      lines.filter(({ message }) => message.startsWith('Issued')).length;
    const certificateOf = (name: string): Promise<string> =>
      waitFor(network.client(), CERTIFICATE_SIGNING_REQUESTS, name, (csr) => csr?.status.certificate, {
        clock,
        signal: AbortSignal.timeout(20_000),
      });

    const one = await replica('one');
    await postApproved(server, 'first');
    await certificateOf('first');
    const two = await replica('two');
    for (let i = 0; i < 30; i++) await postApproved(server, `more-${i}`);
    await Promise.all(Array.from({ length: 30 }, (_, i) => certificateOf(`more-${i}`)));
    await until('one has logged all', () => issuedBy(one.lines) === 31);
    assert.equal(issuedBy(two.lines), 0);
    await one.stop();
    await postApproved(server, 'last');
    const last = certificateOf('last');
    await until('two leads', () => {
      clock.advance(1000);
      return two.lines.some(({ message }) => message === 'Acquired Lease');
    });
    await last;
    await two.stop();
    assert.equal(issuedBy(two.lines), 1);
  });
});
