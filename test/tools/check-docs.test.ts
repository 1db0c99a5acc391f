import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { findings } from './temporary-tree.js';
import type { Tree } from './temporary-tree.js';

const SOUND: Tree = {
  'README.md':
    '# It\n\nnpm ci && npm run tutorial\nnpm ci && npm test\n\n[errors](docs/errors.md#bytes) [web](https://example.com/x)\n',
  'package.json': JSON.stringify({ dependencies: { lmdb: '1' } }),
  'docs/adr/0001-lmdb.md': '# 1. LMDB\n\nPackages: `lmdb`\n',
  'docs/errors.md': '# Errors\n\n## Bytes\n\n| code | what |\n|---|---|\n| `A_BAD` | bad |\n| `B_WORSE`   | worse |\n',
  'docs/divergences.md':
    '# Divergences\n\n| what | test |\n|---|---|\n| ours is blue | [test](../src/a.test.ts) |\n\n- another:\n  `src/a.test.ts`\n',
  'src/base/error.ts': "export type ErrorCode =\n  | 'A_BAD'\n  | 'B_WORSE';\n",
  'src/a.ts': "throw new E('A_BAD', 'B_WORSE');\n",
  'src/a.test.ts': "test('a is blue', () => {});\n",
  'docs/compatibility.md': compatibility('[a](../src/a.test.ts) `a is blue`', 'no: it is not tried'),
};

/** Two clients with a feature each. */
function compatibility(one: string, other: string, otherFeature = 'is blue'): string {
  const table = (feature: string, shown: string) => `| feature | shown by |\n|---|---|\n| ${feature} | ${shown} |\n`;
  return `# Compatibility\n\n## one\n\n${table('is blue', one)}\n## other\n\n${table(otherFeature, other)}`;
}

suite('check-docs', () => {
  const readme = SOUND['README.md'] ?? '';
  const faults: readonly { readonly name: string; readonly change: Tree; readonly finds: readonly string[] }[] = [
    {
      name: 'a link to a file that is not there',
      change: { 'docs/x.md': 'a\n[gone](gone.md)\n' },
      finds: ['docs/x.md:2: links to gone.md, which is not there'],
    },
    {
      name: 'a link out of the repository',
      change: { 'docs/x.md': '[out](../../x.md)\n' },
      finds: ['docs/x.md:1: links to ../../x.md, which is not there'],
    },
    {
      name: 'a link to a heading that is not there',
      change: { 'docs/x.md': '[gone](errors.md#gone)\n' },
      finds: ['docs/x.md:1: links to errors.md#gone, which has no such heading'],
    },
    {
      name: 'nothing in code that looks like a link',
      change: { 'docs/x.md': '```ts\na[0](gone.md)\n```\n`[x](gone.md)`\n' },
      finds: [],
    },
    {
      name: 'an error code without a row',
      change: {
        'src/base/error.ts': "export type ErrorCode =\n  | 'A_BAD'\n  | 'B_WORSE'\n  | 'C_NEW';\n",
        'src/c.ts': "'C_NEW';\n",
      },
      finds: ['docs/errors.md: C_NEW has no row'],
    },
    {
      name: 'a row without an error code, and two rows of one',
      change: { 'docs/errors.md': `${SOUND['docs/errors.md'] ?? ''}| \`C_OLD\` | old |\n| \`A_BAD\` | again |\n` },
      finds: ['docs/errors.md: A_BAD has two rows', 'docs/errors.md: C_OLD is no code of src/base/error.ts'],
    },
    {
      name: 'an error code that nothing uses, tests aside',
      change: { 'src/a.ts': "'A_BAD';\n", 'src/a.test.ts': "test('a is blue'); 'B_WORSE';\n" },
      finds: ['src/base/error.ts: nothing uses B_WORSE'],
    },
    {
      name: 'a divergence that names no test, as row and as item',
      change: { 'docs/divergences.md': '| what | test |\n|---|---|\n| blue | none |\n\n- green\n' },
      finds: ['docs/divergences.md:3: names no test', 'docs/divergences.md:5: names no test'],
    },
    {
      name: 'a divergence whose test is not there',
      change: { 'docs/divergences.md': '- green: `test/gone.test.ts`\n' },
      finds: ['docs/divergences.md:1: names test/gone.test.ts, which is not there'],
    },
    {
      name: 'a client without a feature that another has',
      change: { 'docs/compatibility.md': compatibility('no: never', 'no: never', 'is green') },
      finds: ['docs/compatibility.md: other: has other features than one'],
    },
    {
      name: 'compatibility that nothing shows, and a no without a reason',
      change: { 'docs/compatibility.md': compatibility('yes', 'no') },
      finds: [
        'docs/compatibility.md: one: is blue: is not shown by tests',
        'docs/compatibility.md: other: is blue: says no without a reason',
      ],
    },
    {
      name: 'compatibility that is shown by no test, or by one that is not in its file',
      change: {
        'docs/compatibility.md': compatibility('[a](../src/a.test.ts)', '[a](../src/a.test.ts) `a is blue`, `a is`'),
      },
      finds: [
        'docs/compatibility.md: one: is blue: quotes no test of src/a.test.ts',
        'docs/compatibility.md: other: is blue: src/a.test.ts has no test "a is"',
      ],
    },
    {
      name: 'compatibility that only the text of code speaks of',
      change: {
        'docs/compatibility.md': compatibility('[a](../src/a.ts) `a is`', 'no: never'),
        'src/a.ts': "throw new E('A_BAD', 'B_WORSE'); // test('a is'\n",
      },
      finds: ['docs/compatibility.md: one: is blue: src/a.ts has no test "a is"'],
    },
    {
      name: 'a page of compatibility without clients',
      change: { 'docs/compatibility.md': '# Compatibility\n' },
      finds: ['docs/compatibility.md: has no client with features'],
    },
    {
      name: 'a dependency without an ADR, and an ADR without its dependency',
      change: { 'package.json': JSON.stringify({ devDependencies: { yaml: '1' } }) },
      finds: ['package.json: yaml has no ADR in docs/adr', 'docs/adr/0001-lmdb.md: lmdb is no dependency'],
    },
    {
      name: 'a folder of somebody’s machine',
      change: { 'src/b.ts': `const x = '${['', 'home', 'me', 'x'].join('/')}';\n` },
      finds: ['src/b.ts:1: names a path of a machine'],
    },
    {
      name: 'a host of a package registry',
      change: { 'x.json': `{"resolved": "https://${['registry', 'npmjs', 'org'].join('.')}/x"}\n` },
      finds: ['x.json:1: names a host of a package registry'],
    },
    {
      name: 'a README without its two commands',
      change: { 'README.md': readme.replaceAll('npm ci', 'npm install') },
      finds: ['README.md: does not say npm ci && npm run tutorial', 'README.md: does not say npm ci && npm test'],
    },
  ];
  // one run for all, since starting it takes longer than checking
  const [sound, ...found] = findings('check-docs.mjs', [
    SOUND,
    ...faults.map(({ change }) => ({ ...SOUND, ...change })),
  ]);
  test('finds nothing where everything is so', () => assert.deepEqual(sound, []));
  for (const [i, { name, finds }] of faults.entries()) {
    test(`finds ${name}`, () => assert.deepEqual(found[i], finds));
  }
});
