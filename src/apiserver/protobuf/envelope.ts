/** The media type of objects in protobuf. */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** What stands around every object in protobuf: runtime.Unknown. */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

/** Opens the envelope. Throws StatusError 400 for what is none. */
export function decodeProtobuf(bytes: Uint8Array): Envelope {
  throw new Error(`not yet: ${bytes.length}`);
}

/** Magic number, type and object. */
export function encodeEnvelope(apiVersion: string, kind: string, raw: Uint8Array): Uint8Array {
  throw new Error(`not yet: ${apiVersion}${kind}${raw.length}`);
}
