import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { idToken, issuerKey, jwkOf } from '../../../../test/oidc/issuer.js';
import { FakeClock } from '../../../base/fake-clock.js';
import { silentLogger } from '../../../base/logger.js';
import type { CredentialVerdict } from '../authenticator.js';
import { MAX_TOKEN_LENGTH } from '../json-web-token.js';
import type { DocumentRequest, FetchedDocument } from './issuer-keys.js';
import { createOutsideTokens, type OutsideTokens, type TrustedIssuer } from './outside-tokens.js';

const NOW = 1_700_000_000;
const ISSUER = 'https://issuer.example/realm';
const METADATA = `${ISSUER}/.well-known/openid-configuration`;
const KEYS = 'https://issuer.example/keys';
const key = issuerKey('k1');

const TRUSTED: TrustedIssuer = {
  url: ISSUER,
  audiences: ['kubernetes'],
  algorithms: ['ES256', 'RS256'],
  claimRules: [],
  username: { kind: 'claim', claim: 'sub', prefix: '' },
  extra: [],
  userRules: [],
};

const CLAIMS = { iss: ISSUER, sub: 'alice', aud: 'kubernetes', exp: NOW + 3600, iat: NOW };

/** An issuer whose documents the test writes. */
class Site {
  readonly documents = new Map<string, string>();
  readonly asked: DocumentRequest[] = [];

  constructor(keys: readonly object[] = [jwkOf(key)]) {
    this.documents.set(METADATA, JSON.stringify({ issuer: ISSUER, jwks_uri: KEYS }));
    this.publish(keys);
  }

  publish(keys: readonly object[]): void {
    this.documents.set(KEYS, JSON.stringify({ keys }));
  }

  readonly fetchDocument = async (request: DocumentRequest): Promise<FetchedDocument> => {
    this.asked.push(request);
    const text = this.documents.get(request.url);
    return text === undefined ? { kind: 'failed', detail: 'status 503' } : { kind: 'document', text };
  };
}

interface Setup {
  readonly tokens: OutsideTokens;
  readonly clock: FakeClock;
  readonly site: Site;
  readonly warnings: string[];
}

async function settled(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

async function setUp(t: TestContext, site = new Site(), issuer: Partial<TrustedIssuer> = {}): Promise<Setup> {
  const clock = new FakeClock(NOW * 1000);
  const warnings: string[] = [];
  const logger = {
    ...silentLogger,
    warn: (_message: string, fields?: Readonly<Record<string, unknown>>) => warnings.push(String(fields?.['error'])),
  };
  const world = { fetchDocument: site.fetchDocument, clock, logger };
  const tokens = createOutsideTokens([{ ...TRUSTED, ...issuer }], ['api'], world);
  t.after(() => {
    tokens.close();
  });
  await settled();
  return { tokens, clock, site, warnings };
}

const text = (verdict: CredentialVerdict): string =>
  verdict.kind === 'invalid' ? verdict.error : verdict.kind === 'user' ? verdict.user.username : 'none';

const BAD_SIGNATURE = 'oidc: verify token: failed to verify signature: failed to verify id token signature';
const EXPIRED = 'oidc: verify token: oidc: token is expired';
const NO_TIME = 'oidc: verify token: exp or nbf is no time';

const refused: readonly (readonly [string, object, string])[] = [
  ['of another issuer', { iss: `${ISSUER}/` }, 'none'],
  ['without an issuer', { iss: undefined }, 'none'],
  ['of several issuers', { iss: [ISSUER] }, 'none'],
  [
    'for somebody else',
    { aud: 'other' },
    'oidc: verify token: oidc: expected audience in ["kubernetes"] got ["other"]',
  ],
  ['for nobody', { aud: undefined }, 'oidc: verify token: oidc: expected audience in ["kubernetes"] got []'],
  ['for a number', { aud: ['kubernetes', 1] }, 'oidc: verify token: oidc: expected audience in ["kubernetes"] got []'],
  ['that ends now', { exp: NOW }, EXPIRED],
  ['without an end', { exp: undefined }, NO_TIME],
  ['that ends in words', { exp: '2099' }, NO_TIME],
  ['that begins in words', { nbf: 'now' }, NO_TIME],
  [
    'that begins in six minutes',
    { nbf: NOW + 360 },
    'oidc: verify token: oidc: current time is before the nbf (not before) time',
  ],
  ['without a name', { sub: undefined }, 'oidc: parse username claim "sub": no text'],
  ['longer than any', { pad: 'x'.repeat(MAX_TOKEN_LENGTH) }, 'none'],
];

suite('tokens of an outside issuer', () => {
  for (const [name, claims, expected] of refused) {
    test(`are refused: one ${name}`, async (t) => {
      const { tokens, site } = await setUp(t);
      const verdict = await tokens.authenticateToken(idToken(key, 'ES256', { ...CLAIMS, ...claims }), ['api']);
      assert.equal(text(verdict), expected);
      assert.equal(site.asked.length, 2, 'and the issuer is not asked for it');
    });
  }

  test('are refused: one by an algorithm that is not taken', async (t) => {
    const { tokens } = await setUp(t, undefined, { algorithms: ['RS256'] });
    assert.equal(
      text(await tokens.authenticateToken(idToken(key, 'ES256', CLAIMS), ['api'])),
      'oidc: malformed jwt: unexpected signature algorithm "ES256"; expected ["RS256"]',
    );
  });

  test('are refused: one of another key', async (t) => {
    const { tokens } = await setUp(t);
    assert.equal(
      text(await tokens.authenticateToken(idToken(issuerKey('k1'), 'ES256', CLAIMS), ['api'])),
      BAD_SIGNATURE,
    );
  });

  test('make their bearer known, for this server', async (t) => {
    const { tokens } = await setUp(t);
    for (const claims of [{}, { aud: ['a', 'kubernetes'] }, { nbf: NOW + 299 }]) {
      const verdict = await tokens.authenticateToken(idToken(key, 'ES256', { ...CLAIMS, ...claims }), ['x', 'api']);
      assert.deepEqual(verdict, { kind: 'user', user: { username: 'alice', groups: [] }, audiences: ['api'] });
    }
    assert.equal(text(await tokens.authenticateToken(idToken(key, 'ES256', CLAIMS), ['vault'])), 'none');
  });

  test('end, remembered or not', async (t) => {
    const { tokens, clock } = await setUp(t);
    const token = idToken(key, 'ES256', CLAIMS);
    assert.equal(text(await tokens.authenticateToken(token, ['api'])), 'alice');
    clock.advance(3_600_000);
    assert.equal(text(await tokens.authenticateToken(token, ['api'])), EXPIRED);
  });
});

const unusable: readonly (readonly [string, string, string | undefined, string])[] = [
  ['does not answer', METADATA, undefined, `${METADATA}: status 503`],
  ['answers in HTML', METADATA, '<html>', `${METADATA}: it is no JSON object`],
  [
    'is another one',
    METADATA,
    JSON.stringify({ issuer: 'https://evil', jwks_uri: KEYS }),
    `${METADATA}: issuer is "https://evil", it must be "${ISSUER}"`,
  ],
  [
    'has its keys without TLS',
    METADATA,
    JSON.stringify({ issuer: ISSUER, jwks_uri: 'http://issuer.example/keys' }),
    `${METADATA}: jwks_uri is no https URL`,
  ],
  ['has no keys', KEYS, undefined, `${KEYS}: status 503`],
  ['has a list for keys', KEYS, '[]', `${KEYS}: it is no JSON object`],
  ['has a set that is none', KEYS, '{}', `${KEYS}: it is no set of keys`],
  ['has an empty set', KEYS, '{"keys":[]}', `${KEYS}: there is no key in it that tokens could be verified with`],
];

suite('an issuer', () => {
  for (const [name, url, document, warning] of unusable) {
    test(`that ${name} at the start: tokens are refused, it is asked again, and said once`, async (t) => {
      const site = new Site();
      const good = site.documents.get(url) ?? '';
      if (document === undefined) site.documents.delete(url);
      else site.documents.set(url, document);
      const { tokens, clock, warnings } = await setUp(t, site);
      const token = idToken(key, 'ES256', CLAIMS);
      assert.equal(text(await tokens.authenticateToken(token, ['api'])), 'oidc: authenticator not initialized');
      clock.advance(10_000);
      await settled();
      assert.deepEqual(warnings, [warning]);
      site.documents.set(url, good);
      clock.advance(10_000);
      await settled();
      assert.equal(text(await tokens.authenticateToken(token, ['api'])), 'alice');
    });
  }

  test('is found at another address, with authorities of its own', async (t) => {
    const site = new Site();
    const discoveryUrl = 'https://inside.example/metadata';
    site.documents.set(discoveryUrl, site.documents.get(METADATA) ?? '');
    site.documents.delete(METADATA);
    const { tokens } = await setUp(t, site, { discoveryUrl, caPem: 'PEM' });
    assert.equal(text(await tokens.authenticateToken(idToken(key, 'ES256', CLAIMS), ['api'])), 'alice');
    assert.deepEqual(
      site.asked.map(({ url, caPem }) => [url, caPem]),
      [
        [discoveryUrl, 'PEM'],
        [KEYS, 'PEM'],
      ],
    );
  });

  test('is asked for a key that is not known, but not by each token', async (t) => {
    const { tokens, clock, site } = await setUp(t);
    const next = issuerKey('k2');
    const token = idToken(next, 'ES256', CLAIMS);
    for (let i = 0; i < 20; i++) assert.equal(text(await tokens.authenticateToken(token, ['api'])), BAD_SIGNATURE);
    assert.equal(site.asked.length, 2, 'it was asked a moment ago');
    clock.advance(10_000);
    site.publish([jwkOf(next)]);
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => tokens.authenticateToken(token, ['api'])));
    assert.deepEqual(new Set(verdicts.map(text)), new Set(['alice']));
    assert.equal(site.asked.length, 4, 'once for all of them');
    assert.equal(text(await tokens.authenticateToken(idToken(key, 'ES256', CLAIMS), ['api'])), BAD_SIGNATURE);
  });

  test('that withdraws a key is heard within the hour, for tokens that were seen as well', async (t) => {
    const { tokens, clock, site } = await setUp(t);
    const token = idToken(key, 'ES256', { ...CLAIMS, exp: NOW + 86_400 });
    assert.equal(text(await tokens.authenticateToken(token, ['api'])), 'alice');
    site.publish([jwkOf(issuerKey('k2'))]);
    clock.advance(3_600_000);
    await settled();
    assert.equal(text(await tokens.authenticateToken(token, ['api'])), BAD_SIGNATURE);
  });

  test('that goes away later stays known', async (t) => {
    const { tokens, clock, site } = await setUp(t);
    site.documents.clear();
    clock.advance(3_600_000);
    await settled();
    const token = idToken(key, 'ES256', { ...CLAIMS, exp: NOW + 86_400 });
    assert.equal(text(await tokens.authenticateToken(token, ['api'])), 'alice');
  });
});
