import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTROLLER_NAMES, parseControllerList } from './controller-list.js';

for (const text of ['', '*,', 'endpoint', '--endpointslice', '-*', 'endpointslice namespace']) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseControllerList(text), { code: 'USAGE', message: /is none of the loops, which are/ });
  });
}

const all = CONTROLLER_NAMES;
const but = (...names: readonly string[]): readonly string[] => all.filter((name) => !names.includes(name));

const lists: readonly (readonly [string, readonly string[]])[] = [
  ['*', all],
  ['*,-endpointslice', but('endpointslice')],
  ['-endpointslice-controller, *, -namespace', but('endpointslice', 'namespace')],
  [
    '*,-certificatesigningrequest-signing-controller,-csrapproving',
    but('certificatesigningrequest-signing', 'certificatesigningrequest-approving'),
  ],
  ['*,-garbagecollector', but('garbage-collector')],
  ['csrcleaner', ['certificatesigningrequest-cleaner']],
  ['endpointslice', ['endpointslice']],
  ['-endpointslice', []],
  ['endpointslice,-endpointslice', ['endpointslice']],
];

for (const [text, running] of lists) {
  test(`${text} runs ${running.length} of ${all.length}`, () => {
    assert.deepEqual(all.filter(parseControllerList(text)), running);
  });
}
