import type { CertificationRequest } from '../x509/certification-request.js';
import type { Extension } from '../x509/extension.js';
import type { GeneralName } from '../x509/general-name.js';
import type { NameInput } from '../x509/name.js';
import type { SignatureVerdict } from '../x509/signature.js';
import type { PrivateKey } from './private-key.js';

/** What a request shall ask for. */
export interface RequestSpec {
  readonly subject: NameInput;
  readonly subjectAltNames?: readonly GeneralName[];
  /** Beyond subjectAltName. */
  readonly extensions?: readonly Extension[];
}

/** Whether the request is signed by its own key; texts are Go's. */
export function verifyCertificationRequest(_request: CertificationRequest): SignatureVerdict {
  throw new Error('not yet');
}

/** DER of a PKCS#10 request signed by `key`. */
export async function createCertificationRequest(_key: PrivateKey, _spec: RequestSpec): Promise<Uint8Array> {
  throw new Error('not yet');
}
