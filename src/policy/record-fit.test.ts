import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CertificateRecordSpec } from '../certificates/certificate-record.js';
import type { NormalisedRequest } from '../certificates/normalised-request.js';
import { recordMisfit } from './record-fit.js';
import { requestOf, SERVING_WISH } from './testing/requests.js';
import { recordedCase } from './testing/records.js';

const { request, spec } = recordedCase({ ...SERVING_WISH, expirationSeconds: 3600 });

type Change = (spec: CertificateRecordSpec) => CertificateRecordSpec;

suite('recordMisfit', () => {
  const refused: readonly { readonly name: string; readonly change: Change; readonly because: RegExp }[] = [
    {
      name: 'refuses the record of a decision that no policy made',
      change: (s) => ({ ...s, decision: { ...s.decision, by: 'Other' } }),
      because: /no policy decided/,
    },
    {
      name: 'refuses the record of a denial',
      change: (s) => ({ ...s, decision: { ...s.decision, verdict: 'Denied' } }),
      because: /it was denied/,
    },
    ...(['name', 'uid', 'signerName'] as const).map((field) => ({
      name: `refuses the record of another ${field}`,
      change: (s: CertificateRecordSpec) => ({ ...s, request: { ...s.request, [field]: 'other' } }),
      because: new RegExp(`its ${field} is not the one on record`),
    })),
    {
      name: 'refuses the record of another PKCS#10',
      change: (s) => ({ ...s, request: { ...s.request, requestDigest: s.request.publicKeyDigest } }),
      because: /its request is not the one on record/,
    },
    {
      name: 'refuses the record of another key',
      change: (s) => ({ ...s, request: { ...s.request, publicKeyDigest: s.request.requestDigest } }),
      because: /its public key is not the one on record/,
    },
    {
      name: 'refuses a usage more than is on record',
      change: (s) => ({ ...s, request: { ...s.request, usages: ['server auth'] } }),
      because: /its usages is not the one on record/,
    },
    {
      name: 'refuses another lifetime',
      change: (s) => ({ ...s, request: { ...s.request, expirationSeconds: 600 } }),
      because: /its expirationSeconds is not the one on record/,
    },
    {
      name: 'refuses a lifetime where none is on record',
      change: ({ request: { expirationSeconds: _, ...rest }, ...s }) => ({ ...s, request: rest }),
      because: /its expirationSeconds is not the one on record/,
    },
    {
      name: 'refuses another requester',
      change: (s) => ({ ...s, requester: { ...s.requester, username: 'system:serviceaccount:shop:other' } }),
      because: /its username is not the one on record/,
    },
    {
      name: 'refuses a requester of the same name and another uid',
      change: (s) => ({ ...s, requester: { ...s.requester, uid: 'other' } }),
      because: /its uid of the user is not the one on record/,
    },
    {
      name: 'refuses a requester in other groups',
      change: (s) => ({ ...s, requester: { ...s.requester, groups: ['system:masters'] } }),
      because: /its groups is not the one on record/,
    },
    {
      name: 'refuses another pod of the same service account',
      change: (s) => ({
        ...s,
        requester: { ...s.requester, extra: { 'authentication.kubernetes.io/pod-name': ['other'] } },
      }),
      because: /its extra is not the one on record/,
    },
    {
      name: 'refuses a name that is not on record',
      change: (s) => ({ ...s, names: s.names.slice(1) }),
      because: /its record grants no DNS "web.shop.svc.cluster.local", which it asks for/,
    },
    {
      name: 'refuses a name that is on record and was not granted',
      change: (s) => ({ ...s, names: s.names.map(({ grantedBy: _, ...name }) => name) }),
      because: /grants no DNS/,
    },
    {
      name: 'does not take a name of another type for it',
      change: (s) => ({ ...s, names: s.names.map((name) => ({ ...name, type: 'URI' })) }),
      because: /grants no DNS/,
    },
  ];
  for (const { name, change, because } of refused) {
    test(name, () => assert.match(recordMisfit(request, change(spec)) ?? 'it fits', because));
  }

  test('refuses a request whose subject asks for more', () => {
    const more: NormalisedRequest = requestOf({ ...SERVING_WISH, expirationSeconds: 3600, organizations: ['shop'] });
    const same = { ...spec, request: { ...spec.request, requestDigest: more.requestDigest } };
    assert.match(recordMisfit(more, same) ?? 'it fits', /grants no O "shop"/);
  });

  test('takes the request that it is the record of', () => assert.equal(recordMisfit(request, spec), undefined));
});
