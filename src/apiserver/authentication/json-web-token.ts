import { parseBase64Url, toBase64Url } from '../../base/base64.js';
import { parseUtf8, utf8 } from '../../base/bytes.js';
import type { PrivateKey } from '../../crypto/private-key.js';
import { verifySignature } from '../../crypto/verify-signature.js';
import { findDuplicateFields } from '../../kube/duplicate-fields.js';
import { derFromFixed, fixedFromDer } from './ecdsa-signature.js';
import { jsonWebAlgorithmOf } from './json-web-algorithm.js';
import { recordOf } from './token-claims.js';
import type { TokenKey } from './token-key.js';

/** Longest token that is looked at, in characters. */
export const MAX_TOKEN_LENGTH = 16_384;

/** A JWS in compact form (RFC 7515 §3.1), read but not verified. */
export interface UnverifiedToken {
  readonly algorithm: string;
  readonly keyId?: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** What the signature covers. */
  readonly signedData: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Reads a compact JWS. Undefined where it is none: other than three parts, longer than `MAX_TOKEN_LENGTH`, padding or
 * foreign characters in the base64url, header or payload no JSON object, a field named twice, `crit` (RFC 7515 §4.1.11:
 * we understand no extension), or a header that does not say `alg` as a string.
 */
export function readToken(token: string): UnverifiedToken | undefined {
  if (token.length > MAX_TOKEN_LENGTH) return undefined;
  const parts = token.split('.');
  const [head, body, tail] = parts;
  if (parts.length !== 3 || head === undefined || body === undefined || tail === undefined) return undefined;
  const header = readPart(head);
  const payload = readPart(body);
  const signature = parseBase64Url(tail);
  if (header === undefined || payload === undefined || signature === undefined) return undefined;
  const { alg: algorithm, kid: keyId, crit } = header;
  if (typeof algorithm !== 'string' || crit !== undefined) return undefined;
  if (keyId !== undefined && typeof keyId !== 'string') return undefined;
  return {
    algorithm,
    ...(keyId === undefined ? {} : { keyId }),
    payload,
    signedData: utf8(`${head}.${body}`),
    signature,
  };
}

function readPart(part: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = parseBase64Url(part);
  const text = bytes === undefined ? undefined : parseUtf8(bytes);
  if (text === undefined) return undefined;
  try {
    const record = recordOf(JSON.parse(text));
    return record === undefined || findDuplicateFields(text).length > 0 ? undefined : record;
  } catch {
    return undefined; // JSON.parse and the duplicate scan throw for malformed text, and for nothing else
  }
}

/**
 * The one of `keys` that signed the token; undefined where none did. `alg` must be the key's own algorithm, so that no
 * token chooses how it is verified (RFC 8725 §3.1); the key id only says which key to try first.
 */
export function signerOf(token: UnverifiedToken, keys: readonly TokenKey[]): TokenKey | undefined {
  const named = keys.filter((key) => key.id === token.keyId);
  const others = keys.filter((key) => key.id !== token.keyId);
  return [...named, ...others].find((key) => verifies(token, key));
}

/** Whether a key signed the token with this algorithm, which must be the one that the token names. */
export function verifies(
  token: UnverifiedToken,
  { publicKey, algorithm }: Pick<TokenKey, 'publicKey' | 'algorithm'>,
): boolean {
  if (token.algorithm !== algorithm.name) return false;
  const { componentBytes } = algorithm;
  if (componentBytes !== undefined && token.signature.length !== 2 * componentBytes) return false;
  const signature = componentBytes === undefined ? token.signature : derFromFixed(token.signature);
  return verifySignature(publicKey, algorithm.identifier, token.signedData, signature).kind === 'valid';
}

/** Signs a payload as a compact JWS with the key's one algorithm. */
export async function signToken(payload: object, key: PrivateKey, keyId: string): Promise<string> {
  const algorithm = jsonWebAlgorithmOf(key.publicKey);
  const header = { alg: algorithm.name, kid: keyId };
  const signed = `${encodePart(header)}.${encodePart(payload)}`;
  const der = await key.sign(utf8(signed));
  const signature = algorithm.componentBytes === undefined ? der : fixedFromDer(der, algorithm.componentBytes);
  return `${signed}.${toBase64Url(signature)}`;
}

function encodePart(value: object): string {
  return toBase64Url(utf8(JSON.stringify(value)));
}
