import { chmod, link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a folder (and those above it) that only its owner may enter; tightens one that is there. */
export async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
}

/** The text of a file; undefined where there is none. */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Writes a whole file that only its owner may read: a reader sees the old text or the new one, never a part, and
 * after a crash too. The folder must be there. What lies where the draft goes is removed and never opened: in a folder
 * of many users it could be a link, or a file that its owner holds open.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  await writeDraft(draft, text);
  await rename(draft, path);
  await syncFolder(dirname(path));
}

/**
 * Writes such a file where none is; false where one is: that one stays. `unique` keeps the drafts of several writers
 * apart.
 */
export async function createPrivateFile(path: string, text: string, unique: string): Promise<boolean> {
  const draft = `${path}.${unique}.new`;
  try {
    await writeDraft(draft, text);
    await link(draft, path);
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(dirname(path));
  return true;
}

async function writeDraft(draft: string, text: string): Promise<void> {
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function hasErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
