import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG_MAPS } from '../../src/client/resources.js';
import type { ApiResponse } from '../../src/kube/exchange.js';
import type { KubeObject } from '../../src/kube/object-meta.js';
import { failure } from '../../src/kube/status.js';
import {
  CLUSTER_ROLES,
  gone,
  left,
  make,
  maybeRead,
  ownedBy,
  remove,
  stage,
  wrote,
  type Change,
} from './collector-stage.js';
import { rest, until } from './control-bench.js';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/** A server that can be told to keep silent about the group of ClusterRoles, or to serve it no more. */
function fickle(): { is: 'whole' | 'silent' | 'smaller'; readonly change: Change } {
  const state: { is: 'whole' | 'silent' | 'smaller'; readonly change: Change } = {
    is: 'whole',
    change: async ({ target }, answer) => {
      if (state.is === 'silent' && target === RBAC) return refusal(503, 'ServiceUnavailable');
      if (state.is === 'smaller' && target.startsWith(RBAC)) {
        if (target === RBAC) return object({ kind: 'APIResourceList', resources: [] });
        return refusal(404, 'NotFound');
      }
      return answer();
    },
  };
  return state;
}
const object = (value: object): ApiResponse => ({ status: 200, headers: {}, body: { kind: 'object', value } });
const refusal = (code: number, reason: string): ApiResponse => {
  const value = failure(code, reason, 'the server could not find the requested resource');
  return { status: code, headers: {}, body: { kind: 'object', value } };
};

test('nothing is let go while a group is not told of: something in it may be owned', async (t) => {
  const server = fickle();
  server.is = 'silent';
  const s = await stage(t, undefined, server.change);
  await make(s, 'owner');
  await make(s, 'leaves');
  await remove(s, 'owner', 'Foreground');
  await remove(s, 'leaves', 'Orphan');
  await s.start();
  await rest();
  assert.deepEqual(wrote(s), []);
  assert.ok(
    s.lines.some(({ message, fields }) => message === 'Not all that is served is told' && fields['failed'] === RBAC),
  );
  server.is = 'whole';
  await until('they are gone', async () => {
    s.b.clock.advance(1000);
    return (await left(s, 'owner', 'leaves')).length === 0;
  });
});

test('what is owned by a kind stays when that is no longer served, and goes when it is again', async (t) => {
  const server = fickle();
  const s = await stage(t, undefined, server.change);
  const role = await s.client.create<KubeObject>(CLUSTER_ROLES, { metadata: { name: 'role' } });
  await s.start();
  server.is = 'smaller';
  s.b.clock.advance(30_000);
  await rest();
  await s.client.delete(CLUSTER_ROLES, 'role');
  await make(s, 'owned', [ownedBy(CLUSTER_ROLES, role)]);
  await make(s, 'lost', [ownedBy(CLUSTER_ROLES, role, { uid: 'other' })]);
  await rest();
  assert.deepEqual(wrote(s), []);
  server.is = 'whole';
  s.b.clock.advance(30_000);
  await gone(s, 'owned');
  await gone(s, 'lost');
});

test('a resource that disappears before that is told is not taken for owners that are gone', async (t) => {
  const server = fickle();
  const s = await stage(t, undefined, server.change);
  await s.start();
  server.is = 'smaller';
  await make(s, 'owned', [ownedBy(CLUSTER_ROLES, { metadata: { name: 'role', uid: 'u' } })]);
  await rest();
  assert.deepEqual(wrote(s), []);
});

test('orphans of a kind that takes no strategic patch lose their owner as well', async (t) => {
  const s = await stage(t, undefined, async (request, answer) => {
    const strategic = String(request.headers['content-type']).includes('strategic');
    return strategic ? refusal(415, 'UnsupportedMediaType') : answer();
  });
  const owner = await make(s, 'owner');
  const other = await make(s, 'other');
  await make(s, 'child', [ownedBy(CONFIG_MAPS, owner), ownedBy(CONFIG_MAPS, other)]);
  await remove(s, 'owner', 'Orphan');
  await s.start();
  await gone(s, 'owner');
  assert.deepEqual((await maybeRead(s, 'child'))?.metadata.ownerReferences, [ownedBy(CONFIG_MAPS, other)]);
});
