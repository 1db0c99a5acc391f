import { readFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.js';
import { CountersignError, messageOf } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import { systemReason } from '../cli/input.js';

/** A file whose content counts for as long as the server runs. */
export interface FollowedFile<T> {
  readonly path: string;
  /** In words, for messages: `client CAs`. */
  readonly what: string;
  /** Makes something of the text; throws where it cannot. */
  readonly parse: (text: string) => T | Promise<T>;
  /** Told what was made of the text, at first and after each change. */
  readonly use: (content: T) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

const LOOK_EVERY_MS = 5000;

/**
 * Reads a file, and again whenever its text has changed, until the answer is called. Rejects (CONFIG_INVALID) where it
 * cannot be read at first; later what cannot be used is logged once, and what was there before still counts.
 */
export async function followFile<T>(file: FollowedFile<T>): Promise<() => void> {
  const { path, what, clock, logger } = file;
  let seen = await textOf(path, what);
  file.use(await file.parse(seen));
  let closed = false;
  let cancel = (): void => undefined;
  let complaint: string | undefined;
  const look = async (): Promise<void> => {
    try {
      const text = await textOf(path, what);
      if (text === seen) return;
      seen = text;
      const content = await file.parse(text);
      if (isClosed()) return;
      file.use(content);
      complaint = undefined;
      logger.info('Configuration file read again', { path, what });
    } catch (error) {
      const message = messageOf(error);
      if (message !== complaint) logger.error('Configuration file not read again', { path, what, error: message });
      complaint = message;
    }
  };
  const isClosed = (): boolean => closed;
  const schedule = (): void => {
    if (closed) return;
    cancel = clock.schedule(LOOK_EVERY_MS, () => void look().finally(schedule));
  };
  schedule();
  return () => {
    closed = true;
    cancel();
  };
}

async function textOf(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CountersignError('CONFIG_INVALID', `Cannot read ${what}: ${path}: ${systemReason(error)}`);
  }
}
