import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { utf8 } from '../base/bytes.js';
import { hasCode } from '../base/error.js';
import type { ApiResponse, StreamSink } from '../kube/exchange.js';
import { failure } from '../kube/status.js';
import { fetchBackup } from './fetch-backup.js';

const NEVER: AbortSignal = new AbortController().signal;

async function fetched(response: ApiResponse, signal = NEVER): Promise<string> {
  let text = '';
  for await (const chunk of fetchBackup(() => Promise.resolve(response), signal)) text += Buffer.from(chunk).toString();
  return text;
}

function answer(status: number, body: ApiResponse['body']): ApiResponse {
  return { status, headers: {}, body };
}

suite('refuses', () => {
  test('what the server refuses, in its words', async () => {
    const status = failure(403, 'Forbidden', 'forbidden: User "alice" cannot get path "/countersign.dev/backup"');
    for (const body of [
      { kind: 'object', value: status } as const,
      { kind: 'bytes', bytes: utf8(JSON.stringify(status)) } as const,
    ]) {
      await assert.rejects(fetched(answer(403, body)), (error) => {
        assert.ok(hasCode(error, 'API_STATUS'));
        return error.message === status.message;
      });
    }
  });

  const others: readonly (readonly [name: string, response: ApiResponse, message: RegExp])[] = [
    [
      'a server without backups',
      answer(404, { kind: 'bytes', bytes: utf8('404 page not found') }),
      /no server of Countersign/,
    ],
    ['an answer that is none', answer(502, { kind: 'bytes', bytes: utf8('<html>') }), /it answered 502/],
    ['an answer that is no stream', answer(200, { kind: 'none' }), /its answer is no backup/],
  ];
  for (const [name, response, message] of others) {
    test(name, async () => {
      await assert.rejects(
        fetched(response),
        (error) => hasCode(error, 'CLIENT_PROTOCOL') && message.test(error.message),
      );
    });
  }
});

test('the sender waits for the reader, and nothing is lost', async () => {
  let waits = 0;
  const sending = async (sink: StreamSink<Uint8Array | string>): Promise<void> => {
    for (let i = 0; i < 1000; i++) {
      if (sink.write(`${i} `)) continue;
      waits++;
      await sink.drained();
    }
    sink.end();
  };
  const stream = { start: (sink: StreamSink<Uint8Array | string>) => void sending(sink), stop: () => undefined };
  const text = await fetched(answer(200, { kind: 'stream', stream }));
  assert.equal(text, Array.from({ length: 1000 }, (_, i) => `${i} `).join(''));
  assert.ok(waits > 10);
});

test('who gives up stops the sender', async () => {
  const giving = new AbortController();
  let stopped = false;
  const stream = {
    start: (sink: StreamSink<Uint8Array | string>) => {
      sink.write('begun');
      giving.abort();
    },
    stop: () => {
      stopped = true;
    },
  };
  assert.equal(await fetched(answer(200, { kind: 'stream', stream }), giving.signal), 'begun');
  assert.equal(stopped, true);
});
