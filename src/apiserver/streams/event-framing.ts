import { type Clock, secondsOf } from '../../base/clock.js';
import { metadataField, statusSchema } from '../../kube/object-meta-schema.js';
import type { KubeObject, WatchEvent } from '../../kube/object-meta.js';
import type { MessageSchema } from '../../kube/schema.js';
import type { Resource } from '../../registry/resource.js';
import type { Representation } from '../negotiation/negotiate.js';
import { type IncludeObject, partialMetadataOf, tableEvent } from '../negotiation/table.js';
import { encodeMessage } from '../protobuf/encode-message.js';
import { encodeEnvelope } from '../protobuf/envelope.js';
import { encodeWatchFrame } from '../protobuf/watch-frame.js';
import type { EncodedEvents } from './encoded-events.js';
import type { Framing } from './watch-stream.js';

/** The framing for callers in this process: events as they are. */
export const EVENTS: Framing<WatchEvent> = {
  encode: (event) => event,
  sizeOf: () => 0,
};

const partialMetadata: MessageSchema = {
  name: 'io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadata',
  description: 'An object with nothing but its metadata.',
  fields: [metadataField],
};

/**
 * The framing of a watch in the form that was negotiated: a JSON document a line, or length-prefixed protobuf. ERROR
 * carries its Status as it is, whatever the form.
 */
export function framingFor(
  form: Representation,
  resource: Resource,
  includeObject: IncludeObject,
  clock: Clock,
  encoded: EncodedEvents,
): Framing<Uint8Array> {
  const { transformation } = form;
  const protobuf = form.encoding === 'protobuf';
  const frame = (type: string, object: object, schema: MessageSchema): Uint8Array =>
    protobuf ? protobufFrame(type, object, schema) : jsonFrame(type, object);
  const key = protobuf ? 'p' : 'j';
  const encode = (event: WatchEvent, first: boolean): Uint8Array => {
    const { type, object } = event;
    if (type === 'ERROR') return frame(type, object, statusSchema);
    switch (transformation.kind) {
      case 'none':
        return encoded.frame(object, key + type, () => frame(type, object, resource.schema));
      case 'PartialObjectMetadata':
      case 'PartialObjectMetadataList': {
        const { version } = transformation;
        const make = (): Uint8Array => frame(type, partialMetadataOf(object, version), partialMetadata);
        return encoded.frame(object, `${key}m${version}${type}`, make);
      }
      case 'Table': {
        // ages stand in the cells, so a frame is only good for the second it was made in
        const now = secondsOf(clock);
        const table = { version: transformation.version, includeObject, now };
        const make = (): Uint8Array => jsonFrame(type, tableEvent(resource, object, type === 'BOOKMARK', first, table));
        if (first) return make();
        return encoded.frame(object, `t${table.version}${includeObject}${now}${type}`, make);
      }
    }
  };
  return { encode, sizeOf: (frame) => frame.length, join: (frames) => Buffer.concat(frames) };
}

function jsonFrame(type: string, object: object): Uint8Array {
  return Buffer.from(`{"type":"${type}","object":${JSON.stringify(object)}}\n`);
}

function protobufFrame(type: string, object: Partial<KubeObject>, schema: MessageSchema): Uint8Array {
  const envelope = encodeEnvelope(object.apiVersion ?? '', object.kind ?? '', encodeMessage(schema, object));
  return encodeWatchFrame(type, envelope);
}
