import { extendedUsageOid } from '../authority/usage-extensions.js';
import { equalBytes } from '../base/bytes.js';
import { toUnixSeconds, type UnixSeconds } from '../base/clock.js';
import { formatTime } from '../kube/time.js';
import type { Certificate } from '../x509/certificate.js';
import { formatGeneralName } from '../x509/general-name.js';
import { matchesHostname } from '../x509/match-hostname.js';
import type { VerifySignature } from '../x509/signature.js';
import { verifyChain } from '../x509/verify-chain.js';
import { usageError } from './failure.js';
import { printable } from '../base/printable.js';

/** What a certificate is to be judged by. */
export interface Question {
  readonly leaf: Certificate;
  readonly intermediates: readonly Certificate[];
  readonly roots: readonly Certificate[];
  readonly now: UnixSeconds;
  readonly hostname?: string;
  /** A usage in the words of certificates.k8s.io. */
  readonly usage?: string;
  /** SubjectPublicKeyInfo of the key that must belong to the certificate. */
  readonly publicKeyDer?: Uint8Array;
  readonly verifySignature: VerifySignature;
}

/** Every reason against a certificate; none: it is good. */
export interface Judgement {
  readonly reasons: readonly string[];
  /** Leaf to root; empty where no path was found. */
  readonly path: readonly Certificate[];
  /** What was checked besides chain and dates. */
  readonly checked: readonly string[];
  /** When the first certificate of the path ends. */
  readonly notAfter: UnixSeconds;
}

/**
 * Judges dates, chain, host name, usage and key each by itself, so that one failure does not hide the next: an expired
 * leaf is checked against the roots as of its last second.
 */
export function judgeCertificate(question: Question): Judgement {
  const { leaf, now, hostname, publicKeyDer } = question;
  const reasons: string[] = [];
  const checked: string[] = [];
  const dates = dateProblem(leaf, now);
  if (dates !== undefined) reasons.push(dates);
  const usage = usageOid(question);
  const verdict = verifyChain({
    leaf,
    intermediates: question.intermediates,
    roots: question.roots,
    now: toUnixSeconds(Math.min(Math.max(now, leaf.notBefore), leaf.notAfter)),
    ...(usage === undefined ? {} : { usage }),
    verifySignature: question.verifySignature,
  });
  if (verdict.kind === 'untrusted') reasons.push(printable(verdict.detail));
  if (hostname !== undefined) {
    if (matchesHostname(leaf, hostname)) checked.push(`is for ${hostname}`);
    else reasons.push(hostnameProblem(leaf, hostname));
  }
  if (publicKeyDer !== undefined) {
    if (equalBytes(leaf.publicKey.der, publicKeyDer)) checked.push('belongs to the key');
    else reasons.push('the private key belongs to another certificate');
  }
  const path = verdict.kind === 'trusted' ? verdict.path : [];
  const ends = [leaf, ...path].map((certificate) => certificate.notAfter);
  return { reasons, checked, path, notAfter: toUnixSeconds(Math.min(...ends)) };
}

function usageOid(question: Question): string | undefined {
  const usage = question.usage ?? (question.hostname === undefined ? undefined : 'server auth');
  if (usage === undefined) return undefined;
  const oid = extendedUsageOid(usage);
  if (oid !== undefined) return oid;
  throw usageError(`Cannot use --usage: ${JSON.stringify(usage)} is no extended usage, such as "server auth"`);
}

function dateProblem(leaf: Certificate, now: UnixSeconds): string | undefined {
  if (now > leaf.notAfter) return `it expired at ${formatTime(leaf.notAfter)}`;
  if (now < leaf.notBefore) return `it is not valid before ${formatTime(leaf.notBefore)}`;
  return undefined;
}

function hostnameProblem(leaf: Certificate, hostname: string): string {
  const names = leaf.subjectAltNames.map((name) => printable(formatGeneralName(name)));
  const present = names.length === 0 ? 'it has no subjectAltName' : `it is for ${names.join(', ')}`;
  return `it is not for ${printable(hostname)}: ${present}`;
}
