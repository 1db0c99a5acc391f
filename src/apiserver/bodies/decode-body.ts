import { hasCode } from '../../base/error.js';
import { toHex } from '../../base/bytes.js';
import { decodeObject } from '../../kube/decode-json.js';
import { strictFindings } from '../../kube/duplicate-fields.js';
import { apiVersionOf, type KubeObject } from '../../kube/object-meta.js';
import { parseJson } from '../../kube/parse-json.js';
import type { MessageSchema } from '../../kube/schema.js';
import { badRequest, failure, StatusError } from '../../kube/status.js';
import { decodeMessage } from '../protobuf/decode-message.js';
import { decodeProtobuf, PROTOBUF } from '../protobuf/envelope.js';
import { mediaTypeOf } from '../request-headers.js';
import { parseYamlBody } from '../yaml-body.js';
import type { KnownKinds } from './known-kinds.js';

/** How a body is written. */
export type BodyFormat = 'json' | 'yaml' | 'protobuf';

/** What a body must hold. */
export interface ExpectedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: MessageSchema;
}

/** A body as an object of the expected kind. */
export interface DecodedBody {
  /** Carries kind and apiVersion. Fresh: nothing else refers to it. */
  readonly object: KubeObject;
  /** What strict validation would refuse, in its words. */
  readonly findings: readonly string[];
}

/** Reads the Content-Type of a body. None means JSON; parameters are ignored. Anything else is 415. */
export function bodyFormat(contentType: string): BodyFormat {
  switch (mediaTypeOf(contentType)) {
    case '':
    case 'application/json':
      return 'json';
    case 'application/yaml':
      return 'yaml';
    case PROTOBUF:
      return 'protobuf';
    default:
      throw unsupportedMediaType(['application/json', 'application/yaml', PROTOBUF]);
  }
}

/** 415 that names what would be taken. */
export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError(failure(415, 'UnsupportedMediaType', message));
}

/**
 * Decodes a body. Throws 400 for what cannot be read, is another kind or version, or does not fit the schema. `strict`
 * asks for the findings; they cost another walk over the text.
 */
export async function decodeBody(
  bytes: Uint8Array,
  format: BodyFormat,
  expected: ExpectedKind,
  kinds: KnownKinds,
  strict: boolean,
): Promise<DecodedBody> {
  switch (format) {
    case 'json': {
      const text = textOf(bytes);
      const json = readable(() => parseJson(text), expected, bytes);
      const decoded = decodeValue(json, expected, kinds, bytes);
      return { object: decoded.object, findings: strict ? strictFindings(text, decoded.unknownFields) : [] };
    }
    case 'yaml': {
      const body = await parseYamlBody(textOf(bytes)).catch((error: unknown) => {
        throw unreadable(error, expected, bytes);
      });
      const decoded = decodeValue(body.value, expected, kinds, bytes);
      const unknown = decoded.unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`);
      return { object: decoded.object, findings: strict ? [...body.duplicates, ...unknown] : [] };
    }
    case 'protobuf': {
      const { apiVersion, kind, raw } = decodeProtobuf(bytes);
      const type = checkKind(apiVersion, kind, expected, kinds, bytes);
      const message = decodeMessage(expected.schema, raw);
      // decodeMessage built it by the schema of the kind, which begins with metadata
      return { object: { ...type, ...message } as unknown as KubeObject, findings: [] };
    }
  }
}

/** Decodes a value that is already in memory, with the same refusals. The input is not changed and not kept. */
export function decodeValue(
  json: unknown,
  expected: ExpectedKind,
  kinds: KnownKinds,
  bytes: Uint8Array = new Uint8Array(0),
): { readonly object: KubeObject; readonly unknownFields: readonly string[] } {
  const value = json ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) throw noObject(value, expected, bytes);
  const type = checkKind(
    typeField(value, 'apiVersion', expected, bytes),
    typeField(value, 'kind', expected, bytes),
    expected,
    kinds,
    bytes,
  );
  try {
    const decoded = decodeObject(expected.schema, expected.kind, value);
    const { object } = decoded;
    if (object.kind === type.kind && object.apiVersion === type.apiVersion) return decoded;
    return { object: { ...type, ...object, ...type }, unknownFields: decoded.unknownFields };
  } catch (error) {
    if (hasCode(error, 'OBJECT_MALFORMED')) throw unhandled(type.kind, expected, expected, error.message);
    throw error;
  }
}

/** Refuses what strict validation found, in the words of a body of this kind. */
export function refuseFindings(findings: readonly string[], expected: ExpectedKind): void {
  if (findings.length > 0) throw unhandled(expected.kind, expected, expected, strictError(findings));
}

/** The text of a strict decoding error. */
export function strictError(findings: readonly string[]): string {
  return `strict decoding error: ${findings.join(', ')}`;
}

interface TypeMeta {
  readonly kind: string;
  readonly apiVersion: string;
}

/** Missing parts come from the URL; what is there must be the kind and version of the URL. */
function checkKind(
  apiVersion: string,
  kind: string,
  expected: ExpectedKind,
  kinds: KnownKinds,
  bytes: Uint8Array,
): TypeMeta {
  const wanted = apiVersionOf(expected.group, expected.version);
  const has: TypeMeta = {
    kind: kind === '' ? expected.kind : kind,
    apiVersion: apiVersion === '' ? wanted : apiVersion,
  };
  if (has.kind === expected.kind && has.apiVersion === wanted) return has;
  const [first = '', second, ...more] = has.apiVersion.split('/');
  if (more.length > 0) throw unrecognized(`unexpected GroupVersion string: ${has.apiVersion}`, expected, bytes);
  const group = second === undefined ? '' : first;
  const version = second ?? first;
  if (group === expected.group && has.kind === expected.kind && kinds.hadEarlier(group, version, has.kind)) {
    throw badRequest(
      `the API version in the data (${has.apiVersion}) does not match the expected API version (${wanted})`,
    );
  }
  const detail = kinds.has(has.apiVersion, has.kind)
    ? `converting (${version}.${has.kind}) to (${internalPackage(expected.group)}.${expected.kind}): unknown conversion`
    : `no kind ${JSON.stringify(has.kind)} is registered for version ${JSON.stringify(has.apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`;
  throw unhandled(has.kind, { version }, expected, detail);
}

/** The Go package of a group's internal types, which the API server's conversion errors name. */
function internalPackage(group: string): string {
  if (group === '' || group === 'events.k8s.io') return 'core';
  const dot = group.indexOf('.');
  return dot < 0 ? group : group.slice(0, dot);
}

function unhandled(
  kind: string,
  of: { readonly version: string },
  expected: ExpectedKind,
  detail: string,
): StatusError {
  return badRequest(
    `${kind} in version ${JSON.stringify(of.version)} cannot be handled as a ${expected.kind}: ${detail}`,
  );
}

function unrecognized(detail: string, expected: ExpectedKind, bytes: Uint8Array): StatusError {
  return badRequest(
    `the object provided is unrecognized (must be of type ${expected.kind}): ${detail} (${summaryOf(bytes)})`,
  );
}

function unreadable(error: unknown, expected: ExpectedKind, bytes: Uint8Array): unknown {
  if (!hasCode(error, 'OBJECT_MALFORMED')) return error;
  return unrecognized(`couldn't get version/kind; json parse error: ${error.message}`, expected, bytes);
}

function readable<T>(read: () => T, expected: ExpectedKind, bytes: Uint8Array): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(error, expected, bytes);
  }
}

const TYPE_META = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

function noObject(value: unknown, expected: ExpectedKind, bytes: Uint8Array): StatusError {
  const detail = `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type ${TYPE_META}`;
  return unrecognized(detail, expected, bytes);
}

function typeField(value: object, field: 'apiVersion' | 'kind', expected: ExpectedKind, bytes: Uint8Array): string {
  const text: unknown = (value as Readonly<Record<string, unknown>>)[field]; // any object may be read by name
  if (text === undefined || text === null) return '';
  if (typeof text === 'string') return text;
  const detail = `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonTypeOf(text)} into Go struct field .${field} of type string`;
  throw unrecognized(detail, expected, bytes);
}

/** What Go calls a JSON value of another type. */
export function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'object':
      return value === null ? 'null' : 'object';
    default:
      return typeof value;
  }
}

const SUMMARY_BYTES = 30;

/** How errors show a body that makes no sense: as text where it looks like JSON, else as hex; only its start. */
function summaryOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>';
  const start = bytes.subarray(0, SUMMARY_BYTES);
  const shown = start[0] === 0x7b ? textOf(start) : toHex(start);
  return bytes.length > SUMMARY_BYTES ? `${shown} ...` : shown;
}

/** Bytes as text; malformed UTF-8 becomes U+FFFD, as in Go's JSON reader. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
