import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { HOSTILE_TEXTS } from '../../test/hostile.js';
import { userOfClaims } from '../apiserver/authentication/oidc/claim-mapping.js';
import { selfSigned } from '../apiserver/testing/self-signed.js';
import { CountersignError, hasCode } from '../base/error.js';
import { FakeClock } from '../base/fake-clock.js';
import { loadCelEngine } from '../cel/cel-engine.js';
import { parseAuthenticationConfiguration } from './authentication-configuration.js';

const OWN = 'https://kubernetes.default.svc';
const engine = await loadCelEngine({ clock: new FakeClock() });
const parse = (text: string) => parseAuthenticationConfiguration(text, 'auth.yaml', { engine, ownIssuers: [OWN] });

const HEAD = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration' };
const PLACE = { url: 'https://i.example', audiences: ['kube'] };
const NAMED = { username: { claim: 'sub', prefix: '' } };
const of = (issuer: object, more: object = {}) => ({
  ...HEAD,
  jwt: [{ issuer: { ...PLACE, ...issuer }, claimMappings: NAMED, ...more }],
});
const mapped = (claimMappings: object, more: object = {}) => of({}, { claimMappings, ...more });
const extra = (key: string, valueExpression = "'x'") => mapped({ ...NAMED, extra: [{ key, valueExpression }] });
const EITHER = 'Invalid value: exactly one of claim and expression must be set';

const refused: readonly (readonly [string, unknown, string])[] = [
  ['nothing', '', 'apiVersion: Unsupported value: ""'],
  ['another kind', { ...HEAD, kind: 'Config' }, 'kind: Unsupported value: "Config": supported values:'],
  ['another version', { ...HEAD, apiVersion: 'v1' }, 'apiVersion: Unsupported value: "v1"'],
  ['a field that there is not', { ...HEAD, jwts: [] }, 'jwts: Invalid value: there is no such field'],
  [
    'a misspelt rule',
    of({}, { claimValidationRule: [] }),
    'jwt[0].claimValidationRule: Invalid value: there is no such',
  ],
  ['issuers that are no list', { ...HEAD, jwt: {} }, 'jwt: Invalid value: it must be a list'],
  ['an issuer that is no object', { ...HEAD, jwt: ['x'] }, 'jwt[0]: Invalid value: it must be an object'],
  ['an empty issuer', { ...HEAD, jwt: [{}] }, 'jwt[0].issuer.url: Required value'],
  ['too many issuers', { ...HEAD, jwt: Array(65).fill({}) }, 'jwt: Invalid value: 65: there may be 64 issuers'],
  [
    'an issuer twice',
    { ...HEAD, jwt: [...of({}).jwt, ...of({}).jwt] },
    'jwt[1].issuer.url: Duplicate value: "https://i.example"',
  ],
  ['plain HTTP', of({ url: 'http://i' }), 'jwt[0].issuer.url: Invalid value: "http://i": URL scheme must be https'],
  [
    'the name of this server',
    of({ url: OWN }),
    `jwt[0].issuer.url: Invalid value: "${OWN}": it is the issuer of the service account`,
  ],
  [
    'discovery over plain HTTP',
    of({ discoveryURL: 'http://i' }),
    'jwt[0].issuer.discoveryURL: Invalid value: "http://i": URL scheme',
  ],
  ['discovery at the issuer', of({ discoveryURL: 'https://i.example/' }), 'discoveryURL must be different from URL'],
  [
    'authorities that are none',
    of({ certificateAuthority: 'x' }),
    'jwt[0].issuer.certificateAuthority: Invalid value: there is no certificate in it',
  ],
  ['a URL that is a number', of({ url: 1 }), 'jwt[0].issuer.url: Invalid value: it must be a text'],
  [
    'no audience',
    of({ audiences: [] }),
    'jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required',
  ],
  ['an empty audience', of({ audiences: [''] }), "jwt[0].issuer.audiences: Required value: audience can't be empty"],
  [
    'two audiences without a policy',
    of({ audiences: ['a', 'b'] }),
    'audienceMatchPolicy must be MatchAny for multiple audiences',
  ],
  [
    'another policy',
    of({ audienceMatchPolicy: 'MatchAll' }),
    'jwt[0].issuer.audienceMatchPolicy: Invalid value: "MatchAll"',
  ],
  ['a way around', of({ egressSelectorType: 'cluster' }), 'jwt[0].issuer.egressSelectorType: Invalid value: "cluster"'],
  ['no name', mapped({}), `jwt[0].claimMappings.username: ${EITHER}`],
  [
    'a name twice',
    mapped({ username: { claim: 'a', prefix: '', expression: "'x'" } }),
    `jwt[0].claimMappings.username: ${EITHER}`,
  ],
  [
    'a name without a word on its prefix',
    mapped({ username: { claim: 'a' } }),
    'jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set',
  ],
  [
    'a prefix of an expression',
    mapped({ username: { expression: "'x'", prefix: '' } }),
    'username.prefix: Invalid value: "": prefix can\'t be set when expression is set',
  ],
  [
    'groups without a word on their prefix',
    mapped({ ...NAMED, groups: { claim: 'g' } }),
    'jwt[0].claimMappings.groups.prefix: Required value',
  ],
  [
    'a prefix of a uid',
    mapped({ ...NAMED, uid: { claim: 'u', prefix: '' } }),
    'jwt[0].claimMappings.uid.prefix: Invalid value: there is no such field',
  ],
  [
    'an expression that is half',
    mapped({ username: { expression: 'claims.' } }),
    'jwt[0].claimMappings.username.expression: Invalid value: "claims.": it cannot be parsed',
  ],
  [
    'a name that is true',
    mapped({ username: { expression: 'true' } }),
    'its value must be a string, this is a boolean',
  ],
  [
    'an unknown variable',
    mapped({ username: { expression: 'user.username' } }),
    'jwt[0].claimMappings.username.expression: Invalid value: "user.username"',
  ],
  [
    'groups that are a number',
    mapped({ ...NAMED, groups: { expression: '1' } }),
    'its value must be a list, this is an integer',
  ],
  [
    'an address that may not be verified',
    mapped({ username: { expression: 'claims.email' } }),
    'claims.email_verified must be used in claimMappings.username.expression',
  ],
  [
    'a rule about nothing',
    of({}, { claimValidationRules: [{ requiredValue: 'x' }] }),
    `jwt[0].claimValidationRules[0]: ${EITHER}`,
  ],
  [
    'a rule that is a text',
    of({}, { claimValidationRules: [{ expression: "'x'" }] }),
    'its value must be a boolean, this is a string',
  ],
  [
    'a value of an expression',
    of({}, { claimValidationRules: [{ expression: 'true', requiredValue: 'x' }] }),
    "requiredValue can't be set when expression is set",
  ],
  [
    'a message of a claim',
    of({}, { claimValidationRules: [{ claim: 'a', message: 'x' }] }),
    "message can't be set when claim is set",
  ],
  [
    'a rule about a misspelt user',
    of({}, { userValidationRules: [{ expression: 'user.name == ""' }] }),
    'there is no field "name" here',
  ],
  [
    'an empty rule about users',
    of({}, { userValidationRules: [{}] }),
    'jwt[0].userValidationRules[0].expression: Required value',
  ],
  [
    'a key without a domain',
    extra('team'),
    'jwt[0].claimMappings.extra[0].key: Invalid value: "team": key must be a domain-prefixed path',
  ],
  ['a key in capitals', extra('example.com/Team'), 'key must be lowercase'],
  ['a key of Kubernetes', extra('authentication.kubernetes.io/credential-id'), 'are reserved for Kubernetes use'],
  [
    'a key twice',
    mapped({
      ...NAMED,
      extra: [
        { key: 'a.b/c', valueExpression: "'x'" },
        { key: 'a.b/c', valueExpression: "'y'" },
      ],
    }),
    'jwt[0].claimMappings.extra[1].key: Invalid value: "a.b/c": it stands twice',
  ],
  ['an empty value', extra('a.b/c', ''), 'jwt[0].claimMappings.extra[0].valueExpression: Required value'],
  [
    'conditions of nobody',
    { ...HEAD, anonymous: { enabled: false, conditions: [{ path: '/livez' }] } },
    'enabled should be set to true when conditions are defined',
  ],
  [
    'a condition without a path',
    { ...HEAD, anonymous: { enabled: true, conditions: [{}] } },
    'anonymous.conditions[0].path: Required value',
  ],
  [
    'enabled in words',
    { ...HEAD, anonymous: { enabled: 'yes' } },
    'anonymous.enabled: Invalid value: it must be true or false',
  ],
];

suite('a file of authentication', () => {
  for (const [name, document, message] of refused) {
    test(`refuses ${name}`, async () => {
      await assert.rejects(parse(JSON.stringify(document)), (error) => {
        assert.ok(hasCode(error, 'CONFIG_INVALID'));
        assert.ok(error.message.startsWith('Cannot use authentication configuration auth.yaml: '), error.message);
        assert.ok(error.message.includes(message), error.message);
        return true;
      });
    });
  }

  test('refuses whatever a text is', async () => {
    for (const text of HOSTILE_TEXTS) {
      await assert.rejects(parse(text), (error) => error instanceof CountersignError);
    }
  });

  test('says everything that is wrong at once', async () => {
    const wrong = { ...HEAD, jwt: [{ issuer: { audiences: [] }, claimMappings: {} }] };
    await assert.rejects(parse(JSON.stringify(wrong)), /url: Required.*audiences: Required.*username: Invalid/);
  });

  test('may name nobody', async () => {
    for (const version of ['v1', 'v1beta1', 'v1alpha1']) {
      const text = `apiVersion: apiserver.config.k8s.io/${version}\nkind: AuthenticationConfiguration\n`;
      assert.deepEqual(await parse(text), { issuers: [] });
    }
  });

  for (const [anonymous, expected] of [
    [{ enabled: true }, true],
    [{ enabled: false }, false],
    [{ enabled: true, conditions: [{ path: '/livez' }] }, { paths: ['/livez'] }],
  ] as const) {
    test(`says of anonymous requests ${JSON.stringify(expected)}`, async () => {
      assert.deepEqual((await parse(JSON.stringify({ ...HEAD, anonymous }))).anonymous, expected);
    });
  }

  test('names issuers, with expressions', async () => {
    const { cert } = await selfSigned('ca');
    const configuration = await parse(`
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
jwt:
- issuer:
    url: https://i.example
    discoveryURL: https://inside.example/.well-known/openid-configuration
    certificateAuthority: ${JSON.stringify(cert)}
    audiences: [a, b]
    audienceMatchPolicy: MatchAny
  claimValidationRules:
  - claim: hd
    requiredValue: example.com
  - expression: claims.exp - claims.nbf <= 86400
    message: it lives too long
  claimMappings:
    username:
      expression: "claims.email_verified ? claims.email : 'unverified:' + claims.email"
    groups:
      expression: "claims.roles.split(',')"
    uid:
      claim: sub
    extra:
    - key: example.com/tenant
      valueExpression: claims.tenant
  userValidationRules:
  - expression: "user.groups.all(g, !g.startsWith('admin'))"
    message: no administrators from there
`);
    const [issuer] = configuration.issuers;
    assert.ok(issuer !== undefined);
    assert.deepEqual([issuer.url, issuer.audiences, issuer.caPem], ['https://i.example', ['a', 'b'], cert]);
    assert.equal(issuer.discoveryUrl, 'https://inside.example/.well-known/openid-configuration');
    assert.equal(issuer.algorithms.length, 9);
    const claims = {
      hd: 'example.com',
      exp: 86_400,
      nbf: 0,
      sub: 's',
      email: 'a@b',
      email_verified: true,
      roles: 'x,y',
      tenant: 't',
    };
    assert.deepEqual(userOfClaims(claims, issuer), {
      kind: 'user',
      user: { username: 'a@b', uid: 's', groups: ['x', 'y'], extra: { 'example.com/tenant': ['t'] } },
    });
    const errors: readonly (readonly [object, string])[] = [
      [{ hd: 'other' }, 'oidc: required claim hd value does not match. Got = "other", want = example.com'],
      [{ exp: 86_401 }, 'oidc: error evaluating claim validation expression: it lives too long'],
      [{ roles: 'admins' }, 'oidc: error evaluating user info: no administrators from there'],
      [{ roles: 'system:masters' }, 'oidc: group "system:masters" is reserved for the system'],
    ];
    for (const [change, error] of errors) {
      assert.deepEqual(userOfClaims({ ...claims, ...change }, issuer), { kind: 'invalid', error });
    }
    assert.equal(
      userOfClaims({ hd: 'example.com', exp: 1, nbf: 0 }, issuer).kind,
      'invalid',
      'a claim that is missing',
    );
  });
});

test('the file in docs/identity.md can be used', async () => {
  const page = readFileSync(new URL('../../docs/identity.md', import.meta.url), 'utf8');
  const [, text = ''] = /```yaml\n(apiVersion: apiserver\.config[^`]+)```/.exec(page) ?? [];
  const { issuers, anonymous } = await parse(text);
  assert.equal(issuers.length, 2);
  assert.deepEqual(anonymous, { paths: ['/livez', '/readyz'] });
  const [shop] = issuers;
  assert.ok(shop !== undefined);
  const claims = { preferred_username: 'ann', roles: ['dev'], iat: 0, exp: 3600 };
  assert.deepEqual(userOfClaims(claims, shop), {
    kind: 'user',
    user: { username: 'shop:ann', groups: ['shop:dev'] },
  });
});
