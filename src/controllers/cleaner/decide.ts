import { decodeBase64 } from '../../base/base64.js';
import { toUnixSeconds, type UnixSeconds } from '../../base/clock.js';
import { CountersignError } from '../../base/error.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { parseTime, ZERO_TIME } from '../../kube/time.js';
import { parseCertificates } from '../../x509/certificate.js';
import { firstPemBlock } from '../../x509/pem.js';

const HOUR = 3600;

/** Ages, in seconds, beyond which kube-controller-manager's csrcleaner deletes a request. */
const AGES = { issued: HOUR, denied: HOUR, failed: HOUR, pending: 24 * HOUR, unissued: 24 * HOUR } as const;

/** What of a request decides when it goes. */
export interface CleaningFacts {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly createdAt: UnixSeconds | undefined;
  /** How many conditions of any kind. */
  readonly conditionCount: number;
  /** When each condition of the type was last updated; those without a time are left out. */
  readonly approvedAt: readonly UnixSeconds[];
  readonly deniedAt: readonly UnixSeconds[];
  readonly failedAt: readonly UnixSeconds[];
  /** Whether a signer gave up: then the clock of its failure counts, and not that of the approval. */
  readonly failed: boolean;
  readonly issued: boolean;
  /** End of the published certificate; undefined where there is none, it is not approved, or cannot be read. */
  readonly notAfter: UnixSeconds | undefined;
}

/** A time after which a request is deleted, and why. */
export interface Deadline {
  readonly after: UnixSeconds;
  readonly because: string;
}

/** When a request goes: at the first scan after any of these. Ages are exceeded strictly; what has no time never ages. */
export function deadlines(facts: CleaningFacts): readonly Deadline[] {
  const { createdAt, notAfter, issued, failed, approvedAt } = facts;
  const pending = facts.conditionCount === 0 && createdAt !== undefined ? [createdAt] : [];
  return [
    ...aged(issued ? approvedAt : [], AGES.issued, 'issued more than 1 hour ago'),
    ...aged(facts.deniedAt, AGES.denied, 'denied more than 1 hour ago'),
    ...aged(facts.failedAt, AGES.failed, 'failed more than 1 hour ago'),
    ...aged(pending, AGES.pending, 'pending for more than 24 hours'),
    ...(notAfter === undefined ? [] : [{ after: notAfter, because: 'its certificate has expired' }]),
    ...aged(issued || failed ? [] : approvedAt, AGES.unissued, 'approved, and not issued within 24 hours'),
  ];
}

function aged(times: readonly UnixSeconds[], age: number, because: string): readonly Deadline[] {
  return times.map((time) => ({ after: toUnixSeconds(time + age), because }));
}

/** Why a request is deleted; undefined where it stays. */
export function expiryReason(facts: CleaningFacts, now: UnixSeconds): string | undefined {
  return deadlines(facts).find(({ after }) => now > after)?.because;
}

/** What the cleaner remembers of a request. */
export function cleaningFacts(csr: CertificateSigningRequest): CleaningFacts {
  const { metadata, status } = csr;
  const { conditions = [], certificate = '' } = status;
  const timesOf = (type: string): readonly UnixSeconds[] =>
    conditions.flatMap((condition) => (condition.type === type ? timeList(condition.lastUpdateTime) : []));
  const approved = conditions.some((condition) => condition.type === 'Approved');
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    createdAt: timeList(metadata.creationTimestamp)[0],
    conditionCount: conditions.length,
    approvedAt: timesOf('Approved'),
    deniedAt: timesOf('Denied'),
    failedAt: timesOf('Failed'),
    failed: conditions.some((condition) => condition.type === 'Failed'),
    issued: certificate !== '',
    notAfter: approved && certificate !== '' ? notAfterOf(certificate) : undefined,
  };
}

/** No time is written as nothing, as null, or as Go's zero time. */
function timeList(text: string | null | undefined): readonly UnixSeconds[] {
  const time = text === undefined || text === null ? undefined : parseTime(text);
  return time === undefined || time === ZERO_TIME ? [] : [time];
}

/** The end of the first certificate of the first PEM block; undefined where it cannot be read. */
function notAfterOf(certificate: string): UnixSeconds | undefined {
  const pem = decodeBase64(certificate);
  if (pem.kind === 'invalid') return undefined;
  try {
    const block = firstPemBlock(pem.bytes);
    return block === undefined ? undefined : parseCertificates(block.bytes)[0]?.notAfter;
  } catch (error) {
    if (error instanceof CountersignError) return undefined; // anybody with the right to sign may have put it there
    throw error;
  }
}
