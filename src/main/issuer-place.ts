import { messageOf } from '../base/error.js';
import { parseCertificate } from '../x509/certificate.js';
import { decodePem } from '../x509/pem.js';

/** Why a text is no URL of an outside issuer; undefined where it is one. `ownIssuers` are those of this server. */
export function issuerUrlProblem(text: string, ownIssuers: readonly string[]): string | undefined {
  if (!URL.canParse(text)) return 'it is no URL';
  if (ownIssuers.includes(text)) return 'it is the issuer of the service account tokens of this server';
  const url = new URL(text);
  if (url.protocol !== 'https:') return 'URL scheme must be https';
  if (url.username !== '' || url.password !== '') return 'URL must not contain a username or password';
  if (text.includes('?')) return 'URL must not contain a query';
  if (text.includes('#')) return 'URL must not contain a fragment';
  return undefined;
}

/** Why PEM text holds no authorities that an issuer's certificate could come from; undefined where it does. */
export function trustRootProblem(pem: string): string | undefined {
  try {
    const certificates = decodePem(pem).filter(({ type }) => type === 'CERTIFICATE');
    for (const { bytes } of certificates) parseCertificate(bytes);
    return certificates.length === 0 ? 'there is no certificate in it' : undefined;
  } catch (error) {
    return messageOf(error);
  }
}
