import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import { decodeBase64, toBase64 } from '../base/base64.js';
import { concatBytes, equalBytes, parseUtf8, utf8 } from '../base/bytes.js';
import type { Random } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import { asBuffer, asBytes } from './public-key.js';

/** Bytes of a key that seals. */
export const ENVELOPE_KEY_BYTES = 32;

/** How many bytes longer than its content a sealed value may be. */
export const MAX_ENVELOPE_OVERHEAD = 256;

/**
 * How a stored value stands to a ring of keys: `plain`; sealed with the key that seals (`current`) or another of the ring
 * (`older`); with one that the ring lacks (`unknown`), or that is another than the one of that name (`other-key`); or too
 * short to tell (`damaged`). Whether it opens is not tried.
 */
export type SealState = 'plain' | 'current' | 'older' | 'unknown' | 'other-key' | 'damaged';

/** A key and the name by which sealed values say that they need it. */
export interface EnvelopeKey {
  /** Letters, digits, `-`, `_` and `.`, 1 to 64 of them. */
  readonly name: string;
  /** `ENVELOPE_KEY_BYTES` of chance. */
  readonly bytes: Uint8Array;
}

/**
 * Seals values so that only who has the key reads them, changes are noticed, and a value is good in one place only: its
 * context, such as the storage key or the file's name, is part of what is authenticated. The length of a value shows.
 *
 * Every value has a cipher key and nonce of its own (AES-256-GCM), derived from the named key and 32 bytes of chance by
 * HKDF-Expand with SHA-512, so that how many values a key seals has no bound that a store could reach.
 */
export interface Envelope {
  /** The key that seals: the first of the ring. */
  readonly keyName: string;
  /** All keys that open, the first included. */
  readonly keyNames: readonly string[];
  seal(content: Uint8Array, context: string): Uint8Array;
  /**
   * What was sealed. SEAL_KEY_UNKNOWN: with a key that is not here. SEAL_INVALID: it is not sealed, cut off, changed,
   * from another context, or this key has that name and is another.
   */
  open(sealed: Uint8Array, context: string): Uint8Array;
  stateOf(stored: Uint8Array): SealState;
  /** As `seal`, in one line of ASCII. */
  sealText(content: string, context: string): string;
  /** As `open`, for what `sealText` made. */
  openText(sealed: string, context: string): string;
}

const PREFIX = 'countersign:enc:v1:';
const PREFIX_BYTES: Uint8Array = utf8(PREFIX);
const KEY_NAME = /^[A-Za-z0-9._-]{1,64}$/;
const COLON = 0x3a;

const CHECK_BYTES = 8;
const SALT_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const CHECK_LABEL: Uint8Array = utf8('countersign envelope v1: check of the key');
const VALUE_LABEL: Uint8Array = utf8('countersign envelope v1: key and nonce of a value');
/** The counter of HKDF-Expand's one block. */
const FIRST_BLOCK: Uint8Array = Uint8Array.of(1);

/** Whether `name` may name a key. */
export function isEnvelopeKeyName(name: string): boolean {
  return KEY_NAME.test(name);
}

/** Whether the bytes are a sealed value, or at least begin like one. JSON and PEM never do. */
export function isSealed(stored: Uint8Array): boolean {
  // by far most values are told apart by their first byte
  return stored[0] === PREFIX_BYTES[0] && equalBytes(stored.subarray(0, PREFIX_BYTES.length), PREFIX_BYTES);
}

/** As `isSealed`, for text. */
export function isSealedText(stored: string): boolean {
  return stored.startsWith(PREFIX);
}

/** The key that a sealed value names; undefined where it is not sealed, or cut off before the name ends. */
export function sealedKeyName(stored: Uint8Array): string | undefined {
  if (!isSealed(stored)) return undefined;
  const end = stored.indexOf(COLON, PREFIX_BYTES.length);
  const name = end < 0 ? undefined : parseUtf8(stored.subarray(PREFIX_BYTES.length, end));
  return name !== undefined && isEnvelopeKeyName(name) ? name : undefined;
}

/** As `sealedKeyName`, for text. */
export function sealedTextKeyName(stored: string): string | undefined {
  return sealedKeyName(utf8(stored.slice(0, MAX_ENVELOPE_OVERHEAD)));
}

/**
 * An envelope whose first key seals and whose keys all open. KEY_INVALID: a name that is none or comes twice, or a key
 * of another length.
 */
export function createEnvelope(keys: readonly [EnvelopeKey, ...EnvelopeKey[]], random: Random): Envelope {
  const ring = new Map<string, RingKey>();
  for (const { name, bytes } of keys) {
    if (!isEnvelopeKeyName(name)) throw keyInvalid(`${JSON.stringify(name)} is no name of a key`);
    if (ring.has(name)) throw keyInvalid(`two keys have the name ${JSON.stringify(name)}`);
    if (bytes.length !== ENVELOPE_KEY_BYTES) {
      throw keyInvalid(`key ${JSON.stringify(name)} has ${bytes.length} bytes, and must have ${ENVELOPE_KEY_BYTES}`);
    }
    ring.set(name, new RingKey(name, bytes));
  }
  const first = ring.get(keys[0].name);
  if (first === undefined) throw keyInvalid('there is none');
  return new KeyRing(first, ring, random);
}

class KeyRing implements Envelope {
  readonly #first: RingKey;
  readonly #ring: ReadonlyMap<string, RingKey>;
  readonly #random: Random;

  constructor(first: RingKey, ring: ReadonlyMap<string, RingKey>, random: Random) {
    this.#first = first;
    this.#ring = ring;
    this.#random = random;
  }

  get keyName(): string {
    return this.#first.name;
  }

  get keyNames(): readonly string[] {
    return [...this.#ring.keys()];
  }

  seal(content: Uint8Array, context: string): Uint8Array {
    const { header, check } = this.#first;
    return concatBytes([header, check, ...this.#first.encrypt(content, context, this.#random(SALT_BYTES))]);
  }

  open(sealed: Uint8Array, context: string): Uint8Array {
    const key = this.#keyOf(sealed, context);
    const at = key.header.length + CHECK_BYTES;
    if (sealed.length < at + SALT_BYTES + TAG_BYTES) throw invalid(context, 'it is cut off');
    if (!timingSafeEqual(sealed.subarray(key.header.length, at), key.check)) {
      throw invalid(context, `it is sealed with another key than the one that is here as ${JSON.stringify(key.name)}`);
    }
    const content = key.decrypt(sealed.subarray(at), context);
    if (content !== undefined) return content;
    throw invalid(context, 'it has been changed, or was put here from another place');
  }

  stateOf(stored: Uint8Array): SealState {
    if (!isSealed(stored)) return 'plain';
    const name = sealedKeyName(stored);
    if (name === undefined) return 'damaged';
    const key = this.#ring.get(name);
    if (key === undefined) return 'unknown';
    const check = stored.subarray(key.header.length, key.header.length + CHECK_BYTES);
    if (check.length < CHECK_BYTES) return 'damaged';
    if (!timingSafeEqual(check, key.check)) return 'other-key';
    return key === this.#first ? 'current' : 'older';
  }

  sealText(content: string, context: string): string {
    const sealed = this.seal(utf8(content), context);
    const { length } = this.#first.header;
    return `${this.#first.headerText}${toBase64(sealed.subarray(length))}\n`;
  }

  openText(sealed: string, context: string): string {
    const split = sealed.indexOf(':', PREFIX.length) + 1;
    const payload = decodeBase64(sealed.slice(split));
    if (!isSealedText(sealed) || split === 0) throw invalid(context, 'it is not sealed, or cut off');
    if (payload.kind === 'invalid') throw invalid(context, 'it is cut off or has been changed: it is no base64');
    const content = parseUtf8(this.open(concatBytes([utf8(sealed.slice(0, split)), payload.bytes]), context));
    if (content === undefined) throw invalid(context, 'what was sealed is no text');
    return content;
  }

  #keyOf(sealed: Uint8Array, context: string): RingKey {
    if (!isSealed(sealed)) throw invalid(context, 'it is not sealed');
    const name = sealedKeyName(sealed);
    if (name === undefined) throw invalid(context, 'it is cut off or has been changed: it names no key');
    const key = this.#ring.get(name);
    if (key !== undefined) return key;
    const here = this.keyNames.map((known) => JSON.stringify(known)).join(', ');
    throw new CountersignError(
      'SEAL_KEY_UNKNOWN',
      `Cannot open ${JSON.stringify(context)}: it is sealed with key ${JSON.stringify(name)}, and here is ${here}`,
    );
  }
}

/** A key of the ring. It prints as its name. */
class RingKey {
  readonly name: string;
  readonly headerText: string;
  readonly header: Uint8Array;
  /** Tells keys of the same name apart, and says nothing of the key. */
  readonly check: Uint8Array;
  readonly #key: KeyObject;

  constructor(name: string, bytes: Uint8Array) {
    this.name = name;
    this.headerText = `${PREFIX}${name}:`;
    this.header = utf8(this.headerText);
    this.#key = createSecretKey(asBuffer(bytes));
    this.check = asBytes(createHmac('sha512', this.#key).update(CHECK_LABEL).digest()).slice(0, CHECK_BYTES);
  }

  /** Salt, ciphertext, tag. */
  encrypt(content: Uint8Array, context: string, salt: Uint8Array): readonly Uint8Array[] {
    const { key, nonce } = this.#derive(salt);
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(this.#authenticated(context));
    const encrypted = cipher.update(content);
    cipher.final();
    return [salt, encrypted, cipher.getAuthTag()];
  }

  /** Undefined where the tag does not fit. */
  decrypt(payload: Uint8Array, context: string): Uint8Array | undefined {
    const { key, nonce } = this.#derive(payload.subarray(0, SALT_BYTES));
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(this.#authenticated(context));
    decipher.setAuthTag(payload.subarray(payload.length - TAG_BYTES));
    const content = decipher.update(payload.subarray(SALT_BYTES, payload.length - TAG_BYTES));
    try {
      decipher.final();
      return asBytes(content);
    } catch {
      return undefined; // final throws where the tag does not fit, and for nothing else
    }
  }

  /** RFC 5869 §2.3 with SHA-512: one block holds key and nonce. §3.3: a key of pure chance needs no extraction. */
  #derive(salt: Uint8Array): { readonly key: Buffer; readonly nonce: Buffer } {
    const block = createHmac('sha512', this.#key).update(VALUE_LABEL).update(salt).update(FIRST_BLOCK).digest();
    return {
      key: block.subarray(0, ENVELOPE_KEY_BYTES),
      nonce: block.subarray(ENVELOPE_KEY_BYTES, ENVELOPE_KEY_BYTES + NONCE_BYTES),
    };
  }

  /** The header ends in a colon that no name holds, so that header and context cannot be read in two ways. */
  #authenticated(context: string): Buffer {
    return asBuffer(concatBytes([this.header, this.check, utf8(context)]));
  }
}

function invalid(context: string, what: string): CountersignError<'SEAL_INVALID'> {
  return new CountersignError('SEAL_INVALID', `Cannot open ${JSON.stringify(context)}: ${what}`);
}

function keyInvalid(what: string): CountersignError<'KEY_INVALID'> {
  return new CountersignError('KEY_INVALID', `Cannot use encryption keys: ${what}`);
}
