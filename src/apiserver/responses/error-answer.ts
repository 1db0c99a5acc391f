import { CountersignError, type ErrorCode } from '../../base/error.js';
import { failure, type Status, StatusError } from '../../kube/status.js';

/**
 * What an error of ours becomes at the API. `internal`: 500, and nothing of it leaves the server but to the log. `told`:
 * 500, in the log too, but with its own words, as kube-apiserver does where a stored object cannot be decrypted.
 */
type Mapping =
  | 'internal'
  | 'told'
  | {
      readonly code: number;
      readonly reason: string;
      /** Said in place of the error's own words; absent where those are meant for the client. */
      readonly message?: string;
      readonly retryAfterSeconds?: number;
    };

const OUT_OF_SERVICE: Mapping = {
  code: 503,
  reason: 'ServiceUnavailable',
  message: 'the server is currently unable to handle the request',
  retryAfterSeconds: 1,
};

/**
 * Every code of ours and what the API says for it. A StatusError carries its own answer and is not asked for here.
 * What is wrong with a request's PKCS#10 is refused by validation as 422; where such a code comes as far as here, a
 * check is missing, and its words stay inside.
 */
const ANSWERS: Readonly<Record<ErrorCode, Mapping>> = {
  DER_NOT_CANONICAL: 'internal',
  DER_TOO_DEEP: 'internal',
  DER_TOO_LARGE: 'internal',
  DER_TRUNCATED: 'internal',
  DER_TRAILING_DATA: 'internal',
  DER_UNEXPECTED: 'internal',
  PEM_INVALID: 'internal',
  PEM_TOO_LARGE: 'internal',
  REQUEST_INVALID: 'internal',
  REQUEST_SIGNATURE_INVALID: 'internal',
  CERTIFICATE_INVALID: 'internal',
  NAME_INVALID: 'internal',
  OBJECT_MALFORMED: { code: 400, reason: 'BadRequest' },
  KEY_INVALID: 'internal',
  KEY_UNSUPPORTED: 'internal',
  KEY_PASSPHRASE_REQUIRED: 'internal',
  CHAIN_INVALID: 'internal',
  CA_INVALID: 'internal',
  CA_EXPIRED: 'internal',
  ISSUANCE_REFUSED: 'internal',
  ISSUABLE_SPENT: 'internal',
  ISSUED_MISMATCH: 'internal',
  BACKUP_INVALID: 'internal',
  STORE_CLOSED: OUT_OF_SERVICE,
  STORE_COMPACTED: {
    code: 410,
    reason: 'Expired',
    message: 'The resourceVersion for the provided list is too old.',
  },
  STORE_CONFLICT: {
    code: 409,
    reason: 'Conflict',
    message: 'the object has been modified; please apply your changes to the latest version and try again',
  },
  STORE_CORRUPT: 'internal',
  STORE_EXISTS: { code: 409, reason: 'AlreadyExists', message: 'the object already exists' },
  STORE_FUTURE_REVISION: {
    code: 504,
    reason: 'Timeout',
    message: 'Timeout: Too large resource version',
    retryAfterSeconds: 1,
  },
  STORE_LOCKED: OUT_OF_SERVICE,
  STORE_NOT_FOUND: { code: 404, reason: 'NotFound', message: 'the object is not there' },
  STORE_TOO_LARGE: {
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: 'Request entity too large: the object cannot be stored',
  },
  STORE_UNAVAILABLE: OUT_OF_SERVICE,
  SEAL_INVALID: 'told',
  SEAL_KEY_UNKNOWN: 'told',
  API_STATUS: 'internal',
  CLIENT_UNREACHABLE: 'internal',
  CLIENT_PROTOCOL: 'internal',
  CONFIG_INVALID: 'internal',
  USAGE: 'internal',
  ABORTED: { code: 504, reason: 'Timeout', message: 'Timeout: request did not complete within the allotted timeout' },
};

/** An error as an answer. `hidden`: it belongs in the log, since the client learns less, or can do nothing about it. */
export interface ErrorAnswer {
  readonly status: Status;
  readonly hidden: boolean;
}

/** Makes the Status for anything thrown. `auditId` is what joins a hidden error's answer to its line in the log. */
export function errorAnswer(error: unknown, auditId: string): ErrorAnswer {
  if (error instanceof StatusError) return { status: error.status, hidden: false };
  const known: CountersignError | undefined = error instanceof CountersignError ? error : undefined;
  const mapping = known === undefined ? 'internal' : ANSWERS[known.code];
  if (mapping === 'internal') {
    const text = `the server met an unexpected condition, audit ID ${JSON.stringify(auditId)}`;
    return { status: internalStatus(text), hidden: true };
  }
  if (mapping === 'told') return { status: internalStatus(known?.message ?? ''), hidden: true };
  const message = mapping.message ?? known?.message ?? '';
  const details =
    mapping.retryAfterSeconds === undefined ? undefined : { retryAfterSeconds: mapping.retryAfterSeconds };
  return { status: failure(mapping.code, mapping.reason, message, details), hidden: mapping.message !== undefined };
}

function internalStatus(text: string): Status {
  return failure(500, 'InternalError', `Internal error occurred: ${text}`, { causes: [{ message: text }] });
}
