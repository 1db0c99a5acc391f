import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startEtcd } from '../test/etcd.js';
import { startServer } from '../test/server-process.js';
import { isInstalled } from '../test/tools.js';
import type { Bench } from './api.js';

const PROGRAM = fileURLToPath(new URL('../dist/main/countersign.js', import.meta.url));

/** Whether this machine has what `openEtcdBench` starts. */
export function hasEtcd(): boolean {
  return isInstalled('etcd') && isInstalled('etcdctl');
}

/** A server on an etcd of one member that flushes to the disk; the CPU of both counts. */
export async function openEtcdBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  const key = join(folder, 'encryption.key');
  const made = spawnSync(process.execPath, [PROGRAM, 'store', 'genkey', key]);
  if (made.status !== 0) throw new Error(`no encryption key: ${String(made.stderr)}`);
  const cluster = await startEtcd({ fsync: true, flags: ['--quota-backend-bytes', String(8 * 2 ** 30)] });
  const [member] = cluster.members;
  if (member === undefined) throw new Error('an etcd without members');
  const start = async (): Promise<Bench> => {
    const server = await startServer(['--storage', cluster.address, '--encryption-key-file', key], { folder });
    return {
      storage: 'etcd',
      server,
      pids: [server.pid, member.pid],
      restart: start,
      [Symbol.asyncDispose]: async () => {
        await server[Symbol.asyncDispose]();
        await cluster.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  };
  return start();
}
