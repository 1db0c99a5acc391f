import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiResponse, Transport } from '../kube/exchange.js';
import { StatusError } from '../kube/status.js';
import { createClient } from './client.js';
import { type DiscoveredResource, discoverResources } from './discovery.js';

/** A server that knows these answers, and 503 for the rest. */
function serving(answers: Readonly<Record<string, object>>): Transport {
  return ({ target }): Promise<ApiResponse> => {
    const value = answers[target];
    return Promise.resolve(
      value === undefined
        ? { status: 503, headers: {}, body: { kind: 'bytes', bytes: new Uint8Array() } }
        : { status: 200, headers: {}, body: { kind: 'object', value } },
    );
  };
}

const discover = (answers: Readonly<Record<string, object>>) =>
  discoverResources(createClient(serving(answers), { userAgent: 'test' }));

const versions = (group: string, preferred: string, ...all: readonly string[]): object => ({
  name: group,
  versions: all.map((version) => ({ groupVersion: `${group}/${version}`, version })),
  preferredVersion: { groupVersion: `${group}/${preferred}`, version: preferred },
});

const list = (...names: readonly string[]): object => ({
  kind: 'APIResourceList',
  resources: names.map((name) => ({ name, kind: name.toUpperCase(), namespaced: true, verbs: ['get', 'list'] })),
});

const short = ({ group, version, resource, preferred }: DiscoveredResource): string =>
  `${resource}.${version}.${group}${preferred ? '' : ' (other)'}`;

test('fails where the groups are not told', async () => {
  await assert.rejects(discover({ '/api': { versions: ['v1'] } }), StatusError);
});

test('takes answers that make no sense for empty ones', async () => {
  const { resources, failed } = await discover({
    '/api': { versions: ['v1', 7] },
    '/apis': { groups: [null, { name: 'g', versions: 'x' }] },
    '/api/v1': { resources: [{ name: 3 }, 'x', { kind: 'Y' }] },
  });
  assert.deepEqual([resources, failed], [[], []]);
});

test('tells each resource once as preferred, in the first version that has it', async () => {
  const { resources, failed } = await discover({
    '/api': { versions: ['v1'] },
    '/apis': { groups: [versions('b.io', 'v1', 'v1alpha1', 'v1'), versions('gone.io', 'v1', 'v1')] },
    '/api/v1': list('pods', 'pods/status'),
    '/apis/b.io/v1': list('bundles'),
    '/apis/b.io/v1alpha1': list('bundles', 'news'),
  });
  assert.deepEqual(resources.map(short), [
    'pods.v1.',
    'bundles.v1.b.io',
    'bundles.v1alpha1.b.io (other)',
    'news.v1alpha1.b.io',
  ]);
  assert.deepEqual(resources[0], {
    group: '',
    version: 'v1',
    resource: 'pods',
    kind: 'PODS',
    namespaced: true,
    verbs: ['get', 'list'],
    preferred: true,
  });
  assert.deepEqual(failed, ['/apis/gone.io/v1']);
});
