import { open } from 'node:fs/promises';
import { CountersignError } from '../base/error.js';
import { systemReason } from '../cli/input.js';

/** No file of keys or with a passphrase is longer. */
const MAX_BYTES = 1024 * 1024;

/**
 * The text of a file that only its owner may read; CONFIG_INVALID, naming the flag, where others may too, or where it is
 * too long to be what it should be. A link is followed: what counts is the file.
 */
export async function readSecretFile(path: string, flag: string): Promise<string> {
  const refuse = (what: string): CountersignError =>
    new CountersignError('CONFIG_INVALID', `Cannot use ${flag}: ${path}: ${what}`);
  const file = await open(path, 'r').catch((error: unknown) => {
    throw refuse(systemReason(error));
  });
  try {
    const found = await file.stat();
    if (found.isDirectory()) throw refuse('it is a folder');
    const { mode, size } = found;
    if ((mode & 0o077) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0');
      throw refuse(`its mode is ${octal}, and must be 0600: nobody but its owner may read it`);
    }
    if (size > MAX_BYTES) throw refuse(`it has ${size} bytes, and ${MAX_BYTES} are taken at most`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** The passphrase in a file: all of it but a line break at the end. CONFIG_INVALID as `readSecretFile`, or when empty. */
export async function readPassphraseFile(path: string, flag: string): Promise<string> {
  const passphrase = (await readSecretFile(path, flag)).replace(/\r?\n$/, '');
  if (passphrase !== '') return passphrase;
  throw new CountersignError('CONFIG_INVALID', `Cannot use ${flag}: ${path}: it is empty`);
}
