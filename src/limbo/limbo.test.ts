import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { parseCaMaterial, type CaMaterial } from '../authority/ca-material.js';
import { prepare } from '../authority/prepare.js';
import { parseSigningProfile } from '../authority/signing-profile.js';
import { cn, NOW, testCertificate, testKey } from '../authority/testing/test-certificates.js';
import { toBase64 } from '../base/base64.js';
import { CountersignError } from '../base/error.js';
import { validateCertificateSigningRequest } from '../certificates/validate-certificate-signing-request.js';
import { normaliseRequest, type Requester } from '../certificates/normalised-request.js';
import { random, sha256 } from '../crypto/digest.js';
import { exportPrivateKeyPem } from '../crypto/private-key.js';
import { createRequestVerifier } from '../crypto/request-verifier.js';
import { fieldErrorText } from '../kube/field-error.js';
import { parseApiRequest } from '../x509/api-request.js';
import { compilePolicy } from '../policy/compile-policy.js';
import { decideApproval } from '../policy/decide-approval.js';
import type { ExpressionEngine } from '../policy/expression.js';
import type { Facts } from '../policy/facts.js';
import { identify } from '../policy/identity.js';
import { createPolicySet, type PolicySet } from '../policy/policy-set.js';
import { DEFAULT_SETTINGS } from '../policy/settings.js';
import { ALL_CASES } from './all-cases.js';
import { FACT_CASES } from './fact-cases.js';
import { forgeNames, type ForgeKit } from './forge.js';
import { LIMBO_GROUPS, type LimboRequest } from './limbo-case.js';
import { RACE_CASES } from './race-cases.js';
import { REQUESTER_CASES } from './requester-cases.js';
import { runCase, type Approval, type Stations } from './run-case.js';
import { DB_NAMES, requesterOf, shop, SHOP_POLICY, WEB_NAMES } from './shop.js';

const verifier = createRequestVerifier({ maxEntries: 0 });
const profile = parseSigningProfile({});
const SERVER_USAGES = ['digital signature', 'key encipherment', 'server auth'];

async function testKit(): Promise<ForgeKit> {
  return {
    key: await testKey('limbo'),
    otherKey: await testKey('limbo-other'),
    own: WEB_NAMES,
    victim: DB_NAMES,
  };
}

async function testCa(): Promise<CaMaterial> {
  const key = await testKey('limbo-ca');
  return parseCaMaterial({
    certificatesPem: await testCertificate({ subject: cn('limbo'), key }),
    keyPem: exportPrivateKeyPem(key, { format: 'pkcs8' }),
    now: NOW,
  });
}

function expirationOf({ expirationSeconds = 86_400 }: LimboRequest): { readonly expirationSeconds?: number } {
  return expirationSeconds === 'none' ? {} : { expirationSeconds };
}

function stationsOver(ca: CaMaterial): Stations {
  return {
    parse: ({ text }) => {
      try {
        parseApiRequest(text);
        return 'reads';
      } catch (error) {
        if (error instanceof CountersignError) return { refuses: error.message };
        throw error;
      }
    },
    create: async (request) => {
      const spec = {
        request: toBase64(request.text),
        signerName: 'example.com/limbo',
        usages: request.usages ?? SERVER_USAGES,
        ...expirationOf(request),
      };
      const errors = await validateCertificateSigningRequest({ metadata: { name: 'a' }, spec, status: {} }, verifier);
      return errors.length === 0 ? 'creates' : { refuses: errors.map(fieldErrorText).join('; ') };
    },
    review: (request) => review(request, requesterOf('web'), shop()),
    sign: async (request) => {
      const verified = await verifier.verify(toBase64(request.text));
      if (verified.kind === 'invalid') return { fails: verified.detail };
      const wish = { request: verified.request, usages: request.usages ?? SERVER_USAGES, ...expirationOf(request) };
      const preparation = prepare(wish, ca, profile, { now: NOW, random });
      switch (preparation.kind) {
        case 'prepared':
          return 'signs';
        case 'refused':
          return { fails: `${preparation.reason}: ${preparation.message}` };
        case 'unavailable':
          return { fails: preparation.message };
      }
    },
  };
}

const noExpressions: ExpressionEngine = {
  compileRule: () => ({ kind: 'refused', problems: [{ detail: 'there are no expressions here' }] }),
  compileMessage: () => ({ kind: 'refused', problems: [{ detail: 'there are no expressions here' }] }),
};

function shopPolicies(): PolicySet {
  const compiled = compilePolicy(SHOP_POLICY, noExpressions);
  if (compiled.kind !== 'compiled') throw new RangeError(compiled.errors.map(fieldErrorText).join('; '));
  return createPolicySet([compiled.policy]);
}

const policies = shopPolicies();

/** What an approver over these facts makes of a request by this requester. */
async function review(request: LimboRequest, requester: Requester, facts: Facts): Promise<Approval> {
  const verified = await verifier.verify(toBase64(request.text));
  if (verified.kind === 'invalid') throw new RangeError(verified.detail);
  const { username, uid, groups, extra } = requester;
  const spec = {
    request: toBase64(request.text),
    signerName: 'example.com/limbo',
    usages: request.usages ?? SERVER_USAGES,
    ...expirationOf(request),
    username,
    uid,
    groups,
    extra,
  };
  const csr = { metadata: { name: 'a', uid: 'u', resourceVersion: '1' }, spec, status: {} };
  const normalised = normaliseRequest(csr, verified.request, sha256);
  const identity = identify(normalised.requester, facts);
  const decision = decideApproval({
    request: normalised,
    identity,
    facts,
    policies,
    settings: DEFAULT_SETTINGS,
    now: NOW,
  });
  switch (decision.kind) {
    case 'approve':
      return { outcome: 'approves' };
    case 'deny':
      return { outcome: 'denies', at: decision.violations.map(({ path }) => path) };
    case 'defer':
      return { outcome: 'defers' };
    case 'needs':
      throw new RangeError('This policy asks nobody');
  }
}

/** How the cases came out so far. */
const score = { cases: 0, asExpected: 0, grave: 0 };

function tally(asExpected: boolean, grave: boolean): void {
  score.cases++;
  if (asExpected) score.asExpected++;
  if (grave) score.grave++;
}

suite('csr-limbo at the parser, the API, the approver and the signer', () => {
  let kit: ForgeKit;
  let stations: Stations;
  before(async () => {
    kit = await testKit();
    stations = stationsOver(await testCa());
  });
  for (const limboCase of ALL_CASES) {
    test(`${limboCase.id}: ${limboCase.title}`, async () => {
      const { surprises } = await runCase(limboCase, kit, stations);
      tally(
        surprises.length === 0,
        surprises.some(({ grave }) => grave),
      );
      assert.deepEqual(surprises, []);
    });
  }
});

suite('csr-limbo at an approver that asks who sends, and whose the names are', () => {
  for (const identityCase of [...REQUESTER_CASES, ...FACT_CASES]) {
    const { id, title, names, change, requester = requesterOf('web'), expect } = identityCase;
    test(`${id}: ${title}`, async () => {
      const facts = shop();
      change?.(facts);
      const text = await forgeNames(await testKit(), ...(names ?? [{ kind: 'dns', value: WEB_NAMES.serviceDns }]));
      const { outcome } = await review({ text }, requester, facts);
      const fits = expect === 'withholds' ? outcome !== 'approves' : outcome === expect;
      tally(fits, !fits && outcome === 'approves');
      assert.ok(fits, `it ${outcome}, and ${expect} was expected`);
    });
  }
});

test('csr-limbo has at least 200 cases, each with an id of its own that begins with its group', () => {
  const identityCases = [...REQUESTER_CASES, ...FACT_CASES];
  const ids = [...ALL_CASES, ...identityCases, ...RACE_CASES].map(({ id }) => id);
  assert.ok(ids.length >= 200, `${ids.length} cases`);
  assert.equal(new Set(ids).size, ids.length);
  for (const { id, group } of ALL_CASES) {
    assert.ok(LIMBO_GROUPS.includes(group));
    assert.match(id, new RegExp(`^${group}/[a-z0-9-]+$`));
  }
  for (const { id } of identityCases) assert.match(id, /^(identity|facts)\/[a-z0-9-]+$/);
  for (const { id } of RACE_CASES) assert.match(id, /^races\/[a-z0-9-]+$/);
  assert.ok(RACE_CASES.length >= 15, `${RACE_CASES.length} races`);
});

test('csr-limbo as a whole comes out as expected', (t) => {
  const { cases, asExpected, grave } = score;
  t.diagnostic(`csr-limbo: ${cases} cases, ${asExpected} as expected, ${grave} grave`);
  t.diagnostic(`csr-limbo: and ${RACE_CASES.length} races, whose score test/limbo/races.test.ts tells`);
  assert.deepEqual(score, {
    cases: ALL_CASES.length + REQUESTER_CASES.length + FACT_CASES.length,
    asExpected: cases,
    grave: 0,
  });
});
