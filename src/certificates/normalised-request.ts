import { toHex } from '../base/bytes.js';
import type { CertificationRequest } from '../x509/certification-request-model.js';
import type { Finding } from '../x509/finding.js';
import type { GeneralName } from '../x509/general-name.js';
import { formatIp } from '../base/ip-address.js';
import { ATTRIBUTE, shortName } from '../x509/name.js';
import { ignoredExtensions, strictFindings } from '../x509/strict-findings.js';
import type { CertificateSigningRequest } from './certificate-signing-request.js';

/** SHA-256, passed in. */
export type Sha256 = (data: Uint8Array) => Uint8Array;

/** A name that is asked for, in the one spelling in which names are compared. */
export interface RequestedName {
  readonly type: 'dns' | 'ip' | 'uri' | 'email';
  /** DNS in lower-case ASCII; IP as RFC 5952 or dotted decimal; URI and email as they came. */
  readonly text: string;
  /** Where it stands: `subjectAltNames[0]`. */
  readonly path: string;
}

/** One value of the requested subject. */
export interface SubjectValue {
  /** Dotted decimal. */
  readonly oid: string;
  /** `CN`, `O`, `OU`, or the OID where there is no short name. */
  readonly type: string;
  readonly value: string;
  /** Where it stands: `subject[1].O`. */
  readonly path: string;
}

/** Who asks, as the API server wrote it into the object. */
export interface Requester {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/**
 * A CertificateSigningRequest with its PKCS#10 read once. Policy, record, signer and command line all look at this one
 * value, and the certificate is built from its `request`: nobody reads the bytes a second time. What cannot be certified
 * is kept as findings, each of which forbids approval; nothing is left out of `names` and `subject` without a finding.
 */
export interface NormalisedRequest {
  /** Name, uid and resourceVersion of the object. */
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly signerName: string;
  readonly requester: Requester;
  readonly usages: readonly string[];
  readonly expirationSeconds?: number;
  /** RFC 3339; absent for a request that was not submitted. */
  readonly creationTimestamp?: string;
  /** spec.request as it came. */
  readonly pem: string;
  readonly request: CertificationRequest;
  /** `sha256:` and hexadecimal over the DER of the request. */
  readonly requestDigest: string;
  /** `sha256:` and hexadecimal over the DER of the SubjectPublicKeyInfo. */
  readonly publicKeyDigest: string;
  readonly names: readonly RequestedName[];
  readonly subject: readonly SubjectValue[];
  /** What will never be certified: what a signer refuses, and extensions that it would drop without a word. */
  readonly findings: readonly Finding[];
}

/**
 * Puts an API object and its PKCS#10 together. The caller has read and verified `request` from this very
 * `csr.spec.request` (a RequestVerifier does).
 */
export function normaliseRequest(
  csr: CertificateSigningRequest,
  request: CertificationRequest,
  sha256: Sha256,
): NormalisedRequest {
  const { metadata, spec } = csr;
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    signerName: spec.signerName,
    requester: requesterOf(csr),
    usages: spec.usages ?? [],
    ...(spec.expirationSeconds === undefined ? {} : { expirationSeconds: spec.expirationSeconds }),
    ...(metadata.creationTimestamp === undefined || metadata.creationTimestamp === null
      ? {}
      : { creationTimestamp: metadata.creationTimestamp }),
    pem: spec.request,
    request,
    ...contentOf(request, sha256),
  };
}

/** What the PKCS#10 alone says. */
type RequestContent = Pick<NormalisedRequest, 'requestDigest' | 'publicKeyDigest' | 'names' | 'subject' | 'findings'>;

/** Each parsed request is looked at several times before it is signed, and always says the same. */
const contents = new WeakMap<CertificationRequest, { readonly sha256: Sha256; readonly content: RequestContent }>();

function contentOf(request: CertificationRequest, sha256: Sha256): RequestContent {
  const known = contents.get(request);
  if (known?.sha256 === sha256) return known.content;
  const content: RequestContent = {
    requestDigest: digestText(sha256(request.der)),
    publicKeyDigest: digestText(sha256(request.publicKey.der)),
    names: request.subjectAltNames.flatMap((name, i) => requestedName(name, `subjectAltNames[${i}]`)),
    subject: subjectValues(request),
    findings: [...strictFindings(request), ...ignoredExtensions(request)],
  };
  contents.set(request, { sha256, content });
  return content;
}

/** Who asks. */
export function requesterOf({ spec }: CertificateSigningRequest): Requester {
  const { username = '', uid = '', groups = [], extra = {} } = spec;
  return { username, uid, groups, extra };
}

/** `sha256:` and hexadecimal. */
export function digestText(digest: Uint8Array): string {
  return `sha256:${toHex(digest)}`;
}

/** The name in its compared spelling; nothing for the kinds that strictFindings refuses. */
function requestedName(name: GeneralName, path: string): readonly RequestedName[] {
  switch (name.kind) {
    case 'dns':
      return [{ type: 'dns', text: lowerAscii(name.value), path }];
    case 'ip':
      return [{ type: 'ip', text: formatIp(name.bytes), path }];
    case 'uri':
      return [{ type: 'uri', text: name.value, path }];
    case 'email':
      return [{ type: 'email', text: name.value, path }];
    case 'otherName':
    case 'x400Address':
    case 'directoryName':
    case 'ediPartyName':
    case 'registeredId':
    case 'unknown':
      return [];
  }
}

/** Lower case for A to Z and nothing else: what other letters become depends on who asks (RFC 4343). */
export function lowerAscii(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : text;
}

function subjectValues({ subject }: CertificationRequest): readonly SubjectValue[] {
  const values: SubjectValue[] = [];
  for (const [i, rdn] of subject.rdns.entries()) {
    for (const { oid, value } of rdn) {
      if (value === undefined) continue; // no text: a finding
      const type = shortName(oid);
      values.push({ oid, type, value, path: `subject[${i}].${type}` });
    }
  }
  return values;
}

/** The common name that is asked for; undefined where there is none. More than one is a finding. */
export function requestedCommonName({ subject }: Pick<NormalisedRequest, 'subject'>): SubjectValue | undefined {
  return subject.find(({ oid }) => oid === ATTRIBUTE.commonName);
}
