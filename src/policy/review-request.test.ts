import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { encodePublicKey } from '../x509/encode-public-key.js';
import { ATTRIBUTE } from '../x509/name.js';
import { grantTexts, reviewOf, reviewOfCase, violationTexts, type ReviewCase } from './testing/decisions.js';
import { compiledPolicyOf, scriptedEngine, type ScriptedCondition } from './testing/policies.js';
import { ED25519_KEY, requestOf, SERVING_WISH } from './testing/requests.js';

const REFUSALS: readonly (ReviewCase & { readonly violations: readonly string[] })[] = [
  {
    name: 'a usage that is missing, and no usage',
    wish: { ...SERVING_WISH, usages: [] },
    violations: ['broken spec.usages: it is empty', 'broken spec.usages: must include "server auth"'],
  },
  {
    name: 'a usage in another spelling',
    wish: { ...SERVING_WISH, usages: ['Server Auth', 'signing'] },
    violations: [
      'broken spec.usages: must include "server auth"',
      'broken spec.usages[0]: it is "Server Auth", must be one of digital signature, key encipherment, server auth',
      'broken spec.usages[1]: it is "signing", must be one of digital signature, key encipherment, server auth',
    ],
  },
  {
    name: 'a lifetime beyond the cap',
    spec: { maxExpirationSeconds: 3600 },
    wish: { ...SERVING_WISH, expirationSeconds: 3601 },
    violations: ['broken spec.expirationSeconds: it is 3601, must be at most 3600'],
  },
  {
    name: "no lifetime where there is a cap: the signer's default may be longer",
    spec: { maxExpirationSeconds: 3600 },
    violations: ['broken spec.expirationSeconds: it is not set, must be at most 3600'],
  },
  {
    name: 'a kind of key that is not listed',
    spec: { keys: [{ algorithm: 'RSA', minimumBits: 3072 }, { algorithm: 'Ed25519' }] },
    violations: ['broken request.publicKey: the key is ECDSA P-256, must be RSA from 3072 bits or Ed25519'],
  },
  {
    name: 'a curve that is not listed',
    spec: { keys: [{ algorithm: 'ECDSA', curves: ['P-384'] }] },
    violations: ['broken request.publicKey: the key is ECDSA P-256, must be ECDSA on P-384'],
  },
  {
    name: 'an RSA key that is too short for the policy, and for everybody',
    spec: { keys: [{ algorithm: 'RSA', minimumBits: 3072 }] },
    wish: { ...SERVING_WISH, publicKeyDer: rsaKey(1024) },
    violations: [
      'broken request.publicKey: RSA of 1024 bits, must be 2048 to 8192',
      'broken request.publicKey: the key is RSA 1024, must be RSA from 3072 bits',
    ],
  },
  {
    name: 'a key that is on record for somebody else: a request can be taken and sent again',
    change: (facts) => {
      const { publicKeyDigest } = requestOf();
      facts.setKeyHolder(publicKeyDigest, { record: 'a', requestName: 'db', identityKey: 'serviceaccount:shop/db' });
    },
    violations: ['contradicted request.publicKey: the key is on record for somebody else, by request "db"'],
  },
  {
    name: 'what is never certified: a CA bit and a second common name',
    wish: {
      ips: ['10.0.34.2'],
      subject: [
        [{ oid: ATTRIBUTE.commonName, value: '10.0.34.2' }],
        [{ oid: ATTRIBUTE.commonName, value: '10.0.34.2' }],
      ],
      extensions: [{ oid: '2.5.29.19', critical: true, value: Uint8Array.of(0x30, 3, 1, 1, 255) }],
    },
    violations: [
      'broken request.extensions[1]: it asks to be a CA',
      'broken request.subject[1].CN: it is there more than once',
    ],
  },
  {
    name: 'names of kinds that are never certified',
    wish: { ips: ['10.0.34.2'], names: [{ kind: 'registeredId', oid: '1.2.3' }] },
    violations: ['broken request.subjectAltNames[1]: a name of kind registeredId is never certified'],
  },
];

const GRANTS: readonly (ReviewCase & { readonly grants: readonly string[] })[] = [
  {
    name: 'keys of every usual kind',
    wish: { ips: ['10.0.34.2'], publicKeyDer: ED25519_KEY },
    grants: ['IP 10.0.34.2 by PodIP'],
  },
  {
    name: 'a key that is on record for the same service account',
    wish: { ips: ['10.0.34.2'] },
    change: (facts) => {
      const { publicKeyDigest } = requestOf();
      facts.setKeyHolder(publicKeyDigest, { record: 'a', requestName: 'w', identityKey: 'serviceaccount:shop/web' });
    },
    grants: ['IP 10.0.34.2 by PodIP'],
  },
  {
    name: 'a lifetime up to the cap',
    spec: { maxExpirationSeconds: 3600 },
    wish: { ips: ['10.0.34.2'], expirationSeconds: 3600 },
    grants: ['IP 10.0.34.2 by PodIP'],
  },
];

/** An RSA key of this size; its modulus is no product of primes that anybody knows. */
function rsaKey(bits: number): Uint8Array {
  const modulus = new Uint8Array(bits / 8).fill(0xa7);
  modulus[modulus.length - 1] = 0x0b;
  const der = encodePublicKey({ kind: 'rsa', modulus, exponent: 65537, bits });
  if (der === undefined) throw new RangeError('Cannot write the key');
  return der;
}

describe('usages, lifetime and key in a review', () => {
  for (const { violations, ...one } of REFUSALS) {
    it(`refuses ${one.name}`, () =>
      assert.deepEqual(
        violationTexts(reviewOfCase(one)).filter((text) => !text.includes('RSA modulus divisible')),
        violations,
      ));
  }

  for (const { grants, ...one } of GRANTS) {
    it(`grants ${one.name}`, () => assert.deepEqual(grantTexts(reviewOfCase(one)), grants));
  }
});

describe('rules of a policy', () => {
  const rules = [
    { name: 'first', expression: 'a', message: 'must be so' },
    { name: 'second', expression: 'b' },
  ];
  const review = (a: ScriptedCondition, b: ScriptedCondition): readonly string[] =>
    violationTexts(reviewOf({ policies: [compiledPolicyOf({ rules }, 'p', scriptedEngine({ a, b }))] }));
  const yes: ScriptedCondition = () => ({ kind: 'value', value: true });
  const no: ScriptedCondition = () => ({ kind: 'value', value: false });

  it('are broken where they are false', () => {
    assert.deepEqual(review(no, no), [
      'broken rules[0]: rule "first" is not met: must be so',
      'broken rules[1]: rule "second" is not met',
    ]);
  });

  it('wait where they have no value or take too much', () => {
    assert.deepEqual(
      review(
        () => ({ kind: 'error', message: 'no such key: \u001b[2Jstage' }),
        () => ({ kind: 'exceeded', what: 'deadline' }),
      ),
      [
        'unknown rules[0]: rule "first" has no value: no such key: \\u{1b}[2Jstage',
        'unknown rules[1]: rule "second" was stopped: it takes too long',
      ],
    );
    assert.deepEqual(
      review(yes, () => ({ kind: 'exceeded', what: 'cost' })),
      ['unknown rules[1]: rule "second" was stopped: it takes too much'],
    );
  });

  it('approve where they are true, and all see the same variables, made once', () => {
    const seen: unknown[] = [];
    const look: ScriptedCondition = (variables) => {
      seen.push(variables);
      return { kind: 'value', value: true };
    };
    assert.deepEqual(review(look, look), ['approve']);
    assert.equal(seen[0], seen[1]);
    const { request, identity, facts } = seen[0] as Record<string, Record<string, unknown>>;
    assert.deepEqual(request?.['dnsNames'], SERVING_WISH.dns);
    assert.equal(request?.['ageSeconds'], 10);
    assert.equal(identity?.['podName'], 'web-7f');
    assert.deepEqual(facts?.['namespace'], {
      name: 'shop',
      labels: { 'kubernetes.io/metadata.name': 'shop', team: 'shop' },
    });
  });
});
