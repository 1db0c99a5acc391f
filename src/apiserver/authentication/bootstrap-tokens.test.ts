import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toBase64 } from '../../base/base64.js';
import { utf8 } from '../../base/bytes.js';
import { FakeClock } from '../../base/fake-clock.js';
import type { ObjectMeta } from '../../kube/object-meta.js';
import { failure, StatusError } from '../../kube/status.js';
import { createBootstrapTokenAuthenticator } from './bootstrap-tokens.js';

// FakeClock begins in November 2023.
const DATA: Readonly<Record<string, string>> = {
  'token-id': 'abcdef',
  'token-secret': '0123456789abcdef',
  'usage-bootstrap-authentication': 'true',
  expiration: '2024-01-01T00:00:00Z',
};

interface Case {
  readonly name: string;
  readonly token?: string;
  readonly audiences?: readonly string[];
  readonly type?: string;
  readonly metadata?: ObjectMeta;
  readonly data?: Readonly<Record<string, string | undefined>>;
}

const refusals: readonly Case[] = [
  { name: 'no token', token: '' },
  { name: 'a token without a dot', token: 'abcdef0123456789abcdef' },
  { name: 'a token in capitals', token: 'ABCDEF.0123456789abcdef' },
  { name: 'a token with something after it', token: 'abcdef.0123456789abcdef\n' },
  { name: 'a token that leads elsewhere', token: '../../.0123456789abcdef' },
  { name: 'the token of nobody', token: 'fedcba.0123456789abcdef' },
  { name: 'another secret', token: 'abcdef.0123456789abcdee' },
  { name: 'a token for others', audiences: ['x'] },
  { name: 'a Secret of another type', type: 'Opaque' },
  { name: 'a Secret that is being deleted', metadata: { deletionTimestamp: '2023-01-01T00:00:00Z' } },
  { name: 'a Secret without a secret', data: { 'token-secret': undefined } },
  { name: 'a Secret for another token', data: { 'token-id': 'fedcba' } },
  { name: 'a token that has expired', data: { expiration: '2023-11-14T22:13:20Z' } },
  { name: 'a token that expires nobody knows when', data: { expiration: 'soon' } },
  { name: 'a token that is not for this', data: { 'usage-bootstrap-authentication': undefined } },
  { name: 'a token that is for this in capitals', data: { 'usage-bootstrap-authentication': 'True' } },
  { name: 'a token with a group of others', data: { 'auth-extra-groups': 'system:masters' } },
  { name: 'a token with one group of others', data: { 'auth-extra-groups': 'system:bootstrappers:a,system:nodes' } },
  { name: 'a token with a group that ends in a colon', data: { 'auth-extra-groups': 'system:bootstrappers:' } },
];

function authenticate({ token = 'abcdef.0123456789abcdef', audiences = ['api', 'y'], ...secret }: Partial<Case>) {
  const { type = 'bootstrap.kubernetes.io/token', metadata = {}, data } = secret;
  const stored = Object.entries({ ...DATA, ...data }).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, toBase64(utf8(value))] as const],
  );
  const object = { metadata, type, data: Object.fromEntries(stored) };
  const tokens = createBootstrapTokenAuthenticator({
    clock: new FakeClock(),
    apiAudiences: ['api', 'z'],
    secrets: {
      get: async ({ namespace, name }) => {
        if (namespace === 'kube-system' && name === 'bootstrap-token-abcdef') return object;
        throw new StatusError(failure(404, 'NotFound', `there is no ${name}`));
      },
    },
  });
  return tokens.authenticateToken(token, audiences);
}

suite('bootstrap tokens', () => {
  for (const { name, ...wrong } of refusals) {
    test(`do not know ${name}`, async () => assert.deepEqual(await authenticate(wrong), { kind: 'none' }));
  }

  const known: readonly (readonly [groups: string | undefined, expected: readonly string[]])[] = [
    [undefined, ['system:bootstrappers']],
    ['system:bootstrappers:b,,system:bootstrappers:a:1,system:bootstrappers:b', ['a:1', 'b']],
  ];
  for (const [extra, more] of known) {
    test(`know their bearer, with groups ${extra ?? 'as always'}`, async () => {
      const groups = extra === undefined ? more : ['', ...more].map((g) => `system:bootstrappers${g && `:${g}`}`);
      const data = { 'auth-extra-groups': extra, expiration: extra === undefined ? undefined : DATA['expiration'] };
      assert.deepEqual(await authenticate({ data }), {
        kind: 'user',
        user: { username: 'system:bootstrap:abcdef', groups },
        audiences: ['api'],
      });
    });
  }
});
