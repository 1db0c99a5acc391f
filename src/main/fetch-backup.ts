import { CountersignError } from '../base/error.js';
import { parseUtf8 } from '../base/bytes.js';
import type { ApiResponse, ChunkStream, Transport } from '../kube/exchange.js';
import { type Status, StatusError } from '../kube/status.js';
import { BACKUP_PATH } from './backup-route.js';

/** Chunks that wait for their reader before the sender is asked to. */
const MAX_WAITING = 16;

/**
 * The backup of a running server, piece by piece, as it is made. API_STATUS where the server refuses it, CLIENT_PROTOCOL
 * where it has none to give. Whether it is whole is for its reader to see.
 */
export async function* fetchBackup(
  transport: Transport,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const response = await transport({
    method: 'GET',
    target: BACKUP_PATH,
    headers: { accept: 'application/octet-stream', 'user-agent': 'countersign' },
    body: { kind: 'none' },
    signal,
    peer: { kind: 'connection', address: '' },
  });
  if (response.status !== 200) throw refusalOf(response);
  if (response.body.kind !== 'stream') throw noBackup('its answer is no backup');
  yield* piecesOf(response.body.stream, signal);
}

function refusalOf({ status, body }: ApiResponse): Error {
  if (status === 404) return noBackup('it is no server of Countersign, or an older one');
  const value: unknown = body.kind === 'object' ? body.value : body.kind === 'bytes' ? parsed(body.bytes) : undefined;
  if (isStatus(value)) return new StatusError(value);
  return noBackup(`it answered ${status}`);
}

function noBackup(why: string): CountersignError<'CLIENT_PROTOCOL'> {
  return new CountersignError('CLIENT_PROTOCOL', `Cannot get a backup of the server: ${why}`);
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(parseUtf8(bytes) ?? '') as unknown;
  } catch {
    return undefined; // JSON.parse throws for what is no JSON, and for nothing else
  }
}

function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status';
}

/** What a stream is given, at the pace of the reader. */
async function* piecesOf(stream: ChunkStream, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const waiting: Uint8Array[] = [];
  let ended = false;
  let wake = (): void => undefined;
  let drained = Promise.resolve();
  let makeRoom = (): void => undefined;
  const stop = (): void => {
    ended = true;
    wake();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    stream.start({
      write: (item) => {
        waiting.push(typeof item === 'string' ? Buffer.from(item) : item);
        wake();
        if (waiting.length < MAX_WAITING) return true;
        drained = new Promise((resolve) => {
          makeRoom = resolve;
        });
        return false;
      },
      drained: () => drained,
      end: stop,
    });
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) {
        if (waiting.length < MAX_WAITING) makeRoom();
        yield next;
      } else if (isEnded()) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    makeRoom();
    stream.stop();
  }

  /** It changes while others are waited for. */
  function isEnded(): boolean {
    return ended;
  }
}
