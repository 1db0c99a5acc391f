import { decodeBase64, toBase64 } from '../base/base64.js';
import { toHex, type Random } from '../base/bytes.js';
import { isoTime } from '../base/civil-date.js';
import type { UnixSeconds } from '../base/clock.js';
import { CountersignError, hasCode } from '../base/error.js';
import { ENVELOPE_KEY_BYTES, type Envelope, type EnvelopeKey, isEnvelopeKeyName } from './envelope.js';
import {
  createPassphraseLock,
  MIN_PASSPHRASE_CHARACTERS,
  type PassphraseLock,
  passphraseLockProblem,
  unlockWithPassphrase,
} from './passphrase-lock.js';

/** The keys of one installation, the newest first: that one seals, all open. */
export type EncryptionKeys = readonly [EnvelopeKey, ...EnvelopeKey[]];

/** Where keys come from and what opens them. */
export interface KeySource {
  /** The file, for messages. */
  readonly path: string;
  /** Absent: the keys must not be locked. */
  readonly passphrase?: string;
  readonly random: Random;
}

const KIND = 'EncryptionKeys';
const VERSION = 1;
const FIELDS: ReadonlySet<string> = new Set(['kind', 'version', 'scrypt', 'keys']);

/** A new key, named after the day and a few digits of chance. */
export function newEncryptionKey(now: UnixSeconds, random: Random): EnvelopeKey {
  return { name: `${isoTime(now).slice(0, 10)}-${toHex(random(3))}`, bytes: random(ENVELOPE_KEY_BYTES) };
}

/**
 * Reads the text of a file of keys: JSON of this program's, locked with a passphrase or not. CONFIG_INVALID: it is no
 * such file, is locked with another passphrase, or is not locked although there is one. KEY_PASSPHRASE_REQUIRED: it is
 * locked and there is none. No message holds anything of the keys.
 */
export async function parseEncryptionKeys(text: string, source: KeySource): Promise<EncryptionKeys> {
  const refuse: Refuse = (what) => configInvalid(source.path, what);
  const file = parseObject(text, refuse);
  for (const field of Object.keys(file)) {
    if (!FIELDS.has(field)) throw refuse(`unknown field ${JSON.stringify(field)}`);
  }
  if (file['kind'] !== KIND) throw refuse(`kind must be ${JSON.stringify(KIND)}`);
  if (file['version'] !== VERSION) throw refuse(`version must be ${VERSION}: is it of a newer program?`);
  const lock = file['scrypt'] === undefined ? undefined : parseLock(file['scrypt'], refuse);
  const listed = parseKeyList(file['keys'], refuse);
  const open = await opener(lock, source, refuse);
  const keys = listed.map(({ name, text: stored }, at): EnvelopeKey => {
    const bytes = decodeBase64(open(stored, name));
    if (bytes.kind === 'invalid' || bytes.bytes.length !== ENVELOPE_KEY_BYTES) {
      throw refuse(`keys[${at}].key must be base64 of ${ENVELOPE_KEY_BYTES} bytes`);
    }
    return { name, bytes: bytes.bytes };
  });
  const [first, ...rest] = keys;
  if (first === undefined) throw refuse('keys must hold at least one key');
  return [first, ...rest];
}

/** The text of a file that holds these keys; locked where the source has a passphrase (CONFIG_INVALID: too short). */
export async function encodeEncryptionKeys(keys: EncryptionKeys, source: KeySource): Promise<string> {
  const { passphrase, random } = source;
  if (passphrase === undefined) {
    return fileText({ keys: keys.map(({ name, bytes }) => ({ name, key: toBase64(bytes) })) });
  }
  if (passphrase.length < MIN_PASSPHRASE_CHARACTERS) {
    throw new CountersignError(
      'CONFIG_INVALID',
      `Cannot lock encryption keys: the passphrase has ${passphrase.length} characters, and must have ${MIN_PASSPHRASE_CHARACTERS} at least`,
    );
  }
  const lock = createPassphraseLock(random);
  const envelope = await unlockWithPassphrase(lock, passphrase, random);
  const { salt, cost, blockSize, parallelism } = lock;
  return fileText({
    scrypt: { salt: toBase64(salt), cost, blockSize, parallelism },
    keys: keys.map(({ name, bytes }) => ({
      name,
      key: envelope.sealText(toBase64(bytes), contextOf(name)).trimEnd(),
    })),
  });
}

type Refuse = (what: string) => CountersignError;

function configInvalid(path: string, what: string): CountersignError<'CONFIG_INVALID'> {
  return new CountersignError('CONFIG_INVALID', `Cannot read encryption keys: ${path}: ${what}`);
}

function fileText(content: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ kind: KIND, version: VERSION, ...content }, undefined, 2)}\n`;
}

/** A locked key is good under its name only. */
function contextOf(name: string): string {
  return `encryption key ${name}`;
}

async function opener(
  lock: PassphraseLock | undefined,
  { path, passphrase, random }: KeySource,
  refuse: Refuse,
): Promise<(stored: string, name: string) => string> {
  if (lock === undefined) {
    if (passphrase === undefined) return (stored) => stored;
    throw refuse('it is not locked, and a passphrase was given');
  }
  if (passphrase === undefined) {
    throw new CountersignError(
      'KEY_PASSPHRASE_REQUIRED',
      `Cannot read encryption keys: ${path}: it is locked and needs its passphrase`,
    );
  }
  const envelope = await unlockWithPassphrase(lock, passphrase, random);
  return (stored, name) => openKey(envelope, stored, name, refuse);
}

function openKey(envelope: Envelope, stored: string, name: string, refuse: Refuse): string {
  try {
    return envelope.openText(stored, contextOf(name));
  } catch (error) {
    if (!hasCode(error, 'SEAL_INVALID') && !hasCode(error, 'SEAL_KEY_UNKNOWN')) throw error;
    throw refuse(`the passphrase is not the one that locks key ${JSON.stringify(name)}, or the file is damaged`);
  }
}

function parseObject(text: string, refuse: Refuse): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse('it is no JSON'); // the message of JSON.parse holds a piece of the text, and with it of a key
  }
  if (!isRecord(value)) throw refuse('it is no object');
  return value;
}

function parseLock(value: unknown, refuse: Refuse): PassphraseLock {
  if (!isRecord(value)) throw refuse('scrypt must be an object');
  const { salt, cost, blockSize, parallelism } = value;
  const bytes = typeof salt === 'string' ? decodeBase64(salt) : undefined;
  if (bytes?.kind !== 'bytes') throw refuse('scrypt.salt must be base64');
  for (const [field, number] of Object.entries({ cost, blockSize, parallelism })) {
    if (typeof number !== 'number') throw refuse(`scrypt.${field} must be a number`);
  }
  const lock: PassphraseLock = {
    salt: bytes.bytes,
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelism: Number(parallelism),
  };
  const problem = passphraseLockProblem(lock);
  if (problem !== undefined) throw refuse(`scrypt.${problem}`);
  return lock;
}

/** Names and stored forms; what lies in the forms is not looked at yet. */
function parseKeyList(value: unknown, refuse: Refuse): readonly { readonly name: string; readonly text: string }[] {
  if (!Array.isArray(value)) throw refuse('keys must be a list');
  const names = new Set<string>();
  return value.map((entry: unknown, at) => {
    if (!isRecord(entry)) throw refuse(`keys[${at}] must be an object`);
    const { name, key, ...rest } = entry;
    const [other] = Object.keys(rest);
    if (other !== undefined) throw refuse(`keys[${at}]: unknown field ${JSON.stringify(other)}`);
    if (typeof name !== 'string' || !isEnvelopeKeyName(name)) {
      throw refuse(`keys[${at}].name must be 1 to 64 letters, digits, dashes, underscores or dots`);
    }
    if (names.has(name)) throw refuse(`keys[${at}].name: ${JSON.stringify(name)} comes twice`);
    if (typeof key !== 'string') throw refuse(`keys[${at}].key must be text`);
    names.add(name);
    return { name, text: key };
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
