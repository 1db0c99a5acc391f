import protobuf from 'protobufjs';

/**
 * Just as much of the wire as a reflector looks at, written down from the published field numbers and read by
 * protobufjs: nothing here is the server's own code. Every kind has its metadata in field 1, every list its items in 2.
 */
const { root } = protobuf.parse(`
  syntax = "proto2";
  message TypeMeta { optional string apiVersion = 1; optional string kind = 2; }
  message Unknown { optional TypeMeta typeMeta = 1; optional bytes raw = 2; }
  message RawExtension { optional bytes raw = 1; }
  message WatchEvent { optional string type = 1; optional RawExtension object = 2; }
  message ObjectMeta {
    optional string name = 1; optional string namespace = 3; optional string uid = 5;
    optional string resourceVersion = 6; map<string, string> labels = 11; map<string, string> annotations = 12;
  }
  message Any { optional ObjectMeta metadata = 1; }
  message ListMeta { optional string resourceVersion = 2; optional string continue = 3; }
  message AnyList { optional ListMeta metadata = 1; repeated Any items = 2; }
  message StatusOf { optional string status = 2; optional string message = 3; optional string reason = 4; optional int32 code = 6; }
`);

/** An object of any kind. */
export interface AnyObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly resourceVersion: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
}

/** A list of any kind. */
export interface AnyList {
  readonly metadata: { readonly resourceVersion: string; readonly continue: string };
  readonly items: readonly AnyObject[];
}

/** meta/v1 Status. */
export interface StatusOf {
  readonly message: string;
  readonly reason: string;
  readonly code: number;
}

/** What an envelope holds. */
export interface Opened {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

const FULL = { defaults: true, arrays: true, objects: true };

/** The answer has the shape of the message: every field is there. */
function decode(message: string, bytes: Uint8Array): unknown {
  const type = root.lookupType(message);
  return type.toObject(type.decode(bytes), FULL);
}

/** Opens `k8s`, NUL and what follows. */
export function openEnvelope(bytes: Uint8Array): Opened {
  if (Buffer.from(bytes.subarray(0, 4)).toString('latin1') !== 'k8s\0') throw new Error('This is no protobuf object');
  const unknown = decode('Unknown', bytes.subarray(4)) as { typeMeta: Omit<Opened, 'raw'>; raw: Uint8Array };
  return { ...unknown.typeMeta, raw: unknown.raw };
}

/** One object. */
export function anyObject(raw: Uint8Array): AnyObject {
  return decode('Any', raw) as AnyObject;
}

/** One list. */
export function anyList(raw: Uint8Array): AnyList {
  return decode('AnyList', raw) as AnyList;
}

/** One Status. */
export function statusOf(raw: Uint8Array): StatusOf {
  return decode('StatusOf', raw) as StatusOf;
}

/** One event of a watch, without its length. */
export function watchEvent(frame: Uint8Array): { readonly type: string; readonly object: Opened } {
  const event = decode('WatchEvent', frame) as { type: string; object: { raw: Uint8Array } };
  return { type: event.type, object: openEnvelope(event.object.raw) };
}

/** Cuts a stream into events: four bytes of length before each. */
export class FrameSplitter {
  #held: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): readonly Buffer[] {
    this.#held = Buffer.concat([this.#held, chunk]);
    const frames: Buffer[] = [];
    while (this.#held.length >= 4 && this.#held.length >= 4 + this.#held.readUInt32BE(0)) {
      const end = 4 + this.#held.readUInt32BE(0);
      frames.push(this.#held.subarray(4, end));
      this.#held = this.#held.subarray(end);
    }
    return frames;
  }

  /** Whether the stream ended within an event. */
  get isTorn(): boolean {
    return this.#held.length > 0;
  }
}
