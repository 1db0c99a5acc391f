import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { userOfClaims, type ClaimMapping, type ClaimVariables, type Evaluated } from './claim-mapping.js';

const PLAIN: ClaimMapping = {
  claimRules: [],
  username: { kind: 'claim', claim: 'sub', prefix: 'https://i#' },
  groups: { kind: 'claim', claim: 'groups', prefix: 'oidc:' },
  extra: [],
  userRules: [],
};
const BY_EMAIL: Partial<ClaimMapping> = { username: { kind: 'claim', claim: 'email', prefix: '' } };
const BARE: Partial<ClaimMapping> = {
  username: { kind: 'claim', claim: 'sub', prefix: '' },
  groups: { kind: 'claim', claim: 'groups', prefix: '' },
};
const value =
  <T>(given: T) =>
  (): Evaluated<T> => ({ kind: 'value', value: given });
const failing = (): Evaluated<never> => ({ kind: 'error', message: 'no such key: x' });

const refused: readonly (readonly [string, object, Partial<ClaimMapping>, string])[] = [
  ['no name', {}, {}, 'oidc: parse username claim "sub": no text'],
  ['a name that is a number', { sub: 1 }, {}, 'oidc: parse username claim "sub": no text'],
  ['a name that is a list', { sub: ['a'] }, {}, 'oidc: parse username claim "sub": no text'],
  ['an empty name', { sub: '' }, {}, 'oidc: username claim "sub" is empty'],
  [
    'a name that every object has',
    {},
    { username: { kind: 'claim', claim: 'constructor', prefix: '' } },
    'oidc: parse username claim "constructor": no text',
  ],
  ['an address that is not verified', { email: 'a@b', email_verified: false }, BY_EMAIL, 'oidc: email not verified'],
  [
    'an address that is verified in words',
    { email: 'a@b', email_verified: 'true' },
    BY_EMAIL,
    'oidc: parse claim "email_verified": it is no boolean',
  ],
  ['a number among groups', { sub: 'a', groups: ['g', 1] }, {}, 'oidc: parse groups claim "groups": no list of texts'],
  ['groups that are an object', { sub: 'a', groups: {} }, {}, 'oidc: parse groups claim "groups": no list of texts'],
  ['a name of the system', { sub: 'system:admin' }, BARE, 'oidc: username "system:admin" is reserved for the system'],
  [
    'a group of the system among others',
    { sub: 'a', groups: ['g', 'system:masters'] },
    BARE,
    'oidc: group "system:masters" is reserved for the system',
  ],
  [
    'a name that becomes one of the system',
    { sub: 'admin' },
    { username: { kind: 'claim', claim: 'sub', prefix: 'system:' } },
    'oidc: username "system:admin" is reserved for the system',
  ],
  [
    'a claim that is not there',
    { sub: 'a' },
    { claimRules: [{ kind: 'claim', claim: 'hd', requiredValue: 'x' }] },
    'oidc: required claim hd not present in ID token',
  ],
  [
    'a claim of another value',
    { sub: 'a', hd: ['x'] },
    { claimRules: [{ kind: 'claim', claim: 'hd', requiredValue: 'x' }] },
    'oidc: required claim hd value does not match. Got = ["x"], want = x',
  ],
  [
    'claims against a rule',
    { sub: 'a' },
    { claimRules: [{ kind: 'expression', evaluate: value(false), message: 'too long' }] },
    'oidc: error evaluating claim validation expression: too long',
  ],
  [
    'claims on which a rule fails',
    { sub: 'a' },
    { claimRules: [{ kind: 'expression', evaluate: failing, message: '' }] },
    'oidc: error evaluating the expression of the rule about claims: no such key: x',
  ],
  [
    'an expression that gives an empty name',
    { sub: 'a' },
    { username: { kind: 'expression', evaluate: value('') } },
    'oidc: the expression of the username gives an empty text',
  ],
  [
    'an expression that gives a group of the system',
    { sub: 'a' },
    { groups: { kind: 'expression', evaluate: value(['system:masters']) } },
    'oidc: group "system:masters" is reserved for the system',
  ],
  [
    'a user against a rule',
    { sub: 'a' },
    { userRules: [{ evaluate: value(false), message: 'nobody' }] },
    'oidc: error evaluating user info: nobody',
  ],
];

suite('claims of a token', () => {
  for (const [name, claims, mapping, error] of refused) {
    test(`refuses ${name}`, () => {
      assert.deepEqual(userOfClaims({ ...claims }, { ...PLAIN, ...mapping }), { kind: 'invalid', error });
    });
  }

  const taken: readonly (readonly [string, object, Partial<ClaimMapping>, object])[] = [
    [
      'name and groups',
      { sub: 'a', groups: ['g', 'h'] },
      {},
      { username: 'https://i#a', groups: ['oidc:g', 'oidc:h'] },
    ],
    ['a single group', { sub: 'a', groups: 'g' }, {}, { username: 'https://i#a', groups: ['oidc:g'] }],
    ['no groups', { sub: 'a', groups: null }, {}, { username: 'https://i#a', groups: [] }],
    ['names behind a prefix', { sub: 'system:a' }, {}, { username: 'https://i#system:a', groups: [] }],
    ['a verified address', { email: 'a@b', email_verified: true }, BY_EMAIL, { username: 'a@b', groups: [] }],
    ['an address of which nothing is said', { email: 'a@b' }, BY_EMAIL, { username: 'a@b', groups: [] }],
    [
      'a claim that is required',
      { sub: 'a', hd: 'x' },
      { claimRules: [{ kind: 'claim', claim: 'hd', requiredValue: 'x' }] },
      { username: 'https://i#a', groups: [] },
    ],
    [
      'what expressions say, without what is empty',
      { sub: 'a' },
      {
        groups: { kind: 'expression', evaluate: value(['g', '']) },
        uid: { kind: 'claim', claim: 'sub', prefix: '' },
        extra: [
          { key: 'example.com/team', evaluate: value(['t', '']) },
          { key: 'example.com/none', evaluate: value([]) },
        ],
      },
      { username: 'https://i#a', uid: 'a', groups: ['g'], extra: { 'example.com/team': ['t'] } },
    ],
  ];
  for (const [name, claims, mapping, user] of taken) {
    test(`takes ${name}`, () => {
      assert.deepEqual(userOfClaims({ ...claims }, { ...PLAIN, ...mapping }), { kind: 'user', user });
    });
  }

  test('shows rules about users the user', () => {
    let seen: ClaimVariables = {};
    const evaluate = (variables: ClaimVariables): Evaluated<boolean> => {
      seen = variables;
      return { kind: 'value', value: true };
    };
    userOfClaims({ sub: 'a' }, { ...PLAIN, userRules: [{ evaluate, message: '' }] });
    assert.deepEqual(seen, {
      claims: { sub: 'a' },
      user: { username: 'https://i#a', uid: '', groups: [], extra: {} },
    });
  });
});
