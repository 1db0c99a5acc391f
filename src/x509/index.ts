/**
 * X.509 without cryptography: names, keys, requests and certificates, read strictly and written in DER; PEM; path
 * validation and linting. Signatures are checked by a function that the caller passes in.
 */
export { type AlgorithmIdentifier, encodeAlgorithmIdentifier } from './algorithm-identifier.js';
export { parseApiRequest } from './api-request.js';
export {
  assembleCertificate,
  encodeTbsCertificate,
  parseCertificate,
  parseCertificates,
  type Certificate,
  type CertificateExtensions,
  type CertificateModel,
} from './certificate.js';
export {
  assembleCertificationRequest,
  buildCertificationRequestInfo,
  parseCertificationRequest,
  strictFindings,
  type CertificationRequest,
  type CertificationRequestModel,
  type RequestAttribute,
} from './certification-request.js';
export {
  parseAuthorityInfoAccess,
  parseBasicConstraints,
  parseCertificatePolicies,
  parseCrlDistributionPoints,
  parseExtKeyUsage,
  parseKeyUsage,
  type AuthorityInfoAccess,
} from './extension-values.js';
export {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  EXTENDED_KEY_USAGE,
  EXTENSION,
  extKeyUsageExtension,
  findExtension,
  KEY_USAGES,
  keyUsageExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
  type BasicConstraints,
  type Extension,
  type KeyUsage,
} from './extension.js';
export { type Finding } from './finding.js';
export {
  encodeGeneralNames,
  formatGeneralName,
  formatIp,
  parseGeneralNames,
  parseIp,
  type GeneralName,
} from './general-name.js';
export { hostNameProblem } from './host-name.js';
export { keyFindings } from './key-strength.js';
export { lintCertificate, type LintRole } from './lint.js';
export { matchesHostname } from './match-hostname.js';
export {
  nameConstraintsExtension,
  parseNameConstraints,
  type NameConstraints,
  type Subtree,
} from './name-constraints.js';
export {
  ATTRIBUTE,
  attributeValues,
  commonName,
  encodeName,
  formatName,
  isEmptyName,
  parseName,
  type AttributeTypeAndValue,
  type Name,
  type NameInput,
} from './name.js';
export { decodePem, encodePem, firstPemBlock, type PemBlock, type PemLimits } from './pem.js';
export {
  describePublicKey,
  parseSubjectPublicKeyInfo,
  type PublicKeyParts,
  type SubjectPublicKeyInfo,
} from './public-key.js';
export {
  describeSignatureAlgorithm,
  SIGNATURE_ALGORITHM,
  signatureScheme,
  type SignatureScheme,
} from './signature-algorithm.js';
export { type SignatureVerdict, type VerifySignature } from './signature.js';
export { verifyChain, type ChainQuestion, type ChainRefusal, type ChainVerdict } from './verify-chain.js';
