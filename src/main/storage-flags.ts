import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { requireLifetime } from '../authority/lifetime.js';
import { CountersignError, messageOf } from '../base/error.js';
import { usageError } from '../cli/failure.js';
import { type RawFlags, textFlag } from '../cli/flags.js';
import type { EtcdTls } from '../storage/etcd/open-etcd-store.js';

/** What flags say about a store that replicas share; paths are absolute. */
export interface StorageSettings {
  /** `etcd://…` or `etcds://…`. */
  readonly address: string;
  readonly caFile?: string;
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /** How long other replicas wait for one that is gone before they take over from it. */
  readonly leaseDurationSeconds: number;
}

/** The flags of files, as kube-apiserver names them. */
const FILE_FLAGS = [
  ['etcdCafile', '--etcd-cafile'],
  ['etcdCertfile', '--etcd-certfile'],
  ['etcdKeyfile', '--etcd-keyfile'],
] as const;

const LEASE_FLAG = '--leader-elect-lease-duration';

/** Shorter than this, a busy moment would cost the lease. */
const MIN_LEASE_SECONDS = 3;

/** As kube-controller-manager's. */
const DEFAULT_LEASE_SECONDS = 15;

/** Adds the flags that say where a store is that replicas share. */
export function addStorageFlags(command: Command): Command {
  return command
    .option(
      '--storage <address>',
      'etcd://HOST:PORT[,HOST:PORT…][/PREFIX], or etcds:// for TLS: a store that several replicas share; default: in the data folder',
    )
    .option('--etcd-cafile <file>', 'CA certificates that members of etcd are trusted by, PEM')
    .option('--etcd-certfile <file>', 'client certificate for etcd, PEM')
    .option('--etcd-keyfile <file>', 'its private key, PEM');
}

/** Adds the flag of how replicas elect one. */
export function addElectionFlag(command: Command): Command {
  return command.option(
    `${LEASE_FLAG} <duration>`,
    'how long other replicas wait for one that is gone before they take over its controllers; default: 15s',
  );
}

/**
 * What these flags say; undefined where the store is this server's own. What is wrong with the address itself is found
 * when the store is opened.
 */
export function storageSettings(flags: RawFlags, cwd: string): StorageSettings | undefined {
  const address = textFlag(flags, 'storage');
  const files = FILE_FLAGS.map(([name, flag]) => ({ flag, path: textFlag(flags, name) }));
  const lease = textFlag(flags, 'leaderElectLeaseDuration');
  const [given] = files.filter(({ path }) => path !== undefined);
  if (address === undefined) {
    const flag = given?.flag ?? (lease === undefined ? undefined : LEASE_FLAG);
    if (flag !== undefined) throw usageError(`Cannot use ${flag} without --storage: it is about a store in etcd`);
    return undefined;
  }
  if (given !== undefined && !/^etcds:/i.test(address)) {
    throw usageError(`Cannot use ${given.flag}: --storage does not ask for TLS: write etcds:// instead of etcd://`);
  }
  const [caFile, certificateFile, keyFile] = files.map(({ path }) => (path === undefined ? path : resolve(cwd, path)));
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    throw usageError('Cannot use --etcd-certfile without --etcd-keyfile, nor the other way round');
  }
  return {
    address,
    ...(caFile === undefined ? {} : { caFile }),
    ...(certificateFile === undefined ? {} : { certificateFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
    leaseDurationSeconds: lease === undefined ? DEFAULT_LEASE_SECONDS : leaseSeconds(lease),
  };
}

function leaseSeconds(text: string): number {
  const seconds = requireLifetime(text, LEASE_FLAG);
  if (seconds >= MIN_LEASE_SECONDS && seconds <= 3600) return seconds;
  throw usageError(`Cannot use ${LEASE_FLAG}: ${text} is not from ${MIN_LEASE_SECONDS}s to 1h`);
}

/**
 * The texts of the files that flags name for TLS; undefined where they name none. CONFIG_INVALID, with the flag, where
 * one cannot be read.
 */
export async function readStorageTls(settings: StorageSettings): Promise<EtcdTls | undefined> {
  const [ca, certificate, key] = await Promise.all([
    readIfGiven(settings.caFile, '--etcd-cafile'),
    readIfGiven(settings.certificateFile, '--etcd-certfile'),
    readIfGiven(settings.keyFile, '--etcd-keyfile'),
  ]);
  if (ca === undefined && certificate === undefined && key === undefined) return undefined;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
  };
}

async function readIfGiven(path: string | undefined, flag: string): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new CountersignError('CONFIG_INVALID', `Cannot read ${flag}: ${messageOf(cause)}`, { cause });
  }
}
