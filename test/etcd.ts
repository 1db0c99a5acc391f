import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a cluster for a test is like. */
export interface EtcdOptions {
  /** How many members; one when absent. */
  readonly members?: number;
  /** Flush to the disk, as in production; without it a test is faster, and a kill loses nothing all the same. */
  readonly fsync?: boolean;
  /** More flags for every member. */
  readonly flags?: readonly string[];
  /** Clients speak TLS, both sides with these files. */
  readonly tls?: EtcdTlsFiles;
}

/** Certificates that are their own authorities. */
export interface EtcdTlsFiles {
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

/** One member: a process that may be killed and started again on the same data. */
export class EtcdMember {
  /** `host:port` for clients. */
  readonly endpoint: string;
  readonly #folder: string;
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;

  constructor(endpoint: string, folder: string, args: readonly string[]) {
    this.endpoint = endpoint;
    this.#folder = folder;
    this.#args = ['--data-dir', folder, ...args];
  }

  /** Starts the process; it may need others before it answers. */
  start(): void {
    assert.equal(this.#process, undefined, 'the member runs already');
    const child = spawn('etcd', this.#args, { stdio: 'ignore' });
    const kill = (): void => void child.kill('SIGKILL'); // no test that dies leaves a member behind
    process.once('exit', kill);
    child.once('close', () => process.off('exit', kill));
    this.#process = child;
  }

  /** The process id of a member that runs. */
  get pid(): number {
    const pid = this.#process?.pid;
    assert.ok(pid !== undefined, 'the member does not run');
    return pid;
  }

  /** Ends the process, as a crash does or as an operator does, and waits until it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running?.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'close');
    running.kill('SIGCONT'); // one that is frozen would not end by SIGTERM
    running.kill(signal);
    await gone;
  }

  /** Removes the data of a member that has ended; it starts as one that never was. */
  wipe(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Stops the process in its tracks, connections left open; `thaw` lets it go on. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  /** See `freeze`. */
  thaw(): void {
    this.#process?.kill('SIGCONT');
  }
}

/** A cluster of its own folder and ports. */
export interface EtcdCluster {
  readonly members: readonly EtcdMember[];
  /** `etcd://…` with every member. */
  readonly address: string;
  /** Runs etcdctl against the members and answers what it prints. */
  ctl(...args: readonly string[]): Promise<string>;
  /** Resolves when a linearizable read is answered. */
  ready(): Promise<void>;
  /** The member that leads. */
  leader(): Promise<EtcdMember>;
  /** Ends every member and removes the data. */
  close(): Promise<void>;
}

/** Starts a cluster, and waits until it answers. Every test that uses it asks for the tools `etcd` and `etcdctl`. */
export async function startEtcd(options: EtcdOptions = {}): Promise<EtcdCluster> {
  const { members: count = 1, fsync = false, flags = [], tls } = options;
  const folder = mkdtempSync(join(tmpdir(), 'countersign-etcd-'));
  const ports = await freePorts(count * 2);
  const url = (i: number, scheme = 'http'): string => `${scheme}://127.0.0.1:${ports[i] ?? 0}`;
  const scheme = tls === undefined ? 'http' : 'https';
  const indexes = Array.from({ length: count }, (_, i) => i);
  const initial = indexes.map((i) => `m${i}=${url(count + i)}`).join(',');
  const members = indexes.map((i) => {
    const args = [
      ...['--name', `m${i}`, '--log-level', 'error', '--logger', 'zap'],
      ...['--listen-client-urls', url(i, scheme), '--advertise-client-urls', url(i, scheme)],
      ...['--listen-peer-urls', url(count + i), '--initial-advertise-peer-urls', url(count + i)],
      ...['--initial-cluster', initial, '--initial-cluster-state', 'new'],
      // elections take a fraction of a second, also on a busy machine
      ...['--heartbeat-interval', '50', '--election-timeout', '500'],
      ...(fsync ? [] : ['--unsafe-no-fsync']),
      ...(tls === undefined ? [] : serverFlags(tls)),
      ...flags,
    ];
    return new EtcdMember(`127.0.0.1:${ports[i] ?? 0}`, join(folder, `m${i}`), args);
  });
  const endpoints = members.map(({ endpoint }) => endpoint);
  const ctl = (...args: readonly string[]): Promise<string> =>
    run('etcdctl', ['--endpoints', endpoints.join(','), ...(tls === undefined ? [] : clientFlags(tls)), ...args]);
  const cluster: EtcdCluster = {
    members,
    address: `etcd${tls === undefined ? '' : 's'}://${endpoints.join(',')}`,
    ctl,
    ready: async () => {
      await until(() => ctl('--command-timeout', '1s', 'get', 'any'), 30_000);
    },
    leader: () => until(() => leaderOf(members), 30_000),
    close: async () => {
      await Promise.all(members.map((member) => member.end()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  for (const member of members) member.start();
  try {
    await cluster.ready();
  } catch (error) {
    await cluster.close();
    throw error;
  }
  return cluster;
}

function serverFlags(tls: EtcdTlsFiles): readonly string[] {
  const { serverCertificate, serverKey, clientCertificate } = tls;
  const own = ['--cert-file', serverCertificate, '--key-file', serverKey];
  return [...own, '--client-cert-auth', '--trusted-ca-file', clientCertificate];
}

function clientFlags(tls: EtcdTlsFiles): readonly string[] {
  return ['--cacert', tls.serverCertificate, '--cert', tls.clientCertificate, '--key', tls.clientKey];
}

async function leaderOf(members: readonly EtcdMember[]): Promise<EtcdMember> {
  for (const member of members) {
    try {
      const status = await run('etcdctl', [
        '--endpoints',
        member.endpoint,
        '--command-timeout',
        '1s',
        'endpoint',
        'status',
        '-w',
        'fields',
      ]);
      const field = (name: string): string | undefined => new RegExp(`"${name}" : (\\S+)`).exec(status)?.[1];
      if (field('Leader') !== undefined && field('Leader') === field('MemberID')) return member;
    } catch {
      continue; // it is down: it does not lead
    }
  }
  throw new Error('no member leads');
}

/** Tries until it succeeds; fails with the last failure when time is up. */
async function until<T>(attempt: () => Promise<T>, timeoutMs: number): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ETCDCTL_API: '3' } });
  let output = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`${program} ${args.join(' ')}: ${complaints.trim()}`);
  return output;
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  // A server that listens on TCP has an address with a port.
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
