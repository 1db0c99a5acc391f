import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createPatch } from 'rfc6902';
import { StatusError } from '../kube/status.js';
import { applyJsonPatch, MAX_JSON_PATCH_OPERATIONS } from './json-patch.js';

const TARGET = { data: { a: '1', 'x/y': '2', 'm~n': '3' }, list: ['a', 'b', { c: 1 }], none: null, text: 'abc' };
const GENERIC = 'the server rejected our request due to an error in our request';

function refusal(patch: unknown): StatusError {
  const before = JSON.stringify(TARGET);
  try {
    applyJsonPatch(TARGET, patch);
  } catch (error) {
    assert.ok(error instanceof StatusError);
    assert.equal(JSON.stringify(TARGET), before);
    return error;
  }
  assert.fail('nothing was refused');
}

const malformed: readonly (readonly [unknown, string])[] = [
  [{}, 'json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'],
  ['x', 'json: cannot unmarshal string into Go value of type []handlers.jsonPatchOp'],
  [null, 'json: cannot unmarshal null into Go value of type []handlers.jsonPatchOp'],
  [[5], 'json: cannot unmarshal number into Go value of type handlers.jsonPatchOp'],
  [[[]], 'json: cannot unmarshal array into Go value of type handlers.jsonPatchOp'],
  [[{ op: 5 }], 'json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string'],
  [[{ op: 'remove', path: true }], 'json: cannot unmarshal bool into Go struct field jsonPatchOp.path of type string'],
  [
    [{ op: 'move', path: '/a', from: {} }],
    'json: cannot unmarshal object into Go struct field jsonPatchOp.from of type string',
  ],
];

for (const [patch, detail] of malformed) {
  test(`refuses ${JSON.stringify(patch)} as no patch`, () => {
    const { httpCode, message } = refusal(patch);
    assert.deepEqual([httpCode, message], [400, `error decoding patch: ${detail}`]);
  });
}

const inapplicable: readonly (readonly [string, unknown])[] = [
  ['an unknown operation', { op: 'explode', path: '/data/a' }],
  ['no operation', { path: '/data/a' }],
  ['no path', { op: 'remove' }],
  ['a path without a slash', { op: 'remove', path: 'data' }],
  ['the whole document', { op: 'replace', path: '', value: {} }],
  ['a broken escape', { op: 'remove', path: '/data/m~2n' }],
  ['an addition without a value', { op: 'add', path: '/data/b' }],
  ['a removal of what is not there', { op: 'remove', path: '/data/nope' }],
  ['a replacement of what is not there', { op: 'replace', path: '/data/nope', value: 1 }],
  ['an addition where the container is not there', { op: 'add', path: '/nope/a', value: 1 }],
  ['an addition inside a text', { op: 'add', path: '/text/0', value: 'x' }],
  ['an addition inside null', { op: 'add', path: '/none/a', value: 'x' }],
  ['an addition past the end of a list', { op: 'add', path: '/list/4', value: 1 }],
  ['an index with a leading zero', { op: 'replace', path: '/list/01', value: 1 }],
  ['an index with more behind it', { op: 'replace', path: '/list/1x', value: 1 }],
  ['a negative index', { op: 'remove', path: '/list/-1' }],
  ['a removal after the end', { op: 'remove', path: '/list/-' }],
  ['a move into itself', { op: 'move', from: '/data', path: '/data/inner' }],
  ['a move of what is not there', { op: 'move', from: '/nope', path: '/data/a' }],
  ['a copy of what is inherited', { op: 'copy', from: '/data/toString', path: '/data/a' }],
  ['a removal of what is inherited', { op: 'remove', path: '/data/constructor' }],
  ['a way through the prototype', { op: 'add', path: '/__proto__/polluted', value: 1 }],
  ['a way through the constructor', { op: 'add', path: '/constructor/prototype/polluted', value: 1 }],
  ['a test in vain', { op: 'test', path: '/data/a', value: '2' }],
  ['a test against another type', { op: 'test', path: '/data/a', value: 1 }],
  ['a test of a place without container', { op: 'test', path: '/nope/a', value: null }],
];

for (const [what, operation] of inapplicable) {
  test(`refuses ${what}`, () => {
    const { status } = refusal([operation]);
    assert.deepEqual([status.code, status.reason, status.message, status.details], [422, 'Invalid', GENERIC, {}]);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });
}

test('refuses more than 10000 operations', () => {
  const operation = { op: 'test', path: '/data/a', value: '1' };
  const { httpCode, message, reason } = refusal(Array.from({ length: MAX_JSON_PATCH_OPERATIONS + 1 }, () => operation));
  assert.deepEqual([httpCode, reason], [413, 'RequestEntityTooLarge']);
  assert.match(message, /The allowed maximum operations in a JSON patch is 10000, got 10001$/);
});

test('refuses copies that would grow without bound', () => {
  const doubling = Array.from({ length: 64 }, (_, i) => ({ op: 'copy', from: '/data', path: `/data/copy${i}` }));
  assert.equal(refusal(doubling).httpCode, 422);
});

test('refuses everything when the last operation does not apply', () => {
  refusal([
    { op: 'remove', path: '/data' },
    { op: 'test', path: '/text', value: 'x' },
  ]);
});

const applied: readonly (readonly [string, readonly unknown[], unknown])[] = [
  ['adds to an object', [{ op: 'add', path: '/data/b', value: null }], { data: { a: 1, b: null }, list: [1, 2] }],
  ['inserts into a list', [{ op: 'add', path: '/list/1', value: 9 }], { data: { a: 1 }, list: [1, 9, 2] }],
  ['appends to a list', [{ op: 'add', path: '/list/-', value: 9 }], { data: { a: 1 }, list: [1, 2, 9] }],
  ['removes', [{ op: 'remove', path: '/list/0' }], { data: { a: 1 }, list: [2] }],
  ['replaces', [{ op: 'replace', path: '/data/a', value: [] }], { data: { a: [] }, list: [1, 2] }],
  ['moves', [{ op: 'move', from: '/list/0', path: '/data/a' }], { data: { a: 1 }, list: [2] }],
  ['moves onto itself', [{ op: 'move', from: '/data', path: '/data' }], { data: { a: 1 }, list: [1, 2] }],
  [
    'takes what is absent as null in a test',
    [{ op: 'test', path: '/data/nope', value: null }],
    { data: { a: 1 }, list: [1, 2] },
  ],
  [
    'keeps copies apart',
    [
      { op: 'copy', from: '/data', path: '/copy' },
      { op: 'replace', path: '/copy/a', value: 2 },
      { op: 'add', path: '/data/b', value: 3 },
    ],
    { data: { a: 1, b: 3 }, list: [1, 2], copy: { a: 2 } },
  ],
  [
    'keeps copies of what the patch itself made apart',
    [
      { op: 'add', path: '/data/in', value: { x: 1 } },
      { op: 'add', path: '/data/in/y', value: 2 },
      { op: 'copy', from: '/data/in', path: '/out' },
      { op: 'remove', path: '/data/in/x' },
      { op: 'remove', path: '/out/y' },
    ],
    { data: { a: 1, in: { y: 2 } }, list: [1, 2], out: { x: 1 } },
  ],
];

for (const [what, patch, expected] of applied) {
  test(what, () => {
    const target = { data: { a: 1 }, list: [1, 2] };
    const before = JSON.stringify([target, patch]);
    assert.deepEqual(applyJsonPatch(target, patch), expected);
    assert.equal(JSON.stringify([target, patch]), before);
  });
}

test('reads escaped names', () => {
  const patch = [
    { op: 'replace', path: '/data/x~1y', value: 'A' },
    { op: 'replace', path: '/data/m~0n', value: 'B' },
  ];
  assert.deepEqual((applyJsonPatch(TARGET, patch) as typeof TARGET).data, { a: '1', 'x/y': 'A', 'm~n': 'B' });
});

test('takes __proto__ as a name like any other', () => {
  const result = applyJsonPatch({ data: {} }, [{ op: 'add', path: '/data/__proto__', value: { a: 1 } }]);
  assert.equal(JSON.stringify(result), '{"data":{"__proto__":{"a":1}}}');
});

test('shares what no operation touched', () => {
  const target = { a: { b: {} }, c: {} };
  const result = applyJsonPatch(target, [{ op: 'add', path: '/c/d', value: 1 }]) as typeof target;
  assert.equal(result.a, target.a);
  assert.notEqual(result.c, target.c);
});

test('refuses to shift long lists over and over', () => {
  const target = { list: Array.from({ length: 100_000 }, (_, i) => i) };
  for (const operation of [
    { op: 'add', path: '/list/0', value: 1 },
    { op: 'remove', path: '/list/0' },
  ]) {
    const patch = Array.from({ length: MAX_JSON_PATCH_OPERATIONS }, () => operation);
    assert.throws(
      () => applyJsonPatch(target, patch),
      (error) => error instanceof StatusError && error.httpCode === 422,
    );
    assert.doesNotThrow(() => applyJsonPatch(target, patch.slice(0, 1900)));
  }
});

test('ten thousand insertions into a long list take no time', () => {
  const target = { list: Array.from({ length: 100_000 }, (_, i) => i) };
  const patch = Array.from({ length: MAX_JSON_PATCH_OPERATIONS }, () => ({ op: 'add', path: '/list/-', value: 1 }));
  assert.equal((applyJsonPatch(target, patch) as typeof target).list.length, 110_000);
});

test('leads where a second implementation says the difference is', () => {
  const json = fc.dictionary(fc.string({ unit: fc.constantFrom('a', 'b', '/', '~') }), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(
    fc.property(json, json, (from, to) => {
      const clean = (value: unknown): Record<string, unknown> =>
        // its differ knows nothing of -0 and __proto__
        JSON.parse(JSON.stringify(value).replaceAll('__proto__', 'proto')) as Record<string, unknown>;
      const [before, after] = [clean(from), clean(to)];
      assert.deepEqual(applyJsonPatch(before, createPatch(before, after)), after);
    }),
  );
});
