/** One event of a protobuf watch stream: length, then a WatchEvent that holds an envelope. */
export function encodeWatchFrame(type: string, envelope: Uint8Array): Uint8Array {
  throw new Error(`not yet: ${type}${envelope.length}`);
}
