import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRecordKeys } from '../authority/record-keys.js';
import { testKey } from '../authority/testing/test-certificates.js';
import { createClient } from '../client/client.js';
import { CONFIG_MAPS } from '../client/resources.js';
import { createMemoryApi } from '../client/testing/memory-api.js';
import { publishRecordKey } from './publish-record-key.js';

test('publishes every key there ever was, each once, and keeps labels', async () => {
  const api = createMemoryApi();
  const client = createClient(api.transport, { userAgent: 'test' });
  const [old, next] = [await testKey('older'), await testKey('approver')];
  await publishRecordKey(client, old.publicKeyDer);
  const where = { namespace: 'kube-public' };
  const first = await client.get(CONFIG_MAPS, 'countersign-record-keys', where);
  await client.update(CONFIG_MAPS, { ...first, metadata: { ...first.metadata, labels: { a: 'b' } } });
  await publishRecordKey(client, next.publicKeyDer);
  await publishRecordKey(client, old.publicKeyDer);
  const { data = {}, metadata } = await client.get(CONFIG_MAPS, 'countersign-record-keys', where);
  assert.deepEqual(parseRecordKeys(Object.values(data).join('')), [old.publicKey, next.publicKey]);
  assert.deepEqual(metadata.labels, { a: 'b' });
});

test('loses no key where several are published at once', async () => {
  const api = createMemoryApi();
  const client = createClient(api.transport, { userAgent: 'test' });
  const keys = await Promise.all(['one', 'two', 'three', 'four'].map((name) => testKey(name)));
  await Promise.all(keys.map((key) => publishRecordKey(client, key.publicKeyDer)));
  const { data = {} } = await client.get(CONFIG_MAPS, 'countersign-record-keys', { namespace: 'kube-public' });
  assert.equal(Object.keys(data).length, keys.length);
});
