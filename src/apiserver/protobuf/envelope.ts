import { badRequest } from '../../kube/status.js';
import { createWriter, DELIMITED, readFields, refusingMalformed } from './wire.js';

/** The media type of objects in protobuf. */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** `k8s` and NUL: what every object in protobuf begins with. */
const MAGIC: readonly number[] = [0x6b, 0x38, 0x73, 0x00];

/** What stands around every object in protobuf: runtime.Unknown. */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  /** A view into what was decoded, not a copy. */
  readonly raw: Uint8Array;
}

/** Opens the envelope. Throws StatusError 400 for what is none. */
export function decodeProtobuf(bytes: Uint8Array): Envelope {
  if (bytes.length === 0) throw badRequest('empty data');
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw badRequest(`provided data does not appear to be a protobuf message, expected prefix [${MAGIC.join(' ')}]`);
  }
  let apiVersion = '';
  let kind = '';
  let raw: Uint8Array = new Uint8Array(0);
  refusingMalformed(() => {
    readFields(bytes.subarray(MAGIC.length), (field, wireType, reader) => {
      if (wireType !== DELIMITED || field > 2) return false;
      if (field === 2) {
        raw = reader.bytes();
        return true;
      }
      readFields(reader.bytes(), (part, type, inner) => {
        if (type !== DELIMITED || part > 2) return false;
        if (part === 1) apiVersion = inner.string();
        else kind = inner.string();
        return true;
      });
      return true;
    });
  });
  return { apiVersion, kind, raw };
}

/** Magic number, type and object. */
export function encodeEnvelope(apiVersion: string, kind: string, raw: Uint8Array): Uint8Array {
  const writer = createWriter();
  writer.uint32(tag(1)).fork().uint32(tag(1)).string(apiVersion).uint32(tag(2)).string(kind).ldelim();
  writer.uint32(tag(2)).bytes(raw);
  // contentEncoding and contentType, which Go writes although they are empty
  const body = writer.uint32(tag(3)).string('').uint32(tag(4)).string('').finish();
  const envelope = new Uint8Array(MAGIC.length + body.length);
  envelope.set(MAGIC);
  envelope.set(body, MAGIC.length);
  return envelope;
}

function tag(field: number): number {
  return (field << 3) | DELIMITED;
}
