import { CountersignError, hasCode } from '../base/error.js';
import type { ApiResponse } from '../kube/exchange.js';
import { failure, StatusError, type Status } from '../kube/status.js';

/** Reasons that client-go gives an answer whose body is no Status. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

const MAX_QUOTED = 2048;

/** Whether a value is an object whose fields can be looked at. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value says of itself that it is a Status. The 504 of a real server leaves out kind and apiVersion. */
function isStatus(value: unknown): value is Status {
  if (!isRecord(value)) return false;
  return value['kind'] === 'Status' || (value['kind'] === undefined && value['status'] === 'Failure');
}

/** The value of a header; the first where there are several. */
export function headerOf(response: ApiResponse, name: string): string | undefined {
  const value = response.headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

/** The error that an answer of 400 and above stands for. `body` is its parsed content, or its text. */
export function statusErrorOf(response: ApiResponse, body: unknown): StatusError {
  const code = response.status;
  if (isStatus(body)) {
    return new StatusError({
      ...body,
      kind: 'Status',
      apiVersion: 'v1',
      metadata: body.metadata,
      code: body.code ?? code,
    });
  }
  const text = typeof body === 'string' ? body.trim().slice(0, MAX_QUOTED) : '';
  const reason = REASONS[code] ?? (code >= 500 ? 'InternalError' : undefined);
  const message = text === '' ? `the server answered with status ${code}` : text;
  const seconds = retryAfterSeconds(response);
  return new StatusError(failure(code, reason, message, seconds === undefined ? {} : { retryAfterSeconds: seconds }));
}

/** The error that an ERROR event of a watch stands for. */
export function watchErrorOf(object: unknown): StatusError {
  if (isStatus(object)) return new StatusError(object);
  return new StatusError(failure(500, 'InternalError', 'the watch ended with an error that is no Status'));
}

/** Seconds that the server asks to wait; undefined where it does not. A date, which the API never sends, counts as none. */
export function retryAfterSeconds(response: ApiResponse): number | undefined {
  const value = headerOf(response, 'retry-after');
  return value !== undefined && /^[0-9]{1,6}$/.test(value) ? Number(value) : undefined;
}

/** The error of a call that was given up by its caller. */
export function aborted(what: string, signal: AbortSignal): CountersignError<'ABORTED'> {
  return new CountersignError('ABORTED', `Cannot ${what}: the call was given up`, { cause: signal.reason });
}

function isOurs(error: unknown): error is CountersignError {
  return error instanceof CountersignError;
}

/** What a transport threw, as an error of ours. */
export function transportError(what: string, signal: AbortSignal, error: unknown): CountersignError {
  if (signal.aborted) return aborted(what, signal);
  if (isOurs(error)) return error;
  return new CountersignError('CLIENT_UNREACHABLE', `Cannot ${what}: the API server did not answer`, { cause: error });
}

/** Whether a watch or list cannot go on from its resourceVersion and must start anew. */
export function isExpired(error: unknown): boolean {
  return (
    error instanceof StatusError && (error.httpCode === 410 || error.reason === 'Expired' || error.reason === 'Gone')
  );
}

/** Whether the server does not know a resourceVersion yet: another replica that is behind, or a restored backup. */
export function isVersionTooLarge(error: unknown): boolean {
  if (!(error instanceof StatusError)) return false;
  return (error.status.details?.causes ?? []).some((cause) => cause.reason === 'ResourceVersionTooLarge');
}

/** Whether an error means that the caller gave up. */
export function isAborted(error: unknown): boolean {
  return hasCode(error, 'ABORTED');
}

/** Whether an error is a refusal with one of these HTTP codes. */
export function hasHttpCode(error: unknown, ...codes: readonly number[]): error is StatusError {
  return error instanceof StatusError && codes.includes(error.httpCode);
}
