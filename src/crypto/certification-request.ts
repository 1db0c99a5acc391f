import {
  assembleCertificationRequest,
  buildCertificationRequestInfo,
  type CertificationRequest,
} from '../x509/certification-request.js';
import { subjectAltNameExtension, type Extension } from '../x509/extension.js';
import type { GeneralName } from '../x509/general-name.js';
import { encodeName, type NameInput } from '../x509/name.js';
import type { SignatureVerdict } from '../x509/signature.js';
import type { PrivateKey } from './private-key.js';
import { verifySignature } from './verify-signature.js';

/** What a request shall ask for. */
export interface RequestSpec {
  readonly subject: NameInput;
  readonly subjectAltNames?: readonly GeneralName[];
  /** Beyond subjectAltName. */
  readonly extensions?: readonly Extension[];
}

/** Whether the request is signed by its own key; texts are Go's. */
export function verifyCertificationRequest(request: CertificationRequest): SignatureVerdict {
  return verifySignature(request.publicKey, request.signatureAlgorithm, request.infoDer, request.signature);
}

/** DER of a PKCS#10 request signed by `key`. The subjectAltName is critical where the subject is empty. */
export async function createCertificationRequest(key: PrivateKey, spec: RequestSpec): Promise<Uint8Array> {
  const subject = encodeName(spec.subject);
  const names = spec.subjectAltNames ?? [];
  const altNames = names.length === 0 ? [] : [subjectAltNameExtension(names, subject.rdns.length === 0)];
  const info = buildCertificationRequestInfo({
    subject,
    publicKeyDer: key.publicKeyDer,
    extensions: [...altNames, ...(spec.extensions ?? [])],
  });
  return assembleCertificationRequest(info, key.signatureAlgorithm, await key.sign(info));
}
