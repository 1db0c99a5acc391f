import { equalBytes } from '../base/bytes.js';
import type { UnixSeconds } from '../base/clock.js';
import { CountersignError, messageOf } from '../base/error.js';
import { parsePrivateKeyPem, type PrivateKey } from '../crypto/private-key.js';
import { verifySignature } from '../crypto/verify-signature.js';
import { type Certificate, parseCertificate } from '../x509/certificate.js';
import { formatName } from '../x509/name.js';
import { decodePem, encodePem } from '../x509/pem.js';
import { isoTime } from '../base/civil-date.js';
import { createSoftwareCustody, type KeyCustody } from './key-custody.js';
import { keyRefusal, PROFILE_KEYS } from './key-policy.js';

/** A certificate authority that may sign: its certificate, how it hangs from its root, and its key. */
export interface CaMaterial {
  /** The certificate whose key signs: a self-signed root or an intermediate. */
  readonly certificate: Certificate;
  /** What a server presents after its leaf: the signing certificate and those above it, without a self-signed root. */
  readonly intermediates: readonly Certificate[];
  /** What a client trusts: the self-signed root where the material holds it, else the topmost certificate. */
  readonly anchor: Certificate;
  readonly custody: KeyCustody;
}

/** Where CA material comes from. PEM text; certificates in any order. */
export interface CaMaterialInput {
  readonly certificatesPem: string;
  readonly keyPem: string;
  readonly passphrase?: string;
  readonly now: UnixSeconds;
}

const MAX_CHAIN = 10;

/**
 * Reads CA certificate(s) and the key that belongs to one of them. Refuses (CA_INVALID): no certificate, no key, a key
 * that belongs to none, a certificate that is no CA, whose KeyUsage does not allow keyCertSign, whose path length forbids
 * what is below it, whose signature does not verify, a weak key, certificates that are no part of the chain; and
 * (CA_EXPIRED) one that is not valid at `now`. An encrypted key without passphrase is KEY_PASSPHRASE_REQUIRED.
 */
export function parseCaMaterial(input: CaMaterialInput): CaMaterial {
  const certificates = readCertificates(input.certificatesPem);
  const key = parsePrivateKeyPem(input.keyPem, input.passphrase);
  const signing = certificates.find((certificate) => equalBytes(certificate.publicKey.der, key.publicKeyDer));
  if (signing === undefined) {
    throw invalid(
      `the key belongs to ${certificates.length === 1 ? 'another certificate' : 'none of the certificates'}`,
    );
  }
  const chain = climb(signing, certificates);
  const stray = certificates.find((certificate) => !chain.includes(certificate));
  if (stray !== undefined) throw invalid(`${shown(stray)} is no part of the chain above the signing certificate`);
  for (const [depth, certificate] of chain.entries()) checkAuthority(certificate, depth, input.now);
  return materialOf(chain, signing, key);
}

function materialOf(chain: readonly Certificate[], signing: Certificate, key: PrivateKey): CaMaterial {
  return {
    certificate: signing,
    intermediates: chain.filter((certificate) => !isSelfIssued(certificate)),
    anchor: chain.at(-1) ?? signing,
    custody: createSoftwareCustody(key),
  };
}

/** The trust root to distribute, as PEM. */
export function anchorPem(material: CaMaterial): string {
  return encodePem('CERTIFICATE', material.anchor.der);
}

/** When the first certificate of the chain ends. */
export function firstEnd({ certificate, intermediates, anchor }: CaMaterial): UnixSeconds {
  return [...intermediates, anchor].reduce(
    (first, { notAfter }) => (notAfter < first ? notAfter : first),
    certificate.notAfter,
  );
}

function readCertificates(pem: string): readonly Certificate[] {
  const certificates: Certificate[] = [];
  for (const [i, block] of decodePem(pem).entries()) {
    if (block.type !== 'CERTIFICATE') continue; // the key may stand in the same file
    const certificate = readCertificate(block.bytes, i);
    if (!certificates.some((known) => equalBytes(known.der, certificate.der))) certificates.push(certificate);
  }
  if (certificates.length === 0) throw invalid('there is no CERTIFICATE block');
  if (certificates.length > MAX_CHAIN)
    throw invalid(`there are ${certificates.length} certificates, at most ${MAX_CHAIN}`);
  return certificates;
}

function readCertificate(der: Uint8Array, index: number): Certificate {
  try {
    return parseCertificate(der);
  } catch (error) {
    throw new CountersignError('CA_INVALID', `Cannot use CA: block ${index}: ${messageOf(error)}`, { cause: error });
  }
}

/** The certificates from `start` up to a self-signed one or to where the file ends, each signed by the next. */
function climb(start: Certificate, certificates: readonly Certificate[]): readonly Certificate[] {
  const chain = [start];
  for (let current = start; !isSelfIssued(current);) {
    const parent = certificates.find((candidate) => !chain.includes(candidate) && isIssuer(candidate, current));
    if (parent === undefined) break;
    chain.push(parent);
    current = parent;
  }
  const top = chain.at(-1);
  if (top !== undefined && isSelfIssued(top) && !isSignedBy(top, top)) {
    throw invalid(`${shown(top)} names itself as issuer, but its signature is not its own`);
  }
  return chain;
}

function isIssuer(candidate: Certificate, child: Certificate): boolean {
  if (!equalBytes(candidate.subject.der, child.issuer.der)) return false;
  return isSignedBy(child, candidate);
}

function isSignedBy(child: Certificate, issuer: Certificate): boolean {
  const verdict = verifySignature(issuer.publicKey, child.signatureAlgorithm, child.tbsDer, child.signature);
  return verdict.kind === 'valid';
}

function isSelfIssued(certificate: Certificate): boolean {
  return equalBytes(certificate.issuer.der, certificate.subject.der);
}

/** RFC 5280 §6.1.4: what a CA certificate must say to have `depth` CA certificates and a leaf below it. */
function checkAuthority(certificate: Certificate, depth: number, now: UnixSeconds): void {
  const name = shown(certificate);
  const constraints = certificate.basicConstraints;
  if (certificate.version !== 3 || constraints === undefined)
    throw invalid(`${name} has no BasicConstraints, so it is no CA`);
  if (!constraints.ca) throw invalid(`${name} is no CA: its BasicConstraints say CA:FALSE`);
  if (certificate.keyUsage !== undefined && !certificate.keyUsage.has('keyCertSign')) {
    throw invalid(`the KeyUsage of ${name} has no keyCertSign`);
  }
  if (constraints.pathLength !== undefined && constraints.pathLength < depth) {
    throw invalid(`${name} allows ${constraints.pathLength} CA certificates below it, there are ${depth}`);
  }
  if (certificate.subject.rdns.length === 0) throw invalid(`${name} has an empty subject`);
  const weak = keyRefusal(certificate.publicKey, new Set(PROFILE_KEYS));
  if (weak !== undefined) throw invalid(`${name}: ${weak}`);
  if (now >= certificate.notAfter) {
    throw new CountersignError('CA_EXPIRED', `Cannot use CA: ${name} expired at ${isoTime(certificate.notAfter)}`);
  }
  if (now < certificate.notBefore) {
    throw new CountersignError(
      'CA_EXPIRED',
      `Cannot use CA: ${name} is not valid before ${isoTime(certificate.notBefore)}`,
    );
  }
}

function shown(certificate: Certificate): string {
  return JSON.stringify(formatName(certificate.subject));
}

function invalid(what: string): CountersignError<'CA_INVALID'> {
  return new CountersignError('CA_INVALID', `Cannot use CA: ${what}`);
}
