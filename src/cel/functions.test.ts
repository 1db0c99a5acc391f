import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FakeClock } from '../base/fake-clock.js';
import { EXPRESSION_VARIABLES } from '../policy/expression-variables.js';
import { loadCelEngine } from './cel-engine.js';
import { FUNCTIONS } from './functions.js';

const DOCUMENT = readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8');

test('docs/policies.md lists every function and no other', () => {
  const section = /^### Functions$([\s\S]*?)^### /m.exec(DOCUMENT)?.[1] ?? '';
  const listed = [...section.matchAll(/^\| `([^`]+\))` /gm)].map(([, usage]) => usage);
  const offered = Object.values(FUNCTIONS).flatMap((entries) => entries.map(({ usage }) => usage));
  assert.deepEqual(listed.sort(), offered.sort());
});

test('the expressions in docs/policies.md compile', async () => {
  const engine = await loadCelEngine({ clock: new FakeClock() });
  const blocks = [...DOCUMENT.matchAll(/^```cel\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? '');
  const sources = blocks.flatMap((block) => block.split('\n').filter((line) => line !== ''));
  assert.ok(sources.length > 0);
  for (const source of sources) {
    const compilation = engine.compileRule(source, EXPRESSION_VARIABLES);
    assert.equal(compilation.kind, 'compiled', `${source}: ${JSON.stringify(compilation)}`);
  }
});
