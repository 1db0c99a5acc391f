import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { messageOf } from '../../base/error.js';

/** Which files that were put aside stay. */
export interface BackupLimits {
  /** Days since a file was put aside; 0 = for ever. */
  readonly maxAgeDays: number;
  /** How many; 0 = all. */
  readonly maxBackups: number;
  /** Whether they are compressed with gzip. */
  readonly compress: boolean;
}

interface Options extends BackupLimits {
  readonly path: string;
  readonly now: () => number;
  readonly onProblem: (reason: string) => void;
}

interface Backup {
  readonly name: string;
  readonly putAsideMs: number;
}

const DAY_MS = 86_400_000;
const STAMP = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})$/;

/** The files of one log that were put aside: `audit-2026-11-23T16-58-39.123.log` beside `audit.log`, then `….log.gz`. */
export class AuditBackups {
  readonly #options: Options;
  readonly #folder: string;
  readonly #prefix: string;
  readonly #extension: string;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: Options) {
    this.#options = options;
    this.#folder = dirname(options.path);
    this.#extension = extname(options.path);
    this.#prefix = `${basename(options.path, this.#extension)}-`;
  }

  /** A path for the file that is put aside now; nothing lies there. */
  async freshName(): Promise<string> {
    for (let ms = Math.floor(this.#options.now()); ; ms++) {
      const stamp = new Date(ms).toISOString().slice(0, -1).replaceAll(':', '-');
      const path = join(this.#folder, `${this.#prefix}${stamp}${this.#extension}`);
      if (!(await isThere(path)) && !(await isThere(`${path}.gz`))) return path;
    }
  }

  /** Removes what need not stay and compresses the rest, in its own time. */
  tidy(): void {
    this.#tail = this.#tail
      .then(() => this.#tidy())
      .catch((error: unknown) => this.#options.onProblem(messageOf(error)));
  }

  /** Resolves when nothing is being tidied. */
  settled(): Promise<void> {
    return this.#tail;
  }

  async #tidy(): Promise<void> {
    const { maxBackups, maxAgeDays, compress, now } = this.#options;
    const oldest = maxAgeDays === 0 ? Number.NEGATIVE_INFINITY : now() - maxAgeDays * DAY_MS;
    for (const [i, { name, putAsideMs }] of (await this.#list()).entries()) {
      const path = join(this.#folder, name);
      if ((maxBackups > 0 && i >= maxBackups) || putAsideMs < oldest) await rm(path, { force: true });
      else if (compress && !name.endsWith('.gz')) await compressFile(path);
    }
  }

  /** The newest first. */
  async #list(): Promise<readonly Backup[]> {
    const backups = (await readdir(this.#folder)).flatMap((name): readonly Backup[] => {
      const plain = name.endsWith('.gz') ? name.slice(0, -3) : name;
      if (!plain.startsWith(this.#prefix) || !plain.endsWith(this.#extension)) return [];
      const stamp = plain.slice(this.#prefix.length, plain.length - this.#extension.length);
      const [, date = '', hours = '', minutes = '', seconds = ''] = STAMP.exec(stamp) ?? [];
      const putAsideMs = Date.parse(`${date}T${hours}:${minutes}:${seconds}Z`);
      return Number.isNaN(putAsideMs) ? [] : [{ name, putAsideMs }];
    });
    return backups.sort((a, b) => b.putAsideMs - a.putAsideMs);
  }
}

/** A reader finds the file or the compressed one, whole, and after a crash at least one of them. */
async function compressFile(path: string): Promise<void> {
  const draft = `${path}.gz.new`;
  await rm(draft, { force: true });
  const { mode } = await stat(path);
  await pipeline(
    createReadStream(path),
    createGzip(),
    createWriteStream(draft, { flags: 'wx', mode: mode & 0o777, flush: true }),
  );
  await rename(draft, `${path}.gz`);
  await rm(path);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
