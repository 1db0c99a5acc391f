import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasCode } from '../base/error.js';
import { formatYaml, MAX_YAML_CHARACTERS, parseYamlBody } from './yaml-body.js';

const refused: readonly (readonly [string, string, RegExp])[] = [
  ['a mapping inside a mapping', 'a: b: c', /^yaml: line 1: /],
  ['a tab as indentation', 'a:\n\tb: 1', /^yaml: line 2: Tabs are not allowed/],
  ['an open quote', 'a: "b', /^yaml: line 1: /],
  ['a number that is not finite', 'a: .inf', /^json: unsupported value: Infinity$/],
  ['a number that is none', 'a: [.nan]', /^json: unsupported value: NaN$/],
  ['an alias without an anchor', 'a: *b', /^yaml: /],
  ['endless nesting of lists', '['.repeat(500_000), /^exceeded max depth$/],
  ['endless nesting of maps', '{a: '.repeat(200_000), /^exceeded max depth$/],
  ['endless nesting in one line', '- '.repeat(500_000), /^exceeded max depth$/],
  ['endless nesting of keys', '? '.repeat(500_000), /^exceeded max depth$/],
  ['deep nesting', `${'['.repeat(101)}1${']'.repeat(101)}`, /^exceeded max depth$/],
  [
    'deep nesting of blocks',
    Array.from({ length: 102 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    /^exceeded max depth$/,
  ],
  ['a text that is too long', `a: ${'x'.repeat(MAX_YAML_CHARACTERS)}`, /^yaml: document is larger than 1048576/],
  [
    'aliases that multiply',
    `a: &a [${'x,'.repeat(9)}x]\nb: &b [${'*a,'.repeat(9)}*a]\nc: &c [${'*b,'.repeat(9)}*b]\nd: [${'*c,'.repeat(9)}*c]`,
    /^yaml: Excessive alias count/,
  ],
];

for (const [what, text, message] of refused) {
  test(`refuses ${what}`, async () => {
    await assert.rejects(parseYamlBody(text), (error) => {
      assert.ok(hasCode(error, 'OBJECT_MALFORMED'), String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}

test('reads YAML 1.1 as the API server does', async () => {
  const text = [
    'on: yes',
    'off: n',
    'octal: 010',
    'hex: 0x1F',
    'exponent: 1e3',
    'underscore: 1_000',
    'date: 2001-01-01',
    'time: 1:30',
    'nothing: ~',
    'text: "yes"',
    'block: |',
    '  a',
    '  b',
    'binary: !!binary aGk=',
    'base: &base {x: 1}',
    'merged: {<<: *base, z: 2}',
    '7: seven',
  ].join('\n');
  const { value } = await parseYamlBody(text);
  assert.deepEqual(value, {
    7: 'seven',
    true: true,
    false: false,
    octal: 8,
    hex: 31,
    exponent: 1000,
    underscore: 1000,
    date: '2001-01-01',
    time: '1:30',
    nothing: null,
    text: 'yes',
    block: 'a\nb\n',
    binary: 'aGk=',
    base: { x: 1 },
    merged: { x: 1, z: 2 },
  });
});

test('takes the last of doubled keys and says where it stands', async () => {
  assert.deepEqual(await parseYamlBody('a: 1\nb:\n  c: 1\n  c: 2\na: 3\n'), {
    value: { a: 3, b: { c: 2 } },
    duplicates: ['line 5: key "a" already set in map', 'line 4: key "c" already set in map'],
  });
});

test('looks only at the first document, and at nothing when there is none', async () => {
  assert.deepEqual((await parseYamlBody('---\na: 1\n---\nb: 2\n')).value, { a: 1 });
  assert.equal((await parseYamlBody('')).value, null);
});

test('takes __proto__ as a name like any other', async () => {
  const { value } = await parseYamlBody('a: {__proto__: {polluted: 1}}');
  assert.equal(JSON.stringify(value), '{"a":{"__proto__":{"polluted":1}}}');
});

test('JSON is YAML', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string({ unit: 'grapheme-ascii' }), fc.jsonValue({ maxDepth: 3 })),
      async (json) => {
        const text = JSON.stringify(json);
        fc.pre(!text.includes('__proto__'));
        assert.deepEqual((await parseYamlBody(text)).value, JSON.parse(text));
      },
    ),
    { numRuns: 50 },
  );
});

test('reads what it writes, with keys sorted', async () => {
  assert.equal(
    await formatYaml({ kind: 'A', b: ['yes', { x: '2001-01-01', m: '1' }], a: '', nothing: null }),
    'a: ""\nb:\n- "yes"\n- m: "1"\n  x: "2001-01-01"\nkind: A\nnothing: null\n',
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())), async (json) => {
      fc.pre(!('__proto__' in json) || Object.hasOwn(json, 'a'));
      assert.deepEqual((await parseYamlBody(await formatYaml(json))).value, { ...json });
    }),
    { numRuns: 50 },
  );
});
