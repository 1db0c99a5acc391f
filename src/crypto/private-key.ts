import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { toBase64 } from '../base/base64.js';
import { CountersignError } from '../base/error.js';
import type { AlgorithmIdentifier } from '../x509/algorithm-identifier.js';
import { decodePem, type PemBlock } from '../x509/pem.js';
import { describePublicKey, parseSubjectPublicKeyInfo, type SubjectPublicKeyInfo } from '../x509/public-key.js';
import { SIGNATURE_ALGORITHM } from '../x509/signature-algorithm.js';
import { asBuffer, asBytes } from './public-key.js';

const signOffThread = promisify<string | null, Uint8Array, KeyObject, Buffer>(sign);

/** A private key in memory. It prints and serialises as its kind: the key comes out only through exportPrivateKeyPem. */
export interface PrivateKey {
  readonly publicKey: SubjectPublicKeyInfo;
  /** SubjectPublicKeyInfo as DER. */
  readonly publicKeyDer: Uint8Array;
  /** The one algorithm that `sign` uses: SHA-256 with RSA, SHA-256/384/512 by curve, or Ed25519. */
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** Signs; on the calling thread where that is quicker than the way to another (P-256, Ed25519). */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** How a kind of key signs. */
interface SigningForm {
  readonly algorithm: AlgorithmIdentifier;
  readonly hash: string | null;
  readonly offThread: boolean;
}

class SoftwareKey implements PrivateKey {
  readonly publicKey: SubjectPublicKeyInfo;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly #key: KeyObject;
  readonly #form: SigningForm;

  constructor(key: KeyObject) {
    const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
    this.publicKey = parseSubjectPublicKeyInfo(asBytes(spki));
    this.#form = signingForm(this.publicKey);
    this.signatureAlgorithm = this.#form.algorithm;
    this.#key = key;
  }

  get publicKeyDer(): Uint8Array {
    return this.publicKey.der;
  }

  async sign(data: Uint8Array): Promise<Uint8Array> {
    const { hash, offThread } = this.#form;
    return asBytes(offThread ? await signOffThread(hash, data, this.#key) : sign(hash, data, this.#key));
  }

  toJSON(): string {
    return `private key ${describePublicKey(this.publicKey)}`;
  }

  static keyObjectOf(key: PrivateKey): KeyObject | undefined {
    return #key in key ? key.#key : undefined;
  }
}

/**
 * The one algorithm with which keys of this kind sign here, and so the one with which their signatures are verified.
 * KEY_UNSUPPORTED for kinds that are not signed with.
 */
export function signatureAlgorithmFor(info: SubjectPublicKeyInfo): AlgorithmIdentifier {
  return signingForm(info).algorithm;
}

function signingForm(info: SubjectPublicKeyInfo): SigningForm {
  const { key } = info;
  switch (key.kind) {
    case 'ecdsa':
      if (key.curve === 'P-256')
        return { algorithm: SIGNATURE_ALGORITHM.ecdsaSha256, hash: 'sha256', offThread: false };
      if (key.curve === 'P-384') return { algorithm: SIGNATURE_ALGORITHM.ecdsaSha384, hash: 'sha384', offThread: true };
      if (key.curve === 'P-521') return { algorithm: SIGNATURE_ALGORITHM.ecdsaSha512, hash: 'sha512', offThread: true };
      break;
    case 'rsa':
      if (key.bits < 2048 || key.bits > 4096) break;
      return { algorithm: SIGNATURE_ALGORITHM.rsaSha256, hash: 'sha256', offThread: true };
    case 'ed25519':
      return { algorithm: SIGNATURE_ALGORITHM.ed25519, hash: null, offThread: false };
    case 'unsupported':
      break;
  }
  throw new CountersignError(
    'KEY_UNSUPPORTED',
    `Cannot use private key: it is ${describePublicKey(info)}, and must be ECDSA P-256, P-384 or P-521, RSA of 2048 to 4096 bits, or Ed25519`,
  );
}

/** Wraps a key of OpenSSL's. Refuses (KEY_UNSUPPORTED) kinds that are not signed with here. */
export function wrapPrivateKey(key: KeyObject): PrivateKey {
  if (key.type !== 'private') throw new CountersignError('KEY_INVALID', 'Cannot use private key: it is none');
  if (key.asymmetricKeyType !== 'ec' && key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'ed25519') {
    throw new CountersignError('KEY_UNSUPPORTED', `Cannot use private key: ${key.asymmetricKeyType} is not supported`);
  }
  try {
    return new SoftwareKey(key);
  } catch (cause) {
    // A curve that X.509 here does not know, by the text that requests get for it.
    if (cause instanceof CountersignError && cause.code === 'KEY_INVALID') {
      throw new CountersignError('KEY_UNSUPPORTED', `Cannot use private key: ${cause.message}`, { cause });
    }
    throw cause;
  }
}

const KEY_BLOCKS: ReadonlyMap<string, 'pkcs8' | 'sec1' | 'pkcs1'> = new Map([
  ['PRIVATE KEY', 'pkcs8'],
  ['ENCRYPTED PRIVATE KEY', 'pkcs8'],
  ['EC PRIVATE KEY', 'sec1'],
  ['RSA PRIVATE KEY', 'pkcs1'],
]);

/**
 * Reads the first private key in PEM text: PKCS#8, SEC1 or PKCS#1, each encrypted or not; other blocks are passed over.
 * KEY_INVALID: there is none, or it cannot be read, or not with this passphrase. KEY_PASSPHRASE_REQUIRED: it is encrypted
 * and none was given. KEY_UNSUPPORTED: a kind that is not signed with here. No error holds anything of the key.
 */
export function parsePrivateKeyPem(text: string | Uint8Array, passphrase?: string): PrivateKey {
  const block = decodePem(text, { maxBytes: 1 << 20 }).find(({ type }) => KEY_BLOCKS.has(type));
  if (block === undefined) {
    throw new CountersignError('KEY_INVALID', 'Cannot read private key: there is no PEM block of a private key');
  }
  const isLegacy = block.headers.get('Proc-Type')?.includes('ENCRYPTED') === true;
  const isEncrypted = isLegacy || block.type === 'ENCRYPTED PRIVATE KEY';
  if (isEncrypted && passphrase === undefined) {
    throw new CountersignError(
      'KEY_PASSPHRASE_REQUIRED',
      'Cannot read private key: it is encrypted and needs a passphrase',
    );
  }
  return wrapPrivateKey(openKey(block, isLegacy, isEncrypted ? passphrase : undefined));
}

function openKey(block: PemBlock, isLegacy: boolean, passphrase: string | undefined): KeyObject {
  const unlock = passphrase === undefined ? {} : { passphrase };
  try {
    if (isLegacy) return createPrivateKey({ key: legacyPem(block), format: 'pem', ...unlock });
    const type = KEY_BLOCKS.get(block.type) ?? 'pkcs8';
    return createPrivateKey({ key: asBuffer(block.bytes), format: 'der', type, ...unlock });
  } catch {
    // The error of OpenSSL is dropped: nothing that has seen a key goes into a message or a log.
    const what = passphrase === undefined ? 'it is malformed' : 'it is malformed, or the passphrase does not open it';
    throw new CountersignError('KEY_INVALID', `Cannot read private key: ${block.type}: ${what}`);
  }
}

/** The encryption of RFC 1421 lives in the headers, so OpenSSL needs the text again. */
function legacyPem({ type, headers, bytes }: PemBlock): string {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  const base64 = toBase64(bytes).replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${type}-----\n${lines.join('\n')}\n\n${base64}-----END ${type}-----\n`;
}

/** How a private key is written. A passphrase encrypts, in PKCS#8 only (AES-256-CBC with PBKDF2). */
export interface ExportFormat {
  readonly format: 'pkcs8' | 'sec1' | 'pkcs1';
  readonly passphrase?: string;
}

/**
 * PEM of a private key. KEY_UNSUPPORTED: SEC1 of a key that is not ECDSA, PKCS#1 of one that is not RSA, a passphrase with
 * either, or a key that lives elsewhere. KEY_INVALID: an empty passphrase.
 */
export function exportPrivateKeyPem(key: PrivateKey, options: ExportFormat): string {
  const { format, passphrase } = options;
  const keyObject = SoftwareKey.keyObjectOf(key);
  if (keyObject === undefined) {
    throw new CountersignError('KEY_UNSUPPORTED', 'Cannot write private key: it is not in memory');
  }
  const kind = key.publicKey.key.kind;
  if ((format === 'sec1' && kind !== 'ecdsa') || (format === 'pkcs1' && kind !== 'rsa')) {
    throw new CountersignError('KEY_UNSUPPORTED', `Cannot write private key: ${kind} has no form in ${format}`);
  }
  if (passphrase === undefined) return keyObject.export({ type: format, format: 'pem' }).toString();
  if (format !== 'pkcs8') {
    throw new CountersignError('KEY_UNSUPPORTED', 'Cannot write private key: only pkcs8 is encrypted');
  }
  if (passphrase === '') throw new CountersignError('KEY_INVALID', 'Cannot write private key: the passphrase is empty');
  return keyObject.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
}
