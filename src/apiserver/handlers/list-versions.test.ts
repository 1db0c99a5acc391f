import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KubeList, KubeObject } from '../../kube/object-meta.js';
import type { Status } from '../../kube/status.js';
import { encodeContinueToken, parseContinueToken } from '../../registry/continue-token.js';
import { type Answer, openTestServer, type TestServer } from '../testing/open-test-server.js';
import { assertRefused, type Refusal } from '../testing/refusal.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const SECRETS = '/api/v1/namespaces/default/secrets';
const FUTURE = '1000000';

let server: TestServer;
/** The version before `a`, and those at which `a`, `b`, `c` and `d` were made. */
const versions: string[] = [];

before(async () => {
  server = await openTestServer();
  versions.push(String(await server.store.currentRevision()));
  for (const name of ['a', 'b', 'c', 'd']) versions.push(await create(name));
});
after(() => server.close());

async function create(name: string): Promise<string> {
  const answer = await server.ask({ method: 'POST', path: MAPS, body: { metadata: { name, labels: { name } } } });
  assert.equal(answer.status, 201, answer.text);
  return (answer.json as KubeObject).metadata.resourceVersion ?? '';
}

/** A query in which `$0` to `$4` stand for those versions. */
function query(text: string): string {
  return text.replaceAll(/\$(\d)/g, (_, i: string) => versions[Number(i)] ?? '');
}

/** Asks, and lets time pass until there is an answer. */
async function patiently(path: string): Promise<Answer> {
  let answer: Answer | undefined;
  const asking = server.ask({ path }).then((got) => {
    answer = got;
    return got;
  });
  for (let i = 0; i < 200 && answer === undefined; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    server.clock.advance(100);
  }
  return asking;
}

const LIST_INVALID = 'ListOptions.meta.k8s.io "" is invalid: ';
const MATCH = 'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden';
const token = encodeContinueToken({ revision: 1, after: 'a' });

/** Each combination that is refused: query, code, message. */
const refused: readonly (readonly [string, number, string])[] = [
  ['resourceVersionMatch=Exact', 422, `${LIST_INVALID}${MATCH} unless resourceVersion is provided`],
  ['resourceVersionMatch=NotOlderThan', 422, `${LIST_INVALID}${MATCH} unless resourceVersion is provided`],
  ['resourceVersionMatch=NotOlderThan&limit=1', 422, `${LIST_INVALID}${MATCH} unless resourceVersion is provided`],
  [
    'resourceVersion=0&resourceVersionMatch=Exact',
    422,
    `${LIST_INVALID}resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"`,
  ],
  [
    `resourceVersion=$1&resourceVersionMatch=Exact&continue=${token}`,
    422,
    `${LIST_INVALID}${MATCH} when continue is provided`,
  ],
  [
    `resourceVersionMatch=Exact&continue=${token}`,
    422,
    `${LIST_INVALID}[${MATCH} unless resourceVersion is provided, ${MATCH} when continue is provided]`,
  ],
  [
    'resourceVersion=$1&resourceVersionMatch=exact',
    422,
    `${LIST_INVALID}resourceVersionMatch: Unsupported value: "exact": supported values: "Exact", "NotOlderThan", ""`,
  ],
  [
    'sendInitialEvents=false',
    422,
    `${LIST_INVALID}sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list`,
  ],
  [`resourceVersion=$1&continue=${token}`, 400, 'specifying resource version is not allowed when using continue'],
  [
    'resourceVersion=$1&limit=1&continue=%21',
    400,
    'invalid continue token: continue key is not valid: illegal base64 data at input byte 0',
  ],
  [
    'resourceVersion=1.5',
    400,
    'invalid resource version: resourceVersion: Invalid value: "1.5": strconv.ParseUint: parsing "1.5": invalid syntax',
  ],
  ['limit=', 400, 'strconv.ParseInt: parsing "": invalid syntax'],
  ['limit=1.0', 400, 'strconv.ParseInt: parsing "1.0": invalid syntax'],
  ['timeoutSeconds=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['watch=1&limit=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  // numbers are read first, then selectors, then it is asked what fits together
  [
    'labelSelector=a%3D%3D%3Db&resourceVersionMatch=Exact&limit=x',
    400,
    'strconv.ParseInt: parsing "x": invalid syntax',
  ],
  [
    'fieldSelector=nope%3D1&resourceVersionMatch=Exact',
    422,
    `${LIST_INVALID}${MATCH} unless resourceVersion is provided`,
  ],
];

for (const [text, code, message] of refused) {
  test(`refuses a list with ${text}`, () => {
    const reason = code === 422 ? 'Invalid' : 'BadRequest';
    const refusal: Refusal = { name: text, ask: { path: `${MAPS}?${query(text)}` }, code, reason, message };
    return assertRefused(server, refusal);
  });
}

test('refuses a wrong selector before what does not fit together', async () => {
  const answer = await server.ask({ path: `${MAPS}?labelSelector=a%3D%3D%3Db&resourceVersionMatch=Exact` });
  assert.deepEqual([answer.status, (answer.json as Status).reason], [400, 'BadRequest']);
});

for (const path of [MAPS, `${MAPS}/a`]) {
  for (const more of path === MAPS
    ? ['', '&resourceVersionMatch=NotOlderThan', '&resourceVersionMatch=Exact', '&limit=2']
    : ['']) {
    test(`of a version that does not come, ${path}?resourceVersion=N${more} is 504 after three seconds`, async () => {
      const before = server.clock.now();
      const answer = await patiently(`${path}?resourceVersion=${FUTURE}${more}`);
      const waited = server.clock.now() - before;
      const current = versions.at(-1) ?? '';
      const { code, reason, message, details } = answer.json as Status;
      assert.deepEqual([answer.status, code, reason], [504, 504, 'Timeout']);
      assert.equal(message, `Timeout: Too large resource version: ${FUTURE}, current: ${current}`);
      assert.deepEqual(details, {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      });
      assert.equal(answer.headers['retry-after'], '1');
      assert.ok(waited >= 3000 && waited < 4000, String(waited));
    });
  }
}

/** Each combination that is answered: query, names, whether the list is of a version of its own, what is left. */
const answered: readonly (readonly [string, string, string, number | undefined])[] = [
  ['', 'abcd', '$4', undefined],
  ['limit=0', 'abcd', '$4', undefined],
  ['limit=-1', 'abcd', '$4', undefined],
  ['limit=2', 'ab', '$4', 2],
  ['limit=4', 'abcd', '$4', undefined],
  ['limit=500', 'abcd', '$4', undefined],
  ['resourceVersion=0', 'abcd', '$4', undefined],
  ['resourceVersion=0&limit=1', 'abcd', '$4', undefined],
  ['resourceVersion=0&resourceVersionMatch=NotOlderThan&limit=1', 'abcd', '$4', undefined],
  ['resourceVersion=$2', 'abcd', '$4', undefined],
  ['resourceVersion=$2&limit=1', 'a', '$2', 1],
  ['resourceVersion=$2&limit=9', 'ab', '$2', undefined],
  ['resourceVersion=$2&resourceVersionMatch=NotOlderThan', 'abcd', '$4', undefined],
  ['resourceVersion=$2&resourceVersionMatch=NotOlderThan&limit=3', 'abc', '$4', 1],
  ['resourceVersion=$2&resourceVersionMatch=Exact', 'ab', '$2', undefined],
  ['resourceVersion=$2&resourceVersionMatch=Exact&limit=1', 'a', '$2', 1],
  ['resourceVersion=$0&resourceVersionMatch=Exact', '', '$0', undefined],
  ['resourceVersion=$4&resourceVersionMatch=Exact', 'abcd', '$4', undefined],
];

for (const [text, names, version, remaining] of answered) {
  test(`answers a list with ${text === '' ? 'nothing' : text}`, async () => {
    const { status, json, text: body } = await server.ask({ path: `${MAPS}?${query(text)}` });
    assert.equal(status, 200, body);
    const { metadata, items } = json as KubeList;
    assert.equal(items.map((item) => item.metadata.name).join(''), names);
    assert.equal(metadata.resourceVersion, query(version));
    assert.equal(metadata.remainingItemCount, remaining);
    assert.equal(metadata.continue !== undefined, remaining !== undefined);
  });
}

test('with a selector a page does not say how much is left, but whether anything is', async () => {
  const first = await server.ask({ path: `${MAPS}?limit=1&labelSelector=name%20in%20(b,d)` });
  const { metadata, items } = first.json as KubeList;
  assert.deepEqual([items[0]?.metadata.name, metadata.remainingItemCount], ['b', undefined]);
  const last = await server.ask({
    path: `${MAPS}?limit=1&labelSelector=name%20in%20(b,d)&continue=${metadata.continue ?? ''}`,
  });
  const rest = last.json as KubeList;
  assert.deepEqual([rest.items[0]?.metadata.name, rest.metadata.continue], ['d', undefined]);
});

test('a token goes on with what its own list showed, and version 0 beside it says nothing', async () => {
  const first = (await server.ask({ path: `${MAPS}?limit=3` })).json as KubeList;
  const next = first.metadata.continue ?? '';
  for (const more of ['', '&resourceVersion=0']) {
    const { json } = await server.ask({ path: `${MAPS}?limit=3&continue=${next}${more}` });
    const { metadata, items } = json as KubeList;
    assert.deepEqual([items.length, metadata.resourceVersion], [1, first.metadata.resourceVersion]);
  }
});

test('a token of one list is a place in any other, and shows only what that one holds', async () => {
  await server.ask({ method: 'POST', path: SECRETS, body: { metadata: { name: 'z' } } });
  await server.ask({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: 'other' } } });
  const first = (await server.ask({ path: `${MAPS}?limit=2` })).json as KubeList;
  const next = first.metadata.continue ?? '';
  const names = async (path: string): Promise<readonly (string | undefined)[]> => {
    const { json, status, text } = await server.ask({ path: `${path}?continue=${next}` });
    assert.equal(status, 200, text);
    return (json as KubeList).items.map((item) => `${item.metadata.namespace ?? ''}/${item.metadata.name ?? ''}`);
  };
  assert.deepEqual(await names('/api/v1/namespaces/other/configmaps'), []);
  assert.deepEqual(await names(SECRETS), ['default/z']);
  await server.ask({ method: 'DELETE', path: `${SECRETS}/z` });
  versions[4] = String(await server.store.currentRevision());
});

test('a tampered token is 400, or another place in the same list', async () => {
  const first = (await server.ask({ path: `${MAPS}?limit=2` })).json as KubeList;
  const next = first.metadata.continue ?? '';
  const { revision } = parseContinueToken(next);
  for (let i = 0; i < next.length; i++) {
    const changed = `${next.slice(0, i)}${next[i] === 'A' ? 'B' : 'A'}${next.slice(i + 1)}`;
    const answer = await patiently(`${MAPS}?continue=${changed}`);
    assert.ok([200, 400, 410, 504].includes(answer.status), answer.text);
  }
  for (const after of ['../secrets/z', '/etc', 'a/../../b', '.']) {
    const path = `${MAPS}?continue=${encodeContinueToken({ revision, after })}`;
    const answer = await server.ask({ path });
    assert.deepEqual([answer.status, (answer.json as Status).reason], [400, 'BadRequest'], after);
  }
});

test('a GET shows the newest object, of whatever version it is asked to be', async () => {
  for (const version of ['', '0', versions[1], versions[4]]) {
    const { status, json } = await server.ask({ path: `${MAPS}/a?resourceVersion=${version ?? ''}` });
    assert.deepEqual([status, (json as KubeObject).metadata.resourceVersion], [200, versions[1]]);
  }
  await assertRefused(server, {
    name: 'a version that is no number',
    ask: { path: `${MAPS}/a?resourceVersion=abc` },
    code: 500,
    reason: undefined,
    message: 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
  });
});

test('once its version is compacted, an exact list is 410, and so is a token, with another that goes on', async () => {
  const first = (await server.ask({ path: `${MAPS}?limit=2` })).json as KubeList;
  const next = first.metadata.continue ?? '';
  await create('e');
  await server.ask({ method: 'DELETE', path: `${MAPS}/c` });
  await server.store.compact(await server.store.currentRevision());
  for (const more of ['&resourceVersionMatch=Exact', '&limit=2']) {
    const { status, json } = await server.ask({ path: `${MAPS}?resourceVersion=${versions[2] ?? ''}${more}` });
    const { reason, message } = json as Status;
    assert.deepEqual([status, reason], [410, 'Expired']);
    assert.equal(message, 'The resourceVersion for the provided list is too old.');
  }
  const { status, json } = await server.ask({ path: `${MAPS}?limit=2&continue=${next}` });
  const expired = json as Status;
  assert.deepEqual([status, expired.reason], [410, 'Expired']);
  assert.match(
    expired.message ?? '',
    /^The provided continue parameter is too old to display a consistent list result\. /,
  );
  const fresh = expired.metadata.continue ?? '';
  assert.equal(parseContinueToken(fresh).revision, -1);
  const rest = await server.ask({ path: `${MAPS}?limit=1&continue=${fresh}` });
  const page = rest.json as KubeList;
  assert.deepEqual([page.items.map((item) => item.metadata.name), page.metadata.remainingItemCount], [['d'], 1]);
  const last = (await server.ask({ path: `${MAPS}?limit=1&continue=${page.metadata.continue ?? ''}` }))
    .json as KubeList;
  assert.deepEqual([last.items.map((item) => item.metadata.name), last.metadata.continue], [['e'], undefined]);
});
