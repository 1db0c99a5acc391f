import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CountersignError } from '../base/error.js';
import { parseUtf8 } from '../base/bytes.js';
import type { Environment } from './environment.js';

/** Largest input read. A trust bundle of every public CA has about a quarter of it. */
const MAX_BYTES = 1024 * 1024;

/** Bytes of a file, or of standard input for `-`. Refuses what cannot be read or is larger than 1 MiB. */
export async function readInput(path: string, environment: Environment): Promise<Uint8Array> {
  const bytes = path === '-' ? await environment.readStdin() : await readNamed(path, environment);
  if (bytes.length <= MAX_BYTES) return bytes;
  throw new CountersignError('USAGE', `Cannot read ${shownInput(path)}: it has more than ${MAX_BYTES} bytes`);
}

/** `readInput`, as text. Refuses what is not UTF-8. */
export async function readTextInput(path: string, environment: Environment): Promise<string> {
  const text = parseUtf8(await readInput(path, environment));
  if (text !== undefined) return text;
  throw new CountersignError('USAGE', `Cannot read ${shownInput(path)}: it is not UTF-8 text`);
}

/** How an input is called in messages. */
export function shownInput(path: string): string {
  return path === '-' ? 'standard input' : JSON.stringify(path);
}

async function readNamed(path: string, environment: Environment): Promise<Uint8Array> {
  try {
    return await readFile(resolve(environment.cwd, path));
  } catch (error) {
    throw new CountersignError('USAGE', `Cannot read ${shownInput(path)}: ${systemReason(error)}`, { cause: error });
  }
}

/** What the operating system said, in words. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file or folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    case 'ENOTDIR':
      return 'a part of the path is no folder';
    case 'EEXIST':
      return 'it exists already';
    case 'ENOSPC':
      return 'the disk is full';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
