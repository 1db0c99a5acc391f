import { formatIp, parseIp } from '../base/ip-address.js';
import type { CertificateRecord } from '../certificates/certificate-record.js';
import { lowerAscii } from '../certificates/normalised-request.js';

/** What a record must be to be found. What is absent is not looked at. */
export interface RecordSearch {
  /** Any of its names, or its common name. */
  readonly name?: string;
  readonly serial?: string;
  readonly requester?: string;
  readonly signer?: string;
  /** `sha256:` and hexadecimal. */
  readonly publicKeyDigest?: string;
}

/** Whether a record is what is looked for. */
export function matchesSearch({ spec, status }: CertificateRecord, search: RecordSearch): boolean {
  const { name, serial, requester, signer, publicKeyDigest } = search;
  const found = status?.issuance?.serialNumber;
  return (
    (name === undefined || spec.names.some(({ value }) => sameName(value, name))) &&
    (serial === undefined || (found !== undefined && plainSerial(found) === plainSerial(serial))) &&
    (requester === undefined || spec.requester.username === requester) &&
    (signer === undefined || spec.request.signerName === signer) &&
    (publicKeyDigest === undefined || spec.request.publicKeyDigest === publicKeyDigest)
  );
}

/** Names as certificates are compared: without regard to the letters' case, addresses in whatever spelling. */
function sameName(recorded: string, wanted: string): boolean {
  const octets = parseIp(wanted);
  return lowerAscii(recorded) === (octets === undefined ? lowerAscii(wanted) : formatIp(octets));
}

/** Hexadecimal without colons and leading zeros: openssl, browsers and records write it differently. */
function plainSerial(text: string): string {
  return text.toLowerCase().replaceAll(':', '').replace(/^0+/, '');
}
