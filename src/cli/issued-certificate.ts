import { decodeBase64 } from '../base/base64.js';
import { equalBytes, parseUtf8 } from '../base/bytes.js';
import { CountersignError, messageOf } from '../base/error.js';
import { type Certificate, parseCertificate } from '../x509/certificate.js';
import { formatGeneralName, type GeneralName } from '../x509/general-name.js';
import { decodePem } from '../x509/pem.js';

/** What a signer delivered: the text as it came and the certificates in it. */
export interface IssuedCertificate {
  readonly pem: string;
  readonly leaf: Certificate;
  readonly others: readonly Certificate[];
  /** Names that were asked for and are not in the certificate. */
  readonly missingNames: readonly string[];
}

/**
 * Reads status.certificate and checks that it is for the key it was asked with: an answer for another key is refused
 * (CERTIFICATE_INVALID), because a server with this pair would not start. `base64` is the field as JSON carries it.
 */
export function readIssued(base64: string, publicKeyDer: Uint8Array, names: readonly GeneralName[]): IssuedCertificate {
  const decoded = decodeBase64(base64);
  const pem = decoded.kind === 'bytes' ? parseUtf8(decoded.bytes) : undefined;
  if (pem === undefined) throw refused('it is no base64 of PEM text');
  const [leaf, ...others] = decodePem(pem)
    .filter((block) => block.type === 'CERTIFICATE')
    .map((block) => readOne(block.bytes));
  if (leaf === undefined) throw refused('it holds no certificate');
  if (!equalBytes(leaf.publicKey.der, publicKeyDer))
    throw refused('it is for another key than the one it was asked for');
  const present = new Set(leaf.subjectAltNames.map(formatGeneralName));
  return { pem, leaf, others, missingNames: names.map(formatGeneralName).filter((name) => !present.has(name)) };
}

function readOne(der: Uint8Array): Certificate {
  try {
    return parseCertificate(der);
  } catch (error) {
    throw refused(messageOf(error));
  }
}

function refused(what: string): CountersignError<'CERTIFICATE_INVALID'> {
  return new CountersignError('CERTIFICATE_INVALID', `Cannot use the certificate that the signer delivered: ${what}`);
}
