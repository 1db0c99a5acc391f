import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CountersignError } from '../base/error.js';
import type { Environment } from './environment.js';
import { systemReason } from './input.js';

/** How a file is written. */
export interface WriteFileOptions {
  /** Only its owner may read it. */
  readonly secret?: boolean;
  /** An existing file may be replaced; without it that is refused. */
  readonly replace: boolean;
}

/**
 * Writes a whole file: nobody sees half of it, and a secret is never readable by others, not even for a moment. Folders
 * that are missing are made for their owner only. Refuses to touch a file that exists unless told to replace it.
 */
export async function writeOutputFile(
  environment: Environment,
  path: string,
  text: string,
  options: WriteFileOptions,
): Promise<void> {
  const target = resolve(environment.cwd, path);
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const mode = options.secret === true ? 0o600 : 0o644;
    if (options.replace) await replaceFile(target, text, mode);
    else await writeThrough(await open(target, 'wx', mode), text, mode);
  } catch (error) {
    throw new CountersignError('USAGE', `Cannot write ${JSON.stringify(path)}: ${reasonFor(error, options)}`, {
      cause: error,
    });
  }
}

/** Writes beside the target and renames over it, which also works where the old file is read-only. */
async function replaceFile(target: string, text: string, mode: number): Promise<void> {
  const draft = `${target}.new`;
  await rm(draft, { force: true });
  await writeThrough(await open(draft, 'wx', mode), text, mode);
  await rename(draft, target);
}

async function writeThrough(file: FileHandle, text: string, mode: number): Promise<void> {
  try {
    await file.chmod(mode); // whatever the umask
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function reasonFor(error: unknown, options: WriteFileOptions): string {
  const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
  if (!exists || options.replace) return systemReason(error);
  return `it exists already${options.secret === true ? ', and a key is never overwritten' : ''} without --force`;
}
