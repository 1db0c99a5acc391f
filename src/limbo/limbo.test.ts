import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { parseCaMaterial, type CaMaterial } from '../authority/ca-material.js';
import { prepare } from '../authority/prepare.js';
import { parseSigningProfile } from '../authority/signing-profile.js';
import { cn, NOW, testCertificate, testKey } from '../authority/testing/test-certificates.js';
import { toBase64 } from '../base/base64.js';
import { CountersignError } from '../base/error.js';
import { validateCertificateSigningRequest } from '../certificates/validate-certificate-signing-request.js';
import { random } from '../crypto/digest.js';
import { exportPrivateKeyPem } from '../crypto/private-key.js';
import { createRequestVerifier } from '../crypto/request-verifier.js';
import { fieldErrorText } from '../kube/field-error.js';
import { parseApiRequest } from '../x509/api-request.js';
import { ALL_CASES } from './all-cases.js';
import type { ForgeKit } from './forge.js';
import { LIMBO_GROUPS, type LimboRequest } from './limbo-case.js';
import { runCase, type Stations } from './run-case.js';

const verifier = createRequestVerifier({ maxEntries: 0 });
const profile = parseSigningProfile({});
const SERVER_USAGES = ['digital signature', 'key encipherment', 'server auth'];

async function testKit(): Promise<ForgeKit> {
  return {
    key: await testKey('limbo'),
    otherKey: await testKey('limbo-other'),
    own: {
      serviceDns: 'web.shop.svc.cluster.local',
      podDns: 'web-1.shop.pod.cluster.local',
      podIp: '10.244.1.7',
      serviceIp: '10.96.0.20',
      spiffe: 'spiffe://cluster.local/ns/shop/sa/web',
    },
    victim: {
      serviceDns: 'db.shop.svc.cluster.local',
      podDns: 'db-1.shop.pod.cluster.local',
      podIp: '10.244.1.8',
      serviceIp: '10.96.0.21',
      spiffe: 'spiffe://cluster.local/ns/shop/sa/db',
    },
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

suite('csr-limbo at the parser, the API and the signer', () => {
  let kit: ForgeKit;
  let stations: Stations;
  before(async () => {
    kit = await testKit();
    stations = stationsOver(await testCa());
  });
  for (const limboCase of ALL_CASES) {
    test(`${limboCase.id}: ${limboCase.title}`, async () => {
      const { surprises } = await runCase(limboCase, kit, stations);
      assert.deepEqual(surprises, []);
    });
  }
});

test('csr-limbo has at least 150 cases, each with an id of its own that begins with its group', () => {
  assert.ok(ALL_CASES.length >= 150, `${ALL_CASES.length} cases`);
  assert.equal(new Set(ALL_CASES.map(({ id }) => id)).size, ALL_CASES.length);
  for (const { id, group } of ALL_CASES) {
    assert.ok(LIMBO_GROUPS.includes(group));
    assert.match(id, new RegExp(`^${group}/[a-z0-9-]+$`));
  }
});
