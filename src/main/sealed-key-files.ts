import { CountersignError } from '../base/error.js';
import { type Envelope, isSealedText, sealedTextKeyName } from '../crypto/envelope.js';
import type { KeyFiles } from './key-files.js';

/** The file of keys that a passphrase locks, where the server keeps it itself. It is what opens the others. */
export const LOCKED_KEYS_FILE = 'pki/encryption-keys.json';

/** Where the server's own keys lie. Beside them, in a data folder, lie files that are none of theirs. */
const FOLDERS = ['pki', 'signers'];

/**
 * Files of which all but certificates are sealed in `files`, each good under its own name only; what is plain stays
 * readable. Without an envelope nothing is sealed, and what is sealed cannot be read: SEAL_KEY_UNKNOWN.
 */
export function sealedKeyFiles(files: KeyFiles, envelope: Envelope | undefined): KeyFiles {
  const seal = (name: string, text: string): string =>
    envelope === undefined || !holdsSecret(name) ? text : envelope.sealText(text, name);
  const open = (name: string, stored: string): string => openText(envelope, name, stored);
  return {
    read: async (name) => {
      const stored = await files.read(name);
      return stored === undefined ? undefined : open(name, stored);
    },
    create: async (name, text) => open(name, await files.create(name, seal(name, text))),
    write: (name, text) => files.write(name, seal(name, text)),
    replace: async (name, old, text) => {
      const stored = await files.read(name);
      return stored !== undefined && open(name, stored) === old && files.replace(name, stored, seal(name, text));
    },
    names: (folder) => files.names(folder),
  };
}

/**
 * Writes every file anew that is not as `sealedKeyFiles` would write it now: plain, or sealed with an older key; and,
 * where the form is to be `plain`, those that are sealed. Answers the names. Nothing is written unless all can be opened.
 * Each file is the old or the new one, so that whoever is interrupted does it again.
 */
export async function resealKeyFiles(
  files: KeyFiles,
  envelope: Envelope,
  form: 'sealed' | 'plain' = 'sealed',
): Promise<readonly string[]> {
  const wanted = form === 'sealed' ? envelope.keyName : undefined;
  const opened: { readonly name: string; readonly stored: string; readonly text: string }[] = [];
  for (const name of await ownFileNames(files)) {
    const stored = holdsSecret(name) ? await files.read(name) : undefined;
    if (stored === undefined || sealedTextKeyName(stored) === wanted) continue;
    opened.push({ name, stored, text: openText(envelope, name, stored) });
  }
  for (const { name, stored, text } of opened) {
    // what somebody else wrote meanwhile is as it should be
    await files.replace(name, stored, form === 'sealed' ? envelope.sealText(text, name) : text);
  }
  return opened.map(({ name }) => name);
}

/** The first of the files that is sealed, and with which key; undefined where none is. */
export async function firstSealedFile(
  files: KeyFiles,
): Promise<{ readonly name: string; readonly keyName: string } | undefined> {
  for (const name of await ownFileNames(files)) {
    const stored = await files.read(name);
    const keyName = stored === undefined ? undefined : sealedTextKeyName(stored);
    if (keyName !== undefined) return { name, keyName };
  }
  return undefined;
}

/** Names of the server's own keys and certificates among files. */
export async function ownFileNames(files: Pick<KeyFiles, 'names'>): Promise<readonly string[]> {
  return (await Promise.all(FOLDERS.map((folder) => files.names(folder)))).flat();
}

/** Whether a file may hold what nobody else may know. */
export function holdsSecret(name: string): boolean {
  return !name.endsWith('.crt') && name !== LOCKED_KEYS_FILE;
}

function openText(envelope: Envelope | undefined, name: string, stored: string): string {
  if (!isSealedText(stored)) return stored;
  if (envelope === undefined) throw noKey(name, sealedTextKeyName(stored));
  return envelope.openText(stored, name);
}

/** Something is sealed, and no key was given at all. */
export function noKey(context: string, keyName = ''): CountersignError<'SEAL_KEY_UNKNOWN'> {
  return new CountersignError(
    'SEAL_KEY_UNKNOWN',
    `Cannot open ${JSON.stringify(context)}: it is sealed with key ${JSON.stringify(keyName)}: give --encryption-key-file or --encryption-passphrase-file`,
  );
}
