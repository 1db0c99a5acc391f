/**
 * Every code an error of ours can carry. Closed: a new code needs a row in docs/errors.md, and, if it can reach the
 * API, in the server's status table. `AREA_CONDITION`.
 */
export type ErrorCode =
  | 'DER_NOT_CANONICAL'
  | 'DER_TOO_DEEP'
  | 'DER_TOO_LARGE'
  | 'DER_TRUNCATED'
  | 'DER_TRAILING_DATA'
  | 'DER_UNEXPECTED'
  | 'PEM_INVALID'
  | 'PEM_TOO_LARGE'
  | 'REQUEST_INVALID'
  | 'REQUEST_SIGNATURE_INVALID'
  | 'CERTIFICATE_INVALID'
  | 'NAME_INVALID'
  | 'KEY_INVALID'
  | 'KEY_UNSUPPORTED'
  | 'KEY_PASSPHRASE_REQUIRED'
  | 'CHAIN_INVALID'
  | 'CA_INVALID'
  | 'CA_EXPIRED'
  | 'ISSUANCE_REFUSED'
  | 'ISSUABLE_SPENT'
  | 'ISSUED_MISMATCH'
  | 'BACKUP_INVALID'
  | 'STORE_CLOSED'
  | 'STORE_COMPACTED'
  | 'STORE_CONFLICT'
  | 'STORE_CORRUPT'
  | 'STORE_EXISTS'
  | 'STORE_FUTURE_REVISION'
  | 'STORE_LOCKED'
  | 'STORE_NOT_FOUND'
  | 'STORE_TOO_LARGE'
  | 'STORE_UNAVAILABLE'
  | 'SEAL_INVALID'
  | 'SEAL_KEY_UNKNOWN'
  | 'API_STATUS'
  | 'OBJECT_MALFORMED'
  | 'CLIENT_UNREACHABLE'
  | 'CLIENT_PROTOCOL'
  | 'CONFIG_INVALID'
  | 'USAGE'
  | 'ABORTED';

/** What an error may carry besides its code and message. */
export interface ErrorDetail {
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * The one error class. `code` is for programs, `message` for people: "Cannot <verb> <thing>: <where>: <what is>".
 * Thrown for bad input and for failures worth retrying; never for a normal outcome.
 */
export class CountersignError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, detail: ErrorDetail = {}) {
    super(message, 'cause' in detail ? { cause: detail.cause } : undefined);
    this.name = 'CountersignError';
    this.code = code;
  }
}

/** Whether `error` is ours. */
export function isCountersignError(error: unknown): error is CountersignError {
  return error instanceof CountersignError;
}

/** Whether `error` is ours and carries `code`. */
export function hasCode<Code extends ErrorCode>(error: unknown, code: Code): error is CountersignError<Code> {
  return error instanceof CountersignError && error.code === code;
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
