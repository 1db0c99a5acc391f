import { hasCode } from '../../base/error.js';
import { decodeObject, isJsonObject } from '../../kube/decode-json.js';
import { strictFindings } from '../../kube/duplicate-fields.js';
import { resolveApply } from '../../kube/managed-fields/resolve-apply.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { parseJson } from '../../kube/parse-json.js';
import { badRequest, conflict, failure, StatusError } from '../../kube/status.js';
import { formatTime } from '../../kube/time.js';
import { managedKindOf } from '../../registry/field-ownership.js';
import type { Resource } from '../../registry/resource.js';
import { jsonTypeOf } from '../bodies/decode-body.js';
import type { WriteQuery } from '../bodies/write-options.js';
import type { ResourceRequest } from '../routing/request-info.js';
import type { ServedRequest } from '../served-request.js';
import { parseYamlBody } from '../yaml-body.js';
import { checkName } from './write-handlers.js';

/** The type of a server-side apply; its body may be JSON as well. */
export const APPLY_PATCH = 'application/apply-patch+yaml';

/** The body of an apply. */
export interface ApplyBody {
  readonly configuration: Readonly<Record<string, unknown>>;
  /** Keys that it has twice: `line 3: key "a" already set in map`. */
  readonly duplicates: readonly string[];
}

/** Reads the body of an apply, YAML or JSON; 400 for what is neither, or no object. */
export async function parseApplyBody(text: string): Promise<ApplyBody> {
  const { value, duplicates } = await parseText(text);
  return { configuration: asConfiguration(value), duplicates };
}

/** The configuration in a value that a caller in this process passes. */
export function asConfiguration(value: unknown): ApplyBody['configuration'] {
  if (value === null || value === undefined) return {};
  if (isJsonObject(value)) return value;
  throw badRequest(
    `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type map[string]interface {}`,
  );
}

async function parseText(text: string): Promise<{ readonly value: unknown; readonly duplicates: readonly string[] }> {
  try {
    // most clients send JSON, whose reader is faster by far
    if (text.trimStart().startsWith('{')) {
      const value = parseJson(text);
      if (strictFindings(text, []).length === 0) return { value, duplicates: [] };
    }
  } catch (error) {
    if (!hasCode(error, 'OBJECT_MALFORMED')) throw error;
  }
  try {
    return await parseYamlBody(text);
  } catch (error) {
    if (!hasCode(error, 'OBJECT_MALFORMED')) throw error;
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`);
  }
}

/** Refuses doubled keys, or warns of them. */
export function reportDuplicates(served: ServedRequest, { duplicates }: ApplyBody, options: WriteQuery): void {
  if (duplicates.length === 0 || options.fieldValidation === 'Ignore') return;
  if (options.fieldValidation === 'Strict') {
    const lines = duplicates.map((line) => `  ${line}`).join('\n');
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n${lines}`);
  }
  for (const line of duplicates) served.warnings.add(line);
}

/** What an apply makes of an object, or of none: decoded, with the name of the URL and its managed fields. */
export function appliedObject(
  served: ServedRequest<ResourceRequest>,
  resource: Resource,
  { configuration }: ApplyBody,
  { fieldManager: manager, force }: WriteQuery,
  current: KubeObject | undefined,
): KubeObject {
  const application = { manager, force, configuration, now: formatTime(served.now) };
  const kind = managedKindOf(resource, served.info.subresource);
  const { object, managedFields } = resolveApply(kind, application, current);
  if (current === undefined) refuseUid(resource, served.info.name, configuration);
  const decoded = decodeApplied(resource, object);
  const checked = checkName(served.info, resource, decoded);
  return { ...checked, metadata: { ...checked.metadata, managedFields } };
}

/** Who names the uid of an object that is not there does not want another one. */
function refuseUid(resource: Resource, name: string, { metadata }: ApplyBody['configuration']): void {
  const uid = isJsonObject(metadata) ? (metadata['uid'] ?? '') : '';
  if (uid === '') return;
  const why = `uid mismatch: the provided object specified uid ${JSON.stringify(uid).slice(1, -1)}, and no existing object was found`;
  throw conflict(resource, name, why);
}

function decodeApplied(resource: Resource, json: Readonly<Record<string, unknown>>): KubeObject {
  try {
    return decodeObject(resource.schema, resource.kind, json).object;
  } catch (error) {
    if (!hasCode(error, 'OBJECT_MALFORMED')) throw error;
    throw new StatusError(failure(500, undefined, `failed to convert new object to proper version: ${error.message}`));
  }
}
