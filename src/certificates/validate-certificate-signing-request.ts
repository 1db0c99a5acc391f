import type { FieldError } from '../kube/field-error.js';
import { addErrors, duplicate, forbiddenField, invalid, notSupported, required } from '../kube/field-error.js';
import { parseCertificateBundle } from './certificate-bundle.js';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from './certificate-signing-request.js';
import { APPROVED, DENIED, FAILED } from './conditions.js';
import type { RequestVerifier } from './request-verifier.js';
import { LEGACY_UNKNOWN, validateSignerName } from './signer-name.js';
import { USAGE_NAMES, usageNamed } from './usages.js';

/** Shortest lifetime that may be asked for. */
export const MIN_EXPIRATION_SECONDS = 600;

/** Defects that the stored object has already, and that an update may therefore keep. */
interface Tolerance {
  readonly bothDecisions: boolean;
  readonly legacySigner: boolean;
  readonly duplicateConditions: boolean;
  readonly emptyConditionType: boolean;
  readonly anyCertificate: boolean;
  readonly duplicateUsages: boolean;
  readonly unknownUsages: boolean;
}

const STRICT: Tolerance = {
  bothDecisions: false,
  legacySigner: false,
  duplicateConditions: false,
  emptyConditionType: false,
  anyCertificate: false,
  duplicateUsages: false,
  unknownUsages: false,
};

/** What may be changed through one endpoint. */
export interface UpdateRules {
  /** Approved and Denied may be added: only through `/approval`. */
  readonly decisions: boolean;
  /** A certificate may be set, once: only through `/status`. */
  readonly certificate: boolean;
}

/** What is wrong with a new request, in the API's order (pkg/apis/certificates/validation). */
export async function validateCertificateSigningRequest(
  csr: CertificateSigningRequest,
  verifier: RequestVerifier,
): Promise<readonly FieldError[]> {
  return validate(csr, verifier, STRICT);
}

/** What is wrong with a changed request: all of it is checked again, but for defects that were stored before. */
export async function validateCertificateSigningRequestUpdate(
  next: CertificateSigningRequest,
  previous: CertificateSigningRequest,
  rules: UpdateRules,
  verifier: RequestVerifier,
): Promise<readonly FieldError[]> {
  return [
    ...(await validate(next, verifier, toleranceFor(next, previous))),
    ...validateDecisions(next, previous, rules),
    ...validateCertificateChange(next, previous, rules),
  ];
}

async function validate(
  csr: CertificateSigningRequest,
  verifier: RequestVerifier,
  tolerance: Tolerance,
): Promise<readonly FieldError[]> {
  const errors: FieldError[] = [];
  const { request, usages = [], signerName, expirationSeconds } = csr.spec;
  const verified = await verifier.verify(request);
  if (verified.kind === 'invalid') {
    errors.push(invalid('spec.request', request === '' ? null : request, verified.detail));
  }
  addErrors(errors, validateUsages(usages, tolerance));
  if (!tolerance.legacySigner && signerName === LEGACY_UNKNOWN) {
    errors.push(invalid('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version'));
  } else {
    addErrors(errors, validateSignerName(signerName, 'spec.signerName'));
  }
  if (expirationSeconds !== undefined && expirationSeconds < MIN_EXPIRATION_SECONDS) {
    const detail = `may not specify a duration less than ${MIN_EXPIRATION_SECONDS} seconds (10 minutes)`;
    errors.push(invalid('spec.expirationSeconds', expirationSeconds, detail));
  }
  addErrors(errors, validateConditions(csr.status.conditions ?? [], tolerance));
  if (!tolerance.anyCertificate) addErrors(errors, validateCertificate(csr.status.certificate ?? ''));
  return errors;
}

function validateUsages(usages: readonly string[], tolerance: Tolerance): readonly FieldError[] {
  if (usages.length === 0) return [required('spec.usages')];
  const errors: FieldError[] = [];
  if (!tolerance.unknownUsages) {
    usages.forEach((usage, i) => {
      if (usageNamed(usage) === undefined) errors.push(notSupported(`spec.usages[${i}]`, usage, USAGE_NAMES));
    });
  }
  if (!tolerance.duplicateUsages) {
    const seen = new Set<string>();
    usages.forEach((usage, i) => {
      if (seen.has(usage)) errors.push(duplicate(`spec.usages[${i}]`, usage));
      seen.add(usage);
    });
  }
  return errors;
}

function validateConditions(
  conditions: readonly CertificateSigningRequestCondition[],
  tolerance: Tolerance,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  conditions.forEach(({ type, status }, i) => {
    const path = `status.conditions[${i}]`;
    if (type === '' && !tolerance.emptyConditionType) errors.push(required(`${path}.type`));
    const allowed = [APPROVED, DENIED, FAILED].includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    if (status === '') errors.push(required(`${path}.status`));
    else if (!allowed.includes(status)) errors.push(notSupported(`${path}.status`, status, allowed));
    const opposite = type === APPROVED ? DENIED : type === DENIED ? APPROVED : undefined;
    if (!tolerance.bothDecisions && opposite !== undefined && seen.has(opposite)) {
      errors.push(invalid('status.conditions', type, 'Approved and Denied conditions are mutually exclusive'));
    }
    if (!tolerance.duplicateConditions && seen.has(type)) errors.push(duplicate(`${path}.type`, type));
    seen.add(type);
  });
  return errors;
}

function validateCertificate(certificate: string): readonly FieldError[] {
  if (certificate === '') return [];
  const bundle = parseCertificateBundle(certificate);
  return bundle.kind === 'bundle' ? [] : [invalid('status.certificate', '<certificate data>', bundle.detail)];
}

function toleranceFor(next: CertificateSigningRequest, previous: CertificateSigningRequest): Tolerance {
  const types = (previous.status.conditions ?? []).map((condition) => condition.type);
  const usages = previous.spec.usages ?? [];
  const before = previous.status.certificate ?? '';
  return {
    bothDecisions: types.includes(APPROVED) && types.includes(DENIED),
    legacySigner: previous.spec.signerName === LEGACY_UNKNOWN,
    duplicateConditions: new Set(types).size < types.length,
    emptyConditionType: types.includes(''),
    anyCertificate: before === (next.status.certificate ?? '') || validateCertificate(before).length > 0,
    duplicateUsages: new Set(usages).size < usages.length,
    unknownUsages: usages.some((usage) => usageNamed(usage) === undefined),
  };
}

function validateDecisions(
  next: CertificateSigningRequest,
  previous: CertificateSigningRequest,
  rules: UpdateRules,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const count = (csr: CertificateSigningRequest, type: string): number =>
    (csr.status.conditions ?? []).filter((condition) => condition.type === type).length;
  for (const type of [APPROVED, DENIED, FAILED]) {
    if (count(next, type) < count(previous, type)) {
      errors.push(forbiddenField('status.conditions', `updates may not remove a condition of type "${type}"`));
    }
  }
  if (rules.decisions) return errors;
  for (const type of [APPROVED, DENIED]) {
    if (count(next, type) > count(previous, type)) {
      errors.push(forbiddenField('status.conditions', `updates may not add a condition of type "${type}"`));
    }
  }
  return errors;
}

function validateCertificateChange(
  next: CertificateSigningRequest,
  previous: CertificateSigningRequest,
  rules: UpdateRules,
): readonly FieldError[] {
  const before = previous.status.certificate ?? '';
  if (before === (next.status.certificate ?? '')) return [];
  if (!rules.certificate) return [forbiddenField('status.certificate', 'updates may not set certificate content')];
  return before === ''
    ? []
    : [forbiddenField('status.certificate', 'updates may not modify existing certificate content')];
}
