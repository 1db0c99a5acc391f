import { parseBase64Url, toBase64Url } from '../base/base64.js';
import { parseUtf8, utf8 } from '../base/bytes.js';
import { messageOf } from '../base/error.js';
import { isJsonObject } from '../kube/decode-json.js';
import { parseJson } from '../kube/parse-json.js';
import { badRequest, type StatusError } from '../kube/status.js';

/** Where a list goes on. */
export interface ContinueToken {
  /** The snapshot of the first page; `LATEST` = whatever is newest. */
  readonly revision: number;
  /** Key of the last object that has been looked at, after the prefix of the list. */
  readonly after: string;
  /** How many objects followed the page that gave the token; only where the list knew. */
  readonly remaining?: number;
}

/** Stands in a token for no particular snapshot: the rest of an expired list, inconsistent with its beginning. */
export const LATEST = -1;

const VERSION = 'meta.k8s.io/v1';
/** The first key after one is that key and this. */
const NUL = '\u0000';

/**
 * The token, opaque to clients: unpadded base64url of the JSON that kube-apiserver uses, and `n`, the count of what is
 * left, which saves counting it again for every page.
 */
export function encodeContinueToken({ revision, after, remaining }: ContinueToken): string {
  const token = { v: VERSION, rv: revision, start: after + NUL, ...(remaining === undefined ? {} : { n: remaining }) };
  return toBase64Url(utf8(JSON.stringify(token)));
}

/** Reads a token; refuses with 400 in the API's words. The key can only be below the prefix of the list. */
export function parseContinueToken(text: string): ContinueToken {
  const token = parseTokenJson(text);
  const { v = '', rv = 0, start = '', n } = token;
  if (v !== VERSION) {
    throw refused(`continue key is not valid: server does not recognize this encoded version ${String(v)}`);
  }
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0 || rv < LATEST) {
    throw refused(`continue key is not valid: incorrect encoded start resourceVersion (version ${VERSION})`);
  }
  if (typeof start !== 'string' || start === '') {
    throw refused(`continue key is not valid: encoded start key empty (version ${VERSION})`);
  }
  const after = start.slice(0, -1);
  const segments = after.split('/');
  if (!start.endsWith(NUL) || segments.some((s) => s === '' || s === '.' || s === '..')) {
    throw refused(`continue key is not valid: ${start}`);
  }
  const counted = typeof n === 'number' && Number.isSafeInteger(n) && n >= 0;
  return { revision: rv, after, ...(counted ? { remaining: n } : {}) };
}

function parseTokenJson(text: string): Readonly<Record<string, unknown>> {
  const bytes = parseBase64Url(text);
  if (bytes === undefined) {
    throw refused(`continue key is not valid: illegal base64 data at input byte ${illegalOffset(text)}`);
  }
  try {
    const json = parseJson(parseUtf8(bytes) ?? notUtf8(bytes));
    if (isJsonObject(json)) return json;
  } catch (error) {
    throw refused(`continue key is not valid: ${messageOf(error)}`);
  }
  throw refused('continue key is not valid: json: cannot unmarshal into Go value of type storage.continueToken');
}

/** Go parses bytes, and names the first one; as a character of that number. */
function notUtf8(bytes: Uint8Array): never {
  const code = bytes[0] ?? 0;
  const unprintable = (code >= 0x80 && code <= 0xa0) || code === 0xad;
  const shown = unprintable ? `\\u00${code.toString(16)}` : String.fromCharCode(code);
  throw new Error(`invalid character '${shown}' looking for beginning of value`);
}

/** Where Go's decoder stops. */
function illegalOffset(text: string): number {
  const wrong = /[^A-Za-z0-9_-]/.exec(text);
  return wrong === null ? text.length - 1 : wrong.index;
}

function refused(detail: string): StatusError {
  return badRequest(`invalid continue token: ${detail}`);
}
