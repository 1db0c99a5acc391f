import { parseUtf8, utf8 } from '../base/bytes.js';
import { CountersignError, hasCode } from '../base/error.js';
import type { Entry, Store } from '../storage/store.js';
import type { KeyFiles } from './key-files.js';

/** Keys under which the server's own keys and certificates lie in a store: beside the objects of the API, not among them. */
export const STORED_KEYS_PREFIX = '/countersign/keys/';

const PAGE = 500;

/**
 * Files in a store, for replicas that share it. They lie in it as they are given: whoever reads the store reads them, so
 * that what is secret must be sealed before.
 */
export function storeKeyFiles(store: Store): KeyFiles {
  const read = async (name: string): Promise<string | undefined> => {
    const entry = await store.get(STORED_KEYS_PREFIX + name);
    return entry === undefined ? undefined : textOf(entry);
  };
  const create = async (name: string, text: string): Promise<string> => {
    try {
      await store.create(STORED_KEYS_PREFIX + name, utf8(text));
      return text;
    } catch (error) {
      if (!hasCode(error, 'STORE_EXISTS')) throw error;
    }
    // gone again: nobody removes files but by hand
    return (await read(name)) ?? create(name, text);
  };
  const write = async (name: string, text: string): Promise<void> => {
    const there = await store.get(STORED_KEYS_PREFIX + name);
    try {
      if (there === undefined) await store.create(STORED_KEYS_PREFIX + name, utf8(text));
      else await store.update(there.key, utf8(text), there.revision);
    } catch (error) {
      // somebody else wrote in between: the last one counts
      if (!hasCode(error, 'STORE_EXISTS') && !hasCode(error, 'STORE_CONFLICT') && !hasCode(error, 'STORE_NOT_FOUND')) {
        throw error;
      }
      await write(name, text);
    }
  };
  const replace = async (name: string, old: string, text: string): Promise<boolean> => {
    const there = await store.get(STORED_KEYS_PREFIX + name);
    if (there === undefined || textOf(there) !== old) return false;
    try {
      await store.update(there.key, utf8(text), there.revision);
      return true;
    } catch (error) {
      if (hasCode(error, 'STORE_CONFLICT') || hasCode(error, 'STORE_NOT_FOUND')) return false;
      throw error;
    }
  };
  return { read, create, write, replace, names: (folder) => namesIn(store, folder) };
}

async function namesIn(store: Store, folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  let after: string | undefined;
  do {
    const page = await store.list(`${STORED_KEYS_PREFIX}${folder}/`, {
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    names.push(...page.entries.map(({ key }) => key.slice(STORED_KEYS_PREFIX.length)));
    after = page.more ? page.entries.at(-1)?.key : undefined;
  } while (after !== undefined);
  return names;
}

function textOf({ key, value }: Entry): string {
  const text = parseUtf8(value);
  if (text !== undefined) return text;
  throw new CountersignError('STORE_CORRUPT', `Cannot read ${JSON.stringify(key)}: it is not UTF-8`);
}
