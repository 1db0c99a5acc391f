import type { UnixSeconds } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import { recordOf } from '../apiserver/authentication/token-claims.js';
import { createTokenKey, type TokenKey } from '../apiserver/authentication/token-key.js';
import { parsePrivateKeyPem, type PrivateKey } from '../crypto/private-key.js';
import { formatTime } from '../kube/time.js';

/**
 * The keys of service account tokens over time: each signs from a time on until the next one does. A key is published
 * before it signs, so that whoever keeps the published keys for a while knows it by then; and it is published after it
 * signed, until the last token of its has ended.
 */
export interface TokenKeyRing {
  /** In the order in which they sign; never empty, and the first signs from the epoch on. */
  readonly keys: readonly RingKey[];
}

/** One key of a ring. */
export interface RingKey {
  readonly key: TokenKey;
  readonly privateKey: PrivateKey;
  readonly pem: string;
  readonly signsFrom: UnixSeconds;
}

/** By key id, when the last token that a key signed ends. A key that is not in it has signed none. */
export type KeyUse = ReadonlyMap<string, UnixSeconds>;

/** What a key is good for at a moment. */
export type KeyStanding =
  | { readonly kind: 'signs' }
  | { readonly kind: 'will-sign'; readonly from: UnixSeconds }
  /** It verifies what it signed until then. */
  | { readonly kind: 'verifies'; readonly until: UnixSeconds }
  | { readonly kind: 'over' };

/** A verified token may be this much past its end: how far clocks may be apart. */
const LEEWAY_SECONDS = 60;

/** A ring of one key. */
export function ringOf(pem: string): TokenKeyRing {
  return { keys: [ringKey(pem, EPOCH)] };
}

const EPOCH = 0 as UnixSeconds; // a whole number

function ringKey(pem: string, signsFrom: UnixSeconds): RingKey {
  const privateKey = parsePrivateKeyPem(pem);
  return { key: createTokenKey(privateKey.publicKey), privateKey, pem, signsFrom };
}

/** Each key with what it is good for at `now`. */
export function standings(
  { keys }: TokenKeyRing,
  use: KeyUse,
  now: UnixSeconds,
): readonly (readonly [RingKey, KeyStanding])[] {
  const signing = keys.findLastIndex(({ signsFrom }) => signsFrom <= now);
  return keys.map((ringKey, i) => {
    if (i === signing) return [ringKey, { kind: 'signs' }];
    if (i > signing) return [ringKey, { kind: 'will-sign', from: ringKey.signsFrom }];
    const successor = keys[i + 1]?.signsFrom ?? now;
    const lastEnd = use.get(ringKey.key.id) ?? successor;
    const until = (Math.max(lastEnd, successor) + LEEWAY_SECONDS) as UnixSeconds; // a sum of whole numbers
    return [ringKey, now <= until ? { kind: 'verifies', until } : { kind: 'over' }];
  });
}

/** What a rotation goes by. */
export interface Rotation {
  /** The new key, PKCS#8 PEM. */
  readonly pem: string;
  readonly now: UnixSeconds;
  /** How long the new key is published before it signs. */
  readonly publishSeconds: number;
  /** Drops every other key at once: all tokens so far end. The new key signs at once, too. */
  readonly revokeOld: boolean;
}

/**
 * The ring with one more key, and without those that are over. CONFIG_INVALID while the key of another rotation still
 * waits for its time: whoever is in a hurry revokes.
 */
export function rotated(ring: TokenKeyRing, use: KeyUse, rotation: Rotation): TokenKeyRing {
  const { pem, now, publishSeconds, revokeOld } = rotation;
  if (revokeOld) return ringOf(pem);
  const kept = standings(ring, use, now).filter(([, { kind }]) => kind !== 'over');
  for (const [, standing] of kept) {
    if (standing.kind !== 'will-sign') continue;
    throw new CountersignError(
      'CONFIG_INVALID',
      `Cannot rotate token key: there is a new key already, and it signs from ${formatTime(standing.from)}`,
    );
  }
  const signsFrom = (now + publishSeconds) as UnixSeconds; // whole seconds, checked where the flag is read
  const [first, ...others] = kept.map(([key]) => key);
  const keys = first === undefined ? [] : [{ ...first, signsFrom: EPOCH }, ...others];
  return { keys: [...keys, ringKey(pem, signsFrom)] };
}

/** The text of a ring's file. */
export function encodeRing({ keys }: TokenKeyRing): string {
  return `${JSON.stringify({ keys: keys.map(({ pem, signsFrom }) => ({ pem, signsFrom })) }, undefined, 2)}\n`;
}

/** Reads what `encodeRing` wrote. Refuses (CONFIG_INVALID) anything else, without a word of its content. */
export function parseRing(text: string, name: string): TokenKeyRing {
  const entries = recordOf(parseJson(text))?.['keys'];
  if (!Array.isArray(entries) || entries.length === 0) throw unreadable(name, 'it has no list of keys');
  const keys: RingKey[] = [];
  for (const [i, entry] of entries.entries()) {
    const record = recordOf(entry);
    const [pem, signsFrom] = [record?.['pem'], secondsIn(record?.['signsFrom'])];
    const previous = keys.at(-1);
    if (typeof pem !== 'string' || signsFrom === undefined) throw unreadable(name, `keys[${i}] is no key with a time`);
    if (previous === undefined ? signsFrom !== EPOCH : signsFrom <= previous.signsFrom) {
      throw unreadable(name, `keys[${i}] does not sign after the one before it`);
    }
    keys.push(ringKey(pem, signsFrom));
  }
  return { keys };
}

/** The text of the file that says when the last token of each key ends. */
export function encodeUse(use: KeyUse): string {
  return `${JSON.stringify(Object.fromEntries(use), undefined, 2)}\n`;
}

/** Reads what `encodeUse` wrote. Refuses (CONFIG_INVALID) anything else. */
export function parseUse(text: string, name: string): KeyUse {
  const record = recordOf(parseJson(text));
  if (record === undefined) throw unreadable(name, 'it is no JSON object');
  const use = new Map<string, UnixSeconds>();
  for (const [id, value] of Object.entries(record)) {
    const end = secondsIn(value);
    if (end === undefined) throw unreadable(name, `the value of ${JSON.stringify(id)} is no time`);
    use.set(id, end);
  }
  return use;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // JSON.parse throws for what is no JSON, and for nothing else
  }
}

function secondsIn(value: unknown): UnixSeconds | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? (value as UnixSeconds) : undefined;
}

function unreadable(name: string, what: string): CountersignError {
  return new CountersignError('CONFIG_INVALID', `Cannot read token keys: ${name}: ${what}`);
}
