import { createPublicKey, type KeyObject } from 'node:crypto';
import { CountersignError } from '../base/error.js';
import type { SubjectPublicKeyInfo } from '../x509/public-key.js';

/**
 * The OpenSSL key of a public key. Refuses (KEY_UNSUPPORTED) kinds that nothing is verified with, and (KEY_INVALID) what
 * OpenSSL refuses. Nothing is remembered: a table of weak references costs the collector more than it saves here.
 *
 * By measurement: OpenSSL reads SubjectPublicKeyInfo through its general decoder (about 0.1 ms). A JWK goes straight to the
 * key, but for P-384 and P-521 Node then multiplies the point by the order of the group, which costs more than it saves.
 */
export function importPublicKey(info: SubjectPublicKeyInfo): KeyObject {
  const { key } = info;
  try {
    switch (key.kind) {
      case 'rsa':
        return importJwk({ kty: 'RSA', n: base64Url(key.modulus), e: base64Url(exponentOctets(key.exponent)) });
      case 'ecdsa':
        return key.curve === 'P-256'
          ? importJwk({ kty: 'EC', crv: key.curve, x: base64Url(key.x), y: base64Url(key.y) })
          : createPublicKey({ key: asBuffer(info.der), format: 'der', type: 'spki' });
      case 'ed25519':
        return importJwk({ kty: 'OKP', crv: 'Ed25519', x: base64Url(key.bytes) });
      case 'unsupported':
        break;
    }
  } catch (cause) {
    throw new CountersignError('KEY_INVALID', `Cannot read public key: ${key.kind}: OpenSSL refuses it`, { cause });
  }
  throw new CountersignError('KEY_UNSUPPORTED', `Cannot use public key: ${key.detail} is not supported`);
}

function importJwk(jwk: Readonly<Record<string, string>>): KeyObject {
  return createPublicKey({ key: jwk, format: 'jwk' });
}

function exponentOctets(exponent: number): Uint8Array {
  const octets: number[] = [];
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.from(octets);
}

/** The same octets, for functions that want a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The same octets without what a Buffer adds: how it prints, compares and slices. */
export function asBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function base64Url(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('base64url');
}
