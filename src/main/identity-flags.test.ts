import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { hasCode } from '../base/error.js';
import { identitySettings } from './identity-flags.js';
import { DEFAULT_IDENTITY } from './identity.js';

suite('flags of identity', () => {
  const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[] = [
    ['an issuer without a name', { serviceAccountIssuer: [''] }, /--service-account-issuer: "" is empty/],
    ['an issuer with a colon that is no URL', { serviceAccountIssuer: [':a'] }, /":a" holds a colon and is no URL/],
    ['an issuer twice', { serviceAccountIssuer: ['a', 'a'] }, /"a" stands twice/],
    [
      'keys that are fetched without TLS',
      { serviceAccountJwksUri: 'http://a/jwks' },
      /"http:\/\/a\/jwks" is no https URL/,
    ],
    [
      'tokens of less than an hour',
      { serviceAccountMaxTokenExpiration: '59m' },
      /59m is not between 1h and 2\^32 seconds/,
    ],
    ['tokens of centuries', { serviceAccountMaxTokenExpiration: '200y' }, /200y is not between/],
    ['neither true nor false', { anonymousAuth: 'no' }, /--anonymous-auth: "no" is none of true, false/],
    [
      'neither true nor false for tokens of nodes',
      { enableBootstrapTokenAuth: '1' },
      /--enable-bootstrap-token-auth: "1" is none of true, false/,
    ],
    ['an empty switch', { serviceAccountExtendTokenExpiration: '' }, /"" is none of true, false/],
  ];
  for (const [name, flags, message] of refused) {
    test(`refuse ${name}`, () => {
      assert.throws(
        () => identitySettings(flags, '/'),
        (error) => hasCode(error, 'USAGE') && message.test(error.message),
      );
    });
  }

  test('say nothing but what is the default', () => {
    assert.deepEqual(identitySettings({}, '/'), DEFAULT_IDENTITY);
  });

  test('say what kube-apiserver takes them for', () => {
    const flags = {
      serviceAccountIssuer: ['https://a,b', 'former'],
      apiAudiences: ['x,y', 'z'],
      serviceAccountJwksUri: 'https://keys/jwks',
      serviceAccountSigningKeyFile: 'sa.key',
      serviceAccountKeyFile: ['old.pub', '/abs.pub'],
      serviceAccountMaxTokenExpiration: '24h',
      serviceAccountExtendTokenExpiration: 'false',
      anonymousAuth: 'false',
      enableBootstrapTokenAuth: true,
    };
    assert.deepEqual(identitySettings(flags, '/here'), {
      issuers: ['https://a,b', 'former'],
      apiAudiences: ['x', 'y', 'z'],
      jwksUri: 'https://keys/jwks',
      signingKeyFile: '/here/sa.key',
      verificationKeyFiles: ['/here/old.pub', '/abs.pub'],
      maxTokenSeconds: 86_400,
      extendTokens: false,
      anonymous: false,
      bootstrapTokens: true,
      outside: {},
    });
  });

  test('name a file of outside issuers, or one issuer', () => {
    const issuer = { oidcIssuerUrl: 'https://i', oidcClientId: 'c' };
    assert.deepEqual(identitySettings({ authenticationConfig: 'a.yaml' }, '/srv').outside, {
      configurationFile: '/srv/a.yaml',
    });
    assert.equal(identitySettings(issuer, '/srv').outside.issuer?.url, 'https://i');
    assert.throws(() => identitySettings({ ...issuer, authenticationConfig: 'a.yaml' }, '/'), { code: 'USAGE' });
    assert.throws(() => identitySettings({ ...issuer, serviceAccountIssuer: ['https://i'] }, '/'), { code: 'USAGE' });
  });
});
