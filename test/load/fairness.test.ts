import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer } from '../server-process.js';
import { administrators, asUser, CLUSTER_ROLE_BINDINGS, CONFIG_MAPS, requestText, REQUESTS } from './asker.js';

const CONNECTIONS = 64;
const OBJECTS = 800;
const APPROVALS = 10;

test('one user in a loop on 64 connections does not hold up the approvals of another', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-fair-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const tokens = join(folder, 'tokens.csv');
  await writeFile(tokens, 'root,root,1,"system:masters"\nhog,hog,2\njane,jane,3\n', { mode: 0o600 });
  await using server = await startServer(['--token-file', tokens], { folder: join(folder, 'data') });
  const port = Number(/Ready at https:\/\/127\.0\.0\.1:(\d+)/.exec(server.output())?.[1]);
  const root = asUser(port, 'root', 16);
  t.after(root.close);
  assert.equal((await root.ask('POST', CLUSTER_ROLE_BINDINGS, administrators('hog', 'jane'))).status, 201);
  const data = { text: 'x'.repeat(1000) };
  const filled = Array.from({ length: OBJECTS }, (_, i) =>
    root.ask('POST', CONFIG_MAPS, { metadata: { name: `filled-${i}` }, data }),
  );
  await Promise.all(filled);

  let [answered, stop] = [0, false];
  const statuses = new Set<number>();
  const hogs = Array.from({ length: CONNECTIONS }, async (_, i) => {
    const hog = asUser(port, 'hog');
    t.after(hog.close);
    while (!stop) {
      const answer =
        i % 2 === 0
          ? await hog.ask('GET', CONFIG_MAPS)
          : await hog.ask('POST', CONFIG_MAPS, { metadata: { generateName: 'hog-' }, data });
      statuses.add(answer.status);
      answered++;
    }
  });
  const jane = asUser(port, 'jane');
  t.after(jane.close);
  const request = await requestText('fair');
  const waits: number[] = [];
  for (let i = 0; i < APPROVALS; i++) {
    const name = `asked-${i}`;
    const spec = { request, signerName: 'example.com/nobody', usages: ['client auth'] };
    assert.equal((await root.ask('POST', REQUESTS, { metadata: { name }, spec })).status, 201);
    const before = answered;
    const csr = JSON.parse((await jane.ask('GET', `${REQUESTS}/${name}`)).text) as { status: object };
    const condition = { type: 'Approved', status: 'True', reason: 'Test', message: 'fair' };
    const approved = { ...csr, status: { ...csr.status, conditions: [condition] } };
    assert.equal((await jane.ask('PUT', `${REQUESTS}/${name}/approval`, approved)).status, 200);
    waits.push(answered - before);
  }
  stop = true;
  await Promise.all(hogs);
  assert.ok(answered > CONNECTIONS, 'it was a load');
  assert.deepEqual(
    [...statuses].filter((status) => status >= 500),
    [],
  );
  // in one line for all, each of the two requests would wait behind the 64 that are there already; writes that are stored
  // together are answered together, 32 at a time
  waits.sort((a, b) => a - b);
  t.diagnostic(`answers to the other user during one approval: ${waits.join(' ')}`);
  assert.ok((waits[APPROVALS / 2] ?? Infinity) < 1.5 * CONNECTIONS, `${waits.join(' ')} of ${answered}`);
});
