import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { createHttpTransport, loadServerAccess } from '../../src/client/index.js';
import type { ApiResponse } from '../../src/kube/exchange.js';
import type { KubeList, KubeObject } from '../../src/kube/object-meta.js';
import { createSystemClock } from '../../src/main/system-clock.js';
import { countersign, runCommand } from '../command.js';
import { startServer } from '../server-process.js';
import { requireTool } from '../tools.js';

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-backup-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const MAPS = '/api/v1/namespaces/default/configmaps';

interface Asked {
  readonly status: number;
  readonly json: unknown;
}

/** Speaks to a server as its administrator, or by a token. */
async function openConversation(t: TestContext, kubeconfig: string, token?: string) {
  const access = await loadServerAccess({ path: kubeconfig, env: {} });
  const credentials = token === undefined ? access.credentials : { token };
  const transport = await createHttpTransport({ ...access, credentials }, { clock: createSystemClock() });
  t.after(() => transport.close());
  return async (method: string, target: string, body?: object): Promise<Asked> => {
    const response: ApiResponse = await transport.send({
      method,
      target,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? { kind: 'none' } : { kind: 'object', value: body },
      signal: new AbortController().signal,
      peer: { kind: 'connection', address: '' },
    });
    const text = response.body.kind === 'bytes' ? Buffer.from(response.body.bytes).toString() : '{}';
    return { status: response.status, json: JSON.parse(text) as unknown };
  };
}

type Ask = Awaited<ReturnType<typeof openConversation>>;

interface Written {
  readonly name: string;
  readonly uid: string;
  readonly version: number;
  readonly round: string;
}

/** Creates and changes config maps until it is told to stop; answers every write that was acknowledged. */
async function writeUntil(ask: Ask, stopped: () => boolean): Promise<readonly Written[]> {
  const writes: Written[] = [];
  const keep = ({ json }: Asked): void => {
    const { metadata, data } = json as KubeObject & { readonly data: { readonly round: string } };
    const { name = '', uid = '', resourceVersion } = metadata;
    writes.push({ name, uid, version: Number(resourceVersion), round: data.round });
  };
  for (let round = 0; !stopped(); round++) {
    const name = `load-${round % 20}`;
    const map = { metadata: { name }, data: { round: String(round), filler: 'x'.repeat(2000) } };
    const created = await ask('POST', MAPS, map);
    keep(created.status === 201 ? created : await ask('PUT', `${MAPS}/${name}`, map));
  }
  return writes;
}

/** What each config map was as of a revision. */
function stateAt(writes: readonly Written[], revision: number): ReadonlyMap<string, Written> {
  const state = new Map<string, Written>();
  for (const write of writes) {
    if (write.version > revision) break;
    state.set(write.name, write);
  }
  return state;
}

suite('store refuses', () => {
  const refused: readonly { readonly name: string; readonly args: readonly string[]; readonly error: RegExp }[] = [
    { name: 'a backup without file', args: ['backup'], error: /missing required argument 'file'/ },
    {
      name: 'a backup of a folder without store',
      args: ['backup', 'b', '--data-dir', 'none'],
      error: /^error: Cannot find a store: no server has run in .*none yet/,
    },
    {
      name: 'a backup without server',
      args: ['backup', 'b', '--kubeconfig', 'none'],
      error: /^error: .*none/,
    },
    {
      name: 'a restore without folder',
      args: ['restore', 'b'],
      error: /^error: Cannot restore: say where to: either --data-dir or --storage/,
    },
    {
      name: 'a restore of what is no backup',
      args: ['restore', 'text', '--data-dir', 'data'],
      error: /^error: Cannot read backup: it does not begin with "countersign-backup 1"/,
    },
    {
      name: 'a check of two things at once',
      args: ['check', 'text', '--data-dir', 'data'],
      error: /^error: Cannot use --data-dir together with a backup/,
    },
    { name: 'a check of what is no backup', args: ['check', 'text'], error: /^error: Cannot read backup/ },
  ];
  for (const { name, args, error } of refused) {
    test(name, async (t) => {
      const folder = await folderOf(t);
      await writeFile(join(folder, 'text'), 'something else\n'.repeat(10));
      const ended = await countersign(['store', ...args], { cwd: folder });
      assert.match(ended.stderr, error);
      assert.equal(ended.code, 1);
      assert.deepEqual(await readdir(folder), ['text']);
    });
  }
});

test('a backup of a server under load, restored: the same objects, keys and tokens, and no version goes back', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  const folder = await folderOf(t);
  const backup = join(folder, 'backup');
  const old = await startServer();
  t.after(() => old[Symbol.asyncDispose]());
  const kubectl = async (kubeconfig: string, ...args: readonly string[]) => {
    const ended = await runCommand('kubectl', ['--kubeconfig', kubeconfig, ...args]);
    assert.equal(ended.code, 0, ended.stderr);
    return ended.stdout;
  };
  await kubectl(old.kubeconfig, 'create', 'secret', 'generic', 'db', '--from-literal=password=hunter2');
  await kubectl(old.kubeconfig, 'create', 'service', 'clusterip', 'web', '--tcp=80:80');
  const token = (await kubectl(old.kubeconfig, 'create', 'token', 'default')).trim();
  const everything = async (kubeconfig: string): Promise<readonly string[]> => {
    const kinds = 'secret,service,serviceaccount,namespace,clusterrole,clusterrolebinding,role';
    const { items } = JSON.parse(await kubectl(kubeconfig, 'get', kinds, '-A', '-o', 'json')) as KubeList;
    // the Service of the server itself follows its port
    return items
      .filter(({ kind, metadata }) => `${kind} ${metadata.name}` !== 'Service kubernetes')
      .map((item) => JSON.stringify(item));
  };
  const before = await everything(old.kubeconfig);
  const ask = await openConversation(t, old.kubeconfig);
  const { metadata } = (await ask('GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles?limit=3')).json as KubeList;

  let isStopped = false;
  const writing = writeUntil(ask, () => isStopped);
  const saved = await countersign(['store', 'backup', backup, '--kubeconfig', old.kubeconfig]);
  const checked = await countersign(['store', 'check', '--kubeconfig', old.kubeconfig]);
  isStopped = true;
  const writes = await writing;
  const last = Math.max(...writes.map(({ version }) => version));
  await old.stop();

  assert.equal(saved.code, 0, saved.stderr);
  const [, revision = ''] =
    /^Saved \d+ entries and \d+ of the server's own files, as of revision (\d+) /.exec(saved.stdout) ?? [];
  assert.match(saved.stderr, /Secrets and private keys in plain/);
  assert.equal((await stat(backup)).mode & 0o777, 0o600);
  assert.ok(
    last > Number(revision) && Number(revision) > (writes[0]?.version ?? 0),
    'the backup was made amid the load',
  );
  assert.deepEqual([checked.code, checked.stderr], [0, '']);
  assert.match(checked.stdout, /\nNothing is wrong\n$/);
  assert.equal((await countersign(['store', 'check', backup])).code, 0);

  const data = join(folder, 'data');
  const restored = await countersign(['store', 'restore', backup, '--data-dir', data]);
  assert.equal(restored.code, 0, restored.stderr);
  const again = await countersign(['store', 'restore', backup, '--data-dir', data]);
  assert.match(again.stderr, /^error: Cannot restore into .*: it is not empty/);
  await using renewed = await startServer([], { folder: data });
  assert.deepEqual(await everything(renewed.kubeconfig), before, 'uids and resourceVersions, too');
  const askRenewed = await openConversation(t, renewed.kubeconfig);
  const { items } = (await askRenewed('GET', MAPS)).json as KubeList<
    KubeObject & { readonly data: { round?: string } }
  >;
  const found = items.filter(({ metadata: { name = '' } }) => name.startsWith('load-'));
  const shown = found.map(({ metadata: { name = '', uid = '', resourceVersion }, data: { round = '' } }): Written => {
    return { name, uid, version: Number(resourceVersion), round };
  });
  const expected = [...stateAt(writes, Number(revision)).values()];
  const byName = (a: Written, b: Written): number => (a.name < b.name ? -1 : 1);
  assert.deepEqual(shown.sort(byName), expected.sort(byName), 'all that was written by then, and nothing else');

  for (const name of ['server-ca.crt', 'client-ca.crt', 'service-account.key']) {
    const [one, other] = await Promise.all([old.folder, data].map((at) => readFile(join(at, 'pki', name), 'utf8')));
    assert.equal(one, other, name);
  }
  const asPod = await openConversation(t, renewed.kubeconfig, token);
  const review = (await asPod('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {})).json as {
    readonly status: { readonly userInfo: { readonly username: string } };
  };
  assert.equal(review.status.userInfo.username, 'system:serviceaccount:default:default');

  const fresh = (await askRenewed('POST', MAPS, { metadata: { name: 'fresh' } })).json as KubeObject;
  assert.ok(Number(fresh.metadata.resourceVersion) > last);
  const resumed = await askRenewed(
    'GET',
    `/apis/rbac.authorization.k8s.io/v1/clusterroles?limit=3&continue=${metadata.continue ?? ''}`,
  );
  assert.equal(resumed.status, 410);
  const events = await kubectl(
    renewed.kubeconfig,
    'get',
    '--raw',
    `${MAPS}?watch=1&timeoutSeconds=1&resourceVersion=${last}`,
  );
  assert.match(events, /"type":"ERROR".*"code":410/);
});

test('what is sealed in a store is sealed in its backup, and opens with the same keys after a restore', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  const folder = await folderOf(t);
  const [keys, backup, data] = [join(folder, 'keys'), join(folder, 'backup'), join(folder, 'data')];
  await countersign(['store', 'genkey', keys]);
  const sealing = ['--encryption-key-file', keys];
  {
    await using old = await startServer(sealing);
    const literal = '--from-literal=password=hunter2';
    await runCommand('kubectl', ['--kubeconfig', old.kubeconfig, 'create', 'secret', 'generic', 'db', literal]);
    const saved = await countersign(['store', 'backup', backup, '--kubeconfig', old.kubeconfig]);
    assert.match(saved.stderr, /^What is secret in it is sealed/);
  }
  assert.doesNotMatch((await readFile(backup)).toString('latin1'), /aHVudGVyMg|hunter2|PRIVATE KEY/);
  const without = await countersign(['store', 'check', backup]);
  assert.match(
    without.stdout,
    /; of them 1 sealed, and not looked into: give --encryption-key-file\nNothing is wrong\n$/,
  );
  const withKeys = await countersign(['store', 'check', backup, ...sealing]);
  assert.deepEqual([withKeys.code, /sealed/.test(withKeys.stdout)], [0, false]);
  assert.equal((await countersign(['store', 'restore', backup, '--data-dir', data])).code, 0);
  await using renewed = await startServer(sealing, { folder: data });
  const read = ['get', 'secret', 'db', '-o', 'jsonpath={.data.password}'];
  assert.equal((await runCommand('kubectl', ['--kubeconfig', renewed.kubeconfig, ...read])).stdout, 'aHVudGVyMg==');
});
