import { CountersignError } from '../base/error.js';

/** meta/v1 StatusCause. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** meta/v1 StatusDetails. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** meta/v1 Status: what every failed request answers with. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** A refusal with the Status that says it. Thrown by the server's floors, and by the client for a failed request. */
export class StatusError extends CountersignError<'API_STATUS'> {
  readonly status: Status;

  constructor(status: Status) {
    super('API_STATUS', status.message ?? `HTTP ${status.code ?? 0}`);
    this.status = status;
  }

  /** The HTTP status code. */
  get httpCode(): number {
    return this.status.code ?? 500;
  }

  /** The machine-readable reason; empty where the server gave none. */
  get reason(): string {
    return this.status.reason ?? '';
  }
}

/** Whether `error` is a refusal with this reason. */
export function hasReason(error: unknown, reason: string): error is StatusError {
  return error instanceof StatusError && error.reason === reason;
}

/** What a resource is called in error texts: `plural` or `plural.group`, and the name. */
export interface QualifiedResource {
  readonly group: string;
  readonly resource: string;
}

/** `configmaps`, or `certificatesigningrequests.certificates.k8s.io`. */
export function qualified(of: QualifiedResource): string {
  return of.group === '' ? of.resource : `${of.resource}.${of.group}`;
}

/** A failure Status of any kind. */
export function failure(code: number, reason: string | undefined, message: string, details?: StatusDetails): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
}

/** `details` with name, group and kind as the API spells them: empty ones are left out. */
export function detailsOf(of: QualifiedResource, name: string, causes?: readonly StatusCause[]): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(of.group === '' ? {} : { group: of.group }),
    ...(of.resource === '' ? {} : { kind: of.resource }),
    ...(causes === undefined ? {} : { causes }),
  };
}

/** 400. */
export function badRequest(message: string): StatusError {
  return new StatusError(failure(400, 'BadRequest', message));
}

/** 403: `<resource> "<name>" is forbidden: <why>`. */
export function forbidden(of: QualifiedResource, name: string, why: string): StatusError {
  const subject = name === '' ? qualified(of) : `${qualified(of)} ${JSON.stringify(name)}`;
  return new StatusError(failure(403, 'Forbidden', `${subject} is forbidden: ${why}`, detailsOf(of, name)));
}

/** 404 for an object. */
export function notFound(of: QualifiedResource, name: string): StatusError {
  return new StatusError(
    failure(404, 'NotFound', `${qualified(of)} ${JSON.stringify(name)} not found`, detailsOf(of, name)),
  );
}

/** 404 for a resource, version or subresource that is not served. */
export function resourceNotFound(): StatusError {
  return new StatusError(failure(404, 'NotFound', 'the server could not find the requested resource', {}));
}

/** 405. */
export function methodNotAllowed(): StatusError {
  return new StatusError(
    failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {}),
  );
}

/** 409 on create. */
export function alreadyExists(of: QualifiedResource, name: string): StatusError {
  const message = `${qualified(of)} ${JSON.stringify(name)} already exists`;
  return new StatusError(failure(409, 'AlreadyExists', message, detailsOf(of, name)));
}

/** The text that says an optimistic write lost. */
export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

/** 409 on every other write. */
export function conflict(of: QualifiedResource, name: string, why: string = MODIFIED): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(of)} ${JSON.stringify(name)}: ${why}`;
  return new StatusError(failure(409, 'Conflict', message, detailsOf(of, name)));
}

/** 410 for versions that are no longer kept. */
export function expired(message: string): StatusError {
  return new StatusError(failure(410, 'Expired', message));
}

/** 500 with a cause; the message says nothing internal. */
export function internalError(message: string): StatusError {
  return new StatusError(
    failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] }),
  );
}
