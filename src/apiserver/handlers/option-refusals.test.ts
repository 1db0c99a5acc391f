import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Status } from '../../kube/status.js';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';
import { assertRefused, patchOf, type Refusal } from '../testing/refusal.js';

let server: TestServer;
before(async () => {
  server = await openTestServer();
  await server.ask({ method: 'POST', path: MAPS, body: { metadata: { name: 'there' }, data: { a: '1' } } });
});
after(() => server.close());

const MAPS = '/api/v1/namespaces/default/configmaps';
const THERE = `${MAPS}/there`;
const INVALID = 'the server rejected our request due to an error in our request';

const REFUSALS: readonly Refusal[] = [
  // options
  {
    name: 'an unknown dryRun',
    ask: { method: 'POST', path: `${MAPS}?dryRun=Some`, body: {} },
    code: 422,
    reason: 'Invalid',
    message: 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
  },
  {
    name: 'an unknown fieldValidation',
    ask: { method: 'PUT', path: `${THERE}?fieldValidation=Lax`, body: {} },
    code: 422,
    reason: 'Invalid',
    message:
      'UpdateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Lax": supported values: "", "Ignore", "Strict", "Warn"',
  },
  {
    name: 'a field manager that is too long',
    ask: { method: 'POST', path: `${MAPS}?fieldManager=${'x'.repeat(129)}`, body: {} },
    code: 422,
    reason: 'Invalid',
    message: 'CreateOptions.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes',
  },
  {
    name: 'a field manager that cannot be printed',
    ask: { method: 'POST', path: `${MAPS}?fieldManager=a%07b`, body: {} },
    code: 422,
    reason: 'Invalid',
    message:
      'CreateOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "a\\u0007b": invalid character U+0007 (at position 1)',
  },
  {
    name: 'force without apply',
    ask: { ...patchOf(THERE, 'merge-patch', {}), path: `${THERE}?force=true` },
    code: 422,
    reason: 'Invalid',
    message: 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
  },
  {
    name: 'a limit that is no number',
    ask: { path: `${MAPS}?limit=x` },
    code: 400,
    reason: 'BadRequest',
    message: 'strconv.ParseInt: parsing "x": invalid syntax',
  },
  {
    name: 'a watch timeout that is no number',
    ask: { path: `${MAPS}?watch=1&timeoutSeconds=1s` },
    code: 400,
    reason: 'BadRequest',
    message: 'strconv.ParseInt: parsing "1s": invalid syntax',
  },
  {
    name: 'a timeout that is no duration',
    ask: { path: `${MAPS}?timeout=soon` },
    code: 400,
    reason: 'BadRequest',
    message: 'invalid timeout specified in the request URL - time: invalid duration "soon"',
  },
  {
    name: 'a match without a version',
    ask: { path: `${MAPS}?resourceVersionMatch=Exact` },
    code: 422,
    reason: 'Invalid',
    message:
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
  },
  {
    name: 'an exact version 0',
    ask: { path: `${MAPS}?resourceVersionMatch=Exact&resourceVersion=0` },
    code: 422,
    reason: 'Invalid',
    message:
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
  },
  {
    name: 'an unknown match',
    ask: { path: `${MAPS}?resourceVersionMatch=Near&resourceVersion=1` },
    code: 422,
    reason: 'Invalid',
    message:
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Unsupported value: "Near": supported values: "Exact", "NotOlderThan", ""',
  },
  {
    name: 'initial events of a list',
    ask: { path: `${MAPS}?sendInitialEvents=true` },
    code: 422,
    reason: 'Invalid',
    message:
      'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
  },
  {
    name: 'initial events without a match',
    ask: { path: `${MAPS}?watch=1&sendInitialEvents=true` },
    code: 422,
    reason: 'Invalid',
    message:
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
  },
  {
    name: 'a match of a plain watch',
    ask: { path: `${MAPS}?watch=1&resourceVersionMatch=NotOlderThan&resourceVersion=1` },
    code: 422,
    reason: 'Invalid',
    message:
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
  },
  {
    name: 'a watch from an impossible version',
    ask: { path: `${MAPS}?watch=1&resourceVersion=abc` },
    code: 500,
    reason: undefined,
    message: 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
  },
  {
    name: 'an unknown field in a selector',
    ask: { path: `${MAPS}?fieldSelector=data.a%3Db` },
    code: 400,
    reason: 'BadRequest',
    message: '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
  },
  {
    name: 'export',
    ask: { path: `${THERE}?export=true` },
    code: 400,
    reason: 'BadRequest',
    message: 'the export parameter, deprecated since v1.14, is no longer supported',
  },
  // patches
  {
    name: 'a JSON patch that is no list',
    ask: patchOf(THERE, 'json-patch', { not: 'a list' }),
    code: 400,
    reason: 'BadRequest',
    message: 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
  },
  {
    name: 'a JSON patch that does not apply',
    ask: patchOf(THERE, 'json-patch', [{ op: 'test', path: '/data/a', value: '2' }]),
    code: 422,
    reason: 'Invalid',
    message: INVALID,
  },
  {
    name: 'a merge patch that is no object',
    ask: patchOf(THERE, 'merge-patch', '[]'),
    code: 400,
    reason: 'BadRequest',
    message: 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
  },
  {
    name: 'a patch that renames',
    ask: patchOf(THERE, 'merge-patch', { metadata: { name: 'other' } }),
    code: 400,
    reason: 'BadRequest',
    message: 'the name of the object (other) does not match the name on the URL (there)',
  },
  {
    name: 'a patch with a stale version',
    ask: patchOf(THERE, 'merge-patch', { metadata: { resourceVersion: '1' } }),
    code: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on configmaps "there": the object has been modified; please apply your changes to the latest version and try again',
  },
  {
    name: 'an unknown strategic directive',
    ask: patchOf(THERE, 'strategic-merge-patch', { data: { $patch: 'bogus' } }),
    code: 500,
    reason: undefined,
    message: 'unknown patch type: bogus in map: map[$patch:bogus]',
  },
  // deletes
  {
    name: 'a delete of something else',
    ask: { method: 'DELETE', path: THERE, body: { kind: 'ConfigMap', apiVersion: 'v1' } },
    code: 400,
    reason: 'BadRequest',
    message: 'no kind "ConfigMap" is registered for version "v1" in scheme "pkg/runtime/scheme.go:100"',
  },
  {
    name: 'a delete that makes no sense',
    ask: { method: 'DELETE', path: THERE, body: '{' },
    code: 400,
    reason: 'BadRequest',
    message: `couldn't get version/kind; json parse error: unexpected end of JSON input`,
  },
  {
    name: 'an unknown propagation',
    ask: { method: 'DELETE', path: `${THERE}?propagationPolicy=Sometimes` },
    code: 422,
    reason: 'Invalid',
    message:
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Sometimes": supported values: "Foreground", "Background", "Orphan", "nil"',
  },
  {
    name: 'two ways of propagation',
    ask: { method: 'DELETE', path: THERE, body: { orphanDependents: true, propagationPolicy: 'Background' } },
    code: 422,
    reason: 'Invalid',
    message:
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Background": orphanDependents and deletionPropagation cannot be both set',
  },
  {
    name: 'another version as precondition',
    ask: { method: 'DELETE', path: THERE, body: { preconditions: { resourceVersion: '1' } } },
    code: 409,
    reason: 'Conflict',
    message: '*',
  },
  {
    name: 'a namespace that stays',
    ask: { method: 'DELETE', path: '/api/v1/namespaces/default' },
    code: 403,
    reason: 'Forbidden',
    message: 'namespaces "default" is forbidden: this namespace may not be deleted',
  },
];

for (const refusal of REFUSALS) {
  test(`refuses ${refusal.name}`, () => assertRefused(server, refusal));
}

test('strict validation of a patch is 422 in the name of the patch', async () => {
  const answer = await server.ask({
    ...patchOf(THERE, 'merge-patch', { dta: {} }),
    path: `${THERE}?fieldValidation=Strict`,
  });
  const status = answer.json as Status;
  assert.equal(status.code, 422);
  assert.match(
    status.message ?? '',
    /^ "" is invalid: patch: Invalid value: ".*": strict decoding error: unknown field "dta"$/,
  );
});

test('a patch whose result has the wrong types is 422 in the name of the patch', async () => {
  const status = (await server.ask(patchOf(THERE, 'merge-patch', { data: { a: 1 } }))).json as Status;
  assert.equal(status.code, 422);
  assert.match(
    status.message ?? '',
    /^ "" is invalid: patch: Invalid value: ".*": json: cannot unmarshal number into Go struct field /,
  );
});

test('nothing that was refused has changed anything', async () => {
  const { json } = await server.ask({ path: MAPS });
  assert.deepEqual(
    (json as { items: { metadata: { name: string } }[] }).items.map((item) => item.metadata.name),
    ['there'],
  );
});
