import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../kube/field-error.js';
import { portNameProblems, validatePortReference } from './port-problems.js';

const refused: readonly (readonly [string, readonly string[]])[] = [
  [
    '',
    [
      'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'must contain at least one letter (a-z)',
    ],
  ],
  ['a234567890123456', ['must be no more than 15 bytes']],
  [
    'HTTP',
    [
      'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'must contain at least one letter (a-z)',
    ],
  ],
  ['80', ['must contain at least one letter (a-z)']],
  ['a--b', ['must not contain consecutive hyphens']],
  ['-a', ['must not begin or end with a hyphen']],
  ['a-', ['must not begin or end with a hyphen']],
];

for (const [name, problems] of refused) {
  test(`refuses ${JSON.stringify(name)} as the name of a port`, () =>
    assert.deepEqual(portNameProblems(name), problems));
}

test('takes names and numbers', () => {
  for (const port of ['http', 'http-alt2', '3a', 1, 65_535]) assert.deepEqual(validatePortReference(port, 'port'), []);
  const problems = [0, 65_536, -1].flatMap((port) => validatePortReference(port, 'port')).map(fieldErrorText);
  assert.deepEqual(problems, [
    'port: Invalid value: 0: must be between 1 and 65535, inclusive',
    'port: Invalid value: 65536: must be between 1 and 65535, inclusive',
    'port: Invalid value: -1: must be between 1 and 65535, inclusive',
  ]);
});
