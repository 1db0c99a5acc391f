import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http2 from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  administrators,
  type Asker,
  asUser,
  CLUSTER_ROLE_BINDINGS,
  CONFIG_MAPS,
  requestText,
  REQUESTS,
} from './asker.js';
import type { Held } from './soak-server.js';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? '30');
const SAMPLES = 24;
/** Of the samples, those in which caches fill and code is compiled. */
const WARM_UP = 8;
const SERVER = fileURLToPath(new URL('soak-server.ts', import.meta.url));

const KEPT = ['/apis/countersign.dev/v1alpha1/certificaterecords', '/api/v1/namespaces/default/events'];

/** Work that goes on until it is told to stop; the answer counts what was done. */
interface Work {
  readonly running: () => boolean;
  readonly port: number;
  readonly did: (what: string) => void;
}

async function writes({ running, port, did }: Work, lane: number): Promise<void> {
  const user = asUser(port, `writer-${lane % 3}`);
  for (let i = 0; running(); i++) {
    const name = `soak-${lane}-${i}`;
    const data = { text: 'x'.repeat((i * 37) % 4000) };
    assert.equal((await user.ask('POST', CONFIG_MAPS, { metadata: { name }, data })).status, 201);
    assert.equal((await user.ask('PATCH', `${CONFIG_MAPS}/${name}`, { data: { more: String(i) } })).status, 200);
    assert.equal((await user.ask('GET', `${CONFIG_MAPS}/${name}`)).status, 200);
    assert.equal((await user.ask('DELETE', `${CONFIG_MAPS}/${name}`)).status, 200);
    did('object');
  }
  user.close();
}

/** A request that is approved, signed and deleted, with the record that is made of it. */
async function issues({ running, port, did }: Work, lane: number): Promise<void> {
  const user = asUser(port, 'writer-0');
  for (let i = 0; running(); i++) {
    const name = `soak-${lane}-${i}`;
    const spec = { request: await requestText(name), signerName: 'example.com/soak', usages: ['digital signature'] };
    const made = await user.ask('POST', REQUESTS, { metadata: { name }, spec });
    assert.equal(made.status, 201, made.text);
    const csr = JSON.parse((await user.ask('GET', `${REQUESTS}/${name}`)).text) as { status: object };
    const condition = { type: 'Approved', status: 'True', reason: 'Soak', message: '' };
    await user.ask('PUT', `${REQUESTS}/${name}/approval`, {
      ...csr,
      status: { ...csr.status, conditions: [condition] },
    });
    while (running() && !/"(certificate|Failed)"/.test((await user.ask('GET', `${REQUESTS}/${name}`)).text))
      await sleep(20);
    assert.equal((await user.ask('DELETE', `${REQUESTS}/${name}`)).status, 200);
    did('certificate');
    // what is meant to stay is no leak: records for months, Events for an hour
    if (i % 20 === 0) for (const path of KEPT) assert.equal((await user.ask('DELETE', path)).status, 200);
  }
  user.close();
}

/** Watches by the dozen on connections that are left politely, or not; some never read. */
async function watches({ running, port, did }: Work): Promise<void> {
  while (running()) {
    const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    session.on('error', () => undefined);
    const streams = Array.from({ length: 24 }, (_, i) => {
      const path =
        i % 2 === 0 ? `${CONFIG_MAPS}?watch=1&allowWatchBookmarks=true&timeoutSeconds=2` : `${REQUESTS}?watch=1`;
      const accept = i % 3 === 0 ? 'application/vnd.kubernetes.protobuf' : 'application/json';
      const stream = session.request({ ':path': path, authorization: 'Bearer reader', accept });
      stream.on('error', () => undefined);
      if (i % 5 === 0) stream.pause();
      else stream.resume();
      return stream;
    });
    await sleep(500 + Math.random() * 2500);
    for (const [i, stream] of streams.entries()) if (i % 4 === 0) stream.close(http2.constants.NGHTTP2_CANCEL);
    if (Math.random() < 0.5) session.close();
    session.destroy();
    did('watchers');
  }
}

/** Lists that are read, given up half way, refused, and asked for by users whom nobody has seen before. */
async function reads({ running, port, did }: Work): Promise<void> {
  for (let i = 0; running(); i++) {
    const reader: Asker = asUser(port, 'reader');
    await reader.ask('GET', `${CONFIG_MAPS}?limit=50`);
    await reader.ask('GET', `${REQUESTS}?limit=10`);
    const leaving = reader.ask('GET', '/openapi/v3/api/v1').catch(() => undefined);
    reader.close();
    await leaving;
    const stranger = asUser(port, `nobody-${i}`);
    assert.equal((await stranger.ask('GET', CONFIG_MAPS)).status, 401);
    stranger.close();
    did('list');
    await sleep(20);
  }
}

async function sample(server: ChildProcess): Promise<Held> {
  const answer = once(server, 'message') as Promise<[Held]>;
  server.send('held');
  return (await answer)[0];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

test(`memory stays flat through ${MINUTES} minutes of writes, watches, lists and lost connections`, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-soak-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const tokens = join(folder, 'tokens.csv');
  const users = ['writer-0', 'writer-1', 'writer-2', 'reader'];
  const lines = ['root,root,0,"system:masters"', ...users.map((name, i) => `${name},${name},${i + 1}`)];
  await writeFile(tokens, `${lines.join('\n')}\n`, { mode: 0o600 });
  const server = fork(SERVER, [join(folder, 'data'), tokens], {
    execArgv: ['--expose-gc', '--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [port] = (await once(server, 'message')) as [number];
  const root = asUser(port, 'root');
  assert.equal((await root.ask('POST', CLUSTER_ROLE_BINDINGS, administrators(...users))).status, 201);
  root.close();
  const done = new Map<string, number>();
  let stop = false;
  const work: Work = {
    running: () => !stop,
    port,
    did: (what) => done.set(what, (done.get(what) ?? 0) + 1),
  };
  const lanes = [0, 1, 2, 3, 4, 5].map((lane) => writes(work, lane));
  const all = Promise.all([...lanes, issues(work, 0), issues(work, 1), watches(work), watches(work), reads(work)]);
  const held: Held[] = [];
  const failed = all.then(() => undefined);
  for (let i = 0; i < SAMPLES; i++) {
    await Promise.race([sleep((MINUTES * 60_000) / SAMPLES), failed]);
    held.push(await sample(server));
  }
  stop = true;
  await all;
  const closed = once(server, 'exit');
  server.disconnect();
  assert.deepEqual((await closed)[0], 0);
  t.diagnostic([...done].map(([what, count]) => `${count} × ${what}`).join(', '));
  const text = (of: (h: Held) => number): string => held.map((h) => of(h).toFixed(0)).join(' ');
  t.diagnostic(`heap MiB ${text((h) => h.heap)}; buffers ${text((h) => h.buffers)}`);
  t.diagnostic(`process MiB ${text((h) => h.anonymous)}; handles ${text((h) => h.handles)}`);
  const third = Math.floor((SAMPLES - WARM_UP) / 3);
  for (const [name, of, slack] of [
    ['heap', (h: Held) => h.heap, 12],
    ['buffers', (h: Held) => h.buffers, 12],
    ['process', (h: Held) => h.anonymous, 64],
  ] as const) {
    const early = median(held.slice(WARM_UP, WARM_UP + third).map(of));
    const late = median(held.slice(-third).map(of));
    assert.ok(late < early * 1.1 + slack, `${name} grew from ${early.toFixed(0)} to ${late.toFixed(0)} MiB`);
  }
});
