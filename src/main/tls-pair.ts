import { createPrivateKey, X509Certificate } from 'node:crypto';
import { decodePem } from '../x509/pem.js';

/**
 * Why a certificate and a private key, both PEM, make no pair, in the words of Go's tls.X509KeyPair; undefined when
 * they do. The first certificate counts. Never says anything about the key itself.
 */
export function checkTlsPair(certificatePem: Uint8Array, keyPem: Uint8Array): string | undefined {
  const certificates = decodePem(certificatePem);
  const certificate = certificates.find((block) => block.type === 'CERTIFICATE');
  if (certificate === undefined) return certificateProblem(certificates.map((block) => block.type));
  const keys = decodePem(keyPem);
  const key = keys.find((block) => block.type === 'PRIVATE KEY' || block.type.endsWith(' PRIVATE KEY'));
  if (key === undefined) return keyProblem(keys.map((block) => block.type));
  try {
    const privateKey = createPrivateKey({ key: Buffer.from(keyPem), format: 'pem' });
    const x509 = new X509Certificate(certificate.bytes);
    if (x509.checkPrivateKey(privateKey)) return undefined;
    return x509.publicKey.asymmetricKeyType === privateKey.asymmetricKeyType
      ? 'tls: private key does not match public key'
      : 'tls: private key type does not match public key type';
  } catch {
    return 'tls: failed to parse private key'; // OpenSSL's text could tell about the key
  }
}

function certificateProblem(types: readonly string[]): string {
  if (types.length === 0) return 'tls: failed to find any PEM data in certificate input';
  if (types.length === 1 && types[0]?.endsWith('PRIVATE KEY') === true) {
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  }
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${types.join(' ')}]`;
}

function keyProblem(types: readonly string[]): string {
  if (types.length === 0) return 'tls: failed to find any PEM data in key input';
  if (types.length === 1 && types[0] === 'CERTIFICATE') {
    return 'tls: found a certificate rather than a key in the PEM for the private key';
  }
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${types.join(' ')}]`;
}
