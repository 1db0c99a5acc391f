import { gzip as gzipCallback, constants } from 'node:zlib';
import { promisify } from 'node:util';
import type { ApiResponse } from '../../kube/exchange.js';
import { listSchemaOf, metadataField, statusSchema } from '../../kube/object-meta-schema.js';
import { apiVersionOf, type KubeList, type KubeObject, type ListMeta } from '../../kube/object-meta.js';
import type { MessageSchema } from '../../kube/schema.js';
import type { Status } from '../../kube/status.js';
import type { MaybePromise, Resource } from '../../registry/resource.js';
import { type Encoding, negotiateError, PLAIN_JSON, type Representation } from '../negotiation/negotiate.js';
import { parseIncludeObject, partialMetadataOf, tableOf, withType } from '../negotiation/table.js';
import { encodeMessage } from '../protobuf/encode-message.js';
import { encodeEnvelope, PROTOBUF } from '../protobuf/envelope.js';
import { headerOf } from '../request-headers.js';
import type { ServedRequest } from '../served-request.js';
import { encodeListJson, encodeListProtobuf, isLongList } from './encode-list.js';
import { formatYaml } from '../yaml-body.js';

const gzip = promisify(gzipCallback);

const partialMetadataSchema: MessageSchema = {
  name: 'io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadata',
  description: 'An object with nothing but its metadata.',
  fields: [metadataField],
};
const partialMetadataListSchema: MessageSchema = listSchemaOf(partialMetadataSchema);
const listSchemas = new WeakMap<MessageSchema, MessageSchema>();

function listSchema(item: MessageSchema): MessageSchema {
  let list = listSchemas.get(item);
  if (list === undefined) {
    list = listSchemaOf(item);
    listSchemas.set(item, list);
  }
  return list;
}

const MEDIA_TYPES: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: PROTOBUF,
};

/** Answers with one object of a resource, in the form that was negotiated. */
export function respondObject(
  served: ServedRequest,
  status: number,
  object: KubeObject,
  resource: Resource,
  form: Representation,
): MaybePromise<ApiResponse> {
  if (served.inProcess) return inProcess(served, status, object);
  const { transformation } = form;
  switch (transformation.kind) {
    case 'none':
      return respondValue(served, status, withType(object, resource), resource.schema, form);
    case 'Table': {
      const version = object.metadata.resourceVersion;
      const table = tableOf(resource, [object], version === undefined ? {} : { resourceVersion: version }, {
        version: transformation.version,
        includeObject: parseIncludeObject(served.info.query.get('includeObject')),
        now: served.now,
      });
      return respondValue(served, status, table, undefined, form);
    }
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      return respondValue(
        served,
        status,
        partialMetadataOf(object, transformation.version),
        partialMetadataSchema,
        form,
      );
  }
}

/** Answers with a list of a resource's objects, in the form that was negotiated. */
export function respondList(
  served: ServedRequest,
  status: number,
  items: readonly KubeObject[],
  metadata: ListMeta,
  resource: Resource,
  form: Representation,
): MaybePromise<ApiResponse> {
  const apiVersion = apiVersionOf(resource.group, resource.version);
  const list: KubeList = { kind: `${resource.kind}List`, apiVersion, metadata, items };
  if (served.inProcess) return inProcess(served, status, list);
  const { transformation } = form;
  switch (transformation.kind) {
    case 'none':
      return respondValue(served, status, list, listSchema(resource.schema), form);
    case 'Table': {
      const table = tableOf(resource, items, metadata, {
        version: transformation.version,
        includeObject: parseIncludeObject(served.info.query.get('includeObject')),
        now: served.now,
      });
      return respondValue(served, status, table, undefined, form);
    }
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList': {
      const { version } = transformation;
      const partial = {
        kind: 'PartialObjectMetadataList',
        apiVersion: `meta.k8s.io/${version}`,
        metadata,
        items: items.map((item) => partialMetadataOf(item, version)),
      };
      return respondValue(served, status, partial, partialMetadataListSchema, form);
    }
  }
}

/** Answers with a value that says its own kind and apiVersion. Without a schema it has no protobuf form: JSON then. */
export function respondValue(
  served: ServedRequest,
  status: number,
  value: object & { readonly apiVersion?: string; readonly kind?: string },
  schema: MessageSchema | undefined,
  form: Representation,
): MaybePromise<ApiResponse> {
  if (served.inProcess) return inProcess(served, status, value);
  served.audit?.answers(value);
  if (form.encoding === 'yaml') return yaml(served, status, value);
  if (form.encoding === 'protobuf' && schema !== undefined) {
    if (isLongList(value)) return longList(served, status, PROTOBUF, encodeListProtobuf(value, schema, served.pause));
    const bytes = encodeEnvelope(value.apiVersion ?? '', value.kind ?? '', encodeMessage(schema, value));
    return respondBytes(served, status, PROTOBUF, bytes);
  }
  const indent = form.pretty || wantsPretty(served) ? 2 : undefined;
  if (indent === undefined && isLongList(value)) {
    return longList(served, status, MEDIA_TYPES.json, encodeListJson(value, served.pause));
  }
  return respondBytes(served, status, MEDIA_TYPES.json, jsonBytes(value, indent));
}

async function longList(
  served: ServedRequest,
  status: number,
  contentType: string,
  bytes: Promise<Uint8Array>,
): Promise<ApiResponse> {
  return respondBytes(served, status, contentType, await bytes);
}

/** Answers a refusal. */
export function respondStatus(served: ServedRequest, status: Status): MaybePromise<ApiResponse> {
  const form: Representation = { ...PLAIN_JSON, encoding: negotiateError(served.accept) };
  const answer = respondValue(served, status.code ?? 500, status, statusSchema, form);
  const seconds = status.details?.retryAfterSeconds ?? 0;
  if (seconds <= 0 && status.code !== 403) return answer;
  const more = seconds > 0 ? { 'retry-after': String(seconds) } : { 'x-content-type-options': 'nosniff' };
  return answer instanceof Promise ? answer.then((a) => withHeaders(a, more)) : withHeaders(answer, more);
}

function withHeaders(answer: ApiResponse, more: Readonly<Record<string, string>>): ApiResponse {
  return { ...answer, headers: { ...answer.headers, ...more } };
}

/** Answers with text. */
export function respondText(
  served: ServedRequest,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): ApiResponse {
  return {
    status,
    headers: { ...headersOf(served, 'text/plain; charset=utf-8'), 'x-content-type-options': 'nosniff', ...headers },
    body: { kind: 'bytes', bytes: Buffer.from(text) },
  };
}

/** JSON with the one newline at its end that the API server writes. */
export function jsonBytes(value: object, indent?: number): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, indent)}\n`);
}

async function yaml(served: ServedRequest, status: number, value: object): Promise<ApiResponse> {
  return respondBytes(served, status, MEDIA_TYPES.yaml, Buffer.from(await formatYaml(value)));
}

/** Answers with bytes, compressed where the client takes it and it pays. */
export function respondBytes(
  served: ServedRequest,
  status: number,
  contentType: string,
  bytes: Uint8Array,
  headers?: Readonly<Record<string, string>>,
): MaybePromise<ApiResponse> {
  const all =
    headers === undefined ? headersOf(served, contentType) : { ...headersOf(served, contentType), ...headers };
  if (bytes.length > served.gzipAboveBytes && takesGzip(headerOf(served.request.headers, 'accept-encoding'))) {
    return compressed(status, all, bytes);
  }
  return { status, headers: all, body: { kind: 'bytes', bytes } };
}

function takesGzip(acceptEncoding: string): boolean {
  return /(^|,)\s*gzip\s*(,|$|;\s*q=(1|0?\.0*[1-9]))/i.test(acceptEncoding);
}

async function compressed(status: number, headers: ApiResponse['headers'], bytes: Uint8Array): Promise<ApiResponse> {
  const small = await gzip(bytes, { level: constants.Z_BEST_SPEED });
  return {
    status,
    headers: {
      ...headers,
      'content-encoding': 'gzip',
      vary: headers['vary'] === undefined ? 'Accept-Encoding' : `${String(headers['vary'])}, Accept-Encoding`,
    },
    body: { kind: 'bytes', bytes: small },
  };
}

function inProcess(served: ServedRequest, status: number, value: object): ApiResponse {
  served.audit?.answers(value);
  return { status, headers: headersOf(served, 'application/json'), body: { kind: 'object', value } };
}

/** What every answer carries. */
export function headersOf(served: ServedRequest, contentType: string): Record<string, string | readonly string[]> {
  const warning = served.warnings.headers();
  const headers: Record<string, string | readonly string[]> = {
    'audit-id': served.auditId,
    'cache-control': 'no-cache, private',
    'content-type': contentType,
  };
  if (warning !== undefined) headers['warning'] = warning;
  return headers;
}

/** People who look with a browser or with curl get indented JSON without asking. */
function wantsPretty(served: ServedRequest): boolean {
  const asked = served.info.query.flag('pretty');
  if (asked !== undefined) return asked;
  const agent = headerOf(served.request.headers, 'user-agent');
  return agent.startsWith('curl') || agent.startsWith('Wget') || agent.startsWith('Mozilla/5.0');
}
