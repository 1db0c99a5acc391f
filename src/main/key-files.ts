import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createPrivateFile, makePrivateFolder, readTextIfThere, writePrivateFile } from './private-files.js';

/**
 * Where the server's own keys and certificates lie: texts by name, such as `pki/server-ca.key`.
 *
 * - What is written is there whole or not at all, after a crash too.
 * - The first to create a name wins, among processes as well: everybody goes on with what is there. That is how replicas
 *   that start at the same time come to have the same keys.
 */
export interface KeyFiles {
  /** The text under a name; undefined where there is none. */
  read(name: string): Promise<string | undefined>;
  /** Writes where nothing is, and answers what is there then: `text`, or what somebody else wrote first. */
  create(name: string, text: string): Promise<string>;
  /** Writes, over what is there. */
  write(name: string, text: string): Promise<void>;
  /** Writes over `old`; false, and nothing is written, where something else is there by now. */
  replace(name: string, old: string, text: string): Promise<boolean>;
  /** The names below a folder of theirs, such as `pki`, in order. */
  names(folder: string): Promise<readonly string[]>;
}

/** Files in memory: gone at the end. */
export function memoryKeyFiles(): KeyFiles {
  const texts = new Map<string, string>();
  return {
    read: async (name) => texts.get(name),
    create: async (name, text) => {
      const there = texts.get(name) ?? text;
      texts.set(name, there);
      return there;
    },
    write: async (name, text) => {
      texts.set(name, text);
    },
    replace: async (name, old, text) => {
      if (texts.get(name) !== old) return false;
      texts.set(name, text);
      return true;
    },
    names: async (below) => [...texts.keys()].filter((name) => name.startsWith(`${below}/`)).sort(),
  };
}

/** Files in a folder, which only their owner may read. A name may lead into folders below it: they are made. */
export function folderKeyFiles(folder: string): KeyFiles {
  const placeOf = async (name: string): Promise<string> => {
    const path = join(folder, name);
    await makePrivateFolder(dirname(path));
    return path;
  };
  return {
    read: (name) => readTextIfThere(join(folder, name)),
    create: async (name, text) => {
      const path = await placeOf(name);
      // drafts of writers that start at the same time must not be the same file
      const isFirst = await createPrivateFile(path, text, randomBytes(8).toString('hex'));
      return isFirst ? text : ((await readTextIfThere(path)) ?? text);
    },
    write: async (name, text) => writePrivateFile(await placeOf(name), text),
    // a folder has no such operation: what another process writes between is lost
    replace: async (name, old, text) => {
      if ((await readTextIfThere(join(folder, name))) !== old) return false;
      await writePrivateFile(join(folder, name), text);
      return true;
    },
    names: async (below) => (await namesBelow(folder, `${below}/`)).sort(),
  };
}

/** Drafts that a crash has left are no files of anybody's, and neither is what is no file, such as a socket. */
async function namesBelow(folder: string, prefix: string): Promise<string[]> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true }).catch(emptyIfMissing);
  const names = entries.map(async (entry): Promise<string[]> => {
    const name = `${prefix}${entry.name}`;
    if (entry.isDirectory()) return namesBelow(folder, `${name}/`);
    return entry.isFile() && !name.endsWith('.new') ? [name] : [];
  });
  return (await Promise.all(names)).flat();
}

function emptyIfMissing(error: unknown): [] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}

/** The files whose names begin with `folder` and a slash, by the rest of their names. */
export function keyFilesUnder(files: KeyFiles, folder: string): KeyFiles {
  const full = (name: string): string => `${folder}/${name}`;
  return {
    read: (name) => files.read(full(name)),
    create: (name, text) => files.create(full(name), text),
    write: (name, text) => files.write(full(name), text),
    replace: (name, old, text) => files.replace(full(name), old, text),
    names: async (below) => (await files.names(full(below))).map((name) => name.slice(full('').length)),
  };
}
