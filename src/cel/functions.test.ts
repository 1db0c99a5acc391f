import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FUNCTIONS } from './functions.js';

test('docs/policies.md lists every function and no other', () => {
  const document = readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8');
  const section = /^### Functions$([\s\S]*?)^### /m.exec(document)?.[1] ?? '';
  const listed = [...section.matchAll(/^\| `([^`]+\))` /gm)].map(([, usage]) => usage);
  const offered = Object.values(FUNCTIONS).flatMap((entries) => entries.map(({ usage }) => usage));
  assert.deepEqual(listed.sort(), offered.sort());
});
