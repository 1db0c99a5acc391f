import {
  encodeBitString,
  encodeOidElement,
  encodeSequence,
  encodeSmallInteger,
  encodeUnsignedInteger,
} from '../asn1/der-writer.js';
import { concatBytes } from '../base/bytes.js';
import { NULL_PARAMETERS } from './algorithm-identifier.js';
import { oidOfCurve } from './elliptic-curve.js';
import { KEY_ALGORITHM, type PublicKeyParts } from './public-key.js';

/**
 * The one SubjectPublicKeyInfo of a key (RFC 3279 §2.3.1, RFC 5480 §2, RFC 8410 §4): no octet in it that does not belong
 * to the key. Undefined for kinds that are not certified here, and for RSA exponents of 2^31 and more.
 */
export function encodePublicKey(key: PublicKeyParts): Uint8Array | undefined {
  switch (key.kind) {
    case 'rsa': {
      if (key.exponent > 0x7fffffff) return undefined;
      const numbers = encodeSequence(encodeUnsignedInteger(key.modulus), encodeSmallInteger(key.exponent));
      return encodeInfo(KEY_ALGORITHM.rsa, NULL_PARAMETERS, numbers);
    }
    case 'ecdsa': {
      const point = concatBytes([Uint8Array.of(4), key.x, key.y]);
      return encodeInfo(KEY_ALGORITHM.ec, encodeOidElement(oidOfCurve(key.curve)), point);
    }
    case 'ed25519':
      return encodeInfo(KEY_ALGORITHM.ed25519, undefined, key.bytes);
    case 'unsupported':
      return undefined;
  }
}

function encodeInfo(oid: string, parameters: Uint8Array | undefined, key: Uint8Array): Uint8Array {
  const algorithm = encodeSequence(encodeOidElement(oid), ...(parameters === undefined ? [] : [parameters]));
  return encodeSequence(algorithm, encodeBitString(key));
}
