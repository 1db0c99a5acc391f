import type { ServiceError } from '@grpc/grpc-js';

import { messageOf } from '../../base/error.js';

/**
 * Why etcd did not do what it was asked.
 *
 * - `compacted`, `future`: the revision asked for is forgotten, or not reached.
 * - `too-large`: the request is above the member's `--max-request-bytes`.
 * - `no-space`: the quota is used up; nothing is written until space is made and the alarm is taken back.
 * - `corrupt`: members have found that their data differ, and refuse to serve.
 * - `denied`: the client certificate is not one that may do this.
 * - `not-now`: this member cannot, and has not done anything: no leader, too busy, no connection.
 * - `unknown`: whether it was done is not known: the connection or the leader went away, or time ran out.
 * - `broken`: anything else; it will not be better elsewhere.
 */
export type FailureKind =
  'compacted' | 'future' | 'too-large' | 'no-space' | 'corrupt' | 'denied' | 'not-now' | 'unknown' | 'broken';

/** A call to etcd that failed. */
export class EtcdFailure extends Error {
  readonly kind: FailureKind;
  /** No answer came in time: the member may hang. */
  readonly silent: boolean;

  constructor(kind: FailureKind, message: string, silent = false, cause?: unknown) {
    super(message, { cause });
    this.name = 'EtcdFailure';
    this.kind = kind;
    this.silent = silent;
  }
}

/** Numbers of gRPC's status codes, which never change. */
const CANCELLED = 1;
const UNKNOWN = 2;
const DEADLINE_EXCEEDED = 4;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const ABORTED = 10;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

/** What etcd says in the text of a status; codes alone do not tell these apart. */
const BY_TEXT: readonly { readonly text: string; readonly kind: FailureKind }[] = [
  { text: 'required revision has been compacted', kind: 'compacted' },
  { text: 'required revision is a future revision', kind: 'future' },
  { text: 'request is too large', kind: 'too-large' },
  { text: 'message larger than max', kind: 'too-large' },
  { text: 'database space exceeded', kind: 'no-space' },
  { text: 'corrupt cluster', kind: 'corrupt' },
  { text: 'permission denied', kind: 'denied' },
  { text: 'user name is empty', kind: 'denied' },
  { text: 'invalid auth token', kind: 'denied' },
  { text: 'too many requests', kind: 'not-now' },
  { text: 'no leader', kind: 'not-now' },
  { text: 'not supported for learner', kind: 'not-now' },
  { text: 'No connection established', kind: 'not-now' },
];

/** What a status of a call to `endpoint` means. */
export function failureOf(error: unknown, endpoint: string): EtcdFailure {
  if (error instanceof EtcdFailure) return error;
  if (!isServiceError(error))
    return new EtcdFailure('broken', `etcd at ${endpoint}: ${messageOf(error)}`, false, error);
  const code: number = error.code;
  const details = error.details.replace(/\s+/g, ' ');
  return new EtcdFailure(
    kindOf(code, details),
    `etcd at ${endpoint}: ${details === '' ? `status ${code}` : details}`,
    code === DEADLINE_EXCEEDED,
    error,
  );
}

function kindOf(code: number, details: string): FailureKind {
  const known = BY_TEXT.find(({ text }) => details.includes(text));
  if (known !== undefined) return known.kind;
  switch (code) {
    case CANCELLED:
    case UNKNOWN:
    case DEADLINE_EXCEEDED:
    case ABORTED:
    case INTERNAL:
    case UNAVAILABLE:
      return 'unknown';
    case RESOURCE_EXHAUSTED:
      return 'not-now';
    case PERMISSION_DENIED:
    case UNAUTHENTICATED:
      return 'denied';
    default:
      return 'broken';
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}
