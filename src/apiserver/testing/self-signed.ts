import { toUnixSeconds } from '../../base/clock.js';
import { generateKeyPair } from '../../crypto/generate-key-pair.js';
import { exportPrivateKeyPem } from '../../crypto/private-key.js';
import { assembleCertificate, encodeTbsCertificate } from '../../x509/certificate.js';
import { ATTRIBUTE, encodeName } from '../../x509/name.js';
import { encodePem } from '../../x509/pem.js';

/** A P-256 key and a certificate that it signed itself, PEM, good for a long time. For tests. */
export async function selfSigned(commonName: string): Promise<{ readonly key: string; readonly cert: string }> {
  const key = await generateKeyPair('ecdsa-p256');
  const name = encodeName([[{ oid: ATTRIBUTE.commonName, value: commonName }]]);
  const tbs = encodeTbsCertificate({
    serialNumber: new Uint8Array([1]),
    signatureAlgorithm: key.signatureAlgorithm,
    issuer: name,
    notBefore: toUnixSeconds(0),
    notAfter: toUnixSeconds(4_000_000_000),
    subject: name,
    publicKeyDer: key.publicKeyDer,
    extensions: [],
  });
  const der = assembleCertificate(tbs, key.signatureAlgorithm, await key.sign(tbs));
  return { key: exportPrivateKeyPem(key, { format: 'pkcs8' }), cert: encodePem('CERTIFICATE', der) };
}
