import { decodeBase64, toBase64 } from '../base/base64.js';
import { utf8 } from '../base/bytes.js';
import { CountersignError, hasCode } from '../base/error.js';
import { type FieldError, invalid, OMITTED, required, tooLong } from '../kube/field-error.js';
import { byteLength, dnsSubdomainProblems, qualifiedNameProblems } from '../kube/names.js';
import { parseCertificationRequest } from '../x509/certification-request.js';
import { encodePem } from '../x509/pem.js';
import { parseSubjectPublicKeyInfo, type SubjectPublicKeyInfo } from '../x509/public-key.js';
import type { PodCertificateRequest, PodCertificateRequestSpec } from './pod-certificate-request.js';
import type { RequestVerifier } from './request-verifier.js';
import { validateSignerName } from './signer-name.js';

/** Lifetime that is asked for where a request says none. */
export const DEFAULT_MAX_EXPIRATION_SECONDS = 86_400;

const MIN_EXPIRATION_SECONDS = 3600;
const MAX_EXPIRATION_SECONDS = 7_862_400;
/** The most that signers of Kubernetes itself may be asked for. */
const MAX_KUBERNETES_EXPIRATION_SECONDS = 86_400;
const MAX_UID_BYTES = 128;
const MAX_KEY_BYTES = 10_240;
const MAX_ANNOTATION_BYTES = 262_144;

const STUB = 'spec.stubPKCS10Request';
const KEY = 'spec.pkixPublicKey';
const PROOF = 'spec.proofOfPossession';
const ANNOTATIONS = 'spec.unverifiedUserAnnotations';

/** Whether the holder of a key signed these bytes: how the deprecated form of a request proves possession. */
export type ProofVerifier = (key: SubjectPublicKeyInfo, data: Uint8Array, signature: Uint8Array) => boolean;

/** What checks keys and signatures of requests. */
export interface PodCertificateVerifiers {
  readonly requests: RequestVerifier;
  readonly proofs: ProofVerifier;
}

/** What is wrong with a new request, in the API's order (pkg/apis/certificates/validation). */
export async function validatePodCertificateRequest(
  { spec }: PodCertificateRequest,
  verifiers: PodCertificateVerifiers,
): Promise<readonly FieldError[]> {
  return [
    ...validateSignerName(spec.signerName, 'spec.signerName'),
    ...validateName(spec.podName, 'spec.podName'),
    ...validateUid(spec.podUID, 'spec.podUID'),
    ...validateName(spec.serviceAccountName, 'spec.serviceAccountName'),
    ...validateUid(spec.serviceAccountUID, 'spec.serviceAccountUID'),
    ...validateName(spec.nodeName, 'spec.nodeName'),
    ...validateUid(spec.nodeUID, 'spec.nodeUID'),
    ...validateExpiration(spec),
    ...(await validateKey(spec, verifiers)),
    ...validateAnnotations(spec.unverifiedUserAnnotations ?? {}),
  ];
}

/** SubjectPublicKeyInfo in DER of the key that a valid request is about. */
export function requestedKeyDer(spec: PodCertificateRequestSpec): Uint8Array {
  const stub = bytesOf(spec.stubPKCS10Request);
  return stub.length > 0 ? parseCertificationRequest(stub).publicKey.der : bytesOf(spec.pkixPublicKey);
}

function validateName(name: string, field: string): readonly FieldError[] {
  return dnsSubdomainProblems(name).map((problem) => invalid(field, name, problem));
}

function validateUid(uid: string, field: string): readonly FieldError[] {
  if (uid === '') return [invalid(field, uid, 'must not be empty')];
  return byteLength(uid) > MAX_UID_BYTES ? [tooLong(field, MAX_UID_BYTES)] : [];
}

function validateExpiration(spec: PodCertificateRequestSpec): readonly FieldError[] {
  const seconds = spec.maxExpirationSeconds ?? DEFAULT_MAX_EXPIRATION_SECONDS;
  const domain = spec.signerName.split('/', 1)[0] ?? '';
  const kubernetes = domain === 'kubernetes.io' || domain.endsWith('.kubernetes.io');
  const most = kubernetes ? MAX_KUBERNETES_EXPIRATION_SECONDS : MAX_EXPIRATION_SECONDS;
  if (seconds >= MIN_EXPIRATION_SECONDS && seconds <= most) return [];
  const detail = `must be in the range [${MIN_EXPIRATION_SECONDS}, ${most}]`;
  return [invalid('spec.maxExpirationSeconds', seconds, detail)];
}

async function validateKey(
  spec: PodCertificateRequestSpec,
  verifiers: PodCertificateVerifiers,
): Promise<readonly FieldError[]> {
  const stub = bytesOf(spec.stubPKCS10Request);
  const key = bytesOf(spec.pkixPublicKey);
  const proof = bytesOf(spec.proofOfPossession);
  const given = [stub, key, proof].map((bytes) => bytes.length > 0).join();
  if (given === 'true,false,false') return validateStub(stub, verifiers.requests);
  if (given === 'false,true,true') return validateProof(spec, key, proof, verifiers.proofs);
  const detail = 'exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set';
  return [invalid('spec', OMITTED, detail)];
}

async function validateStub(der: Uint8Array, verifier: RequestVerifier): Promise<readonly FieldError[]> {
  if (der.length > MAX_KEY_BYTES) return [tooLong(STUB, MAX_KEY_BYTES)];
  const shown = toBase64(der);
  const request = orNothing('REQUEST_INVALID', () => parseCertificationRequest(der));
  if (request === undefined) return [invalid(STUB, shown, 'must be a valid PKCS#10 CSR')];
  const problem = keyProblem(request.publicKey, STUB, 'P256, P384, or P521');
  if (problem !== undefined) return [problem];
  const verified = await verifier.verify(toBase64(utf8(encodePem('CERTIFICATE REQUEST', der))));
  return verified.kind === 'valid' ? [] : [invalid(STUB, shown, 'invalid signature')];
}

function validateProof(
  { podUID }: PodCertificateRequestSpec,
  der: Uint8Array,
  proof: Uint8Array,
  verifyProof: ProofVerifier,
): readonly FieldError[] {
  const long = [
    ...(der.length > MAX_KEY_BYTES ? [tooLong(KEY, MAX_KEY_BYTES)] : []),
    ...(proof.length > MAX_KEY_BYTES ? [tooLong(PROOF, MAX_KEY_BYTES)] : []),
  ];
  if (long.length > 0) return long;
  const key = orNothing('KEY_INVALID', () => parseSubjectPublicKeyInfo(der));
  if (key === undefined) return [invalid(KEY, toBase64(der), 'must be a valid PKIX-serialized public key')];
  const problem = keyProblem(key, KEY, 'P256 or P384');
  if (problem !== undefined) return [problem];
  if (verifyProof(key, utf8(podUID), proof)) return [];
  return [invalid(PROOF, toBase64(proof), 'could not verify proof-of-possession signature')];
}

/** What is wrong with the kind or size of a key. P-521 is taken even where the words leave it out, as upstream. */
function keyProblem({ key }: SubjectPublicKeyInfo, field: string, curves: string): FieldError | undefined {
  switch (key.kind) {
    case 'rsa':
      if (key.bits === 3072 || key.bits === 4096) return undefined;
      return invalid(field, `${key.bits}-bit modulus`, 'RSA keys must have modulus size 3072 or 4096');
    case 'ecdsa':
      if (['P-256', 'P-384', 'P-521'].includes(key.curve)) return undefined;
      return invalid(field, `curve ${key.curve}`, `elliptic public keys must use curve ${curves}`);
    case 'ed25519':
      return undefined;
    case 'unsupported':
      return invalid(field, key.detail, 'unknown public key type; supported types are Ed25519, ECDSA, and RSA');
  }
}

function validateAnnotations(annotations: Readonly<Record<string, string>>): readonly FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [name, value] of Object.entries(annotations)) {
    bytes += byteLength(name) + byteLength(value);
    if (name === '') {
      errors.push(required(ANNOTATIONS));
      continue;
    }
    for (const problem of qualifiedNameProblems(name.toLowerCase())) errors.push(invalid(ANNOTATIONS, name, problem));
    if (name.split('/').length !== 2) {
      errors.push(invalid(ANNOTATIONS, name, 'must be a domain-prefixed key (such as "acme.io/foo")'));
    }
  }
  if (bytes > MAX_ANNOTATION_BYTES) errors.push(tooLong(ANNOTATIONS, MAX_ANNOTATION_BYTES));
  return errors;
}

/** Bytes of a field, which decoding has found to be base64; none where it is not set. */
function bytesOf(base64: string | null | undefined): Uint8Array {
  const decoded = decodeBase64(base64 ?? '');
  return decoded.kind === 'invalid' ? new Uint8Array(0) : decoded.bytes;
}

function orNothing<T>(code: 'REQUEST_INVALID' | 'KEY_INVALID', read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CountersignError && hasCode(error, code)) return undefined;
    throw error;
  }
}
