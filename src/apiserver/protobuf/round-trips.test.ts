import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arbitraryObject } from '../../../test/arbitrary-object.js';
import { FakeClock } from '../../base/fake-clock.js';
import { decodeObject } from '../../kube/decode-json.js';
import { listSchemaOf, metadataField, statusSchema } from '../../kube/object-meta-schema.js';
import type { KubeObject, WatchEvent } from '../../kube/object-meta.js';
import { goNameOf, type MessageSchema } from '../../kube/schema.js';
import { failure } from '../../kube/status.js';
import type { Representation } from '../negotiation/negotiate.js';
import { EncodedEvents } from '../streams/encoded-events.js';
import { framingFor } from '../streams/event-framing.js';
import { SERVED_RESOURCES, SERVED_KINDS, STORED_KINDS } from '../testing/served-schemas.js';
import { readWatchFrames } from '../testing/watch-frames.js';
import { decodeMessage } from './decode-message.js';
import { encodeMessage } from './encode-message.js';
import { decodeProtobuf, encodeEnvelope } from './envelope.js';

const partialMetadata: MessageSchema = { name: 'x.PartialObjectMetadata', description: '', fields: [metadataField] };

/** Whole objects, and the lists that hold them. */
const messages: readonly MessageSchema[] = [
  ...SERVED_KINDS,
  ...STORED_KINDS.map(listSchemaOf),
  partialMetadata,
  listSchemaOf(partialMetadata),
];

for (const schema of messages) {
  const name = goNameOf(schema);
  test(`what protobuf says of ${schema.name} is what JSON says, there and back`, () => {
    fc.assert(
      fc.property(arbitraryObject(schema, 3), (json) => {
        const bytes = encodeMessage(schema, decodeObject(schema, name, json).object);
        const decoded = decodeMessage(schema, bytes);
        const { object, unknownFields } = decodeObject(schema, name, JSON.parse(JSON.stringify(decoded)));
        assert.deepEqual(unknownFields, []);
        assert.deepEqual(object, decoded, 'JSON changes nothing of it');
        const again = encodeMessage(schema, object);
        assert.deepEqual(decodeMessage(schema, again), decoded);
        assert.deepEqual(encodeMessage(schema, decodeMessage(schema, again)), again, 'equal objects, equal bytes');
        const { raw, kind, apiVersion } = decodeProtobuf(encodeEnvelope('v1', name, again));
        assert.deepEqual([Buffer.from(raw), kind, apiVersion], [Buffer.from(again), name, 'v1']);
      }),
      { numRuns: 12 },
    );
  });
}

const PROTOBUF: Representation = { encoding: 'protobuf', transformation: { kind: 'none' }, pretty: false };
const METADATA: Representation = { ...PROTOBUF, transformation: { kind: 'PartialObjectMetadata', version: 'v1' } };
const TYPES = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'] as const;

for (const resource of SERVED_RESOURCES) {
  const { schema, kind } = resource;
  test(`a protobuf watch tells of ${schema.name} what a JSON watch tells`, () => {
    const clock = new FakeClock();
    const whole = framingFor(PROTOBUF, resource, 'Metadata', clock, new EncodedEvents());
    const partial = framingFor(METADATA, resource, 'Metadata', clock, new EncodedEvents());
    fc.assert(
      fc.property(arbitraryObject(schema, 3), fc.constantFrom(...TYPES), (json, type) => {
        const message = decodeMessage(schema, encodeMessage(schema, decodeObject(schema, kind, json).object));
        // it is of the schema, so it has metadata
        const object = { kind, apiVersion: 'v1', ...message } as unknown as KubeObject;
        const event: WatchEvent = { type, object };
        const [told, ...more] = readWatchFrames(whole.encode(event, true), () => schema);
        assert.deepEqual([told, more.length], [event, 0]);
        const [metadata] = readWatchFrames(partial.encode(event, true), () => partialMetadata);
        const shown = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
        assert.deepEqual(metadata, { type, object: shown });
      }),
      { numRuns: 8 },
    );
  });
}

test('a protobuf watch ends with its Status, whatever it watches', () => {
  const status = failure(410, 'Expired', 'too old resource version: 1 (2)');
  for (const form of [PROTOBUF, METADATA]) {
    for (const resource of SERVED_RESOURCES.slice(0, 2)) {
      const framing = framingFor(form, resource, 'Metadata', new FakeClock(), new EncodedEvents());
      const frame = framing.encode({ type: 'ERROR', object: status }, false);
      assert.deepEqual(
        readWatchFrames(frame, () => statusSchema),
        [{ type: 'ERROR', object: status }],
      );
    }
  }
});
