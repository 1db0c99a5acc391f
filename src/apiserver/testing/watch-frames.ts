import type { MessageSchema } from '../../kube/schema.js';
import { decodeMessage } from '../protobuf/decode-message.js';
import { decodeProtobuf } from '../protobuf/envelope.js';
import { DELIMITED, readFields } from '../protobuf/wire.js';

/** One event of a protobuf watch. */
export interface FramedEvent {
  readonly type: string;
  /** With kind and apiVersion. */
  readonly object: Readonly<Record<string, unknown>>;
}

/** Reads the frames of a protobuf watch to the last byte; `schemaOf` says what a kind looks like. Throws for less. */
export function readWatchFrames(bytes: Uint8Array, schemaOf: (kind: string) => MessageSchema): readonly FramedEvent[] {
  const events: FramedEvent[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.length) {
    const length = view.getUint32(at);
    if (at + 4 + length > bytes.length) throw new Error(`Cannot read frame at offset ${at}: it is cut off`);
    events.push(readEvent(bytes.subarray(at + 4, at + 4 + length), schemaOf));
    at += 4 + length;
  }
  return events;
}

/** A WatchEvent: `{1 type, 2 object}`, the object being `{1 raw}`, and that an envelope. */
function readEvent(bytes: Uint8Array, schemaOf: (kind: string) => MessageSchema): FramedEvent {
  let type = '';
  let envelope = new Uint8Array(0);
  readFields(bytes, (field, wireType, reader) => {
    if (wireType !== DELIMITED || field > 2) return false;
    if (field === 1) type = reader.string();
    else {
      readFields(reader.bytes(), (part, _wireType, inner) => {
        if (part !== 1) return false;
        envelope = Uint8Array.from(inner.bytes());
        return true;
      });
    }
    return true;
  });
  const { kind, apiVersion, raw } = decodeProtobuf(envelope);
  return { type, object: { kind, apiVersion, ...decodeMessage(schemaOf(kind), raw) } };
}
