import { utf8 } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import type { CertificateRecordSpec } from './certificate-record.js';

/** A record before it is signed. */
export type UnsignedRecordSpec = Omit<CertificateRecordSpec, 'signature'>;

/** Keeps a signed record apart from everything else that the same key could sign: no JSON begins like this. */
const DOMAIN = 'countersign.dev/v1alpha1 CertificateRecord\n';

/** The name of the record of the request with this uid: the uid itself, so that a request has at most one. */
export function recordName(requestUid: string): string {
  return requestUid;
}

/**
 * The bytes that a record's signature covers: everything in the spec but the signature, as canonical JSON after a line
 * that says what it is. Fields that this version does not know are covered too.
 */
export function canonicalRecordBytes(spec: UnsignedRecordSpec | CertificateRecordSpec): Uint8Array {
  const { signature: _, ...signed } = { signature: undefined, ...spec };
  return utf8(DOMAIN + canonicalJson(signed));
}

/**
 * JSON as RFC 8785 writes it: names sorted by UTF-16 units, no white space, the shortest escapes. Fields that hold what
 * Kubernetes takes for absent (null, "", 0, false, empty lists and objects) are left out, because API servers drop and
 * add them at will; entries of lists stay. OBJECT_MALFORMED: a fraction, an integer beyond 2^53, what is no JSON, or more
 * than 64 levels.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

const MAX_DEPTH = 64;

function write(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw malformed(`it is deeper than ${MAX_DEPTH} levels`);
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (Number.isSafeInteger(value)) return JSON.stringify(value);
      throw malformed(`${value} is no integer that JSON can hold`);
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${Array.from(value, (entry) => write(entry, depth + 1)).join(',')}]`;
      return writeObject(value as Readonly<Record<string, unknown>>, depth); // an object, and no list
    default:
      throw malformed(`a ${typeof value} is no JSON`);
  }
}

function writeObject(object: Readonly<Record<string, unknown>>, depth: number): string {
  const fields: string[] = [];
  for (const name of Object.keys(object).sort()) {
    const value = object[name];
    if (value === undefined) continue;
    const text = write(value, depth + 1);
    // Longer texts are not looked up: each look reads all of it, once at every level.
    if (text.length > LONGEST_ABSENT || !ABSENT.has(text)) fields.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${fields.join(',')}}`;
}

/** Canonical texts of what Kubernetes does not tell from absence. */
const ABSENT: ReadonlySet<string> = new Set(['null', '""', '0', 'false', '[]', '{}']);

const LONGEST_ABSENT = 'false'.length;

function malformed(what: string): CountersignError {
  return new CountersignError('OBJECT_MALFORMED', `Cannot write canonical JSON: ${what}`);
}
