import { constants, verify, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';
import { promisify } from 'node:util';
import { CountersignError } from '../base/error.js';
import type { AlgorithmIdentifier } from '../x509/algorithm-identifier.js';
import type { PublicKeyParts, SubjectPublicKeyInfo } from '../x509/public-key.js';
import { signatureScheme, type SignatureScheme } from '../x509/signature-algorithm.js';
import type { SignatureVerdict } from '../x509/signature.js';
import { importPublicKey } from './public-key.js';

const verifyOffThread = promisify<string | null, Uint8Array, VerifyKeyObjectInput, Uint8Array, boolean>(verify);

const UNIMPLEMENTED: SignatureVerdict = {
  kind: 'unsupported',
  detail: 'x509: cannot verify signature: algorithm unimplemented',
};

/** A check that is ready to be made, on this thread or off it. */
interface PreparedCheck {
  readonly hash: string | null;
  readonly key: VerifyKeyObjectInput;
  readonly failure: string;
}

/**
 * Checks a signature on the calling thread, with Go's texts (a VerifySignature). SHA-1 is taken, as Go takes it for
 * requests: whoever must not trust it looks at the algorithm first.
 */
export function verifySignature(
  publicKey: SubjectPublicKeyInfo,
  algorithm: AlgorithmIdentifier,
  data: Uint8Array,
  signature: Uint8Array,
): SignatureVerdict {
  const check = prepare(publicKey, algorithm);
  if ('kind' in check) return check;
  return verdictOf(verify(check.hash, data, check.key, signature), check);
}

/** Like verifySignature, on OpenSSL's threads: for keys that take longer than the way there and back. */
export async function verifySignatureOffThread(
  publicKey: SubjectPublicKeyInfo,
  algorithm: AlgorithmIdentifier,
  data: Uint8Array,
  signature: Uint8Array,
): Promise<SignatureVerdict> {
  const check = prepare(publicKey, algorithm);
  if ('kind' in check) return check;
  return verdictOf(await verifyOffThread(check.hash, data, check.key, signature), check);
}

/** Whether checking a signature of this key is worth another thread: only what takes a millisecond. */
export function isSlowToVerify({ key }: SubjectPublicKeyInfo): boolean {
  return (key.kind === 'ecdsa' && key.curve !== 'P-256') || (key.kind === 'rsa' && key.bits > 8192);
}

function verdictOf(valid: boolean, check: PreparedCheck): SignatureVerdict {
  return valid ? { kind: 'valid' } : { kind: 'invalid', detail: check.failure };
}

function prepare(publicKey: SubjectPublicKeyInfo, algorithm: AlgorithmIdentifier): PreparedCheck | SignatureVerdict {
  const scheme = signatureScheme(algorithm);
  if (scheme === undefined || (scheme.hash === undefined && scheme.key !== 'ed25519')) return UNIMPLEMENTED;
  if (scheme.hash === 'md5') return insecure(scheme);
  const { key } = publicKey;
  if (key.kind === 'unsupported') return UNIMPLEMENTED;
  if (key.kind !== scheme.key) return mismatch(scheme, key);
  const refusal = key.kind === 'rsa' ? rsaRefusal(key) : undefined;
  if (refusal !== undefined) return { kind: 'invalid', detail: refusal };
  const imported = importOrRefuse(publicKey);
  if (imported === undefined) return { kind: 'invalid', detail: FAILURES[key.kind] };
  const input: VerifyKeyObjectInput = { key: imported };
  if (scheme.pss === true) {
    // The salt is as long as the digest; MGF1 uses the same digest: signatureScheme knows no other form.
    input.padding = constants.RSA_PKCS1_PSS_PADDING;
    input.saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  }
  return { hash: scheme.hash ?? null, key: input, failure: FAILURES[key.kind] };
}

function importOrRefuse(publicKey: SubjectPublicKeyInfo): KeyObject | undefined {
  try {
    return importPublicKey(publicKey);
  } catch (error) {
    if (error instanceof CountersignError) return undefined;
    throw error;
  }
}

const FAILURES = {
  rsa: 'crypto/rsa: verification error',
  ecdsa: 'x509: ECDSA verification failure',
  ed25519: 'x509: Ed25519 verification failure',
} as const;

function insecure(scheme: SignatureScheme): SignatureVerdict {
  return { kind: 'invalid', detail: `x509: cannot verify signature: insecure algorithm ${scheme.name}` };
}

const GO_KEY_NAMES = { rsa: 'RSA', dsa: 'DSA', ecdsa: 'ECDSA', ed25519: 'Ed25519' } as const;
const GO_KEY_TYPES = { rsa: '*rsa.PublicKey', ecdsa: '*ecdsa.PublicKey', ed25519: 'ed25519.PublicKey' } as const;

function mismatch(scheme: SignatureScheme, key: Exclude<PublicKeyParts, { kind: 'unsupported' }>): SignatureVerdict {
  return {
    kind: 'invalid',
    detail:
      `x509: signature algorithm specifies an ${GO_KEY_NAMES[scheme.key]} public key, ` +
      `but have public key of type ${GO_KEY_TYPES[key.kind]}`,
  };
}

/** Go's crypto/rsa looks at the key before it verifies. */
function rsaRefusal(key: Extract<PublicKeyParts, { kind: 'rsa' }>): string | undefined {
  if (key.bits < 1024) {
    return `crypto/rsa: ${key.bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)`;
  }
  if (((key.modulus.at(-1) ?? 0) & 1) === 0) return 'crypto/rsa: public modulus is even';
  if (key.exponent < 2) return 'crypto/rsa: public exponent too small or negative';
  if (key.exponent > 0x7fffffff) return 'crypto/rsa: public exponent too large';
  if ((key.exponent & 1) === 0) return 'crypto/rsa: public exponent is even';
  return undefined;
}
