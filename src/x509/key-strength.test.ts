import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicKeyInfo } from '../../test/sample-request.js';
import {
  encodeBitString,
  encodeElement,
  encodeNull,
  encodeOidElement,
  encodeSequence,
  encodeSmallInteger,
  encodeUnsignedInteger,
} from '../asn1/der-writer.js';
import { concatBytes } from '../base/bytes.js';
import { keyFindings } from './key-strength.js';
import { parseSubjectPublicKeyInfo } from './public-key.js';

function rulesOf(modulus: bigint, exponent = 65_537): readonly string[] {
  const hex = modulus.toString(16);
  const octets = Uint8Array.from(Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex'));
  const key = encodeSequence(encodeUnsignedInteger(octets), encodeSmallInteger(exponent));
  return keyFindings(parseSubjectPublicKeyInfo(publicKeyInfo('1.2.840.113549.1.1.1', encodeNull(), key))).map(
    ({ rule }) => rule,
  );
}

/** The first modulus at or above `from` without a prime factor below 752, by trial. */
function coprime(from: bigint): bigint {
  for (let n = from | 1n; ; n += 2n)
    if (!rulesOf(n).includes('key-factor') && !rulesOf(n).includes('key-roca')) return n;
}

test('finds nothing in a modulus of 2048 to 8192 bits without small factors', () => {
  for (const bits of [2048n, 3072n, 4096n, 8192n]) assert.deepEqual(rulesOf(coprime(1n << (bits - 1n))), []);
});

test('finds moduli that are too short or too long', () => {
  assert.deepEqual(rulesOf(coprime(1n << 2046n)), ['key-size']);
  assert.deepEqual(rulesOf(coprime(1n << 8192n)), ['key-size']);
});

test('finds every small factor, two included', () => {
  const big = coprime(1n << 2047n);
  for (const factor of [2n, 3n, 5n, 65_537n % 751n === 0n ? 743n : 751n, 251n, 739n]) {
    assert.deepEqual(rulesOf(big * factor), ['key-factor'], String(factor));
  }
});

test('finds bad exponents', () => {
  const modulus = coprime(1n << 2047n);
  for (const exponent of [1, 3, 17, 65_535, 65_536, 65_538, 2 ** 31 + 1]) {
    assert.deepEqual(rulesOf(modulus, exponent), ['key-exponent'], String(exponent));
  }
  for (const exponent of [65_537, 65_539, 2 ** 31 - 1]) assert.deepEqual(rulesOf(modulus, exponent), []);
});

test('finds the fingerprint of CVE-2017-15361', () => {
  // What the affected library made: k·M + (65537^a mod M), with M the product of the primes up to 167.
  let product = 1n;
  for (let n = 2n; n <= 167n; n++) {
    let prime = true;
    for (let d = 2n; d * d <= n; d++) if (n % d === 0n) prime = false;
    if (prime) product *= n;
  }
  const power = (exponent: number): bigint => {
    let value = 1n;
    for (let i = 0; i < exponent; i++) value = (value * 65_537n) % product;
    return value;
  };
  // A factor above 167 would be found first; shift until there is none.
  for (let k = 1n << 820n; ; k++) {
    const modulus = (k * product + power(123)) * (k * product + power(45_678));
    const rules = rulesOf(modulus);
    if (rules.includes('key-factor')) continue;
    assert.deepEqual(rules, ['key-roca']);
    break;
  }
});

test('does not spend time on a modulus that is refused for its length', () => {
  const start = performance.now();
  assert.deepEqual(rulesOf((1n << 400_000n) + 1n), ['key-size']);
  assert.ok(performance.now() - start < 500);
});

test('finds P-224 and Ed25519 points of small order, with either sign', () => {
  const rules = (octets: Uint8Array): readonly string[] =>
    keyFindings(parseSubjectPublicKeyInfo(publicKeyInfo('1.3.101.112', undefined, octets))).map(({ rule }) => rule);
  const one = new Uint8Array(32);
  one[0] = 1;
  assert.deepEqual(rules(one), ['key-small-order']);
  one[31] = 0x80;
  assert.deepEqual(rules(one), ['key-small-order']);
  one[0] = 9;
  assert.deepEqual(rules(one), []);
});

test('finds Ed25519 points in another form than their own', () => {
  // little-endian: y = p + low, where p ends in ed
  const rules = (low: number, sign: number): readonly string[] => {
    const octets = new Uint8Array(32).fill(0xff);
    octets[0] = 0xed + low;
    octets[31] = 0x7f | sign;
    return keyFindings(parseSubjectPublicKeyInfo(publicKeyInfo('1.3.101.112', undefined, octets))).map(
      ({ rule }) => rule,
    );
  };
  assert.deepEqual(rules(3, 0), ['key-encoding']);
  assert.deepEqual(rules(18, 0x80), ['key-encoding']);
  assert.deepEqual(rules(1, 0), ['key-small-order']);
  assert.deepEqual(rules(-2, 0), []);
});

const ED25519_OID = encodeOidElement('1.3.101.112');
const ED25519_POINT = new Uint8Array(32).fill(0x42);
const RSA_NUMBERS = encodeSequence(encodeUnsignedInteger(new Uint8Array(256).fill(0xfb)), encodeSmallInteger(65_537));
const RSA_OID = encodeOidElement('1.2.840.113549.1.1.1');

const disguised: readonly (readonly [string, Uint8Array])[] = [
  [
    'a point moved by unused bits',
    encodeSequence(encodeSequence(ED25519_OID), encodeElement(3, Uint8Array.of(1), ED25519_POINT)),
  ],
  ['octets behind the key', encodeSequence(encodeSequence(ED25519_OID), encodeBitString(ED25519_POINT), encodeNull())],
  [
    'octets behind the parameters',
    encodeSequence(encodeSequence(RSA_OID, encodeNull(), encodeNull()), encodeBitString(RSA_NUMBERS)),
  ],
  [
    'octets behind the numbers of an RSA key',
    encodeSequence(encodeSequence(RSA_OID, encodeNull()), encodeBitString(concatBytes([RSA_NUMBERS, encodeNull()]))),
  ],
];
for (const [what, der] of disguised) {
  test(`finds ${what}, which readers disagree about`, () => {
    const rules = keyFindings(parseSubjectPublicKeyInfo(der)).map(({ rule }) => rule);
    assert.equal(rules[0], 'key-encoding');
  });
}
