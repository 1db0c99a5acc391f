import { DerError } from '../asn1/der-error.js';
import { CountersignError, type ErrorCode } from '../base/error.js';

/** Runs `read`; bad DER in it becomes an error with this code and message, with the offset in its cause. */
export function orRefuse<T>(code: ErrorCode, message: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof DerError) throw new CountersignError(code, message, { cause });
    throw cause;
  }
}

/** Runs `read`; an error of ours in it gets `code` and keeps its message. */
export function withCode<T>(code: ErrorCode, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof CountersignError && cause.code !== code) {
      throw new CountersignError(code, cause.message, { cause });
    }
    throw cause;
  }
}
