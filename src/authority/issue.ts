import { equalBytes } from '../base/bytes.js';
import { CountersignError, messageOf } from '../base/error.js';
import { verifySignature } from '../crypto/verify-signature.js';
import { assembleCertificate, type Certificate, type CertificateModel, parseCertificate } from '../x509/certificate.js';
import type { Extension } from '../x509/extension.js';
import type { AlgorithmIdentifier } from '../x509/algorithm-identifier.js';
import { parseSubjectPublicKeyInfo } from '../x509/public-key.js';
import { comparable } from './alternative-names.js';
import type { Issuable, IssuableContent } from './issuable.js';
import type { KeyCustody } from './key-custody.js';

/** signed: read back and compared. unavailable: the key could not be reached. */
export type IssueResult =
  | { readonly kind: 'signed'; readonly certificate: Certificate }
  | { readonly kind: 'unavailable'; readonly message: string };

/**
 * Signs an issuable, once, and reads back what came of it: ISSUED_MISMATCH where any field of the certificate differs
 * from the model that was approved, ISSUABLE_SPENT for a second attempt.
 */
export async function issue(issuable: Issuable, custody: KeyCustody, signal?: AbortSignal): Promise<IssueResult> {
  const content = issuable.spend();
  const signed = await signWith(custody, content.tbsDer, signal);
  if (signed.kind === 'unavailable') return signed;
  const der = assembleCertificate(content.tbsDer, content.model.signatureAlgorithm, signed.signature);
  const certificate = parseCertificate(der);
  const difference = findDifference(certificate, content, signed.signature);
  if (difference === undefined && provesItself(custody, certificate)) return { kind: 'signed', certificate };
  throw new CountersignError(
    'ISSUED_MISMATCH',
    `Cannot publish certificate: ${difference ?? 'signature'}: it is not what was approved`,
  );
}

/** Custodies whose first signature verified under their public key. */
const proven = new WeakSet<KeyCustody>();

/** Verifies the first signature of each custody: a module that signs with another key does so from the start. */
function provesItself(custody: KeyCustody, certificate: Certificate): boolean {
  if (proven.has(custody)) return true;
  const key = parseSubjectPublicKeyInfo(custody.publicKeyDer);
  const verdict = verifySignature(key, custody.algorithm, certificate.tbsDer, certificate.signature);
  if (verdict.kind === 'valid') proven.add(custody);
  return verdict.kind === 'valid';
}

type Signature =
  | { readonly kind: 'signature'; readonly signature: Uint8Array }
  | { readonly kind: 'unavailable'; readonly message: string };

/** A key that cannot be reached is a matter of time, whatever its custody throws; a caller that gave up is not. */
async function signWith(custody: KeyCustody, data: Uint8Array, signal?: AbortSignal): Promise<Signature> {
  try {
    return { kind: 'signature', signature: await custody.sign(data, signal === undefined ? {} : { signal }) };
  } catch (error) {
    signal?.throwIfAborted();
    return { kind: 'unavailable', message: `the CA key did not sign: ${messageOf(error)}` };
  }
}

/** The first field in which a certificate differs from what it was made of; undefined where there is none. */
export function findDifference(
  certificate: Certificate,
  content: IssuableContent,
  signature: Uint8Array,
): string | undefined {
  const { model, tbsDer, subjectAltNames } = content;
  if (certificate.version !== 3) return 'version';
  if (!equalBytes(certificate.serialNumber, model.serialNumber)) return 'serialNumber';
  if (!sameAlgorithm(certificate.signatureAlgorithm, model.signatureAlgorithm)) return 'signatureAlgorithm';
  if (!equalBytes(certificate.issuer.der, model.issuer.der)) return 'issuer';
  if (certificate.notBefore !== model.notBefore) return 'notBefore';
  if (certificate.notAfter !== model.notAfter) return 'notAfter';
  if (!equalBytes(certificate.subject.der, model.subject.der)) return 'subject';
  if (!equalBytes(certificate.publicKey.der, model.publicKeyDer)) return 'publicKey';
  const extension = differingExtension(certificate.extensions, model);
  if (extension !== undefined) return extension;
  const names = certificate.subjectAltNames.map(comparable);
  if (names.length !== subjectAltNames.length) return 'subjectAltNames';
  for (const [i, name] of subjectAltNames.entries()) {
    const wanted = comparable(name);
    if (wanted === undefined || wanted !== names[i]) return `subjectAltNames[${i}]`;
  }
  if (certificate.basicConstraints?.ca === true) return 'basicConstraints';
  if (!equalBytes(certificate.tbsDer, tbsDer)) return 'tbsCertificate';
  return equalBytes(certificate.signature, signature) ? undefined : 'signature';
}

function differingExtension(extensions: readonly Extension[], model: CertificateModel): string | undefined {
  if (extensions.length !== model.extensions.length) return 'extensions';
  for (const [i, wanted] of model.extensions.entries()) {
    const found = extensions[i];
    const same =
      found !== undefined &&
      found.oid === wanted.oid &&
      found.critical === wanted.critical &&
      equalBytes(found.value, wanted.value);
    if (!same) return `extensions[${i}]`;
  }
  return undefined;
}

function sameAlgorithm(a: AlgorithmIdentifier, b: AlgorithmIdentifier): boolean {
  if (a.oid !== b.oid) return false;
  if (a.parameters === undefined || b.parameters === undefined) return a.parameters === b.parameters;
  return equalBytes(a.parameters, b.parameters);
}
