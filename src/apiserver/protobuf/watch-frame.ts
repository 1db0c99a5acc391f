import { createWriter, DELIMITED } from './wire.js';

/** The media type of a protobuf watch. */
export const PROTOBUF_WATCH = 'application/vnd.kubernetes.protobuf;stream=watch';

/** One event of a protobuf watch: its length in four bytes, then a WatchEvent that holds an object's envelope. */
export function encodeWatchFrame(type: string, envelope: Uint8Array): Uint8Array {
  const writer = createWriter();
  writer.uint32((1 << 3) | DELIMITED).string(type);
  writer.uint32((2 << 3) | DELIMITED).fork();
  const event = writer
    .uint32((1 << 3) | DELIMITED)
    .bytes(envelope)
    .ldelim()
    .finish();
  const frame = new Uint8Array(4 + event.length);
  new DataView(frame.buffer).setUint32(0, event.length);
  frame.set(event, 4);
  return frame;
}
