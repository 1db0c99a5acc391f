import { constants, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** A key pair of an issuer, and what it is called. */
export interface IssuerKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** An RSA key, or an EC key on a curve of OpenSSL's. */
export function issuerKey(kid: string, kind: number | string = 'P-256'): IssuerKey {
  const pair =
    typeof kind === 'number'
      ? generateKeyPairSync('rsa', { modulusLength: kind })
      : generateKeyPairSync('ec', { namedCurve: kind });
  return { kid, ...pair };
}

/** The public key as an issuer publishes it. */
export function jwkOf({ kid, publicKey }: IssuerKey, more: object = {}): object {
  return { kid, use: 'sig', ...publicKey.export({ format: 'jwk' }), ...more };
}

const base64Url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs claims as any program would; `header` replaces what the header says. */
export function idToken(key: IssuerKey, alg: string, claims: object, header: object = {}): string {
  const signed = `${base64Url({ alg, kid: key.kid, typ: 'JWT', ...header })}.${base64Url(claims)}`;
  const hash = `sha${alg.slice(2)}`;
  const padding = alg.startsWith('PS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : {};
  const signature = sign(hash, Buffer.from(signed), { key: key.privateKey, dsaEncoding: 'ieee-p1363', ...padding });
  return `${signed}.${signature.toString('base64url')}`;
}

/** A token with a MAC under a secret: what an attacker makes of a public key. */
export function macToken(secret: string | Uint8Array, claims: object, header: object): string {
  const signed = `${base64Url(header)}.${base64Url(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** A token without a signature. */
export function unsignedToken(claims: object, header: object): string {
  return `${base64Url(header)}.${base64Url(claims)}.`;
}
