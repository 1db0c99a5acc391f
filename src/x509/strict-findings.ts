import { checkDer } from '../asn1/check-der.js';
import { DerError } from '../asn1/der-error.js';
import { CountersignError } from '../base/error.js';
import { EXTENSION_REQUEST, type CertificationRequest } from './certification-request-model.js';
import { parseBasicConstraints, parseExtKeyUsage, parseKeyUsage } from './extension-values.js';
import { EXTENSION, type Extension } from './extension.js';
import type { Finding } from './finding.js';
import { generalNameProblem, namesProblem } from './general-name-problem.js';
import { keyFindings } from './key-strength.js';
import { describeSignatureAlgorithm, signatureScheme } from './signature-algorithm.js';
import { subjectFindings } from './subject-findings.js';

/** Microsoft's way to request extensions: names in there would be seen by nobody. */
const MICROSOFT_EXTENSION_REQUEST = '1.3.6.1.4.1.311.2.1.14';

/**
 * What about a readable request would never be signed here, beyond what the API refuses. Empty: nothing. Requested key
 * usages and a subject key identifier are no finding: they are well formed and ignored, as kube-controller-manager ignores
 * them. Everything that asks for power (a CA bit, keyCertSign, name constraints), that hides names, or that two readers
 * could read differently, is.
 */
export function strictFindings(request: CertificationRequest): readonly Finding[] {
  return [
    ...derFindings(request.der, ''),
    ...signatureFindings(request),
    ...keyFindings(request.publicKey),
    ...subjectFindings(request.subject),
    ...attributeFindings(request),
    ...request.extensions.flatMap((extension, i) => extensionFindings(extension, `extensions[${i}]`)),
    ...altNameFindings(request),
  ];
}

/** Extensions whose requested values have their say elsewhere: in names, in usages, or in findings. */
const ASKED_FOR: ReadonlySet<string> = new Set([
  EXTENSION.subjectAltName,
  EXTENSION.subjectKeyIdentifier,
  EXTENSION.basicConstraints,
  EXTENSION.keyUsage,
  EXTENSION.extKeyUsage,
]);

/**
 * Extensions that a signer drops without a word, as kube-controller-manager does. They stand in no certificate of ours, but
 * whoever approves without a person looking should not approve what it does not know.
 */
export function ignoredExtensions({ extensions }: CertificationRequest): readonly Finding[] {
  return extensions.flatMap(({ oid, critical }, i) =>
    critical || ASKED_FOR.has(oid) || oid === EXTENSION.nameConstraints
      ? []
      : [{ rule: 'extension-ignored', path: `extensions[${i}]`, detail: neverCertified(oid) }],
  );
}

function neverCertified(oid: string): string {
  return `extension ${oid} is never certified on request`;
}

/** A finding where `der` is not DER all the way down. */
export function derFindings(der: Uint8Array, path: string): readonly Finding[] {
  try {
    checkDer(der);
    return [];
  } catch (error) {
    if (error instanceof DerError) return [{ rule: 'not-der', path, detail: error.message }];
    throw error;
  }
}

function signatureFindings({ signatureAlgorithm }: CertificationRequest): readonly Finding[] {
  const hash = signatureScheme(signatureAlgorithm)?.hash;
  return hash === 'sha1' || hash === 'md5'
    ? [
        {
          rule: 'signature-hash',
          path: 'signatureAlgorithm',
          detail: `${describeSignatureAlgorithm(signatureAlgorithm)}, must be SHA-256 or better`,
        },
      ]
    : [];
}

function attributeFindings({ attributes }: CertificationRequest): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  let requests = 0;
  for (const [i, { oid, values }] of attributes.entries()) {
    const path = `attributes[${i}]`;
    if (oid === '') findings.push({ rule: 'attribute-unreadable', path, detail: 'it is no attribute' });
    else if (seen.has(oid) && oid !== EXTENSION_REQUEST) {
      findings.push({ rule: 'attribute-duplicate', path, detail: `attribute ${oid} is there more than once` });
    }
    seen.add(oid);
    if (oid === MICROSOFT_EXTENSION_REQUEST) {
      findings.push({ rule: 'extension-request', path, detail: "extensions are requested in Microsoft's attribute" });
    }
    if (oid !== EXTENSION_REQUEST) continue;
    requests++;
    if (requests > 1) findings.push({ rule: 'extension-request', path, detail: 'extensions are requested twice' });
    if (values.length !== 1) {
      findings.push({ rule: 'extension-request', path, detail: `it has ${values.length} values, must have one` });
    }
  }
  return findings;
}

function extensionFindings(extension: Extension, path: string): readonly Finding[] {
  const notDer = derFindings(extension.value, path);
  if (notDer.length > 0) return notDer;
  const detail = powerAsked(extension);
  return detail === undefined ? [] : [{ rule: 'extension', path, detail }];
}

/** What is wrong with asking for this extension; undefined where it is harmless. */
function powerAsked({ oid, critical, value }: Extension): string | undefined {
  try {
    switch (oid) {
      case EXTENSION.subjectAltName:
      case EXTENSION.subjectKeyIdentifier:
        return undefined;
      case EXTENSION.basicConstraints:
        return parseBasicConstraints(value).ca ? 'it asks to be a CA' : undefined;
      case EXTENSION.keyUsage: {
        const usages = parseKeyUsage(value);
        return usages.has('keyCertSign') || usages.has('cRLSign') ? 'it asks to sign certificates or CRLs' : undefined;
      }
      case EXTENSION.extKeyUsage:
        return parseExtKeyUsage(value).length === 0 ? 'its list of extended key usages is empty' : undefined;
      default:
        return critical || oid === EXTENSION.nameConstraints ? neverCertified(oid) : undefined;
    }
  } catch (error) {
    if (error instanceof CountersignError) return error.message;
    throw error;
  }
}

function altNameFindings({ subjectAltNames, extensions }: CertificationRequest): readonly Finding[] {
  const isRequested = extensions.some(({ oid }) => oid === EXTENSION.subjectAltName);
  const problem = isRequested ? namesProblem(subjectAltNames) : undefined;
  if (problem !== undefined) return [{ path: 'subjectAltNames', ...problem }];
  return subjectAltNames.flatMap((name, i) => {
    const wrong = generalNameProblem(name);
    return wrong === undefined ? [] : [{ path: `subjectAltNames[${i}]`, ...wrong }];
  });
}
