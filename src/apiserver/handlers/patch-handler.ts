import { hasCode } from '../../base/error.js';
import { decodeObject } from '../../kube/decode-json.js';
import { strictFindings } from '../../kube/duplicate-fields.js';
import type { ApiResponse } from '../../kube/exchange.js';
import { invalid, invalidObject } from '../../kube/field-error.js';
import { mergePatch } from '../../kube/merge-patch.js';
import { apiVersionOf, type KubeObject } from '../../kube/object-meta.js';
import { parseJson } from '../../kube/parse-json.js';
import { badRequest, failure, notFound, StatusError } from '../../kube/status.js';
import { strategicMerge } from '../../kube/strategic-merge.js';
import type { Resource, Subresource } from '../../registry/resource.js';
import { jsonTypeOf, strictError } from '../bodies/decode-body.js';
import { readBody } from '../bodies/read-body.js';
import { parseWriteQuery, type WriteQuery } from '../bodies/write-options.js';
import { applyJsonPatch } from '../json-patch.js';
import { negotiate } from '../negotiation/negotiate.js';
import { headerOf, mediaTypeOf } from '../request-headers.js';
import { respondObject } from '../responses/respond.js';
import type { ResourceRequest } from '../routing/request-info.js';
import type { ServedRequest } from '../served-request.js';
import type { ServedResource } from '../served-resource.js';
import type { ServerParts } from '../server-parts.js';
import { admitWith, type Operation, operationOn } from './admission-of.js';
import {
  APPLY_PATCH,
  type ApplyBody,
  appliedObject,
  asConfiguration,
  parseApplyBody,
  reportDuplicates,
} from './apply-patch.js';
import { keyOf, offerFor } from './read-handlers.js';
import { assertMayCreate, checkName } from './write-handlers.js';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json';
const PATCH_TYPES: readonly PatchType[] = [JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH];

type PatchType = typeof JSON_PATCH | typeof MERGE_PATCH | typeof STRATEGIC_MERGE_PATCH;

/** PATCH of an object, or through a subresource: applied to the newest state until it is stored. */
export async function patchObject(
  parts: ServerParts,
  served: ServedRequest<ResourceRequest>,
  { resource, store }: ServedResource,
  subresource: Subresource<KubeObject> | undefined,
): Promise<ApiResponse> {
  const type = patchType(headerOf(served.request.headers, 'content-type'));
  const form = negotiate(served.accept, offerFor(subresource));
  const body = await readPatch(parts, served);
  const options = parseWriteQuery(served, 'PatchOptions', type === APPLY_PATCH);
  const change = await changeBy(served, resource, type, body, options);
  const operation: Operation = {
    verb: 'update',
    resource,
    subresource: served.info.subresource,
    dryRun: options.dryRun,
  };
  const updated = await store.update(
    keyOf(served.info, resource),
    async (current) => {
      const next = change(current);
      const verb = current === undefined ? 'create' : 'update';
      await parts.admission.beforeValidation(
        operationOn(served, { ...operation, verb }, served.info.name, next, current),
      );
      return next;
    },
    {
      context: served.context(options.dryRun, options.fieldManager),
      admit: admitWith(parts, served, operation),
      ...(served.info.subresource === '' ? {} : { subresource: served.info.subresource }),
      ...(type === APPLY_PATCH ? { applies: true, mayCreate: () => assertMayCreate(parts, served) } : {}),
    },
  );
  return respondObject(served, updated.created ? 201 : 200, updated.object, resource, form);
}

/** The type of a patch; 415 by the router for what is none. */
function patchType(contentType: string): PatchType | typeof APPLY_PATCH {
  const type = mediaTypeOf(contentType);
  const known = PATCH_TYPES.find((t) => t === type);
  if (known !== undefined) return known;
  if (type === APPLY_PATCH) return type;
  throw new StatusError(failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {}));
}

/** What a patch makes of the stored object; 404 where there is none, and it is no apply. */
async function changeBy(
  served: ServedRequest<ResourceRequest>,
  resource: Resource,
  type: PatchType | typeof APPLY_PATCH,
  body: PatchBody,
  options: WriteQuery,
): Promise<(current: KubeObject | undefined) => KubeObject> {
  if (type === APPLY_PATCH) {
    const apply: ApplyBody =
      body.text === undefined
        ? { configuration: asConfiguration(body.value), duplicates: [] }
        : await parseApplyBody(body.text);
    served.audit?.sent(apply.configuration);
    reportDuplicates(served, apply, options);
    return (current) => appliedObject(served, resource, apply, options, current);
  }
  const patch = parsePatch(body, type);
  served.audit?.sent(patch.value);
  return (current) => {
    if (current === undefined) throw notFound(resource, served.info.name);
    return patched(served, resource, current, patch, options);
  };
}

interface PatchBody {
  /** Undefined for a caller in this process, who passes the value. */
  readonly text: string | undefined;
  readonly value: unknown;
}

async function readPatch(parts: ServerParts, served: ServedRequest): Promise<PatchBody> {
  const { body } = served.request;
  if (body.kind === 'object') return { text: undefined, value: body.value };
  const bytes = await readBody(body, parts.limits.maxBodyBytes);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return { text, value: undefined };
}

interface Patch {
  readonly type: PatchType;
  readonly text: string | undefined;
  readonly value: unknown;
}

function parsePatch(body: PatchBody, type: PatchType): Patch {
  let { value } = body;
  if (body.text !== undefined) {
    try {
      value = parseJson(body.text);
    } catch (error) {
      if (!hasCode(error, 'OBJECT_MALFORMED')) throw error;
      throw badRequest(type === STRATEGIC_MERGE_PATCH ? error.message : `error decoding patch: ${error.message}`);
    }
  }
  if (type === JSON_PATCH && !Array.isArray(value)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type []handlers.jsonPatchOp`,
    );
  }
  if (type !== JSON_PATCH && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    const detail = `json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type map[string]interface {}`;
    throw badRequest(type === STRATEGIC_MERGE_PATCH ? detail : `error decoding patch: ${detail}`);
  }
  return { type, text: body.text, value };
}

/** The stored object with the patch applied, decoded anew and with the name of the URL. */
function patched(
  served: ServedRequest<ResourceRequest>,
  resource: Resource,
  current: KubeObject,
  patch: Patch,
  options: WriteQuery,
): KubeObject {
  const json = applied(resource, current, patch);
  const { object, unknownFields } = decodePatched(resource, json);
  if (options.fieldValidation !== 'Ignore') {
    const findings = findingsOf(patch, unknownFields);
    if (options.fieldValidation === 'Strict' && findings.length > 0) throw undecodable(json, strictError(findings));
    for (const finding of findings) served.warnings.add(finding);
  }
  return checkName(served.info, resource, object);
}

function findingsOf(patch: Patch, unknownFields: readonly string[]): readonly string[] {
  if (patch.text !== undefined && patch.type !== JSON_PATCH) return strictFindings(patch.text, unknownFields);
  return unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`);
}

function applied(resource: Resource, current: KubeObject, { type, value }: Patch): unknown {
  switch (type) {
    case JSON_PATCH:
      return applyJsonPatch(current, value);
    case MERGE_PATCH:
      return mergePatch(current, value);
    case STRATEGIC_MERGE_PATCH:
      // parsePatch let nothing but an object through
      return strategicMerge(resource.schema, current, value as object);
  }
}

function decodePatched(
  resource: Resource,
  json: unknown,
): { readonly object: KubeObject; readonly unknownFields: readonly string[] } {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw undecodable(json, `json: cannot unmarshal ${jsonTypeOf(json)} into Go value of type ${resource.kind}`);
  }
  const { kind, apiVersion } = json as Readonly<Record<string, unknown>>; // any object may be read by name
  const wanted = apiVersionOf(resource.group, resource.version);
  if (kind !== resource.kind || apiVersion !== wanted) {
    throw undecodable(
      json,
      `no kind ${JSON.stringify(kind ?? '')} is registered for version ${JSON.stringify(apiVersion ?? '')} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  }
  try {
    return decodeObject(resource.schema, resource.kind, json);
  } catch (error) {
    if (hasCode(error, 'OBJECT_MALFORMED')) throw undecodable(json, error.message);
    throw error;
  }
}

/** 422 for a patch whose result is no object of the kind; the API server names neither kind nor object. */
function undecodable(json: unknown, detail: string): StatusError {
  return invalidObject('', '', '', [invalid('patch', JSON.stringify(json), detail)]);
}
