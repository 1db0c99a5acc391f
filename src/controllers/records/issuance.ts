import type { SigningIntent } from '../../authority/certificate-authority.js';
import type { CertificateRecordStatus } from '../../certificates/certificate-record.js';
import { formatTime } from '../../kube/time.js';

/** What came of an approved request, as its record tells it. */
export type Issuance = NonNullable<CertificateRecordStatus['issuance']>;

/** What is about to be signed. A serial number that was intended before is not forgotten. */
export function intended(before: Issuance | undefined, intent: SigningIntent): Issuance {
  const { serialNumberHex, notBefore, notAfter } = intent;
  return following(before, {
    phase: 'Intended',
    serialNumber: serialNumberHex,
    notBefore: formatTime(notBefore),
    notAfter: formatTime(notAfter),
  });
}

/** Longest message, in UTF-16 units. What is newest is kept. */
const MAX_MESSAGE = 4096;

/** How a message tells of a serial number that another has taken the place of. */
const LOST_SERIAL = /^serial number [0-9a-f]+ was intended, and never published$/;

/**
 * `next` in the place of `before`. Where the serial number is another one, the message goes on to tell of the old one: a
 * signature under it may have been made, and nobody was given it. The same again changes nothing.
 */
export function following(before: Issuance | undefined, next: Issuance): Issuance {
  const { message: own = '', ...rest } = next;
  const replaced = before?.serialNumber !== undefined && before.serialNumber !== next.serialNumber;
  const parts = new Set([
    ...own.split('; '),
    ...(replaced ? [`serial number ${before.serialNumber} was intended, and never published`] : []),
    ...(before?.message ?? '').split('; ').filter((part) => LOST_SERIAL.test(part)),
  ]);
  parts.delete('');
  return { ...rest, ...(parts.size === 0 ? {} : { message: [...parts].join('; ').slice(0, MAX_MESSAGE) }) };
}

/** Whether two say the same. */
export function sameIssuance(a: Issuance | undefined, b: Issuance | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return ISSUANCE_FIELDS.every((field) => (a[field] ?? '') === (b[field] ?? ''));
}

/** Every field of an issuance. */
export const ISSUANCE_FIELDS = ['phase', 'serialNumber', 'fingerprint', 'notBefore', 'notAfter', 'message'] as const;
