import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiscoveredResource } from '../../client/discovery.js';
import { NO_KINDS, servedKinds } from './served-kinds.js';

const ALL: readonly string[] = ['create', 'delete', 'get', 'list', 'watch'];

/** `pods.v1.`, `bundles.v1beta1.certs.io`. */
function resource(text: string, more: Partial<DiscoveredResource> = {}): DiscoveredResource {
  const [plural = '', version = '', ...group] = text.split('.');
  const kind = plural.toUpperCase();
  return {
    resource: plural,
    version,
    group: group.join('.'),
    kind,
    namespaced: true,
    verbs: ALL,
    preferred: true,
    ...more,
  };
}

const keys = (map: ReadonlyMap<string, unknown>): readonly string[] => [...map.keys()];

test('follows what can be listed, watched and deleted, in one version', () => {
  const { followed, readable } = servedKinds(
    {
      failed: [],
      resources: [
        resource('reviews.v1.auth.io', { verbs: ['create'] }),
        resource('statuses.v1.', { verbs: ['get', 'list'] }),
        resource('events.v1.'),
        resource('events.v1.events.k8s.io'),
        resource('bundles.v1.certs.io'),
        resource('bundles.v1beta1.certs.io', { preferred: false }),
        resource('pods.v1.'),
      ],
    },
    NO_KINDS,
  );
  assert.deepEqual(keys(followed), ['bundles.certs.io', 'pods.']);
  assert.deepEqual(keys(readable), [
    'v1 STATUSES',
    'v1 EVENTS',
    'events.k8s.io/v1 EVENTS',
    'certs.io/v1 BUNDLES',
    'certs.io/v1beta1 BUNDLES',
    'v1 PODS',
  ]);
});

test('forgets what is no longer served, but not what the server cannot tell of now', () => {
  const before = servedKinds(
    { failed: [], resources: [resource('a.v1.x.io'), resource('b.v1.y.io'), resource('pods.v1.')] },
    NO_KINDS,
  );
  const after = servedKinds({ failed: ['/apis/x.io/v1'], resources: [resource('pods.v1.')] }, before);
  assert.deepEqual(keys(after.followed), ['a.x.io', 'pods.']);
  assert.deepEqual(keys(after.readable), ['x.io/v1 A', 'v1 PODS']);
});
