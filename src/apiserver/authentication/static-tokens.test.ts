import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createStaticTokenAuthenticator, parseStaticTokens } from './static-tokens.js';

const refusals: readonly (readonly [string, string, string])[] = [
  ['a line with two columns', 'secret,alice\n', 'tokens:1: 2 columns, at least token, user and uid are needed'],
  ['an empty token', 'a,b,c\n,alice,1\n', 'tokens:2: token is empty or holds other than visible ASCII characters'],
  [
    'a token with a space at its end',
    'secret ,alice,1\n',
    'tokens:1: token is empty or holds other than visible ASCII characters',
  ],
  [
    'a token of other letters',
    'sécret,alice,1\n',
    'tokens:1: token is empty or holds other than visible ASCII characters',
  ],
  ['a token without a user', 'secret,,1\n', 'tokens:1: user is empty'],
  ['a token that stands twice', 'secret,alice,1\nother,bob,2\nsecret,eve,3\n', 'tokens:3: token stands twice'],
];

for (const [name, text, where] of refusals) {
  test(`refuses ${name}`, () => {
    assert.throws(() => parseStaticTokens(text, 'tokens'), {
      code: 'CONFIG_INVALID',
      message: `Cannot read token file: ${where}`,
    });
  });
}

test('no refusal shows a token', () => {
  for (const [, text] of refusals) {
    assert.throws(
      () => parseStaticTokens(text, 'tokens'),
      (error: Error) => !error.message.includes('secret'),
    );
  }
});

const tokens = createStaticTokenAuthenticator(parseStaticTokens('s3cret,alice,u1,"devs, ops"\nplain,bob,\n', 't'), [
  'api',
]);

test('knows the bearer of a token, with its groups', async () => {
  assert.deepEqual(await tokens.authenticateToken('s3cret', ['api']), {
    kind: 'user',
    user: { username: 'alice', uid: 'u1', groups: ['devs', 'ops'] },
    audiences: ['api'],
  });
  assert.deepEqual(await tokens.authenticateToken('plain', ['x', 'api']), {
    kind: 'user',
    user: { username: 'bob', groups: [] },
    audiences: ['api'],
  });
});

test('has nothing to say about other tokens, and for other audiences', async () => {
  for (const token of ['', 's3cre', 's3cret ', 'S3CRET', 'alice']) {
    assert.deepEqual(await tokens.authenticateToken(token, ['api']), { kind: 'none' });
  }
  assert.deepEqual(await tokens.authenticateToken('s3cret', ['vault']), { kind: 'none' });
});
