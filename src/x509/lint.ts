import { CountersignError } from '../base/error.js';
import type { CertificateModel } from './certificate.js';
import { parseBasicConstraints, parseExtKeyUsage, parseKeyUsage } from './extension-values.js';
import { EXTENSION, findExtension, type BasicConstraints, type Extension, type KeyUsage } from './extension.js';
import type { Finding } from './finding.js';
import { generalNameProblem, namesProblem } from './general-name-problem.js';
import { parseGeneralNames } from './general-name.js';
import { keyFindings } from './key-strength.js';
import { isEmptyName } from './name.js';
import { parseSubjectPublicKeyInfo } from './public-key.js';
import { describeSignatureAlgorithm, signatureScheme } from './signature-algorithm.js';
import { derFindings } from './strict-findings.js';
import { subjectFindings } from './subject-findings.js';

/** What kind of certificate a model is meant to be. */
export type LintRole = 'leaf' | 'ca';

/** Extensions that a certificate of ours may have, and whether each is critical (`any`: either). */
const KNOWN_EXTENSIONS: ReadonlyMap<string, boolean | 'any'> = new Map<string, boolean | 'any'>([
  [EXTENSION.keyUsage, true],
  [EXTENSION.basicConstraints, true],
  [EXTENSION.nameConstraints, true],
  [EXTENSION.subjectKeyIdentifier, false],
  [EXTENSION.authorityKeyIdentifier, false],
  [EXTENSION.extKeyUsage, false],
  [EXTENSION.subjectAltName, 'any'],
  [EXTENSION.authorityInfoAccess, false],
  [EXTENSION.crlDistributionPoints, false],
]);

/**
 * Checks a to-be-signed certificate against RFC 5280 and our own rules. Empty: nothing was found, and it may be signed. The
 * subject of a CA is not held to the attributes of leaves, being the choice of whoever runs it.
 */
export function lintCertificate(model: CertificateModel, role: LintRole = 'leaf'): readonly Finding[] {
  return [
    ...serialFindings(model.serialNumber),
    ...validityFindings(model),
    ...nameFindings(model, role),
    ...algorithmFindings(model),
    ...publicKeyFindings(model),
    ...extensionFindings(model),
    ...constraintFindings(model, role),
    ...keyUsageFindings(model, role),
    ...altNameFindings(model, role),
  ];
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets, the leading zero of the sign included. */
function serialFindings(serialNumber: Uint8Array): readonly Finding[] {
  const path = 'serialNumber';
  const start = serialNumber.findIndex((octet) => octet !== 0);
  if (start < 0) return [{ rule: 'serial-zero', path, detail: 'it is zero, must be positive' }];
  const octets = serialNumber.length - start + ((serialNumber[start] ?? 0) >= 0x80 ? 1 : 0);
  return octets > 20
    ? [{ rule: 'serial-length', path, detail: `it has ${octets} octets as an INTEGER, at most 20` }]
    : [];
}

function validityFindings({ notBefore, notAfter }: CertificateModel): readonly Finding[] {
  return notBefore < notAfter
    ? []
    : [{ rule: 'validity-order', path: 'validity', detail: 'notAfter must be later than notBefore' }];
}

function nameFindings({ issuer, subject, extensions }: CertificateModel, role: LintRole): readonly Finding[] {
  const findings: Finding[] = [...derFindings(issuer.der, 'issuer'), ...derFindings(subject.der, 'subject')];
  if (isEmptyName(issuer)) findings.push({ rule: 'issuer-empty', path: 'issuer', detail: 'it is empty' });
  if (role === 'leaf') findings.push(...subjectFindings(subject));
  const hasAltNames = findExtension(extensions, EXTENSION.subjectAltName) !== undefined;
  if (isEmptyName(subject) && (role === 'ca' || !hasAltNames)) {
    const detail = role === 'ca' ? 'a CA must have a subject' : 'it is empty, and there is no subjectAltName';
    findings.push({ rule: 'subject-empty', path: 'subject', detail });
  }
  return findings;
}

function algorithmFindings({ signatureAlgorithm }: CertificateModel): readonly Finding[] {
  const scheme = signatureScheme(signatureAlgorithm);
  const isStrong = scheme?.key === 'ed25519' || (scheme?.hash !== undefined && !['md5', 'sha1'].includes(scheme.hash));
  if (isStrong && scheme.key !== 'dsa') return [];
  const detail = `it is ${describeSignatureAlgorithm(signatureAlgorithm)}, must be SHA-256 or better with RSA or ECDSA, or Ed25519`;
  return [{ rule: 'signature-algorithm', path: 'signatureAlgorithm', detail }];
}

function publicKeyFindings({ publicKeyDer }: CertificateModel): readonly Finding[] {
  try {
    return keyFindings(parseSubjectPublicKeyInfo(publicKeyDer));
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return [{ rule: 'key-malformed', path: 'publicKey', detail: error.message }];
  }
}

function extensionFindings({ extensions }: CertificateModel): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [i, extension] of extensions.entries()) {
    findings.push(...derFindings(extension.value, `extensions[${i}]`));
    const problem = extensionProblem(extension, seen);
    if (problem !== undefined) findings.push({ path: `extensions[${i}]`, ...problem });
    seen.add(extension.oid);
  }
  return findings;
}

function extensionProblem(
  { oid, critical }: Extension,
  seen: ReadonlySet<string>,
): { readonly rule: string; readonly detail: string } | undefined {
  if (seen.has(oid)) return { rule: 'extension-duplicate', detail: `${oid} is there twice` };
  const expected = KNOWN_EXTENSIONS.get(oid);
  if (expected === undefined) {
    return { rule: 'extension-unknown', detail: `${oid} is never put into a certificate` };
  }
  if (expected === 'any' || expected === critical) return undefined;
  return { rule: 'extension-critical', detail: `${oid} must ${expected ? '' : 'not '}be critical` };
}

/** RFC 5280 §4.2.1.9, and our own: a leaf says that it is none. */
function constraintFindings({ extensions }: CertificateModel, role: LintRole): readonly Finding[] {
  const path = 'basicConstraints';
  const extension = findExtension(extensions, EXTENSION.basicConstraints);
  const constraints = orUndefined<BasicConstraints>(() => extension && parseBasicConstraints(extension.value));
  if (constraints === undefined) return [{ rule: 'basic-constraints', path, detail: 'they are missing or malformed' }];
  if (constraints.ca !== (role === 'ca')) {
    const detail = role === 'ca' ? 'a CA must have CA:TRUE' : 'a leaf must have CA:FALSE';
    return [{ rule: 'basic-constraints', path, detail }];
  }
  return !constraints.ca && constraints.pathLength !== undefined
    ? [{ rule: 'basic-constraints', path, detail: 'a leaf has no path length' }]
    : [];
}

/** RFC 5280 §4.2.1.3 and §4.2.1.12. */
function keyUsageFindings({ extensions }: CertificateModel, role: LintRole): readonly Finding[] {
  const findings: Finding[] = [];
  const extension = findExtension(extensions, EXTENSION.keyUsage);
  const usages = orUndefined<ReadonlySet<KeyUsage>>(() => extension && parseKeyUsage(extension.value));
  const path = 'keyUsage';
  if (extension !== undefined && (usages === undefined || usages.size === 0)) {
    findings.push({ rule: 'key-usage', path, detail: 'it is malformed or has no bit' });
  }
  const signs = usages?.has('keyCertSign') === true;
  if (role === 'ca' && !signs) findings.push({ rule: 'key-usage', path, detail: 'a CA must have keyCertSign' });
  if (role === 'leaf' && (signs || usages?.has('cRLSign') === true)) {
    findings.push({ rule: 'key-usage', path, detail: 'a leaf must not have keyCertSign or cRLSign' });
  }
  const extended = findExtension(extensions, EXTENSION.extKeyUsage);
  const oids = orUndefined(() => extended && parseExtKeyUsage(extended.value));
  if (extended !== undefined && (oids === undefined || oids.length === 0 || new Set(oids).size !== oids.length)) {
    findings.push({ rule: 'ext-key-usage', path: 'extKeyUsage', detail: 'it is malformed, empty, or repeats itself' });
  }
  return findings;
}

/** RFC 5280 §4.2.1.6: critical exactly where the subject is empty; every name in a form that everybody reads alike. */
function altNameFindings({ subject, extensions }: CertificateModel, role: LintRole): readonly Finding[] {
  const extension = findExtension(extensions, EXTENSION.subjectAltName);
  if (extension === undefined) return [];
  const path = 'subjectAltNames';
  const findings: Finding[] = [];
  if (extension.critical !== isEmptyName(subject)) {
    const detail = extension.critical ? 'critical beside a subject' : 'not critical, though the subject is empty';
    findings.push({ rule: 'san-critical', path, detail });
  }
  try {
    const names = parseGeneralNames(extension.value);
    const count = namesProblem(names);
    if (count !== undefined) return [...findings, { path, ...count }];
    for (const [i, name] of names.entries()) {
      const problem = role === 'leaf' ? generalNameProblem(name) : undefined;
      if (problem !== undefined) findings.push({ path: `${path}[${i}]`, ...problem });
    }
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    findings.push({ rule: 'san-malformed', path, detail: error.message });
  }
  return findings;
}

function orUndefined<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CountersignError) return undefined;
    throw error;
  }
}
