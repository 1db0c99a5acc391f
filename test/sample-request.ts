import {
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeOidElement,
  encodeSequence,
  encodeSmallInteger,
} from '../src/asn1/der-writer.js';
import { parseHex } from '../src/base/bytes.js';
import { encodeName } from '../src/x509/name.js';

/** The parts of a PKCS#10 request, each as DER, so that one can be broken and the others stay right. */
export interface RequestParts {
  readonly version: Uint8Array;
  readonly subject: Uint8Array;
  readonly publicKey: Uint8Array;
  /** What stands under [0]. */
  readonly attributes: readonly Uint8Array[];
  readonly algorithm: Uint8Array;
  readonly signature: Uint8Array;
}

/** A point of P-256 (its base point). */
export const P256_POINT: Uint8Array = fromHex(
  '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
);

/** SubjectPublicKeyInfo of an algorithm and key. */
export function publicKeyInfo(oid: string, parameters: Uint8Array | undefined, key: Uint8Array): Uint8Array {
  const fields = parameters === undefined ? [] : [parameters];
  return encodeSequence(encodeSequence(encodeOidElement(oid), ...fields), encodeBitString(key));
}

/** P-256's SubjectPublicKeyInfo. */
export const P256_KEY: Uint8Array = publicKeyInfo(
  '1.2.840.10045.2.1',
  encodeOidElement('1.2.840.10045.3.1.7'),
  P256_POINT,
);

/** Octets of hex that may hold blanks. */
export function fromHex(text: string): Uint8Array {
  const bytes = parseHex(text.replaceAll(' ', ''));
  if (bytes === undefined) throw new Error(`not hex: ${text}`);
  return bytes;
}

/** An extensionRequest attribute of Extension elements. */
export function extensionRequest(...extensions: readonly Uint8Array[]): Uint8Array {
  return encodeSequence(encodeOidElement('1.2.840.113549.1.9.14'), encodeElement(0x31, encodeSequence(...extensions)));
}

/** An Extension element that is not critical. */
export function extension(oid: string, value: Uint8Array): Uint8Array {
  return encodeSequence(encodeOidElement(oid), encodeElement(0x04, value));
}

/** DER of a request whose parts are right, except for those given. Its signature does not verify. */
export function sampleRequest(parts: Partial<RequestParts> = {}): Uint8Array {
  const all: RequestParts = {
    version: encodeSmallInteger(0),
    subject: encodeName([[{ oid: '2.5.4.3', value: 'a.example.com' }]]).der,
    publicKey: P256_KEY,
    attributes: [],
    algorithm: encodeSequence(encodeOidElement('1.2.840.10045.4.3.2')),
    signature: encodeBitString(Uint8Array.of(1, 2, 3)),
    ...parts,
  };
  return encodeSequence(
    encodeSequence(all.version, all.subject, all.publicKey, encodeExplicit(0, ...all.attributes)),
    all.algorithm,
    all.signature,
  );
}
