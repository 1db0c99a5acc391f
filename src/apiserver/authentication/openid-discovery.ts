import { toBase64Url } from '../../base/base64.js';
import type { PublicKeyParts } from '../../x509/public-key.js';
import type { TokenKey } from './token-key.js';

/** Path of the issuer's metadata. */
export const OPENID_CONFIGURATION_PATH = '/.well-known/openid-configuration';

/** Path of the issuer's keys. */
export const JWKS_PATH = '/openid/v1/jwks';

/** Header values of both documents. */
export const OPENID_CACHE_CONTROL = 'public, max-age=3600';
export const JWKS_CONTENT_TYPE = 'application/jwk-set+json';

/** The metadata by which others verify service account tokens; `jwksUri` is where they fetch the keys. */
export function openidConfiguration(issuer: string, jwksUri: string, keys: readonly TokenKey[]): object {
  return {
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(keys.map((key) => key.algorithm.name))].sort(),
  };
}

/** The verification keys as a JSON Web Key Set (RFC 7517 §5). */
export function jsonWebKeySet(keys: readonly TokenKey[]): object {
  return { keys: keys.map(jsonWebKey) };
}

function jsonWebKey({ id, publicKey, algorithm }: TokenKey): object {
  const parts = publicKey.key;
  const common = { kid: id, alg: algorithm.name };
  switch (parts.kind) {
    case 'rsa':
      return { use: 'sig', kty: 'RSA', ...common, n: toBase64Url(parts.modulus), e: toBase64Url(exponentOf(parts)) };
    case 'ecdsa':
      return {
        use: 'sig',
        kty: 'EC',
        ...common,
        crv: parts.curve,
        x: toBase64Url(parts.x),
        y: toBase64Url(parts.y),
      };
    case 'ed25519':
    case 'unsupported':
      throw new RangeError('No token key: createTokenKey takes RSA and ECDSA only');
  }
}

function exponentOf(parts: PublicKeyParts & { readonly kind: 'rsa' }): Uint8Array {
  const bytes: number[] = [];
  for (let rest = parts.exponent; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.from(bytes);
}
