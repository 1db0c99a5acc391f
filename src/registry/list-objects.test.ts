import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseBase64Url, toBase64Url } from '../base/base64.js';
import { parseUtf8, utf8 } from '../base/bytes.js';
import { StatusError } from '../kube/status.js';
import { type ConfigMap, configMaps } from './configmaps/configmaps.js';
import { encodeContinueToken, parseContinueToken } from './continue-token.js';
import type { ListQuery, ObjectFilter } from './resource-store.js';
import { listQuery, openTestStore, type TestStore } from './testing/open-test-store.js';

const ODD: ObjectFilter<ConfigMap> = {
  matches: ({ metadata }) => Number(metadata.name?.slice(1)) % 2 === 1,
  everything: false,
};

/** Objects c0, c1, … at revisions 1, 2, …, with names in order. */
async function withMany(count: number): Promise<TestStore<ConfigMap>> {
  const opened = openTestStore(configMaps);
  for (let i = 0; i < count; i++) await put(opened, `c${i}`);
  return opened;
}

async function put({ objects, context }: TestStore<ConfigMap>, name: string, namespace = 'default'): Promise<void> {
  await objects.create({ metadata: { name, namespace } }, { context: context() });
}

async function refusal(promise: Promise<unknown>): Promise<StatusError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StatusError, `expected a refusal, got ${String(error)}`);
  return error;
}

const token = (json: object): string => toBase64Url(utf8(JSON.stringify(json)));

const refused: readonly {
  readonly name: string;
  readonly query: Partial<ListQuery<ConfigMap>>;
  readonly message: string;
}[] = [
  {
    name: 'a version that is no number',
    query: { resourceVersion: 'abc' },
    message:
      'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
  },
  {
    name: 'a negative version',
    query: { resourceVersion: '-1' },
    message:
      'invalid resource version: resourceVersion: Invalid value: "-1": strconv.ParseUint: parsing "-1": invalid syntax',
  },
  {
    name: 'a version beyond 64 bits',
    query: { resourceVersion: '18446744073709551616' },
    message:
      'invalid resource version: resourceVersion: Invalid value: "18446744073709551616": strconv.ParseUint: ' +
      'parsing "18446744073709551616": value out of range',
  },
  {
    name: 'a token and a version',
    query: { continue: encodeContinueToken({ revision: 1, after: 'x' }), resourceVersion: '1' },
    message: 'specifying resource version is not allowed when using continue',
  },
  {
    name: 'a token of other bytes',
    query: { continue: 'garbage' },
    message:
      "invalid continue token: continue key is not valid: invalid character '\\u0081' looking for beginning of value",
  },
  {
    name: 'a token that is not base64url',
    query: { continue: 'ab+' },
    message: 'invalid continue token: continue key is not valid: illegal base64 data at input byte 2',
  },
  {
    name: 'a token of another version',
    query: { continue: token({ v: 'v9', rv: 1, start: 'a\0' }) },
    message: 'invalid continue token: continue key is not valid: server does not recognize this encoded version v9',
  },
  {
    name: 'a token without revision',
    query: { continue: token({ v: 'meta.k8s.io/v1', start: 'a\0' }) },
    message:
      'invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
  },
  {
    name: 'a token without key',
    query: { continue: token({ v: 'meta.k8s.io/v1', rv: 1, start: '' }) },
    message: 'invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)',
  },
  {
    name: 'a token that leaves its list',
    query: { continue: token({ v: 'meta.k8s.io/v1', rv: 1, start: '../secrets/x\0' }) },
    message: 'invalid continue token: continue key is not valid: ../secrets/x\0',
  },
];

for (const { name, query, message } of refused) {
  test(`refuses ${name}`, async () => {
    const { objects } = await withMany(1);
    const error = await refusal(objects.list(listQuery(query)));
    assert.deepEqual([error.httpCode, error.reason, error.message], [400, 'BadRequest', message]);
  });
}

test('refuses a version that is not reached within three seconds', async () => {
  const { objects, clock } = await withMany(2);
  const listing = refusal(objects.list(listQuery({ resourceVersion: '9' })));
  for (let i = 0; i < 40; i++) {
    clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { status } = await listing;
  assert.deepEqual(
    [status.code, status.reason, status.message],
    [504, 'Timeout', 'Timeout: Too large resource version: 9, current: 2'],
  );
  assert.deepEqual(status.details, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
});

test('waits for a version that is about to be reached', async () => {
  const opened = await withMany(2);
  const listing = opened.objects.list(listQuery({ resourceVersion: '3' }));
  await put(opened, 'c2');
  for (let i = 0; i < 3; i++) {
    opened.clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal((await listing).items.length, 3);
});

test('refuses an exact version that has been compacted with 410', async () => {
  const opened = await withMany(4);
  await opened.store.compact(3);
  const error = await refusal(opened.objects.list(listQuery({ resourceVersion: '2', resourceVersionMatch: 'Exact' })));
  assert.deepEqual(
    [error.httpCode, error.reason, error.message],
    [410, 'Expired', 'The resourceVersion for the provided list is too old.'],
  );
});

test('lists in the order of namespace and name, at the version of the read', async () => {
  const opened = await withMany(0);
  for (const [namespace, name] of [
    ['b', 'x'],
    ['a', 'z'],
    ['a', 'y'],
    ['a-b', 'x'],
  ] as const) {
    await put(opened, name, namespace);
  }
  const { metadata, items } = await opened.objects.list(listQuery());
  assert.deepEqual(
    items.map((item) => `${item.metadata.namespace ?? ''}/${item.metadata.name ?? ''}`),
    ['a-b/x', 'a/y', 'a/z', 'b/x'],
  );
  assert.deepEqual(metadata, { resourceVersion: '4' });
  assert.equal((await opened.objects.list(listQuery({ namespace: 'a' }))).items.length, 2);
});

test('shows one object where its name is pinned, and none where there is none', async () => {
  const { objects } = await withMany(12);
  const pinned = await objects.list(listQuery({ namespace: 'default', name: 'c1' }));
  assert.deepEqual(names(pinned.items), ['c1']);
  assert.deepEqual(names((await objects.list(listQuery({ name: 'c1' }))).items), ['c1']);
  assert.deepEqual((await objects.list(listQuery({ namespace: 'default', name: 'c' }))).items, []);
});

test('pages through one snapshot, whatever is written meanwhile', async () => {
  const opened = await withMany(5);
  const first = await opened.objects.list(listQuery({ limit: 2 }));
  assert.deepEqual(names(first.items), ['c0', 'c1']);
  assert.equal(first.metadata.remainingItemCount, 3);
  await put(opened, 'c2b');
  await opened.objects.delete({ namespace: 'default', name: 'c3' }, { context: opened.context() });
  const second = await opened.objects.list(listQuery({ limit: 2, continue: first.metadata.continue ?? '' }));
  assert.deepEqual(names(second.items), ['c2', 'c3']);
  assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  assert.equal(second.metadata.remainingItemCount, 1);
  const last = await opened.objects.list(listQuery({ limit: 2, continue: second.metadata.continue ?? '' }));
  assert.deepEqual(names(last.items), ['c4']);
  assert.deepEqual(last.metadata, { resourceVersion: '5' });
});

test('fills pages by scanning on where there are selectors, and counts nothing', async () => {
  const { objects } = await withMany(8);
  const first = await objects.list(listQuery({ limit: 2, filter: ODD }));
  assert.deepEqual(names(first.items), ['c1', 'c3']);
  assert.equal(first.metadata.remainingItemCount, undefined);
  const second = await objects.list(listQuery({ limit: 2, filter: ODD, continue: first.metadata.continue ?? '' }));
  assert.deepEqual(names(second.items), ['c5', 'c7']);
  assert.equal(second.metadata.continue, undefined);
});

test('ignores the limit at version 0, and takes the exact version where a limit is given', async () => {
  const { objects } = await withMany(4);
  assert.equal((await objects.list(listQuery({ limit: 2, resourceVersion: '0' }))).items.length, 4);
  const exact = await objects.list(listQuery({ limit: 9, resourceVersion: '2' }));
  assert.deepEqual([exact.items.length, exact.metadata.resourceVersion], [2, '2']);
  const least = await objects.list(listQuery({ resourceVersion: '2' }));
  assert.deepEqual([least.items.length, least.metadata.resourceVersion], [4, '4']);
  const notOlder = await objects.list(
    listQuery({ limit: 9, resourceVersion: '2', resourceVersionMatch: 'NotOlderThan' }),
  );
  assert.equal(notOlder.items.length, 4);
});

test('gives an expired token a successor that goes on in what is newest', async () => {
  const opened = await withMany(5);
  const first = await opened.objects.list(listQuery({ limit: 2 }));
  await put(opened, 'c2b');
  await opened.store.compact(6);
  const { status } = await refusal(
    opened.objects.list(listQuery({ limit: 2, continue: first.metadata.continue ?? '' })),
  );
  assert.deepEqual([status.code, status.reason], [410, 'Expired']);
  assert.match(status.message ?? '', /^The provided continue parameter is too old to display a consistent list result/);
  const rest = await opened.objects.list(listQuery({ continue: status.metadata.continue ?? '' }));
  assert.deepEqual(names(rest.items), ['c2', 'c2b', 'c3', 'c4']);
  assert.equal(rest.metadata.resourceVersion, '6');
});

test('writes the token that kube-apiserver writes, and the count beside it', () => {
  const text = encodeContinueToken({ revision: 7, after: 'default/a', remaining: 3 });
  assert.deepEqual(JSON.parse(parseUtf8(parseBase64Url(text) ?? new Uint8Array()) ?? ''), {
    v: 'meta.k8s.io/v1',
    rv: 7,
    start: 'default/a\0',
    n: 3,
  });
});

test('reads every token that it writes', () => {
  const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((s) => !/[/]/.test(s) && s !== '.' && s !== '..');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 40 }), name, fc.nat(), (revision, after, remaining) => {
      const expected = { revision, after, remaining };
      assert.deepEqual(parseContinueToken(encodeContinueToken(expected)), expected);
    }),
  );
});

test('refuses any other token with 400', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.base64String(),
        fc.json().map((json) => toBase64Url(utf8(json))),
      ),
      (text) => {
        assert.throws(
          () => parseContinueToken(text),
          (error) => error instanceof StatusError && error.httpCode === 400,
        );
      },
    ),
  );
});

test('pages of any size make up the whole list', async () => {
  const { objects } = await withMany(7);
  for (const filter of [listQuery<ConfigMap>().filter, ODD]) {
    const whole = names((await objects.list(listQuery({ filter }))).items);
    for (let limit = 1; limit <= 8; limit++) {
      const seen: (string | undefined)[] = [];
      let next: string | undefined;
      do {
        const page = await objects.list(
          listQuery({ filter, limit, ...(next === undefined ? {} : { continue: next }) }),
        );
        seen.push(...names(page.items));
        next = page.metadata.continue;
      } while (next !== undefined);
      assert.deepEqual(seen, whole);
    }
  }
});

function names(items: readonly ConfigMap[]): readonly (string | undefined)[] {
  return items.map((item) => item.metadata.name);
}
