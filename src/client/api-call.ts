import { delay, type Clock } from '../base/clock.js';
import { CountersignError, hasCode } from '../base/error.js';
import { parseUtf8 } from '../base/bytes.js';
import type { ApiRequest, ApiResponse, RequestBody, Transport } from '../kube/exchange.js';
import { aborted, retryAfterSeconds, statusErrorOf, transportError } from './api-failure.js';

/** One call of the API. */
export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly target: string;
  readonly contentType?: string;
  /** Media types of the answer, best first. Default: JSON. */
  readonly accept?: string;
  readonly body?: object;
  readonly signal: AbortSignal;
}

/** How calls are made. */
export interface Caller {
  readonly transport: Transport;
  readonly userAgent: string;
  readonly clock: Clock | undefined;
  readonly maxRetries: number;
  readonly maxRetryAfterSeconds: number;
}

const NO_BODY: RequestBody = { kind: 'none' };

/**
 * Nobody: who asks is known by the transport. A transport of this process puts the user here that it acts as; one over
 * the network authenticates itself.
 */
const UNKNOWN_PEER = { kind: 'connection', address: '' } as const;

/** What a call does, for error messages: `GET /api/v1/namespaces`. The query is left out. */
export function describe(call: ApiCall): string {
  const query = call.target.indexOf('?');
  return `${call.method} ${query < 0 ? call.target : call.target.slice(0, query)}`;
}

/** Sends a call, repeating it as far as that is safe, and answers the first response below 400. */
export async function send(caller: Caller, call: ApiCall): Promise<ApiResponse> {
  const request = requestOf(caller, call);
  let broken = false;
  for (let retries = 0; ;) {
    if (call.signal.aborted) throw aborted(describe(call), call.signal);
    let response: ApiResponse;
    try {
      response = await caller.transport(request);
    } catch (error) {
      const failed = transportError(describe(call), call.signal, error);
      // A kept-alive connection that the server closed in the same moment: a read may simply be sent again.
      if (broken || call.method !== 'GET' || !hasCode(failed, 'CLIENT_UNREACHABLE')) throw failed;
      broken = true;
      continue;
    }
    if (response.status < 400) return response;
    const waitSeconds = retries < caller.maxRetries ? retryWait(caller, call, response) : undefined;
    if (waitSeconds === undefined || caller.clock === undefined) {
      throw statusErrorOf(response, await contentOf(response, call));
    }
    retries++;
    stopStream(response);
    await delay(caller.clock, waitSeconds * 1000, call.signal);
  }
}

/** The object that a response carries. */
export async function objectOf(response: ApiResponse, call: ApiCall): Promise<object> {
  const content = await contentOf(response, call);
  if (typeof content === 'object' && content !== null) return content;
  throw new CountersignError('CLIENT_PROTOCOL', `Cannot ${describe(call)}: the answer is no JSON object`);
}

/** Seconds after which to repeat a refused call; undefined where it must not be. */
function retryWait(caller: Caller, call: ApiCall, response: ApiResponse): number | undefined {
  const seconds = retryAfterSeconds(response);
  if (seconds === undefined || seconds > caller.maxRetryAfterSeconds) return undefined;
  if (response.status === 429) return seconds;
  // After a 5xx nobody knows whether a write was done.
  return call.method === 'GET' && response.status >= 500 ? seconds : undefined;
}

function requestOf(caller: Caller, call: ApiCall): ApiRequest {
  const headers: Record<string, string> = {
    accept: call.accept ?? 'application/json',
    'user-agent': caller.userAgent,
  };
  if (call.body !== undefined) headers['content-type'] = call.contentType ?? 'application/json';
  return {
    method: call.method,
    target: call.target,
    headers,
    body: call.body === undefined ? NO_BODY : { kind: 'object', value: call.body },
    signal: call.signal,
    peer: UNKNOWN_PEER,
  };
}

/** The parsed content of a response that is no watch; its text where it is no JSON. */
async function contentOf(response: ApiResponse, call: ApiCall): Promise<unknown> {
  switch (response.body.kind) {
    case 'none':
      return undefined;
    case 'object':
      return response.body.value;
    case 'bytes': {
      const text = parseUtf8(response.body.bytes);
      if (text === undefined) {
        throw new CountersignError('CLIENT_PROTOCOL', `Cannot ${describe(call)}: the answer is not UTF-8`);
      }
      return parseJsonOrText(text);
    }
    case 'stream':
    case 'events':
      stopStream(response);
      throw new CountersignError('CLIENT_PROTOCOL', `Cannot ${describe(call)}: the answer is a stream`);
  }
}

function parseJsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // JSON.parse throws SyntaxError for text that is no JSON, and nothing else
  }
}

function stopStream(response: ApiResponse): void {
  if (response.body.kind === 'stream' || response.body.kind === 'events') response.body.stream.stop();
}
