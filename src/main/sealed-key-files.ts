import { CountersignError } from '../base/error.js';
import { type Envelope, isSealedText, sealedTextKeyName } from '../crypto/envelope.js';
import type { KeyFiles } from './key-files.js';

/** The file of keys that a passphrase locks, where the server keeps it itself. It is what opens the others. */
export const LOCKED_KEYS_FILE = 'pki/encryption-keys.json';

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
    names: () => files.names(),
  };
}

/**
 * Writes every file anew that is not as `sealedKeyFiles` would write it now: plain, or sealed with an older key; and,
 * without an envelope to seal with, those that are sealed. Answers the names. Each file is the old or the new one, so
 * that whoever is interrupted does it again. Nobody else may write meanwhile.
 */
export async function resealKeyFiles(
  files: KeyFiles,
  envelope: Envelope,
  form: 'sealed' | 'plain' = 'sealed',
): Promise<readonly string[]> {
  const rewritten: string[] = [];
  for (const name of await files.names()) {
    const stored = holdsSecret(name) ? await files.read(name) : undefined;
    const wanted = form === 'sealed' ? envelope.keyName : undefined;
    if (stored === undefined || sealedTextKeyName(stored) === wanted) continue;
    const text = openText(envelope, name, stored);
    await files.write(name, form === 'sealed' ? envelope.sealText(text, name) : text);
    rewritten.push(name);
  }
  return rewritten;
}

/** Whether a file may hold what nobody else may know. */
function holdsSecret(name: string): boolean {
  return !name.endsWith('.crt') && name !== LOCKED_KEYS_FILE;
}

function openText(envelope: Envelope | undefined, name: string, stored: string): string {
  if (!isSealedText(stored)) return stored;
  if (envelope !== undefined) return envelope.openText(stored, name);
  const key = JSON.stringify(sealedTextKeyName(stored) ?? '');
  throw new CountersignError(
    'SEAL_KEY_UNKNOWN',
    `Cannot open ${JSON.stringify(name)}: it is sealed with key ${key}: give --encryption-key-file or --encryption-passphrase-file`,
  );
}
