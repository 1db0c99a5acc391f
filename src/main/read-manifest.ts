import { CountersignError } from '../base/error.js';
import { decodeObject } from '../kube/decode-json.js';
import type { KubeObject } from '../kube/object-meta.js';
import type { MessageSchema } from '../kube/schema.js';
import { certificateRecordSchema } from '../registry/certificaterecords/schema.js';
import { endpointSliceSchema } from '../registry/endpointslices/schema.js';
import { namespaceSchema } from '../registry/namespaces/schema.js';
import { nodeSchema } from '../registry/nodes/schema.js';
import { podSchema } from '../registry/pods/schema/pod.js';
import { serviceAccountSchema } from '../registry/serviceaccounts/schema.js';
import { serviceSchema } from '../registry/services/schema.js';

/** Kinds that facts are taken from. */
const SCHEMAS: ReadonlyMap<string, MessageSchema> = new Map([
  ['CertificateRecord', certificateRecordSchema],
  ['EndpointSlice', endpointSliceSchema],
  ['Namespace', namespaceSchema],
  ['Node', nodeSchema],
  ['Pod', podSchema],
  ['Service', serviceSchema],
  ['ServiceAccount', serviceAccountSchema],
]);

/** A manifest, by the schema of its kind as the API server reads it. OBJECT_MALFORMED also for fields that are unknown. */
export function readManifest(value: object): KubeObject {
  const { kind } = value as { readonly kind?: unknown };
  const schema = typeof kind === 'string' ? SCHEMAS.get(kind) : undefined;
  if (schema === undefined || typeof kind !== 'string') throw malformed(`${JSON.stringify(kind)} is no kind of facts`);
  const { object, unknownFields } = decodeObject(schema, kind, value);
  const { name = '' } = object.metadata;
  if (name === '') throw malformed(`the ${kind} has no name`);
  if (unknownFields.length > 0) throw malformed(`${kind} ${name}: unknown fields ${unknownFields.join(', ')}`);
  return { ...object, kind };
}

function malformed(what: string): CountersignError<'OBJECT_MALFORMED'> {
  return new CountersignError('OBJECT_MALFORMED', `Cannot read manifest: ${what}`);
}
