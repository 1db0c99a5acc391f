import { toHex } from '../base/bytes.js';
import type { UnixSeconds } from '../base/clock.js';
import { sha256 } from '../crypto/digest.js';
import type { Certificate } from '../x509/certificate.js';
import { EXTENSION } from '../x509/extension.js';
import { describePublicKey } from '../x509/public-key.js';
import { describeSignatureAlgorithm } from '../x509/signature-algorithm.js';
import { keyUsageTitle, oidTitle } from './oid-titles.js';
import { alternativeNameFields, type ShownField, shownName } from './request-fields.js';
import { shownTime } from './shown-time.js';

/** Extensions that have a line of their own. */
const SHOWN: ReadonlySet<string> = new Set([
  EXTENSION.keyUsage,
  EXTENSION.extKeyUsage,
  EXTENSION.basicConstraints,
  EXTENSION.subjectAltName,
  EXTENSION.subjectKeyIdentifier,
  EXTENSION.authorityKeyIdentifier,
]);

/** Everything a person wants to know about a certificate, the important first. */
export function certificateFields(certificate: Certificate, now: UnixSeconds): readonly ShownField[] {
  const usages = [...(certificate.keyUsage ?? [])].map(keyUsageTitle);
  usages.push(...(certificate.extKeyUsage ?? []).map(oidTitle));
  const others = certificate.extensions.filter((extension) => !SHOWN.has(extension.oid));
  return [
    ['Subject', shownName(certificate.subject)],
    ['Issuer', issuerText(certificate)],
    ...alternativeNameFields(certificate.subjectAltNames),
    ['Valid from', shownTime(certificate.notBefore, now)],
    ['Valid until', validUntil(certificate, now)],
    ['Authority', authorityText(certificate)],
    ['Usages', usages.length === 0 ? '<any>' : usages.join(', ')],
    ['Key', describePublicKey(certificate.publicKey)],
    ['Signature', describeSignatureAlgorithm(certificate.signatureAlgorithm)],
    ['Serial number', toHex(certificate.serialNumber)],
    ...optional('Subject key', certificate.subjectKeyIdentifier),
    ...optional('Authority key', certificate.authorityKeyIdentifier),
    ['SHA-256', toHex(sha256(certificate.der))],
    ...(others.length === 0
      ? []
      : [
          ['Also holds', others.map((e) => `${oidTitle(e.oid)}${e.critical ? ' (critical)' : ''}`).join('\n')] as const,
        ]),
  ];
}

function issuerText(certificate: Certificate): string {
  const issuer = shownName(certificate.issuer);
  return issuer === shownName(certificate.subject) ? `${issuer} (itself)` : issuer;
}

function validUntil(certificate: Certificate, now: UnixSeconds): string {
  const text = shownTime(certificate.notAfter, now);
  return now > certificate.notAfter ? `${text} EXPIRED` : text;
}

function authorityText(certificate: Certificate): string {
  const constraints = certificate.basicConstraints;
  if (constraints?.ca !== true) return 'no, it signs nothing';
  return constraints.pathLength === undefined
    ? 'yes'
    : `yes, with at most ${constraints.pathLength} authorities below it`;
}

function optional(title: string, bytes: Uint8Array | undefined): readonly ShownField[] {
  return bytes === undefined ? [] : [[title, toHex(bytes)]];
}
