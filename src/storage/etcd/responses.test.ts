import assert from 'node:assert/strict';
import { test } from 'node:test';
import protobuf from 'protobufjs/minimal.js';

import { statusMessage, watchMessage } from '../../../test/scripted-etcd.js';
import {
  encodeChange,
  encodeCompaction,
  encodeNewest,
  encodeProgressRequest,
  encodeRange,
  encodeWatchCreate,
} from './requests.js';
import { decodeAlarms, decodeChange, decodeRange, decodeRevision, decodeStatus, decodeWatch } from './responses.js';

const DECODERS = { decodeAlarms, decodeChange, decodeRange, decodeRevision, decodeStatus, decodeWatch } as const;

const MESSAGES = {
  watch: watchMessage({
    revision: 12,
    reason: 'why',
    compactRevision: 300,
    events: [
      {
        kind: 'delete',
        current: { key: 'a', revision: 12 },
        previous: { key: 'a', value: 'x', revision: 11, version: 2 },
      },
    ],
  }),
  status: statusMessage('3.5.16'),
  // what no version sends: an unknown field of each wire type before what is known
  unknown: protobuf.Writer.create()
    .uint32(0xa8)
    .uint32(7)
    .uint32(0xa1)
    .fixed64(7)
    .uint32(0xaa)
    .string('x')
    .uint32(0xa5)
    .fixed32(7)
    .finish(),
} as const;

for (const [decoder, decode] of Object.entries(DECODERS)) {
  for (const [name, message] of Object.entries(MESSAGES)) {
    test(`${decoder} reads or refuses every beginning of a ${name} message`, () => {
      for (let length = 0; length <= message.length; length++) {
        try {
          decode(message.subarray(0, length));
        } catch (error) {
          assert.ok(error instanceof Error);
        }
      }
    });
  }
  test(`${decoder} reads an empty message, and one of fields it does not know`, () => {
    assert.deepEqual(decode(MESSAGES.unknown), decode(new Uint8Array()));
  });
}

test('reads what a watch tells', () => {
  const { events, ...rest } = decodeWatch(MESSAGES.watch);
  assert.deepEqual(rest, {
    revision: 12,
    created: false,
    canceled: false,
    compactRevision: 300,
    cancelReason: 'why',
    fragment: false,
  });
  assert.deepEqual(
    events.map(({ kind, current, previous }) => [kind, current.modRevision, previous?.modRevision, previous?.version]),
    [['delete', 12, 11, 2]],
  );
});

for (const revision of [0, 1, 2 ** 31, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER]) {
  test(`reads ${revision} as a revision`, () => {
    assert.equal(decodeRevision(watchMessage({ revision })), revision);
  });
}

/** As `protoc --decode_raw` and etcd's published field numbers have them. */
const REQUESTS = [
  { name: 'a read of the newest revision', bytes: encodeNewest(), hex: '0a01004001' },
  { name: 'a read at a revision', bytes: encodeNewest(300), hex: '0a010020ac024001' },
  {
    name: 'a page',
    bytes: encodeRange({ key: Buffer.from('a'), end: Buffer.from('b') }, { limit: 5 }),
    hex: '0a01611201621805',
  },
  {
    name: 'a create',
    bytes: encodeChange(Buffer.from('a'), { kind: 'put', value: Buffer.from('v') }, 0),
    hex: '0a0710021a0161300012081206 0a016112 0176',
  },
  {
    name: 'a delete',
    bytes: encodeChange(Buffer.from('a'), { kind: 'delete' }, 7),
    hex: '0a0710021a01613007 12051a03 0a0161 1a070a05 0a0161 4001',
  },
  { name: 'a compaction', bytes: encodeCompaction(7), hex: '0807' },
  {
    name: 'a watch',
    bytes: encodeWatchCreate({ key: Buffer.from('a'), end: Buffer.from('b') }, 9),
    hex: '0a0e 0a0161 120162 1809 2001 3001 4001',
  },
  { name: 'a question about progress', bytes: encodeProgressRequest(), hex: '1a00' },
] as const;

for (const { name, bytes, hex } of REQUESTS) {
  test(`writes ${name} as etcd reads it`, () => {
    assert.equal(bytes.toString('hex'), hex.replaceAll(' ', ''));
  });
}
