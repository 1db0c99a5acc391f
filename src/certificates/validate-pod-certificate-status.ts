import type { UnixSeconds } from '../base/clock.js';
import { equalBytes } from '../base/bytes.js';
import { hasCode } from '../base/error.js';
import { equalValues } from '../kube/equal-values.js';
import { duplicate, type FieldError, invalid, notSupported, OMITTED, required, tooLong } from '../kube/field-error.js';
import { byteLength } from '../kube/names.js';
import { parseTime } from '../kube/time.js';
import { type Certificate, parseCertificate } from '../x509/certificate.js';
import { decodePem } from '../x509/pem.js';
import {
  POD_CERTIFICATE_OUTCOMES,
  type PodCertificateRequest,
  type PodCertificateRequestSpec,
  type PodCertificateRequestStatus,
} from './pod-certificate-request.js';
import { DEFAULT_MAX_EXPIRATION_SECONDS, requestedKeyDer } from './validate-pod-certificate-request.js';

const MAX_CHAIN_BYTES = 102_400;
const MAX_REASON_BYTES = 1024;
const MAX_MESSAGE_BYTES = 32_768;
/** A certificate starts about now: a signer answers at once. */
const MAX_SKEW_SECONDS = 300;
const MIN_LIFETIME_SECONDS = 3600;
/** Between the start, the time to renew, and the end. */
const MARGIN_SECONDS = 600;

const CHAIN = 'status.certificateChain';
const OMITTED_CHAIN = '<value omitted>';
const CONSISTENT = 'must be present and consistent with the issued certificate';
const IN_RANGE = 'must be present and in the range [notbefore+10min, notafter-10min]';

/** Whether two statuses say the same: nothing, null and empty are one. */
export function sameStatus(a: PodCertificateRequestStatus, b: PodCertificateRequestStatus): boolean {
  return equalValues(withoutEmpty(a), withoutEmpty(b));
}

function withoutEmpty(status: PodCertificateRequestStatus): object {
  const set = Object.entries(status).filter(([, value]) => value !== null && value !== '' && !isEmptyList(value));
  return Object.fromEntries(set);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** What is wrong with a changed status, in the API's order; a request that has ended never changes. */
export function validatePodCertificateStatus(
  next: PodCertificateRequest,
  previous: PodCertificateRequest,
  now: UnixSeconds,
): readonly FieldError[] {
  const conditions = validateConditions(next.status);
  if (conditions.length > 0) return conditions;
  const same = sameStatus(next.status, previous.status);
  if (outcomeOf(previous.status) !== undefined) {
    const detail = 'immutable after PodCertificateRequest is issued, denied, or failed';
    return same ? [] : [invalid('status', OMITTED, detail)];
  }
  const outcome = outcomeOf(next.status);
  if (outcome === 'Issued') return validateIssued(next, now);
  if (outcome === undefined) {
    const detail = 'status is immutable unless transitioning to "Issued", "Denied", or "Failed"';
    return same ? [] : [invalid('status', OMITTED, detail)];
  }
  const { conditions: _conditions, ...rest } = next.status;
  const detail = 'non-condition status fields must be empty when denying or failing the PodCertificateRequest';
  return sameStatus(rest, {}) ? [] : [invalid('status', OMITTED, detail)];
}

function outcomeOf({ conditions = [] }: PodCertificateRequestStatus): string | undefined {
  return conditions.find(({ type }) => POD_CERTIFICATE_OUTCOMES.includes(type))?.type;
}

function validateConditions({ conditions = [] }: PodCertificateRequestStatus): readonly FieldError[] {
  const errors: FieldError[] = [];
  let found = false;
  conditions.forEach(({ type, status }, i) => {
    const path = `status.conditions.[${i}]`; // the dot is the real API server's
    if (!POD_CERTIFICATE_OUTCOMES.includes(type)) {
      errors.push(notSupported(`${path}.type`, type, POD_CERTIFICATE_OUTCOMES));
    } else if (found) {
      const detail = 'There may be at most one condition with type "Issued", "Denied", or "Failed"';
      errors.push(invalid(`${path}.type`, type, detail));
    }
    found ||= POD_CERTIFICATE_OUTCOMES.includes(type);
    if (status !== 'True') errors.push(notSupported(`${path}.status`, status, ['True']));
  });
  const seen = new Set<string>();
  conditions.forEach(({ type, reason, message, lastTransitionTime }, i) => {
    const path = `status.conditions[${i}]`;
    if (seen.has(type)) errors.push(duplicate(`${path}.type`, type));
    seen.add(type);
    if ((lastTransitionTime ?? '') === '') errors.push(required(`${path}.lastTransitionTime`));
    errors.push(...validateReason(reason, `${path}.reason`));
    if (byteLength(message) > MAX_MESSAGE_BYTES) errors.push(tooLong(`${path}.message`, MAX_MESSAGE_BYTES));
  });
  return errors;
}

const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
const REASON_PROBLEM =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";

function validateReason(reason: string, field: string): readonly FieldError[] {
  if (reason === '') return [required(field)];
  if (reason.length > MAX_REASON_BYTES) return [tooLong(field, MAX_REASON_BYTES)];
  return REASON.test(reason) ? [] : [invalid(field, reason, REASON_PROBLEM)];
}

function chainError(detail: string): readonly FieldError[] {
  return [invalid(CHAIN, OMITTED_CHAIN, detail)];
}

function validateIssued({ spec, status }: PodCertificateRequest, now: UnixSeconds): readonly FieldError[] {
  const chain = status.certificateChain ?? '';
  if (byteLength(chain) > MAX_CHAIN_BYTES) return [tooLong(CHAIN, MAX_CHAIN_BYTES)];
  const [first, ...rest] = decodePem(chain, { maxBytes: MAX_CHAIN_BYTES, maxBlocks: Number.POSITIVE_INFINITY });
  if (first === undefined) return chainError('issued certificate chain must contain at least one certificate');
  if (first.type !== 'CERTIFICATE') {
    return chainError('issued certificate chain must consist entirely of CERTIFICATE PEM blocks');
  }
  const leaf = readCertificate(first.bytes);
  if (leaf === undefined) return chainError('leaf certificate does not parse as valid X.509');
  const problem = nameProblem(leaf);
  if (problem !== undefined) return chainError(problem);
  if (!equalBytes(leaf.publicKey.der, requestedKeyDer(spec))) {
    return chainError('leaf certificate was not issued to the requested public key');
  }
  const times = validateTimes(spec, status, leaf, now);
  if (times.length > 0) return times;
  // the missing letter is the real API server's
  const wrongType = 'issued certificate chain must consist entirely of CERTFICATE PEM blocks';
  if (rest.some(({ type }) => type !== 'CERTIFICATE')) return chainError(wrongType);
  const unreadable = rest.some(({ bytes }) => readCertificate(bytes) === undefined);
  return unreadable ? chainError('intermediate certificate does not parse as valid X.509') : [];
}

function readCertificate(der: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (hasCode(error, 'CERTIFICATE_INVALID')) return undefined;
    throw error;
  }
}

/** What is plainly wrong with a name that the certificate is for. */
function nameProblem({ subjectAltNames }: Certificate): string | undefined {
  for (const name of subjectAltNames) {
    if (name.kind === 'dns' && name.value.split('.').includes('')) {
      return `leaf certificate has the invalid DNS name ${JSON.stringify(name.value)}`;
    }
    if (name.kind === 'email' && !/^[^@\s]+@[^@\s]+$/.test(name.value)) {
      return `leaf certificate has the invalid email address ${JSON.stringify(name.value)}`;
    }
  }
  return undefined;
}

function validateTimes(
  { maxExpirationSeconds = DEFAULT_MAX_EXPIRATION_SECONDS }: PodCertificateRequestSpec,
  status: PodCertificateRequestStatus,
  leaf: Certificate,
  now: UnixSeconds,
): readonly FieldError[] {
  const [notBefore, refreshAt, notAfter] = [status.notBefore, status.beginRefreshAt, status.notAfter].map((time) =>
    parseTime(time ?? ''),
  );
  if (notBefore === undefined) return [required('status.notBefore', CONSISTENT)];
  if (notAfter === undefined) return [required('status.notAfter', CONSISTENT)];
  if (refreshAt === undefined) return [required('status.beginRefreshAt', IN_RANGE)];
  if (notBefore !== leaf.notBefore) return [invalid('status.notBefore', status.notBefore, CONSISTENT)];
  if (Math.abs(notBefore - now) >= MAX_SKEW_SECONDS) {
    return [invalid('status.notBefore', status.notBefore, 'must be within 5 minutes of the current time')];
  }
  if (notAfter !== leaf.notAfter) return [invalid('status.notAfter', status.notAfter, CONSISTENT)];
  const lifetime = leaf.notAfter - leaf.notBefore;
  const nanoseconds = lifetime * 1e9;
  if (lifetime < MIN_LIFETIME_SECONDS) {
    return [invalid(CHAIN, nanoseconds, 'leaf certificate lifetime must be >= 1 hour')];
  }
  if (lifetime > maxExpirationSeconds) {
    const detail = `leaf certificate lifetime must be <= spec.maxExpirationSeconds (${maxExpirationSeconds})`;
    return [invalid(CHAIN, nanoseconds, detail)];
  }
  const inRange = refreshAt >= notBefore + MARGIN_SECONDS && refreshAt <= notAfter - MARGIN_SECONDS;
  return inRange ? [] : [invalid('status.beginRefreshAt', status.beginRefreshAt, IN_RANGE)];
}
