import assert from 'node:assert/strict';
import type { Status } from '../../kube/status.js';
import type { Ask, TestServer } from './open-test-server.js';

/** A request that must be refused, and how. */
export interface Refusal {
  readonly name: string;
  readonly ask: Ask;
  readonly code: number;
  readonly reason: string | undefined;
  /** `*` where the words hold what changes from run to run. */
  readonly message: string;
}

/** A merge, JSON or strategic merge patch, by the middle of its media type. */
export function patchOf(path: string, type: string, body: object | string): Ask {
  return { method: 'PATCH', path, body, headers: { 'content-type': `application/${type}+json` } };
}

/** Asserts that a request is refused as it must be, with a Status and an audit id. */
export async function assertRefused(server: TestServer, { ask, code, reason, message }: Refusal): Promise<void> {
  const headers = ask.method === 'PATCH' ? {} : { 'content-type': 'application/json' };
  const answer = await server.ask({ ...ask, headers: { ...headers, ...ask.headers } });
  const status = answer.json as Status; // what it is not, the assertions find
  assert.deepEqual([answer.status, status.code, status.reason], [code, code, reason], answer.text);
  if (message !== '*') assert.equal(status.message, message);
  assert.equal(status.status, 'Failure');
  assert.equal(answer.headers['content-type'], 'application/json');
  assert.match(String(answer.headers['audit-id']), /^[0-9a-f-]{36}$/);
}
