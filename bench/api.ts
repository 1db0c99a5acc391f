import { startServer, type ServerProcess } from '../test/server-process.js';
import { runLoad, usage } from './load.js';

/** One operation on one kind of store. */
export interface ApiRow {
  readonly storage: string;
  readonly operation: string;
  readonly clients: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** User and system time of server and store for one request. */
  readonly cpuMs: number;
}

/** A store with many objects in it. */
export interface FullStoreRow {
  readonly storage: string;
  readonly objects: number;
  readonly rssMiB: number;
  /** All of them, in pages of 500, as kubectl reads them. */
  readonly listSeconds: number;
  /** From start to ready, with them in the store; absent where nothing survives a restart. */
  readonly restartMs?: number;
  readonly rssAfterRestartMiB?: number;
}

/** A server on some store, to be measured. */
export interface Bench extends AsyncDisposable {
  readonly storage: string;
  readonly server: ServerProcess;
  /** Process ids whose CPU time counts: the server first. */
  readonly pids: readonly [number, ...number[]];
  /** Stops the server and starts it again on the same store. */
  readonly restart?: () => Promise<Bench>;
}

const CLIENTS = 32;

/** Operation, clients, requests. The first two prepare what the others need. */
const ROWS = [
  ['create', CLIENTS, 4000],
  ['create', 1, 500],
  ['get', CLIENTS, 8000],
  ['list one', CLIENTS, 8000],
  ['list 500', 8, 200],
  ['update', CLIENTS, 4000],
  ['watch 1000', 1, 100],
] as const;

/** Measures every operation on one store. */
export async function benchApi({ storage, server, pids }: Bench): Promise<readonly ApiRow[]> {
  const load = (operation: string, clients: number, total: number) =>
    runLoad('api-client.ts', [server.kubeconfig, operation, String(clients), String(total)], pids);
  await load('setup', 1, 1);
  await load('create', 8, 800); // warms up, and is what the lists list
  const rows: ApiRow[] = [];
  for (const [operation, clients, total] of ROWS) {
    const { seconds, cpuSeconds, p50Ms, p99Ms } = await load(operation, clients, total);
    rows.push({
      storage,
      operation,
      clients,
      perSecond: total / seconds,
      p50Ms,
      p99Ms,
      cpuMs: (cpuSeconds * 1000) / total,
    });
  }
  return rows;
}

/** Fills a store, lists it and starts again on it. */
export async function benchFullStore(bench: Bench, objects: number): Promise<FullStoreRow> {
  const { storage, server, pids, restart } = bench;
  await runLoad('api-client.ts', [server.kubeconfig, 'fill', String(CLIENTS), String(objects)], pids);
  const { rssMiB } = usage(pids[0]);
  const { seconds: listSeconds } = await runLoad('api-client.ts', [server.kubeconfig, 'list all', '1', '1'], pids);
  const row = { storage, objects, rssMiB, listSeconds };
  if (restart === undefined) return row;
  await server.stop();
  const begin = performance.now();
  await using again = await restart();
  const restartMs = performance.now() - begin;
  return { ...row, restartMs, rssAfterRestartMiB: usage(again.pids[0]).rssMiB };
}

/** The kinds of store that can be measured here. */
export const STORAGES: readonly { readonly storage: string; open(): Promise<Bench> }[] = [
  {
    storage: 'memory',
    open: async () => benchOf('memory', await startServer(['--in-memory'])),
  },
  {
    storage: 'lmdb',
    open: async () => {
      const server = await startServer();
      return {
        ...benchOf('lmdb', server),
        restart: async () => benchOf('lmdb', await startServer([], { folder: server.folder })),
      };
    },
  },
];

function benchOf(storage: string, server: ServerProcess): Bench {
  return { storage, server, pids: [server.pid], [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
