import { constants } from 'node:fs';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { messageOf } from '../../base/error.js';
import type { AuditSink } from '../audit/audit-sink.js';
import { AuditBackups, type BackupLimits } from './audit-backups.js';

/** Where an audit log lies, and when a new file begins. */
export interface AuditFileOptions extends BackupLimits {
  readonly path: string;
  /** A file is put aside before it would grow beyond this; a single batch may be larger. */
  readonly maxBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Events are lost: how many, and why. */
  readonly onLost: (count: number, reason: string) => void;
  /** Something else went wrong: a backup could not be compressed or removed. */
  readonly onProblem: (reason: string) => void;
}

/** Bytes that wait for a slow disk before events are lost. */
export const MAX_WAITING_BYTES: number = 32 * 1024 * 1024;

/** How often it is looked whether somebody else has moved the file away. */
const LOOK_EVERY_MS = 1000;

interface Batch {
  readonly lines: string[];
  bytes: number;
  readonly written: Promise<boolean>;
  readonly resolve: (written: boolean) => void;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: number;
  readonly mode: number;
  size: number;
  /** The file ends within a line. */
  torn: boolean;
}

/**
 * An audit log in a file of its owner, put aside when it is full. Events are written in batches: what comes while one
 * is being written is the next. A file that somebody else moved away, removed or emptied is begun anew. What cannot be
 * written is lost, is told, and stops nothing: the next batch is tried again.
 */
export class AuditFile implements AuditSink {
  readonly #options: AuditFileOptions;
  readonly #backups: AuditBackups;
  #file: OpenFile | undefined;
  #next: Batch | undefined;
  #running: Promise<void> | undefined;
  #waitingBytes = 0;
  #lookedAt = 0;
  #closed = false;

  constructor(options: AuditFileOptions) {
    this.#options = options;
    this.#backups = new AuditBackups(options);
  }

  /** Opens the file, so that a path that cannot be written is known at the start. Rejects with the system's error. */
  async open(): Promise<void> {
    this.#file = await this.#openFile(0o600);
    this.#backups.tidy();
  }

  write(line: string): Promise<boolean> {
    if (this.#closed || this.#waitingBytes > MAX_WAITING_BYTES) {
      this.#options.onLost(1, this.#closed ? 'the log is closed' : 'the disk is too slow');
      return Promise.resolve(false);
    }
    const batch = (this.#next ??= newBatch());
    batch.lines.push(line);
    batch.bytes += line.length + 1;
    this.#waitingBytes += line.length + 1;
    this.#running ??= this.#run();
    return batch.written;
  }

  /** Writes what waits and closes the file. What comes afterwards is lost. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    await this.#file?.handle.close();
    this.#file = undefined;
    await this.#backups.settled();
  }

  async #run(): Promise<void> {
    // a turn of the loop, so that the events of one turn are one batch
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (let batch = this.#take(); batch !== undefined; batch = this.#take()) {
      const written = await this.#store(batch);
      this.#waitingBytes -= batch.bytes;
      batch.resolve(written);
    }
    this.#running = undefined;
  }

  #take(): Batch | undefined {
    const batch = this.#next;
    this.#next = undefined;
    return batch;
  }

  async #store(batch: Batch): Promise<boolean> {
    try {
      const text = `${batch.lines.join('\n')}\n`;
      const file = await this.#fileFor(Buffer.byteLength(text));
      await append(file, Buffer.from(file.torn ? `\n${text}` : text));
      return true;
    } catch (error) {
      this.#options.onLost(batch.lines.length, messageOf(error));
      return false;
    }
  }

  /** The file to write `bytes` to: the open one, or a new one where that is full, or is no longer where it was. */
  async #fileFor(bytes: number): Promise<OpenFile> {
    let file = this.#file ?? (await this.#openFile(0o600));
    this.#file = file;
    if (await this.#isElsewhere(file)) file = await this.#replace(file);
    if (file.size > 0 && file.size + bytes > this.#options.maxBytes && (await this.#putAside())) {
      file = await this.#replace(file);
      this.#backups.tidy();
    }
    return file;
  }

  /** False where it cannot be: the file grows on, for a log that is too large is better than none. */
  async #putAside(): Promise<boolean> {
    try {
      await rename(this.#options.path, await this.#backups.freshName());
      return true;
    } catch (error) {
      this.#options.onProblem(messageOf(error));
      return false;
    }
  }

  async #isElsewhere(file: OpenFile): Promise<boolean> {
    const now = this.#options.now();
    if (Math.abs(now - this.#lookedAt) < LOOK_EVERY_MS) return false;
    this.#lookedAt = now;
    const there = await stat(this.#options.path).catch(() => undefined);
    if (there?.ino !== file.inode) return true;
    file.size = there.size; // others may have emptied it
    return false;
  }

  async #replace(old: OpenFile): Promise<OpenFile> {
    this.#file = undefined;
    await old.handle.close();
    this.#file = await this.#openFile(old.mode);
    return this.#file;
  }

  async #openFile(mode: number): Promise<OpenFile> {
    const { O_APPEND, O_CREAT, O_RDWR } = constants;
    const handle = await open(this.#options.path, O_APPEND | O_CREAT | O_RDWR, mode);
    try {
      const { size, ino, mode: actual } = await handle.stat();
      return { handle, inode: ino, mode: actual & 0o777, size, torn: await endsWithinLine(handle, size) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
}

function newBatch(): Batch {
  let resolve: Batch['resolve'] = () => undefined;
  const written = new Promise<boolean>((done) => {
    resolve = done;
  });
  return { lines: [], bytes: 0, written, resolve };
}

async function append(file: OpenFile, bytes: Buffer): Promise<void> {
  let at = 0;
  try {
    while (at < bytes.length) at += (await file.handle.write(bytes, at)).bytesWritten;
    file.torn = false;
  } catch (error) {
    if (at > 0) file.torn = true;
    throw error;
  } finally {
    file.size += at;
  }
}

/** A crash, or a full disk, can leave half a line. What cannot be read (a pipe, a terminal) has no end. */
async function endsWithinLine(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  const { bytesRead } = await handle.read(last, 0, 1, size - 1);
  return bytesRead === 1 && last[0] !== 0x0a;
}
