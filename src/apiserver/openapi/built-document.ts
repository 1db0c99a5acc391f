import { parseAccept } from '../negotiation/accept.js';

/** What a client takes and what it has already: headers of its request. */
export interface DocumentRequest {
  /** Nothing means anything. */
  readonly accept?: string;
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: string;
}

/** An answer of the OpenAPI endpoints; the caller adds what every answer carries. Header names are lower-case. */
export interface OpenApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A document as it is sent. */
export interface BuiltDocument {
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Upper-case hexadecimal. */
  readonly hash: string;
  /** When it was built, as a header says it. */
  readonly lastModified: string;
}

const NOTHING = new Uint8Array(0);

/** An answer without a body. */
export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): OpenApiAnswer {
  return { status, headers, body: NOTHING };
}

/**
 * The first of these media types, the preferred ones first, that fits the best choice of an Accept header; undefined
 * where none fits any.
 */
export function acceptedType(accept: string | undefined, offered: readonly string[]): string | undefined {
  for (const { type, subtype } of parseAccept(accept === undefined || accept === '' ? '*/*' : accept)) {
    const found = offered.find(
      (name) => type === '*' || name === `${type}/${subtype}` || (subtype === '*' && name.startsWith(`${type}/`)),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The document, or 304 for who has it: by its tag, or where the client has none, by its time. */
export function answerWith(
  document: BuiltDocument,
  { ifNoneMatch, ifModifiedSince }: DocumentRequest,
  more: Readonly<Record<string, string>> = {},
): OpenApiAnswer {
  const { contentType, body, hash, lastModified } = document;
  const etag = `"${hash}"`;
  const headers = { 'content-type': contentType, etag, 'last-modified': lastModified, vary: 'Accept', ...more };
  const known = ifNoneMatch === undefined ? ifModifiedSince === lastModified : namesTag(ifNoneMatch, etag);
  return known ? emptyAnswer(304, headers) : { status: 200, headers, body };
}

/** Whether an If-None-Match names a tag (RFC 9110 §13.1.2). */
function namesTag(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(',').some((tag) => {
    const name = tag.trim().replace(/^W\//, '');
    return name === etag || name === '*';
  });
}
