import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { hasCode } from '../base/error.js';
import { frontProxySettings } from './front-proxy-flags.js';

const CA = { requestheaderClientCaFile: 'proxy.pem' };

suite('flags of a front proxy', () => {
  const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[] = [
    [
      'headers without a CA',
      { requestheaderUsernameHeaders: ['x-user'] },
      /--requestheader-client-ca-file is not given/,
    ],
    ['names without a CA', { requestheaderAllowedNames: ['proxy'] }, /--requestheader-client-ca-file is not given/],
    ['a header that is none', { ...CA, requestheaderGroupHeaders: ['x group'] }, /"x group" is no header/],
    ['a header in HTTP/2', { ...CA, requestheaderUidHeaders: [':path'] }, /":path" is no header/],
    ['the token', { ...CA, requestheaderUsernameHeaders: ['Authorization'] }, /"authorization" is no header/],
    ['impersonation', { ...CA, requestheaderExtraHeadersPrefix: ['Impersonate-Extra-'] }, /"impersonate-extra-" is no/],
  ];
  for (const [name, flags, message] of refused) {
    test(`refuse ${name}`, () => {
      assert.throws(
        () => frontProxySettings(flags, '/'),
        (error) => hasCode(error, 'USAGE') && message.test(error.message),
      );
    });
  }

  test('say nothing of a proxy where there is none', () => {
    assert.equal(frontProxySettings({}, '/'), undefined);
  });

  test('have the usual headers', () => {
    assert.deepEqual(frontProxySettings(CA, '/here'), {
      caFile: '/here/proxy.pem',
      allowedNames: [],
      usernameHeaders: ['x-remote-user'],
      uidHeaders: ['x-remote-uid'],
      groupHeaders: ['x-remote-group'],
      extraHeaderPrefixes: ['x-remote-extra-'],
    });
  });

  test('name headers in any case, and names of proxies as they are', () => {
    const flags = {
      ...CA,
      requestheaderAllowedNames: ['Proxy,other'],
      requestheaderUsernameHeaders: ['X-User,X-Login'],
    };
    const settings = frontProxySettings(flags, '/');
    assert.deepEqual(settings?.allowedNames, ['Proxy', 'other']);
    assert.deepEqual(settings.usernameHeaders, ['x-user', 'x-login']);
  });
});
