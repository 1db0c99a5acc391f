import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { hasCode } from '../base/error.js';
import { flaggedIssuer } from './oidc-flags.js';

const OWN = ['https://kubernetes.default.svc'];
const GIVEN = { oidcIssuerUrl: 'https://i.example', oidcClientId: 'kube' };

const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[] = [
  [
    'an issuer without a client',
    { oidcIssuerUrl: 'https://i' },
    /--oidc-issuer-url and --oidc-client-id must be given/,
  ],
  ['a client without an issuer', { oidcClientId: 'c' }, /Cannot use --oidc-client-id: /],
  ['other flags without an issuer', { oidcGroupsClaim: 'g' }, /Cannot use --oidc-groups-claim: /],
  ['no URL', { ...GIVEN, oidcIssuerUrl: 'i.example' }, /"i\.example": it is no URL/],
  ['plain HTTP', { ...GIVEN, oidcIssuerUrl: 'http://i' }, /URL scheme must be https/],
  ['a password in the URL', { ...GIVEN, oidcIssuerUrl: 'https://a:b@i' }, /must not contain a username or password/],
  ['a query', { ...GIVEN, oidcIssuerUrl: 'https://i?a' }, /must not contain a query/],
  ['a fragment', { ...GIVEN, oidcIssuerUrl: 'https://i#a' }, /must not contain a fragment/],
  ['the name of this server', { ...GIVEN, oidcIssuerUrl: OWN[0] }, /it is the issuer of the service account tokens/],
  ['an empty claim', { ...GIVEN, oidcUsernameClaim: '' }, /--oidc-username-claim: it is empty/],
  ['a claim without a value', { ...GIVEN, oidcRequiredClaim: ['hd'] }, /"hd" is not like key=value/],
  ['a value without a claim', { ...GIVEN, oidcRequiredClaim: ['=x'] }, /"=x" is not like key=value/],
  ['a claim twice', { ...GIVEN, oidcRequiredClaim: ['a=b', 'a=c'] }, /"a=c" is about a claim that stood before/],
  ['a shared secret', { ...GIVEN, oidcSigningAlgs: ['RS256,HS256'] }, /"HS256" is none of RS256, /],
  ['no signature', { ...GIVEN, oidcSigningAlgs: ['none'] }, /"none" is none of/],
  ['what every object has', { ...GIVEN, oidcSigningAlgs: ['toString'] }, /"toString" is none of/],
];

suite('flags of an outside issuer', () => {
  for (const [name, flags, message] of refused) {
    test(`refuse ${name}`, () => {
      assert.throws(
        () => flaggedIssuer(flags, OWN, '/'),
        (error) => hasCode(error, 'USAGE') && message.test(error.message),
      );
    });
  }

  test('name none where there are none', () => {
    assert.equal(flaggedIssuer({}, OWN, '/'), undefined);
  });

  test('have the defaults of kube-apiserver', () => {
    assert.deepEqual(flaggedIssuer(GIVEN, OWN, '/'), {
      url: 'https://i.example',
      audiences: ['kube'],
      algorithms: ['RS256'],
      claimRules: [],
      username: { kind: 'claim', claim: 'sub', prefix: 'https://i.example#' },
      extra: [],
      userRules: [],
    });
  });

  for (const [flags, claim, prefix] of [
    [{ oidcUsernameClaim: 'email' }, 'email', ''],
    [{ oidcUsernameClaim: 'email', oidcUsernamePrefix: 'x:' }, 'email', 'x:'],
    [{ oidcUsernameClaim: 'upn' }, 'upn', 'https://i.example#'],
    [{ oidcUsernamePrefix: '-' }, 'sub', ''],
    [{ oidcUsernamePrefix: '' }, 'sub', 'https://i.example#'],
    [{ oidcUsernamePrefix: 'oidc:' }, 'sub', 'oidc:'],
  ] as const) {
    test(`with ${JSON.stringify(flags)} the name is ${claim} behind "${prefix}"`, () => {
      const issuer = flaggedIssuer({ ...GIVEN, ...flags }, OWN, '/');
      assert.deepEqual(issuer?.username, { kind: 'claim', claim, prefix });
    });
  }

  test('say the rest', () => {
    const flags = {
      ...GIVEN,
      oidcGroupsClaim: 'groups',
      oidcGroupsPrefix: 'oidc:',
      oidcRequiredClaim: ['hd=example.com', 'a=b=c'],
      oidcSigningAlgs: ['ES256', 'PS512'],
      oidcCaFile: 'ca.pem',
    };
    const issuer = flaggedIssuer(flags, OWN, '/srv');
    assert.deepEqual(issuer?.groups, { kind: 'claim', claim: 'groups', prefix: 'oidc:' });
    assert.deepEqual(issuer.claimRules, [
      { kind: 'claim', claim: 'hd', requiredValue: 'example.com' },
      { kind: 'claim', claim: 'a', requiredValue: 'b=c' },
    ]);
    assert.deepEqual([issuer.algorithms, issuer.caFile], [['ES256', 'PS512'], '/srv/ca.pem']);
  });
});
