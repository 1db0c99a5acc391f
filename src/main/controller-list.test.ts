import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMBEDDED_CONTROLLERS } from '../controllers/embedded-controllers.js';
import { parseControllerList } from './controller-list.js';

for (const text of ['', '*,', 'endpoint', '--endpointslice', '-*', 'endpointslice namespace']) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseControllerList(text), { code: 'USAGE', message: /is none of the loops, which are/ });
  });
}

const all = EMBEDDED_CONTROLLERS;
const but = (...names: readonly string[]): readonly string[] => all.filter((name) => !names.includes(name));

const lists: readonly (readonly [string, readonly string[]])[] = [
  ['*', all],
  ['*,-endpointslice', but('endpointslice')],
  ['-endpointslice-controller, *, -namespace', but('endpointslice', 'namespace')],
  ['endpointslice', ['endpointslice']],
  ['-endpointslice', []],
  ['endpointslice,-endpointslice', ['endpointslice']],
];

for (const [text, running] of lists) {
  test(`${text} runs ${running.length} of ${all.length}`, () => {
    assert.deepEqual(all.filter(parseControllerList(text)), running);
  });
}
