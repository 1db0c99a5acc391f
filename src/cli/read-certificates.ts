import { CountersignError, messageOf } from '../base/error.js';
import { type Certificate, parseCertificate, parseCertificates } from '../x509/certificate.js';
import { decodePem } from '../x509/pem.js';
import type { Environment } from './environment.js';
import { readInput, shownInput } from './input.js';

/** Certificates of a file, PEM or DER, in the order in which they stand. Refuses a file without any. */
export async function readCertificates(path: string, environment: Environment): Promise<readonly Certificate[]> {
  const certificates = certificatesOf(await readInput(path, environment), shownInput(path));
  if (certificates.length > 0) return certificates;
  throw new CountersignError('CERTIFICATE_INVALID', `Cannot read ${shownInput(path)}: it holds no certificate`);
}

/** Certificates of bytes, PEM or DER; other PEM blocks are left out. `where` is how messages call the bytes. */
export function certificatesOf(bytes: Uint8Array, where: string): readonly Certificate[] {
  const blocks = decodePem(bytes);
  try {
    if (blocks.length === 0) return bytes[0] === 0x30 ? parseCertificates(bytes) : [];
    return blocks.filter((block) => block.type === 'CERTIFICATE').map((block) => parseCertificate(block.bytes));
  } catch (error) {
    throw new CountersignError('CERTIFICATE_INVALID', `Cannot read ${where}: ${messageOf(error)}`, { cause: error });
  }
}
