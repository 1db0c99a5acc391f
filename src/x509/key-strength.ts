import { equalBytes, toHex } from '../base/bytes.js';
import { toBigInt } from './elliptic-curve.js';
import { encodePublicKey } from './encode-public-key.js';
import type { Finding } from './finding.js';
import type { PublicKeyParts, SubjectPublicKeyInfo } from './public-key.js';

const PATH = 'publicKey';

/**
 * What makes a public key too weak to certify: RSA below 2048 bits or beyond 8192, a public exponent below 65537 or even,
 * a modulus with a small factor or the fingerprint of CVE-2017-15361 (ROCA); P-224; Ed25519 points of small order or in
 * another than their own form; kinds that nothing here verifies. Primes that lie close together (Fermat) are not looked for. A key that holds more than
 * itself is found too: a certificate carries it as it came, and another reader might see another key in it.
 */
export function keyFindings({ key, der }: SubjectPublicKeyInfo): readonly Finding[] {
  const expected = encodePublicKey(key);
  const weak = weaknesses(key);
  if (expected === undefined || equalBytes(expected, der)) return weak;
  return [finding('key-encoding', 'it is not in the one form that a key of its kind has'), ...weak];
}

function weaknesses(key: PublicKeyParts): readonly Finding[] {
  switch (key.kind) {
    case 'rsa':
      return rsaFindings(key.modulus, key.exponent, key.bits);
    case 'ecdsa':
      return key.curve === 'P-224' ? [finding('key-curve', 'ECDSA on P-224, must be P-256, P-384 or P-521')] : [];
    case 'ed25519':
      return ed25519Findings(withoutSign(key.bytes));
    case 'unsupported':
      return [finding('key-kind', `algorithm ${key.detail}, must be RSA, ECDSA or Ed25519`)];
  }
}

function finding(rule: string, detail: string): Finding {
  return { rule, path: PATH, detail };
}

function rsaFindings(modulus: Uint8Array, exponent: number, bits: number): readonly Finding[] {
  const findings: Finding[] = [];
  if (bits < 2048 || bits > 8192) findings.push(finding('key-size', `RSA of ${bits} bits, must be 2048 to 8192`));
  if (exponent < 65537 || exponent % 2 === 0 || exponent > 0x7fffffff) {
    findings.push(finding('key-exponent', `RSA exponent ${exponent}, must be odd, at least 65537 and below 2^31`));
  }
  if (bits > 16384) return findings; // too long to divide for somebody we refuse already
  const { factor, roca } = divideBySmallPrimes(modulus);
  if (factor !== undefined) findings.push(finding('key-factor', `RSA modulus divisible by ${factor}`));
  else if (roca) findings.push(finding('key-roca', 'RSA modulus with the fingerprint of CVE-2017-15361'));
  return findings;
}

const SMALL_PRIMES = primesBelow(752);

function primesBelow(limit: number): readonly number[] {
  const primes: number[] = [];
  for (let n = 2; n < limit; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes;
}

/** Primes grouped so that each group's product is exact: one long division serves the whole group. */
const PRIME_GROUPS: readonly { readonly product: bigint; readonly primes: readonly number[] }[] = groupPrimes();

function groupPrimes(): { readonly product: bigint; readonly primes: readonly number[] }[] {
  const groups: { product: bigint; primes: number[] }[] = [];
  let product = 1;
  let primes: number[] = [];
  for (const prime of SMALL_PRIMES) {
    if (product * prime > Number.MAX_SAFE_INTEGER) {
      groups.push({ product: BigInt(product), primes });
      product = 1;
      primes = [];
    }
    product *= prime;
    primes.push(prime);
  }
  groups.push({ product: BigInt(product), primes });
  return groups;
}

/** The smallest factor of a modulus among the small primes, and whether all its remainders are those of ROCA. */
function divideBySmallPrimes(modulus: Uint8Array): { readonly factor?: number; readonly roca: boolean } {
  const value = toBigInt(modulus);
  let roca = true;
  for (const { product, primes } of PRIME_GROUPS) {
    const rest = Number(value % product);
    for (const prime of primes) {
      const residue = rest % prime;
      if (residue === 0) return { factor: prime, roca: false };
      if (roca && prime <= LARGEST_ROCA_PRIME) roca = rocaResidues[prime]?.has(residue) ?? true;
    }
  }
  return { roca };
}

/**
 * The affected library made primes of the form k·M + (65537^a mod M), M being a product of small primes, so that the
 * modulus is a power of 65537 modulo each of them. A random modulus passes all with a chance below 2^-27.
 */
const LARGEST_ROCA_PRIME = 167;
const rocaResidues: readonly (ReadonlySet<number> | undefined)[] = Array.from(
  { length: LARGEST_ROCA_PRIME + 1 },
  (_, n) => (n > 2 && SMALL_PRIMES.includes(n) ? powersOf65537(n) : undefined),
);

function powersOf65537(prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * (65537 % prime)) % prime) powers.add(power);
  return powers;
}

const ED25519_P = 2n ** 255n - 19n;

/** RFC 8032 §5.1.3: a y beyond p is no encoding; some readers take it all the same, for another key's point. */
function ed25519Findings(y: Uint8Array): readonly Finding[] {
  if (SMALL_ORDER.has(toHex(y))) return [finding('key-small-order', 'Ed25519 point of small order')];
  return toBigInt(Uint8Array.from(y).reverse()) >= ED25519_P
    ? [finding('key-encoding', 'Ed25519 point whose coordinate is not reduced')]
    : [];
}

/** The encodings, without the sign bit, of points whose order divides 8, also those not reduced modulo p. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

function withoutSign(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[31] = (copy[31] ?? 0) & 0x7f;
  return copy;
}
