import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { KubeObject } from '../../kube/object-meta.js';
import type { CarefulReader } from './careful-reader.js';
import { createLiveFacts } from './live-facts.js';

const NOBODY = { username: 'jane', uid: '', groups: [], extra: {} };

/** A server with some pods, and what was read of it. */
function readerOf(pods: readonly object[] | undefined): { readonly reader: CarefulReader; readonly lists: string[] } {
  const lists: string[] = [];
  const reader: CarefulReader = {
    get: () => Promise.resolve(undefined),
    list: <T extends KubeObject>({ resource }: { readonly resource: string }) => {
      lists.push(resource);
      return Promise.resolve(pods as readonly T[] | undefined); // pods are all that these tests ask for
    },
    ask: () => Promise.resolve(undefined),
    isHidden: (_verb, { resource }) => pods === undefined && resource === 'pods',
    unread: [],
  };
  return { reader, lists };
}

suite('live facts', () => {
  test('are blind to addresses where pods may not be listed', async () => {
    const facts = createLiveFacts(readerOf(undefined).reader, NOBODY);
    await facts.think((seen) => seen.podsByIp('10.0.0.7'));
    assert.equal(
      facts.isBlind((seen) => seen.podsByIp('10.0.0.7')),
      true,
    );
  });

  test('know every address of every pod, by one list', async () => {
    const pod = {
      metadata: { namespace: 'shop', name: 'web', uid: 'u' },
      status: { podIP: '10.0.0.7', podIPs: [{ ip: '10.0.0.7' }, { ip: 'fd00::7' }] },
    };
    const { reader, lists } = readerOf([pod]);
    const found = await createLiveFacts(reader, NOBODY).think((seen) =>
      ['10.0.0.7', 'fd00::7', '10.0.0.8'].map((ip) => seen.podsByIp(ip).map(({ name }) => name)),
    );
    assert.deepEqual(found, [['web'], ['web'], []]);
    assert.deepEqual(lists, ['pods']);
  });
});
