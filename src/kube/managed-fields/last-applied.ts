import { isJsonObject } from '../decode-json.js';
import type { KubeObject } from '../object-meta.js';
import { parseJson } from '../parse-json.js';
import { validateAnnotations } from '../validate-object-meta.js';
import { compareObjects } from './compare-objects.js';
import { extractFields } from './extract-fields.js';
import { difference, type FieldSet, NO_FIELDS, union } from './field-set.js';
import type { ManagedKind } from './managed-kind.js';
import { sortedJson } from './sorted-json.js';
import { contentOf } from './track-update.js';

/** The manager whose client-side apply is taken over. */
export const KUBECTL = 'kubectl';

/** Where kubectl's client-side apply keeps what it applied. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

type JsonObject = Readonly<Record<string, unknown>>;

/** The fields of the last client-side apply that still are as it left them; none where it left no readable trace. */
export function lastAppliedFields(kind: ManagedKind, live: KubeObject): FieldSet {
  const text = live.metadata.annotations?.[LAST_APPLIED] ?? '';
  if (text === '') return NO_FIELDS;
  const configuration = readable(text);
  if (configuration === undefined || configuration['apiVersion'] !== kind.apiVersion) return NO_FIELDS;
  const { kind: _kind, apiVersion: _apiVersion, ...content } = configuration;
  const { added, modified, removed } = compareObjects(kind.shape, content, contentOf(live));
  return difference(extractFields(kind.shape, content), union(modified, union(added, removed)));
}

function readable(text: string): JsonObject | undefined {
  try {
    const json = parseJson(text);
    return isJsonObject(json) ? json : undefined;
  } catch {
    return undefined; // an annotation is anybody's to write: what is no JSON says nothing
  }
}

/** The object with the configuration in the annotation of client-side apply, where it has one. */
export function withLastApplied(object: JsonObject, configuration: JsonObject): JsonObject {
  const { metadata } = object;
  if (!isJsonObject(metadata)) return object;
  const { annotations } = metadata;
  if (!isJsonObject(annotations) || (annotations[LAST_APPLIED] ?? '') === '') return object;
  const text = `${goEscaped(sortedJson(withoutAnnotation(configuration)))}\n`;
  const { [LAST_APPLIED]: _before, ...others } = annotations;
  const updated = { ...annotations, [LAST_APPLIED]: text };
  // annotations have a limit, and the trace of an older way is what one can do without
  const fits = validateAnnotations(onlyTexts(updated), 'metadata.annotations').length === 0;
  return { ...object, metadata: { ...metadata, annotations: fits ? updated : others } };
}

function withoutAnnotation(configuration: JsonObject): JsonObject {
  const { metadata } = configuration;
  if (!isJsonObject(metadata) || !isJsonObject(metadata['annotations'])) return configuration;
  const { [LAST_APPLIED]: _own, ...annotations } = metadata['annotations'];
  return { ...configuration, metadata: { ...metadata, annotations } };
}

function onlyTexts(annotations: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(annotations).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** JSON as Go writes it: safe inside of HTML. */
function goEscaped(json: string): string {
  return json.replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
