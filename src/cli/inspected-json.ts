import { toHex } from '../base/bytes.js';
import { sha256 } from '../crypto/digest.js';
import { formatTime } from '../kube/time.js';
import type { Certificate } from '../x509/certificate.js';
import type { CertificationRequest } from '../x509/certification-request.js';
import type { Extension } from '../x509/extension.js';
import { formatGeneralName, formatIp, type GeneralName } from '../x509/general-name.js';
import { formatName } from '../x509/name.js';
import { describePublicKey } from '../x509/public-key.js';
import { describeSignatureAlgorithm } from '../x509/signature-algorithm.js';
import type { Inspected } from './inspected.js';
import { oidTitle } from './oid-titles.js';

/** An item for programs: `kind`, and the fields of that kind. No private key is ever in it. */
export function inspectedJson(item: Inspected): Readonly<Record<string, unknown>> {
  switch (item.kind) {
    case 'certificate':
      return { kind: item.kind, ...certificateJson(item.certificate) };
    case 'request':
      return {
        kind: item.kind,
        ...requestJson(item.decoded.request),
        signatureValid: item.decoded.signatureProblem === undefined,
        ...(item.decoded.signatureProblem === undefined ? {} : { signatureProblem: item.decoded.signatureProblem }),
        findings: item.decoded.findings,
      };
    case 'private key':
      return {
        kind: item.kind,
        type: item.pemType,
        key: describePublicKey(item.key.publicKey),
        publicKeySha256: digest(item.key.publicKeyDer),
      };
    case 'encrypted key':
      return { kind: item.kind, type: item.pemType };
    case 'public key':
      return { kind: item.kind, key: describePublicKey(item.publicKey), publicKeySha256: digest(item.publicKey.der) };
    case 'unreadable':
      return { kind: item.kind, type: item.pemType, detail: item.detail };
  }
}

function certificateJson(certificate: Certificate): Readonly<Record<string, unknown>> {
  return {
    subject: formatName(certificate.subject),
    issuer: formatName(certificate.issuer),
    serialNumber: toHex(certificate.serialNumber),
    notBefore: formatTime(certificate.notBefore),
    notAfter: formatTime(certificate.notAfter),
    subjectAltNames: certificate.subjectAltNames.map(nameJson),
    ca: certificate.basicConstraints?.ca === true,
    ...(certificate.basicConstraints?.pathLength === undefined
      ? {}
      : { pathLength: certificate.basicConstraints.pathLength }),
    keyUsage: [...(certificate.keyUsage ?? [])],
    extKeyUsage: (certificate.extKeyUsage ?? []).map(oidTitle),
    key: describePublicKey(certificate.publicKey),
    publicKeySha256: digest(certificate.publicKey.der),
    signatureAlgorithm: describeSignatureAlgorithm(certificate.signatureAlgorithm),
    ...(certificate.subjectKeyIdentifier === undefined
      ? {}
      : { subjectKeyIdentifier: toHex(certificate.subjectKeyIdentifier) }),
    ...(certificate.authorityKeyIdentifier === undefined
      ? {}
      : { authorityKeyIdentifier: toHex(certificate.authorityKeyIdentifier) }),
    extensions: certificate.extensions.map(extensionJson),
    sha256: digest(certificate.der),
  };
}

function requestJson(request: CertificationRequest): Readonly<Record<string, unknown>> {
  return {
    subject: formatName(request.subject),
    subjectAltNames: request.subjectAltNames.map(nameJson),
    key: describePublicKey(request.publicKey),
    publicKeySha256: digest(request.publicKey.der),
    signatureAlgorithm: describeSignatureAlgorithm(request.signatureAlgorithm),
    extensions: request.extensions.map(extensionJson),
  };
}

function nameJson(name: GeneralName): Readonly<Record<string, string>> {
  switch (name.kind) {
    case 'dns':
    case 'email':
    case 'uri':
      return { kind: name.kind, value: name.value };
    case 'ip':
      return { kind: name.kind, value: formatIp(name.bytes) };
    case 'otherName':
    case 'x400Address':
    case 'directoryName':
    case 'ediPartyName':
    case 'registeredId':
    case 'unknown':
      return { kind: name.kind, value: formatGeneralName(name) };
  }
}

function extensionJson(extension: Extension): Readonly<Record<string, unknown>> {
  return {
    oid: extension.oid,
    title: oidTitle(extension.oid),
    critical: extension.critical,
    value: toHex(extension.value),
  };
}

function digest(bytes: Uint8Array): string {
  return toHex(sha256(bytes));
}
