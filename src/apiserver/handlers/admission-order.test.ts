import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { forbidden } from '../../kube/status.js';
import type { AdmissionOperation } from '../admission/admission.js';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';
import { patchOf } from '../testing/refusal.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const LEASE = '/apis/coordination.k8s.io/v1/namespaces/default/leases/l';
const lease = { metadata: { name: 'l' }, spec: { holderIdentity: 'a', leaseDurationSeconds: 1 } };

const seen: string[] = [];
let refuse: (operation: AdmissionOperation) => void = () => undefined;
let server: TestServer;

function note(phase: string, operation: AdmissionOperation): void {
  const { verb, resource, namespace, name, object, previous, dryRun } = operation;
  const had = previous === undefined ? '' : ' had';
  const wants = object === undefined ? '' : ' wants';
  seen.push(`${phase} ${verb} ${resource.resource} ${namespace}/${name}${wants}${had}${dryRun ? ' dry' : ''}`);
}

before(async () => {
  server = await openTestServer({
    admission: {
      beforeValidation: (operation) => {
        note('before', operation);
      },
      afterValidation: (operation) => {
        note('after', operation);
        refuse(operation);
      },
    },
  });
});
after(() => server.close());
beforeEach(() => {
  seen.length = 0;
  refuse = () => undefined;
});

async function noted(...ask: Parameters<TestServer['ask']>): Promise<readonly string[]> {
  const { status, text } = await server.ask(...ask);
  assert.ok(status < 300, text);
  return [...seen];
}

test('what the last phase refuses is not stored', async () => {
  refuse = () => {
    throw forbidden({ group: '', resource: 'configmaps' }, 'no', 'because');
  };
  const answer = await server.ask({ method: 'POST', path: MAPS, body: { metadata: { name: 'no' } } });
  assert.equal(answer.status, 403);
  assert.equal((await server.ask({ path: `${MAPS}/no` })).status, 404);
});

test('what is invalid never reaches the last phase', async () => {
  const answer = await server.ask({ method: 'POST', path: MAPS, body: { metadata: { name: 'No Name' } } });
  assert.equal(answer.status, 422);
  assert.deepEqual(seen, ['before create configmaps default/No Name wants']);
});

test('both phases see every write as what it is', async () => {
  assert.deepEqual(await noted({ method: 'POST', path: MAPS, body: { metadata: { name: 'a' } } }), [
    'before create configmaps default/a wants',
    'after create configmaps default/a wants',
  ]);
  seen.length = 0;
  assert.deepEqual(await noted(patchOf(`${MAPS}/a?dryRun=All`, 'merge-patch', { data: { a: '1' } })), [
    'before update configmaps default/a wants had dry',
    'after update configmaps default/a wants had dry',
  ]);
  seen.length = 0;
  assert.deepEqual(await noted({ method: 'PUT', path: LEASE, body: lease }), [
    'before create leases default/l wants',
    'after create leases default/l wants',
  ]);
  seen.length = 0;
  const again = { ...lease, spec: { ...lease.spec, holderIdentity: 'b' } };
  const { json } = await server.ask({ path: LEASE });
  const { resourceVersion } = (json as { metadata: { resourceVersion: string } }).metadata;
  assert.deepEqual(
    await noted({ method: 'PUT', path: LEASE, body: { ...again, metadata: { name: 'l', resourceVersion } } }),
    ['before update leases default/l wants had', 'after update leases default/l wants had'],
  );
  seen.length = 0;
  assert.deepEqual(await noted({ method: 'DELETE', path: LEASE }), [
    'before delete leases default/l',
    'after delete leases default/l had',
  ]);
});
