import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listSchemaOf } from '../../kube/object-meta-schema.js';
import type { KubeList } from '../../kube/object-meta.js';
import { configMapSchema } from '../../registry/configmaps/schema.js';
import { encodeMessage } from '../protobuf/encode-message.js';
import { encodeEnvelope } from '../protobuf/envelope.js';
import { encodeListJson, encodeListProtobuf, isLongList } from './encode-list.js';

const schema = listSchemaOf(configMapSchema);

function listOf(length: number): KubeList {
  const items = Array.from({ length }, (_, i) => ({ metadata: { name: `a${i}` }, data: { text: `“${i}”` } }));
  return { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '7' }, items };
}

for (const length of [0, 1, 199, 200, 201, 1000]) {
  test(`a list of ${length} has the same bytes in parts as in one go`, async () => {
    const list = listOf(length);
    let pauses = 0;
    const pause = async (): Promise<void> => {
      pauses++;
    };
    assert.equal(Buffer.from(await encodeListJson(list, pause)).toString(), `${JSON.stringify(list)}\n`);
    assert.equal(pauses, Math.max(0, Math.ceil(length / 200) - 1));
    const whole = encodeEnvelope('v1', 'ConfigMapList', encodeMessage(schema, list));
    assert.deepEqual(Buffer.from(await encodeListProtobuf(list, schema, pause)), Buffer.from(whole));
    assert.equal(isLongList(list), length > 200);
  });
}

test('what is no list is none', () => {
  assert.equal(isLongList({}), false);
  assert.equal(isLongList({ items: 'x'.repeat(1000) }), false);
});
