import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { hasCode, isCountersignError } from '../../src/base/error.js';
import type { ErrorCode } from '../../src/base/error.js';
import { openEtcdStore } from '../../src/storage/etcd/open-etcd-store.js';
import type { EtcdStoreOptions, StoreInEtcd } from '../../src/storage/etcd/open-etcd-store.js';
import type { Revision, StoreEvent } from '../../src/storage/store.js';
import { startEtcd } from '../etcd.js';
import type { EtcdCluster, EtcdMember, EtcdOptions, EtcdTlsFiles } from '../etcd.js';
import { requireTool } from '../tools.js';

interface Stage {
  readonly cluster: EtcdCluster;
  readonly member: EtcdMember;
  readonly store: StoreInEtcd;
}

/** Runs a test on a cluster and a store in it, where there is an etcd. */
function testWithEtcd(
  name: string,
  options: EtcdOptions & { readonly store?: Partial<EtcdStoreOptions> },
  run: (stage: Stage, t: TestContext) => Promise<void>,
): void {
  test(name, async (t) => {
    if (!requireTool(t, 'etcd') || !requireTool(t, 'etcdctl')) return;
    const cluster = await startEtcd(options);
    t.after(() => cluster.close());
    const store = await openEtcdStore({ address: cluster.address, ...options.store });
    t.after(() => store.close());
    const member = cluster.members[0];
    assert.ok(member !== undefined);
    await run({ cluster, member, store }, t);
  });
}

/** A watch that keeps what it is told. */
class Watching {
  readonly events: StoreEvent[] = [];
  end: Error | undefined;
  #wake: () => void = () => undefined;

  onEvents(events: readonly StoreEvent[]): void {
    this.events.push(...events);
    this.#wake();
  }

  onEnd(error: Error): void {
    this.end = error;
    this.#wake();
  }

  async until(met: () => boolean): Promise<void> {
    while (!met()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  revisions(): readonly Revision[] {
    return this.events.map(({ revision }) => revision);
  }
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

async function refused(code: ErrorCode, words: RegExp, attempt: Promise<unknown>): Promise<void> {
  await assert.rejects(attempt, (error: unknown) => {
    assert.ok(isCountersignError(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  });
}

async function eventually(met: () => Promise<boolean>): Promise<void> {
  while (!(await met())) await new Promise((resolve) => setTimeout(resolve, 50));
}

test('refuses to open a store where nothing listens, and says what was tried', async () => {
  const words =
    /^Cannot open the store: etcd at 127\.0\.0\.1:9: .*ECONNREFUSED.*; etcd at 127\.0\.0\.1:11: .*ECONNREFUSED/;
  await refused(
    'STORE_UNAVAILABLE',
    words,
    openEtcdStore({ address: 'etcd://127.0.0.1:9,127.0.0.1:11', timeoutMs: 300 }),
  );
});

const UNUSABLE_TLS = [
  {
    name: 'TLS files for an address without TLS',
    address: 'etcd://h',
    tls: { ca: '' },
    words: /the address is not etcds/,
  },
  {
    name: 'a certificate without its key',
    address: 'etcds://h',
    tls: { certificate: 'x' },
    words: /TLS files for etcd: /,
  },
  { name: 'a key without its certificate', address: 'etcds://h', tls: { key: 'x' }, words: /TLS files for etcd: / },
  {
    name: 'what is no certificate',
    address: 'etcds://h',
    tls: { certificate: 'x', key: 'x' },
    words: /TLS files for etcd: .*/,
  },
] as const;

for (const { name, words, ...options } of UNUSABLE_TLS) {
  test(`refuses ${name}`, async () => {
    await refused('USAGE', words, openEtcdStore(options));
  });
}

test('refuses to open a store where something listens that is no etcd', async (t) => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  // A server that listens on TCP has an address with a port.
  const { port } = server.address() as AddressInfo;
  await refused(
    'STORE_UNAVAILABLE',
    /^Cannot open the store: etcd at 127/,
    openEtcdStore({ address: `etcd://127.0.0.1:${port}`, timeoutMs: 300 }),
  );
});

testWithEtcd('refuses a value that etcd does not take, and changes nothing', {}, async ({ store }) => {
  const large = new Uint8Array(1.5 * 1024 * 1024);
  const words = /^Cannot create "a": etcd at [0-9.:]+: etcdserver: request is too large; .*--max-request-bytes/;
  await refused('STORE_TOO_LARGE', words, store.create('a', large));
  assert.equal(await store.get('a'), undefined);
});

testWithEtcd(
  'knows that revision zero is of no key, though to etcd it is that of an absent one',
  {},
  async ({ store }) => {
    await refused('STORE_NOT_FOUND', /"a": it does not exist/, store.update('a', bytes('x'), 0));
    await refused('STORE_NOT_FOUND', /"a": it does not exist/, store.delete('a', 0));
    const revision = await store.create('a', bytes('x'));
    await refused(
      'STORE_CONFLICT',
      new RegExp(`its revision is ${revision}, expected was 0`),
      store.update('a', bytes('y'), 0),
    );
    await refused('STORE_CONFLICT', new RegExp(`its revision is ${revision}, expected was 0`), store.delete('a', 0));
  },
);

testWithEtcd('lays keys out as they are, after the prefix of the address', {}, async ({ cluster, store }, t) => {
  await store.create('/registry/configmaps/default/a', bytes('{}'));
  const tenant = await openEtcdStore({ address: `${cluster.address}/tenant` });
  t.after(() => tenant.close());
  await tenant.create('/registry/configmaps/default/b', bytes('{}'));
  assert.deepEqual((await cluster.ctl('get', '--prefix', '/', '--keys-only')).trim().split(/\n+/), [
    '/registry/configmaps/default/a',
    '/tenant/registry/configmaps/default/b',
  ]);
  assert.deepEqual(
    (await tenant.list('')).entries.map(({ key }) => key),
    ['/registry/configmaps/default/b'],
  );
  // others may write what is no text, and much at once
  const watching = new Watching();
  await tenant.watch('', await tenant.currentRevision(), watching);
  await cluster.ctl('put', '/tenant/registry/configmaps/default/c', '{}');
  await cluster.ctl('del', '--prefix', '/tenant/registry/');
  await watching.until(() => watching.events.length === 3);
  const [put, ...deletes] = watching.events;
  assert.equal(put?.kind, 'put');
  assert.deepEqual(
    deletes.map(({ kind, key }) => `${kind} ${key.slice(-1)}`),
    ['delete b', 'delete c'],
  );
  assert.equal(deletes[0]?.revision, deletes[1]?.revision);
});

testWithEtcd(
  'says what to do when the quota is used up, still reads, and goes on when there is space again',
  { flags: ['--quota-backend-bytes', String(4 * 1024 * 1024)] },
  async ({ cluster, store }) => {
    const value = new Uint8Array(512 * 1024);
    let revision = await store.create('a', value);
    const words =
      /^Cannot update "a": .*database space exceeded; defragment .*--quota-backend-bytes.*etcdctl alarm disarm/;
    await refused(
      'STORE_UNAVAILABLE',
      words,
      (async () => {
        for (let i = 0; i < 20; i++) revision = await store.update('a', value, revision);
      })(),
    );
    assert.equal((await store.get('a'))?.revision, revision);
    const full = await store.usage();
    assert.deepEqual(full.alarms, ['NOSPACE']);
    const [member] = full.members;
    assert.ok(member !== undefined && 'fileBytes' in member && member.fileBytes > 4 * 1024 * 1024);
    await store.check();
    await store.compact(await store.currentRevision());
    await cluster.ctl('defrag');
    await cluster.ctl('alarm', 'disarm');
    assert.ok((await store.update('a', bytes('small'), revision)) > revision);
    assert.deepEqual((await store.usage()).alarms, []);
  },
);

testWithEtcd('says that it is not let in where etcd asks who it is', {}, async ({ cluster, store }) => {
  await store.create('a', bytes('x'));
  await cluster.ctl('user', 'add', 'root:secret');
  await cluster.ctl('user', 'grant-role', 'root', 'root').catch(async () => {
    await cluster.ctl('role', 'add', 'root');
    await cluster.ctl('user', 'grant-role', 'root', 'root');
  });
  await cluster.ctl('auth', 'enable');
  const words = /^Cannot .*: etcd at [0-9.:]+: etcdserver: user name is empty; the client certificate must be/;
  await refused('STORE_UNAVAILABLE', words, store.get('a'));
  await refused('STORE_UNAVAILABLE', words, store.create('b', bytes('x')));
  await refused('STORE_UNAVAILABLE', /^Cannot open the store/, openEtcdStore({ address: cluster.address }));
  await cluster.ctl('--user', 'root:secret', 'auth', 'disable');
  assert.equal((await store.list('')).entries.length, 1);
});

testWithEtcd(
  'refuses reads and writes in bounded time while etcd is stopped, and goes on after, watches included',
  { store: { timeoutMs: 600 } },
  async ({ member, store }) => {
    const watching = new Watching();
    const first = await store.create('a', bytes('1'));
    await store.watch('', first, watching);
    await member.end('SIGTERM');
    const begun = performance.now();
    await Promise.all([
      refused('STORE_UNAVAILABLE', /^Cannot create "b": /, store.create('b', bytes('x'))),
      refused('STORE_UNAVAILABLE', /^Cannot read "a": /, store.get('a')),
      refused('STORE_UNAVAILABLE', /^Cannot use the store: /, store.check()),
      refused('STORE_UNAVAILABLE', /^Cannot read the revision: /, store.currentRevision()),
    ]);
    assert.ok(performance.now() - begun < 3000, `it took ${performance.now() - begun} ms`);
    const [usage] = (await store.usage()).members;
    assert.ok(usage !== undefined && 'problem' in usage);
    assert.equal(watching.end, undefined);
    member.start();
    await eventually(() =>
      store.check().then(
        () => true,
        () => false,
      ),
    );
    const second = await store.update('a', bytes('2'), first);
    await watching.until(() => watching.events.length > 0);
    assert.deepEqual(watching.revisions(), [second]);
  },
);

testWithEtcd(
  'of three members a leader that hangs is left within seconds, by watches too',
  { members: 3, store: { timeoutMs: 2000 } },
  async ({ cluster, store }) => {
    const watching = new Watching();
    let revision = await store.create('a', bytes('0'));
    await store.watch('', revision, watching);
    const leader = await cluster.leader();
    leader.freeze();
    const begun = performance.now();
    await eventually(async () => {
      try {
        revision = await store.update('a', bytes('1'), revision);
        return true;
      } catch (error) {
        assert.ok(hasCode(error, 'STORE_UNAVAILABLE') || hasCode(error, 'STORE_CONFLICT'), String(error));
        revision = (await store.get('a').catch(() => undefined))?.revision ?? revision;
        return false;
      }
    });
    await watching.until(() => watching.revisions().includes(revision));
    assert.ok(performance.now() - begun < 20_000, `it took ${performance.now() - begun} ms`);
    assert.equal(new Set(watching.revisions()).size, watching.events.length);
    leader.thaw();
  },
);

testWithEtcd(
  'knows how far a watch is complete when only others write',
  { flags: ['--experimental-watch-progress-notify-interval', '100ms'] },
  async ({ cluster }, t) => {
    const tenant = await openEtcdStore({ address: `${cluster.address}/tenant` });
    t.after(() => tenant.close());
    const watch = await tenant.watch('', await tenant.currentRevision(), new Watching());
    for (let i = 0; i < 3; i++) await cluster.ctl('put', '/elsewhere', `${i}`);
    const revision = await tenant.currentRevision();
    await eventually(async () => watch.through() >= revision);
  },
);

testWithEtcd(
  'ends watches with STORE_COMPACTED when etcd comes back with another history',
  {},
  async ({ member, store }) => {
    const watching = new Watching();
    for (let i = 0; i < 5; i++) await store.create(`a${i}`, bytes('x'));
    await store.watch('', await store.currentRevision(), watching);
    await member.end();
    member.wipe();
    member.start();
    await watching.until(() => watching.end !== undefined);
    assert.ok(hasCode(watching.end, 'STORE_COMPACTED'), String(watching.end));
    const again = new Watching();
    await store.watch('', await store.currentRevision(), again);
    const revision = await store.create('b', bytes('x'));
    await again.until(() => again.events.length > 0);
    assert.deepEqual(again.revisions(), [revision]);
  },
);

test('speaks TLS with a client certificate, and says why where one side does not trust the other', async (t) => {
  if (!requireTool(t, 'etcd') || !requireTool(t, 'etcdctl') || !requireTool(t, 'openssl')) return;
  const tls = certificates(t);
  const cluster = await startEtcd({ tls });
  t.after(() => cluster.close());
  const { address } = cluster;
  const [ca, certificate, key] = [tls.serverCertificate, tls.clientCertificate, tls.clientKey].map((file) =>
    readFileSync(file, 'utf8'),
  );
  assert.ok(ca !== undefined && certificate !== undefined && key !== undefined);
  const timeoutMs = 1000;
  const words = (why: string): RegExp => new RegExp(`^Cannot open the store: etcd at 127[0-9.:]+: .*${why}`);
  await refused('STORE_UNAVAILABLE', words('self-signed certificate'), openEtcdStore({ address, timeoutMs }));
  await refused('STORE_UNAVAILABLE', words(''), openEtcdStore({ address, timeoutMs, tls: { ca } }));
  await refused(
    'STORE_UNAVAILABLE',
    words(''),
    openEtcdStore({ address: address.replace('etcds', 'etcd'), timeoutMs }),
  );
  const store = await openEtcdStore({ address, tls: { ca, certificate, key } });
  t.after(() => store.close());
  const revision = await store.create('a', bytes('x'));
  assert.equal((await store.get('a'))?.revision, revision);
});

function certificates(t: TestContext): EtcdTlsFiles {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-etcd-tls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['server', 'client']) {
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)],
    ]);
    assert.equal(made.status, 0, String(made.stderr));
  }
  return {
    serverCertificate: join(folder, 'server.crt'),
    serverKey: join(folder, 'server.key'),
    clientCertificate: join(folder, 'client.crt'),
    clientKey: join(folder, 'client.key'),
  };
}
