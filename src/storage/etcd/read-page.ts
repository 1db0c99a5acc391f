import type { Entry, ListOptions, Page, Revision } from '../store.js';
import type { KeySpace } from './key-space.js';
import { encodeRange } from './requests.js';
import type { RangeResponse } from './responses.js';

/** Keys in the first message; how many are in a later one depends on how large they were. */
const FIRST_KEYS = 500;
const MOST_KEYS = 5000;
/** What a message should come to: neither side holds much more at a time, and no deadline passes over it. */
const MESSAGE_BYTES = 4 * 1024 * 1024;

/** A page, and the newest revision that any message of it has shown. */
export interface ReadPage {
  readonly page: Page;
  readonly newest: Revision;
}

/** Reads a page in several messages, all at the revision of the first one. */
export async function readPage(
  read: (request: Buffer) => Promise<RangeResponse>,
  space: KeySpace,
  prefix: string,
  options: ListOptions,
): Promise<ReadPage> {
  const { limit = Infinity } = options;
  const entries: Entry[] = [];
  let { after, revision } = options;
  let most = FIRST_KEYS;
  for (;;) {
    const wanted = Math.min(most, limit - entries.length);
    const range = space.rangeOf(prefix, after);
    const message = await read(encodeRange(range, { limit: wanted, ...(revision === undefined ? {} : { revision }) }));
    revision ??= message.revision;
    let bytes = 0;
    for (const { key, value, modRevision } of message.entries) {
      after = space.nameOf(key);
      entries.push({ key: after, value, revision: modRevision });
      bytes += key.length + value.length;
    }
    if (!message.more || entries.length >= limit) {
      const page: Page = { entries, revision, more: message.more };
      const remaining = message.count - message.entries.length;
      return { page: options.count === true ? { ...page, remaining } : page, newest: message.revision };
    }
    const each = bytes / Math.max(message.entries.length, 1) + 1;
    most = Math.max(1, Math.min(MOST_KEYS, Math.floor(MESSAGE_BYTES / each)));
  }
}
