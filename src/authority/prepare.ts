import { equalBytes, type Random } from '../base/bytes.js';
import type { UnixSeconds } from '../base/clock.js';
import { usageNamed } from '../certificates/usages.js';
import type { CertificateModel } from '../x509/certificate.js';
import { type CertificationRequest, strictFindings } from '../x509/certification-request.js';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  type Extension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '../x509/extension.js';
import { describeFindings, type Finding } from '../x509/finding.js';
import type { GeneralName } from '../x509/general-name.js';
import { encodeName, isEmptyName, type Name, type NameInput } from '../x509/name.js';
import { rebuildAlternativeNames } from './alternative-names.js';
import type { CaMaterial } from './ca-material.js';
import { Issuable } from './issuable.js';
import { keyIdentifier } from './key-identifier.js';
import { keyRefusal } from './key-policy.js';
import { pathProblem } from './path-check.js';
import { newSerialNumber } from './serial-number.js';
import type { SigningProfile } from './signing-profile.js';
import { rebuildSubject } from './subject-fields.js';
import { CA_USAGES, usageExtensions } from './usage-extensions.js';
import { decideValidity, type Validity } from './validity.js';

/** Why a request can never be signed; the reason of a Failed condition. */
export type RefusalReason =
  'RequestNotAllowed' | 'KeyNotAllowed' | 'UsageNotAllowed' | 'SubjectNotAllowed' | 'NameNotAllowed' | 'LintFailed';

/** A request as the signer sees it. */
export interface Wish {
  readonly request: CertificationRequest;
  readonly usages: readonly string[];
  readonly expirationSeconds?: number;
}

/** prepared: may be signed, once. refused: never. unavailable: not by this CA at this time. */
export type Preparation =
  | { readonly kind: 'prepared'; readonly issuable: Issuable; readonly validity: Validity }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly message: string }
  | { readonly kind: 'unavailable'; readonly message: string };

/**
 * Turns a wish into a linted certificate that may be signed once. Nothing is copied from the request but the public key
 * and the names, each checked and written anew; usages and lifetime come from the API object, within the profile.
 */
export function prepare(
  wish: Wish,
  ca: CaMaterial,
  profile: SigningProfile,
  world: { readonly now: UnixSeconds; readonly random: Random },
): Preparation {
  const examined = examine(wish, profile);
  if (examined.kind === 'refused') return examined;
  const decision = decideValidity(world.now, wish.expirationSeconds, profile, ca.certificate);
  if (decision.kind === 'expired') return { kind: 'unavailable', message: decision.message };
  const subject = encodeName(examined.subject);
  const model: CertificateModel = {
    serialNumber: newSerialNumber(world.random),
    signatureAlgorithm: ca.custody.algorithm,
    issuer: ca.certificate.subject,
    notBefore: decision.validity.notBefore,
    notAfter: decision.validity.notAfter,
    subject,
    publicKeyDer: wish.request.publicKey.der,
    extensions: [
      ...usageExtensions(wish.usages),
      NO_CA,
      ...(profile.form === 'own' ? ownKeyIdentifiers(wish, ca) : issuersKeyIdentifier(ca, subject)),
      ...(examined.names.length === 0 ? [] : [subjectAltNameExtension(examined.names, isEmptyName(subject))]),
    ],
  };
  const linted = Issuable.lint(model, examined.names);
  if (linted.kind === 'refused') return refused('LintFailed', describeFindings(linted.findings));
  const problem = pathProblem(model, ca, world.now);
  if (problem?.kind === 'unavailable') return { kind: 'unavailable', message: problem.message };
  if (problem !== undefined) return refused('NameNotAllowed', problem.message);
  return { kind: 'prepared', issuable: linted.issuable, validity: decision.validity };
}

/** Why a profile can never sign a wish, whatever the CA; undefined where nothing in the two stands against it. */
export function refusalOf(wish: Wish, profile: SigningProfile): string | undefined {
  const examined = examine(wish, profile);
  return examined.kind === 'refused' ? examined.message : undefined;
}

type Examined =
  | { readonly kind: 'examined'; readonly subject: NameInput; readonly names: readonly GeneralName[] }
  | Extract<Preparation, { readonly kind: 'refused' }>;

/** The names of a wish, written anew, where request and profile agree. */
function examine(wish: Wish, profile: SigningProfile): Examined {
  const findings = strictFindings(wish.request);
  if (findings.length > 0) return refused(reasonOf(findings), describeFindings(findings));
  const key = keyRefusal(wish.request.publicKey, profile.keys);
  if (key !== undefined) return refused('KeyNotAllowed', key);
  const usage = usageRefusal(wish.usages, profile);
  if (usage !== undefined) return refused('UsageNotAllowed', usage);
  const rebuilt = rebuildSubject(wish.request.subject);
  if (rebuilt.kind === 'refused') return refused('SubjectNotAllowed', rebuilt.message);
  const alternative = rebuildAlternativeNames(wish.request.subjectAltNames);
  if (alternative.kind === 'refused') return refused('NameNotAllowed', alternative.message);
  if (rebuilt.subject.length === 0 && alternative.names.length === 0) {
    return refused('SubjectNotAllowed', 'it names nobody: it has no subject and no subjectAltName');
  }
  return { kind: 'examined', subject: rebuilt.subject, names: alternative.names };
}

/** What every leaf says: it is no CA. */
const NO_CA: Extension = basicConstraintsExtension({ ca: false });

/** Key identifiers of a leaf of ours, where kube-controller-manager has the issuer's only. */
function ownKeyIdentifiers(wish: Wish, ca: CaMaterial): readonly Extension[] {
  return [subjectKeyIdentifierExtension(keyIdentifier(wish.request.publicKey)), authorityKey(ca)];
}

/** As Go's crypto/x509 writes it: the issuer's, where it has one and another name. */
function issuersKeyIdentifier(ca: CaMaterial, subject: Name): readonly Extension[] {
  const { subjectKeyIdentifier, subject: issuer } = ca.certificate;
  return subjectKeyIdentifier === undefined || equalBytes(issuer.der, subject.der) ? [] : [authorityKey(ca)];
}

const authorityKeys = new WeakMap<CaMaterial, Extension>();

/** RFC 5280 §4.2.1.1: the issuer's SubjectKeyIdentifier; computed where an old root has none. Written once per CA. */
function authorityKey(ca: CaMaterial): Extension {
  let extension = authorityKeys.get(ca);
  if (extension === undefined) {
    const { subjectKeyIdentifier, publicKey } = ca.certificate;
    extension = authorityKeyIdentifierExtension(subjectKeyIdentifier ?? keyIdentifier(publicKey));
    authorityKeys.set(ca, extension);
  }
  return extension;
}

/** Why these usages are not signed; undefined where they are. */
function usageRefusal(usages: readonly string[], profile: SigningProfile): string | undefined {
  if (usages.length === 0) return 'it asks for no usage';
  for (const usage of usages) {
    const quoted = JSON.stringify(usage);
    if (CA_USAGES.has(usage)) return `usage ${quoted} is for a CA, and no CA certificate is signed`;
    if (usageNamed(usage) === undefined) return `usage ${quoted} is unknown`;
    if (!profile.usages.has(usage)) {
      return `usage ${quoted} is not in this signer's profile, which allows ${[...profile.usages].join(', ')}`;
    }
  }
  return undefined;
}

function refused(reason: RefusalReason, message: string): Extract<Preparation, { readonly kind: 'refused' }> {
  return { kind: 'refused', reason, message };
}

/** The reason by what the first finding is about. */
function reasonOf([first]: readonly Finding[]): RefusalReason {
  if (first?.rule.startsWith('key-') === true) return 'KeyNotAllowed';
  if (first?.rule.startsWith('subject-') === true) return 'SubjectNotAllowed';
  return first?.rule.startsWith('san-') === true ? 'NameNotAllowed' : 'RequestNotAllowed';
}
