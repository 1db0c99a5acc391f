import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, constants, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';

import { CountersignError, messageOf } from '../../base/error.js';

/** A held lock. */
export interface FolderLock {
  release(): void;
}

/** Two processes that start at once both step back and try again; one that is there for good is met every time. */
const ATTEMPTS = 8;
const PREFIX = 'lock-';
const UNANNOUNCED_PREFIX = '.lock-';
/** A socket address holds 108 bytes on Linux, 104 elsewhere, with a zero at the end. */
const MAX_ADDRESS_BYTES = 100;

/**
 * Locks a folder for this process, until it releases the lock or ends in whatever way. STORE_LOCKED, with the process
 * id of the holder, when another has it.
 *
 * Node has no file locks, so this is built on what the kernel does tell: whether somebody listens on a Unix socket. A
 * socket in the folder stays behind when its process is killed, but connecting to it then fails. Who wants the lock
 * listens on a socket of its own, announces it by renaming it to `lock-PID-RANDOM`, and only then looks at the others:
 * of two, at least the later one to announce sees the other, so never both hold. A name that is announced has been
 * listening before, so one that refuses connections is dead and can be removed.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const address = addressOf(folder);
  try {
    for (let attempt = 1; ; attempt++) {
      const { claim, holder } = await tryLock(folder, address.path);
      if (claim !== undefined) return { release: () => withdraw(folder, claim) };
      if (attempt === ATTEMPTS) {
        throw new CountersignError('STORE_LOCKED', `Cannot open store: ${folder}: process ${holder} is using it`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 30));
    }
  } finally {
    address.release();
  }
}

/** One attempt: the claim when nobody else has one, else the process id of somebody who has. */
async function tryLock(folder: string, address: string): Promise<{ readonly claim?: Claim; readonly holder: string }> {
  const holder = await findHolder(folder, address);
  if (holder !== undefined) return { holder };
  const claim = await announce(folder, address);
  if (claim === undefined) return { holder: 'unknown' };
  const rival = await findHolder(folder, address, claim.name);
  if (rival === undefined) return { claim, holder: String(process.pid) };
  withdraw(folder, claim);
  return { holder: rival };
}

interface Claim {
  readonly name: string;
  readonly server: Server;
}

/** Listens, then announces. Undefined when somebody cleared the socket away in between, taking it for a dead one. */
async function announce(folder: string, address: string): Promise<Claim | undefined> {
  const suffix = `${process.pid}-${randomBytes(6).toString('hex')}`;
  const unannounced = `${UNANNOUNCED_PREFIX}${suffix}`;
  const server = createServer((socket) => socket.destroy());
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new CountersignError('STORE_UNAVAILABLE', `Cannot lock store: ${folder}: ${messageOf(error)}`, {
          cause: error,
        }),
      );
    });
    server.listen(join(address, unannounced), resolve);
  });
  const name = `${PREFIX}${suffix}`;
  try {
    chmodSync(join(folder, unannounced), 0o600);
    renameSync(join(folder, unannounced), join(folder, name));
  } catch (error) {
    server.close();
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  return { name, server };
}

/** Process id in the name of a live socket other than `own`; removes dead ones. */
async function findHolder(folder: string, address: string, own?: string): Promise<string | undefined> {
  for (const name of readdirSync(folder)) {
    const announced = name.startsWith(PREFIX);
    if (name === own || !(announced || name.startsWith(UNANNOUNCED_PREFIX))) continue;
    if (!(await listens(join(address, name)))) rmSync(join(folder, name), { force: true });
    else if (announced) return name.slice(PREFIX.length).split('-')[0];
  }
  return undefined;
}

/** Whether somebody listens on a socket. Anything but a clear no counts as a yes. */
function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => resolve(!isCode(error, 'ECONNREFUSED') && !isCode(error, 'ENOENT')));
  });
}

function withdraw(folder: string, claim: Claim): void {
  rmSync(join(folder, claim.name), { force: true });
  claim.server.close();
}

/** A path to the folder that is short enough for the address of a socket. */
function addressOf(folder: string): { readonly path: string; release(): void } {
  const longest = join(folder, `${UNANNOUNCED_PREFIX}4194304-000000000000`);
  if (Buffer.byteLength(longest) <= MAX_ADDRESS_BYTES) return { path: folder, release: () => undefined };
  if (process.platform !== 'linux') {
    throw new CountersignError('STORE_UNAVAILABLE', `Cannot lock store: ${folder}: the path is too long for a socket`);
  }
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  return { path: `/proc/self/fd/${fd}`, release: () => closeSync(fd) };
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
