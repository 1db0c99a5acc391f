import { promisify } from 'node:util';
import * as grpc from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';

/** How a call is answered: with a message, with a status, or not at all. */
export type ScriptedAnswer =
  | { readonly message: Uint8Array }
  | { readonly code: grpc.status; readonly details: string }
  | { readonly silent: true };

/** A watch that the script plays. */
export interface ScriptedWatch {
  /** What the client has asked for, in order. */
  readonly requests: Uint8Array[];
  send(message: Uint8Array): void;
  fail(code: grpc.status, details: string): void;
  /** Ends it as if all were well, which a member does not do. */
  end(): void;
}

/** What a member says. Calls without an answer of the script's get a header with revision 10. */
export interface Script {
  /** Answers the n-th call (from zero) of a method; undefined leaves it to the default. */
  readonly call?: (method: string, n: number) => ScriptedAnswer | undefined;
  /** Plays the n-th watch (from zero), once the client has asked for it; absent: it is created, and nothing happens. */
  readonly watch?: (watch: ScriptedWatch, n: number) => void;
}

/** A member that says what a script says: answers that a real one gives only when it fails, or in other versions. */
export interface ScriptedMember {
  readonly endpoint: string;
  /** How often each method has been called. */
  readonly calls: ReadonlyMap<string, number>;
  close(): void;
}

const UNARY = ['KV/Range', 'KV/Txn', 'KV/Compact', 'Maintenance/Status', 'Maintenance/Alarm'];

/** Starts one on a free port. */
export async function startScriptedMember(script: Script): Promise<ScriptedMember> {
  const calls = new Map<string, number>();
  const count = (method: string): number => {
    const n = calls.get(method) ?? 0;
    calls.set(method, n + 1);
    return n;
  };
  const server = new grpc.Server();
  for (const method of UNARY) {
    const handler: grpc.handleUnaryCall<Buffer, Buffer> = (_, callback) => {
      const n = count(method);
      const answer = script.call?.(method, n) ?? { message: header(10) };
      if ('message' in answer) callback(null, Buffer.from(answer.message));
      else if ('code' in answer) callback(answer);
    };
    server.addService({ method: definition(method, false) }, { method: handler });
  }
  const watch: grpc.handleBidiStreamingCall<Buffer, Buffer> = (call) => {
    const requests: Uint8Array[] = [];
    const n = count('Watch/Watch');
    const played: ScriptedWatch = {
      requests,
      send: (message) => void call.write(Buffer.from(message)),
      fail: (code, details) => call.emit('error', Object.assign(new Error(details), { code, details })),
      end: () => call.end(),
    };
    call.on('data', (request: Buffer) => {
      requests.push(request);
      if (requests.length > 1) return;
      played.send(watchMessage({ created: true }));
      script.watch?.(played, n);
    });
    call.on('error', () => undefined); // the client has gone
  };
  server.addService({ method: definition('Watch/Watch', true) }, { method: watch });
  const port = await promisify(server.bindAsync.bind(server))('127.0.0.1:0', grpc.ServerCredentials.createInsecure());
  return { endpoint: `127.0.0.1:${port}`, calls, close: () => server.forceShutdown() };
}

function definition(method: string, stream: boolean): grpc.MethodDefinition<Buffer, Buffer> {
  const asIs = (bytes: Buffer): Buffer => bytes;
  return {
    path: `/etcdserverpb.${method}`,
    requestStream: stream,
    responseStream: stream,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

/** A response that is nothing but its header. */
export function header(revision: number): Uint8Array {
  return writeHeader(protobuf.Writer.create(), revision).finish();
}

/** A StatusResponse that is nothing but a version. */
export function statusMessage(version: string): Uint8Array {
  return writeHeader(protobuf.Writer.create(), 10).uint32(0x12).string(version).finish();
}

/** A key as etcd holds it. */
export interface ScriptedKey {
  readonly key: string;
  readonly value?: string;
  readonly revision: number;
  readonly version?: number;
}

/** A WatchResponse. */
export interface ScriptedWatchMessage {
  readonly revision?: number;
  readonly created?: boolean;
  readonly canceled?: boolean;
  readonly compactRevision?: number;
  readonly reason?: string;
  readonly fragment?: boolean;
  readonly events?: readonly {
    readonly kind: 'put' | 'delete';
    readonly current: ScriptedKey;
    readonly previous?: ScriptedKey;
  }[];
}

/** The bytes of a WatchResponse. */
export function watchMessage(message: ScriptedWatchMessage): Uint8Array {
  const writer = writeHeader(protobuf.Writer.create(), message.revision ?? 10);
  if (message.created === true) writer.uint32(0x18).bool(true);
  if (message.canceled === true) writer.uint32(0x20).bool(true);
  if (message.compactRevision !== undefined) writer.uint32(0x28).int64(message.compactRevision);
  if (message.reason !== undefined) writer.uint32(0x32).string(message.reason);
  if (message.fragment === true) writer.uint32(0x38).bool(true);
  for (const { kind, current, previous } of message.events ?? []) {
    writer.uint32(0x5a).fork();
    if (kind === 'delete') writer.uint32(0x08).int32(1);
    writeKey(writer.uint32(0x12), current);
    if (previous !== undefined) writeKey(writer.uint32(0x1a), previous);
    writer.ldelim();
  }
  return writer.finish();
}

function writeHeader(writer: protobuf.Writer, revision: number): protobuf.Writer {
  return writer.uint32(0x0a).fork().uint32(0x18).int64(revision).ldelim();
}

function writeKey(writer: protobuf.Writer, { key, value, revision, version }: ScriptedKey): void {
  writer.fork().uint32(0x0a).string(key).uint32(0x18).int64(revision);
  if (version !== undefined) writer.uint32(0x20).int64(version);
  if (value !== undefined) writer.uint32(0x2a).string(value);
  writer.ldelim();
}
