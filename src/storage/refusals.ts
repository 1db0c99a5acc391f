import { CountersignError } from '../base/error.js';
import type { Revision } from './store.js';

/** `create` of a key that is there. */
export function alreadyExists(key: string): CountersignError<'STORE_EXISTS'> {
  return new CountersignError('STORE_EXISTS', `Cannot create ${quoted(key)}: it exists`);
}

/** `update` or `delete` of a key that is not there. */
export function notFound(verb: 'update' | 'delete', key: string): CountersignError<'STORE_NOT_FOUND'> {
  return new CountersignError('STORE_NOT_FOUND', `Cannot ${verb} ${quoted(key)}: it does not exist`);
}

/** `update` or `delete` of a key that has been written since. */
export function conflict(
  verb: 'update' | 'delete',
  key: string,
  expected: Revision,
  actual: Revision,
): CountersignError<'STORE_CONFLICT'> {
  return new CountersignError(
    'STORE_CONFLICT',
    `Cannot ${verb} ${quoted(key)}: its revision is ${actual}, expected was ${expected}`,
  );
}

/** A value above the limit. */
export function valueTooLarge(key: string, length: number, limit: number): CountersignError<'STORE_TOO_LARGE'> {
  return new CountersignError(
    'STORE_TOO_LARGE',
    `Cannot write ${quoted(key)}: the value has ${length} bytes, at most ${limit} are taken`,
  );
}

/** A revision whose history is gone. */
export function compacted(revision: Revision, floor: Revision): CountersignError<'STORE_COMPACTED'> {
  return new CountersignError(
    'STORE_COMPACTED',
    `Cannot read revision ${revision}: history before ${floor} has been compacted`,
  );
}

/** A revision that has not been reached yet. */
export function notReached(revision: Revision, current: Revision): CountersignError<'STORE_FUTURE_REVISION'> {
  return new CountersignError('STORE_FUTURE_REVISION', `Cannot use revision ${revision}: the store is at ${current}`);
}

/** Anything after `close`. */
export function storeClosed(): CountersignError<'STORE_CLOSED'> {
  return new CountersignError('STORE_CLOSED', 'Cannot use the store: it is closed');
}

/** The end of a watch whose watcher threw. */
export function watcherFailed(cause: unknown): CountersignError<'STORE_UNAVAILABLE'> {
  return new CountersignError('STORE_UNAVAILABLE', 'Cannot go on watching: the watcher threw', { cause });
}

/** Refuses what cannot be a revision; a programmer's error. */
export function assertRevision(revision: Revision): void {
  if (!Number.isSafeInteger(revision) || revision < 0) throw new RangeError(`Not a revision: ${revision}`);
}

/** Refuses a page size below one; a programmer's error. */
export function assertLimit(limit: number | undefined): void {
  if (limit !== undefined && (!Number.isSafeInteger(limit) || limit < 1)) {
    throw new RangeError(`Not a page size: ${limit}`);
  }
}

function quoted(key: string): string {
  return JSON.stringify(key);
}
