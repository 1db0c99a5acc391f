import { equalBytes } from '../base/bytes.js';
import type { UnixSeconds } from '../base/clock.js';
import type { Certificate } from './certificate.js';
import { checkConstraints, type Budget } from './constraint-match.js';
import { EXTENDED_KEY_USAGE, EXTENSION } from './extension.js';
import { matchesHostname } from './match-hostname.js';
import { describeSignatureAlgorithm, signatureScheme } from './signature-algorithm.js';
import type { VerifySignature } from './signature.js';
import { formatName } from './name.js';

/** What a chain is asked to prove. */
export interface ChainQuestion {
  readonly leaf: Certificate;
  readonly intermediates: readonly Certificate[];
  readonly roots: readonly Certificate[];
  readonly now: UnixSeconds;
  /** A DNS name or IP address that the leaf must carry. */
  readonly hostname?: string;
  /** Extended key usage OID that the whole chain must allow. */
  readonly usage?: string;
  readonly verifySignature: VerifySignature;
}

/** Whether a path was found, and if not, why the one that came furthest failed. The path goes from leaf to root. */
export type ChainVerdict =
  | { readonly kind: 'trusted'; readonly path: readonly Certificate[] }
  | { readonly kind: 'untrusted'; readonly reason: ChainRefusal; readonly detail: string };

/** Why a chain is not trusted. */
export type ChainRefusal =
  | 'no-path'
  | 'bad-signature'
  | 'not-yet-valid'
  | 'expired'
  | 'not-a-ca'
  | 'path-length'
  | 'key-usage'
  | 'extended-key-usage'
  | 'name-constraints'
  | 'unknown-critical-extension'
  | 'hostname'
  | 'too-complex';

/** Signatures checked for one question; beyond it a set of certificates is made to cost, not to convince. */
const MAX_SIGNATURES = 100;
const MAX_COMPARISONS = 250_000;
const MAX_PATH = 10;

/** Critical extensions that this validation takes into account, or that change nothing in it. */
const PROCESSED: ReadonlySet<string> = new Set([
  EXTENSION.keyUsage,
  EXTENSION.basicConstraints,
  EXTENSION.subjectAltName,
  EXTENSION.nameConstraints,
  EXTENSION.extKeyUsage,
  // Without a policy that must be met, asserting policies has no effect (RFC 5280 §6.1.3 d).
  EXTENSION.certificatePolicies,
]);

interface Failure {
  readonly reason: ChainRefusal;
  readonly detail: string;
}

interface Search extends Budget {
  signatures: number;
  /** The failure at the longest path so far. */
  failure: Failure & { readonly depth: number };
}

/**
 * Validates the leaf against the roots (RFC 5280 §6, without policies and revocation): dates, signatures, basic
 * constraints, path length, key usage, extended key usage along the whole chain, name constraints, critical extensions
 * that nobody here knows, and the host name. Signatures over SHA-1 and MD5 are not trusted. A leaf that is itself among the
 * roots is trusted as it is, where its dates, usage and name are right. Bounded work, whatever the certificates.
 */
export function verifyChain(question: ChainQuestion): ChainVerdict {
  const { leaf } = question;
  const own = validityFailure(leaf, question.now) ?? criticalFailure(leaf) ?? usageFailure(leaf, question.usage);
  if (own !== undefined) return { kind: 'untrusted', ...own };
  const search: Search = {
    signatures: MAX_SIGNATURES,
    comparisons: MAX_COMPARISONS,
    failure: { reason: 'no-path', detail: `no certificate of its issuer ${label(leaf, 'issuer')} is known`, depth: -1 },
  };
  const path = isAmong(leaf, question.roots) ? [leaf] : extend([leaf], question, search);
  if (path === undefined) {
    return { kind: 'untrusted', reason: search.failure.reason, detail: search.failure.detail };
  }
  if (question.hostname !== undefined && !matchesHostname(leaf, question.hostname)) {
    return { kind: 'untrusted', reason: 'hostname', detail: `the certificate is not for ${question.hostname}` };
  }
  return { kind: 'trusted', path };
}

/** Goes on from the last certificate of `path` to its issuers, roots first. */
function extend(
  path: readonly Certificate[],
  question: ChainQuestion,
  search: Search,
): readonly Certificate[] | undefined {
  const child = path.at(-1);
  if (child === undefined) return undefined;
  for (const root of issuersOf(child, question.roots)) {
    const failure = stepFailure(path, child, root, question, search);
    if (failure === undefined) return [...path, root];
    note(search, path.length, failure);
  }
  if (path.length >= MAX_PATH) {
    note(search, path.length, { reason: 'too-complex', detail: `the path is longer than ${MAX_PATH} certificates` });
    return undefined;
  }
  for (const issuer of issuersOf(child, question.intermediates)) {
    if (isAmong(issuer, path) || isAmong(issuer, question.roots)) continue;
    const failure = stepFailure(path, child, issuer, question, search);
    if (failure !== undefined) {
      note(search, path.length, failure);
      continue;
    }
    note(search, path.length, {
      reason: 'no-path',
      detail: `no certificate of the issuer ${label(issuer, 'issuer')} is known`,
    });
    const found = extend([...path, issuer], question, search);
    if (found !== undefined) return found;
  }
  return undefined;
}

function note(search: Search, depth: number, failure: Failure): void {
  const isBetter =
    depth > search.failure.depth || (depth === search.failure.depth && search.failure.reason === 'no-path');
  if (isBetter) search.failure = { ...failure, depth };
}

/** Certificates whose subject is the issuer of `child`, those whose key identifier fits first. */
function issuersOf(child: Certificate, candidates: readonly Certificate[]): readonly Certificate[] {
  const named = candidates.filter((candidate) => equalBytes(candidate.subject.der, child.issuer.der));
  return named.length < 2 ? named : [...named].sort((a, b) => keyRank(child, a) - keyRank(child, b));
}

function keyRank(child: Certificate, issuer: Certificate): number {
  const wanted = child.authorityKeyIdentifier;
  const offered = issuer.subjectKeyIdentifier;
  if (wanted === undefined || offered === undefined) return 1;
  return equalBytes(wanted, offered) ? 0 : 2;
}

/** Why `issuer` cannot stand above `path`; undefined where it can. What is cheap is looked at first. */
function stepFailure(
  path: readonly Certificate[],
  child: Certificate,
  issuer: Certificate,
  question: ChainQuestion,
  search: Search,
): Failure | undefined {
  return (
    validityFailure(issuer, question.now) ??
    criticalFailure(issuer) ??
    caFailure(issuer, path) ??
    usageFailure(issuer, question.usage) ??
    signatureFailure(child, issuer, question.verifySignature, search) ??
    constraintFailure(issuer, path, search)
  );
}

function validityFailure(certificate: Certificate, now: UnixSeconds): Failure | undefined {
  if (now < certificate.notBefore) {
    return { reason: 'not-yet-valid', detail: `${label(certificate)} is not valid before ${certificate.notBefore}` };
  }
  if (now > certificate.notAfter) {
    return { reason: 'expired', detail: `${label(certificate)} is not valid after ${certificate.notAfter}` };
  }
  return undefined;
}

function criticalFailure(certificate: Certificate): Failure | undefined {
  for (const { oid, critical } of certificate.extensions) {
    const isRead = oid !== EXTENSION.subjectAltName || certificate.subjectAltNames.some(isComparable);
    if (!critical || (PROCESSED.has(oid) && isRead)) continue;
    return { reason: 'unknown-critical-extension', detail: `${label(certificate)} has the critical extension ${oid}` };
  }
  return undefined;
}

function isComparable({ kind }: { readonly kind: string }): boolean {
  return kind === 'dns' || kind === 'ip' || kind === 'email' || kind === 'uri';
}

/** RFC 5280 §6.1.4 k to n. */
function caFailure(issuer: Certificate, path: readonly Certificate[]): Failure | undefined {
  if (issuer.version === 3 ? issuer.basicConstraints?.ca !== true : issuer.basicConstraints?.ca === false) {
    return { reason: 'not-a-ca', detail: `${label(issuer)} is no CA certificate` };
  }
  if (issuer.keyUsage?.has('keyCertSign') === false) {
    return { reason: 'key-usage', detail: `${label(issuer)} may not sign certificates` };
  }
  const below = path.slice(1).filter((certificate) => !isSelfIssued(certificate)).length;
  const limit = issuer.basicConstraints?.pathLength;
  return limit !== undefined && below > limit
    ? { reason: 'path-length', detail: `${label(issuer)} allows ${limit} CA certificates below it, there are ${below}` }
    : undefined;
}

/** A chain allows a usage where none of its certificates leaves it out of a list (as Go and others read RFC 5280). */
function usageFailure(certificate: Certificate, usage: string | undefined): Failure | undefined {
  const { extKeyUsage } = certificate;
  if (usage === undefined || extKeyUsage === undefined) return undefined;
  if (extKeyUsage.includes(usage) || extKeyUsage.includes(EXTENDED_KEY_USAGE.any)) return undefined;
  return { reason: 'extended-key-usage', detail: `${label(certificate)} is not for usage ${usage}` };
}

function signatureFailure(
  child: Certificate,
  issuer: Certificate,
  verifySignature: VerifySignature,
  search: Search,
): Failure | undefined {
  const hash = signatureScheme(child.signatureAlgorithm)?.hash;
  if (hash === 'sha1' || hash === 'md5') {
    const name = describeSignatureAlgorithm(child.signatureAlgorithm);
    return { reason: 'bad-signature', detail: `the signature of ${label(child)} is insecure: ${name}` };
  }
  if (search.signatures <= 0) {
    return { reason: 'too-complex', detail: `more than ${MAX_SIGNATURES} signatures would have to be checked` };
  }
  search.signatures--;
  const verdict = verifySignature(issuer.publicKey, child.signatureAlgorithm, child.tbsDer, child.signature);
  return verdict.kind === 'valid'
    ? undefined
    : { reason: 'bad-signature', detail: `the signature of ${label(child)} does not verify: ${verdict.detail}` };
}

/** RFC 5280 §6.1.3 b and c: self-issued certificates are exempt, except at the end of the path. */
function constraintFailure(issuer: Certificate, path: readonly Certificate[], search: Search): Failure | undefined {
  const { nameConstraints } = issuer;
  if (nameConstraints === undefined) return undefined;
  for (const [i, certificate] of path.entries()) {
    if (i > 0 && isSelfIssued(certificate)) continue;
    const verdict = checkConstraints(nameConstraints, certificate, search);
    if (verdict.kind === 'too-complex') {
      return { reason: 'too-complex', detail: `more than ${MAX_COMPARISONS} names would have to be compared` };
    }
    if (verdict.kind === 'outside') {
      return { reason: 'name-constraints', detail: `${label(issuer)} constrains names: ${verdict.detail}` };
    }
  }
  return undefined;
}

function isSelfIssued({ issuer, subject }: Certificate): boolean {
  return equalBytes(issuer.der, subject.der);
}

function isAmong({ der }: Certificate, certificates: readonly Certificate[]): boolean {
  return certificates.some((certificate) => equalBytes(certificate.der, der));
}

function label(certificate: Pick<Certificate, 'subject' | 'issuer'>, field: 'subject' | 'issuer' = 'subject'): string {
  return `"${formatName(certificate[field])}"`;
}
