import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { findings } from './temporary-tree.js';
import type { Tree } from './temporary-tree.js';

const SOUND: Tree = {
  'package.json': JSON.stringify({ dependencies: { lmdb: '1' }, devDependencies: { 'fast-check': '1' } }),
  'src/base/bytes.ts': 'export const a = 1;\n',
  'src/base/bytes.test.ts': "import fc from 'fast-check';\nimport { a } from './bytes.js';\nfc(a);\n",
  'src/storage/store.ts': "import { a } from '../base/bytes.js';\nexport const b = a;\n",
  'src/storage/lmdb/lmdb-store.ts': "import type { L } from 'lmdb';\nexport const c: L = await import('lmdb');\n",
  'src/main/up.ts': "import { c } from '../storage/lmdb/lmdb-store.js';\nimport fs from 'node:fs';\nfs(c);\n",
};

suite('check-floors', () => {
  const faults: readonly { readonly name: string; readonly change: Tree; readonly finds: readonly string[] }[] = [
    {
      name: 'an import of a higher floor',
      change: { 'src/base/up.ts': "import { b } from '../storage/store.js';\nexport const x = b;\n" },
      finds: ['src/base/up.ts:1: base/ may not import storage/ (src/storage/store.ts)'],
    },
    {
      name: 'an import of types of a higher floor',
      change: { 'src/base/up.ts': "\nimport type { b } from '../storage/store.js';\n" },
      finds: ['src/base/up.ts:2: base/ may not import storage/ (src/storage/store.ts)'],
    },
    {
      name: 'a type named by import()',
      change: { 'src/base/up.ts': "export type X = import('../storage/store.js').b;\n" },
      finds: ['src/base/up.ts:1: base/ may not import storage/ (src/storage/store.ts)'],
    },
    {
      name: 'a re-export from a sibling',
      change: { 'src/asn1/x.ts': 'export const x = 1;\n', 'src/kube/y.ts': "export { x } from '../asn1/x.js';\n" },
      finds: ['src/kube/y.ts:1: kube/ may not import asn1/ (src/asn1/x.ts)'],
    },
    {
      name: 'an adapter reached from where it is not wired',
      change: { 'src/storage/other.ts': "import { c } from './lmdb/lmdb-store.js';\nexport const x = c;\n" },
      finds: ['src/storage/other.ts:1: storage/lmdb/ may be imported by main only'],
    },
    {
      name: 'a folder that the table does not know',
      change: { 'src/misc/x.ts': "import { a } from '../base/bytes.js';\nexport const x = a;\n" },
      finds: ['src/misc/x.ts:1: misc/ is not in the floor table'],
    },
    {
      name: 'a builtin on a pure floor',
      change: { 'src/base/x.ts': "import fs from 'node:fs';\nfs();\n" },
      finds: ['src/base/x.ts:1: base/ may not import node:fs'],
    },
    {
      name: 'a package where it does not belong',
      change: { 'src/kube/x.ts': "export const x = import('lmdb');\n" },
      finds: ['src/kube/x.ts:1: kube/ may not import lmdb'],
    },
    {
      name: 'a package that is loaded before it is needed',
      change: { 'src/storage/lmdb/x.ts': "import { open } from 'lmdb';\nopen();\n" },
      finds: ['src/storage/lmdb/x.ts:1: lmdb is loaded only when needed: use import() or import type'],
    },
    {
      name: 'a package that is no dependency',
      change: { 'src/base/x.test.ts': "import x from '@scope/left-pad/sub.js';\nx();\n" },
      finds: ['src/base/x.test.ts:1: @scope/left-pad is not in the dependencies of package.json'],
    },
    {
      name: 'a dependency that nothing imports',
      change: {
        'package.json': JSON.stringify({
          dependencies: { lmdb: '1', pino: '1' },
          devDependencies: { 'fast-check': '1' },
        }),
      },
      finds: ['package.json: nothing in src/ imports pino'],
    },
    {
      name: 'an import of a file that is not there',
      change: { 'src/base/x.ts': "import './gone.js';\n" },
      finds: ['src/base/x.ts:1: imports ./gone.js, which is no file'],
    },
    {
      name: 'an import of code that is there for tests',
      change: { 'src/base/testing/x.ts': 'export const x = 1;\n', 'src/base/y.ts': "import './testing/x.js';\n" },
      finds: ['src/base/y.ts:1: imports src/base/testing/x.ts, which is there for tests'],
    },
    {
      name: 'files that import each other in a circle, if only types',
      change: {
        'src/base/x.ts': "import type { Y } from './y.js';\nexport type X = Y;\n",
        'src/base/y.ts': "import type { Z } from './z.js';\nexport type Y = Z;\n",
        'src/base/z.ts': "import type { X } from './x.js';\nexport type Z = X;\n",
      },
      finds: ['imports in a circle: src/base/x.ts -> src/base/y.ts -> src/base/z.ts -> src/base/x.ts'],
    },
    {
      name: 'a file that is too long',
      change: { 'src/base/x.ts': '//\n'.repeat(501) },
      finds: ['src/base/x.ts: 501 lines, at most 500 are allowed'],
    },
    {
      name: 'a waiver without a reason, and one that waives nothing',
      change: {
        'src/base/x.ts': '//\n'.repeat(501),
        'tools/waivers.json': JSON.stringify([
          { file: 'src/base/x.ts', reason: '' },
          { file: 'src/base/bytes.ts', reason: 'once it was long' },
        ]),
      },
      finds: [
        'tools/waivers.json: src/base/x.ts has no reason',
        'tools/waivers.json: src/base/bytes.ts needs no waiver',
      ],
    },
  ];
  // one run for all, since starting it takes longer than checking
  const [sound, ...found] = findings('check-floors.mjs', [
    SOUND,
    ...faults.map(({ change }) => ({ ...SOUND, ...change })),
  ]);
  test('finds nothing where everything is in place', () => assert.deepEqual(sound, []));
  for (const [i, { name, finds }] of faults.entries()) {
    test(`finds ${name}`, () => assert.deepEqual(found[i], finds));
  }
});
