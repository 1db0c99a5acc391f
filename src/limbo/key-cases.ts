import {
  encodeBitString,
  encodeNull,
  encodeOidElement,
  encodeSequence,
  encodeUnsignedInteger,
} from '../asn1/der-writer.js';
import { decodeBase64 } from '../base/base64.js';
import { concatBytes } from '../base/bytes.js';
import { encodeAlgorithmIdentifier } from '../x509/algorithm-identifier.js';
import { forge, forgeDer, requestPem, type ForgedParts, type ForgeKit } from './forge.js';
import type { Expected, LimboCase } from './limbo-case.js';
import { WEAK_REQUESTS } from './weak-requests.js';

function key(id: string, title: string, make: LimboCase['make'], expect: Expected, history?: string): LimboCase {
  return { id: `keys/${id}`, group: 'keys', title, ...(history === undefined ? {} : { history }), make, expect };
}

/** A request whose parts are forged. */
function forged(id: string, title: string, parts: (kit: ForgeKit) => ForgedParts, expect: Expected): LimboCase {
  return key(id, title, async (kit) => ({ text: await forge(kit, parts(kit)) }), expect);
}

/** A request that was made once and for all. */
function made(
  name: keyof typeof WEAK_REQUESTS,
  id: string,
  title: string,
  expect: Expected,
  history?: string,
): LimboCase {
  const decoded = decodeBase64(WEAK_REQUESTS[name]);
  const der = decoded.kind === 'bytes' ? decoded.bytes : new Uint8Array();
  return key(id, title, () => ({ text: requestPem(der) }), expect, history);
}

const unread = (refuses: string): Expected => ({ parser: { refuses } });
const unverified = (refuses: string): Expected => ({ parser: 'reads', api: { refuses } });
const weak = (at: string, fails = 'KeyNotAllowed'): Expected => ({
  parser: 'reads',
  api: 'creates',
  policy: 'denies',
  at,
  signer: { fails },
});

const MADE_CASES: readonly LimboCase[] = [
  made('rsa512', 'rsa-512', 'RSA of 512 bits', unverified('512-bit keys are insecure')),
  made('rsa1024', 'rsa-1024', 'RSA of 1024 bits', weak('request.publicKey')),
  made('rsaExponent3', 'rsa-exponent-3', 'RSA with the exponent 3', weak('request.publicKey')),
  made('rsaSmallFactor', 'rsa-small-factor', 'an RSA modulus that 743 divides', weak('request.publicKey')),
  made('roca', 'roca', 'an RSA modulus of the form that a chip made', weak('request.publicKey'), 'CVE-2017-15361'),
  made('sha1', 'sha1', 'a signature over SHA-1', weak('request.signatureAlgorithm', 'RequestNotAllowed')),
  made('md5', 'md5', 'a signature over MD5', unverified('insecure algorithm MD5-RSA')),
  made('p224', 'p224', 'ECDSA on P-224', weak('request.publicKey')),
  made('secp256k1', 'secp256k1', 'a curve of cryptocurrencies', unread('unsupported elliptic curve')),
  made('brainpool', 'brainpool', 'a Brainpool curve', unread('unsupported elliptic curve')),
  made(
    'explicitCurve',
    'explicit-curve',
    'a curve with parameters of its own',
    unread('invalid ECDSA parameters'),
    'CVE-2020-0601',
  ),
  made('ed448', 'ed448', 'Ed448', unverified('algorithm unimplemented')),
  made('dsa', 'dsa', 'DSA', unverified('algorithm unimplemented')),
  made('pss', 'pss', 'RSA-PSS: as good as any', {
    parser: 'reads',
    api: 'creates',
    policy: 'approves',
    signer: 'signs',
  }),
  made(
    'pssOddSalt',
    'pss-odd-salt',
    'RSA-PSS with a salt of another length than the hash',
    unverified('algorithm unimplemented'),
  ),
  made('pssKey', 'pss-key', 'a key that is for RSA-PSS only', unverified('algorithm unimplemented')),
  made('rsaHonest', 'rsa-honest', 'RSA of 2048 bits: as good as any', {
    parser: 'reads',
    api: 'creates',
    policy: 'approves',
    signer: 'signs',
  }),
];

/** SubjectPublicKeyInfo of RSA. */
function rsa(exponent: Uint8Array, modulus: Uint8Array = oddModulus(256)): Uint8Array {
  const numbers = encodeSequence(encodeUnsignedInteger(modulus), encodeUnsignedInteger(exponent));
  return spki('1.2.840.113549.1.1.1', encodeNull(), numbers);
}

function oddModulus(octets: number): Uint8Array {
  return new Uint8Array(octets).fill(0xd7);
}

function spki(oid: string, parameters: Uint8Array | undefined, content: Uint8Array): Uint8Array {
  const fields = parameters === undefined ? [] : [parameters];
  return encodeSequence(encodeSequence(encodeOidElement(oid), ...fields), encodeBitString(content));
}

/** A signature of RSA under an algorithm of RSA, true of nothing. */
const RSA_SIGNED: ForgedParts = {
  algorithm: encodeSequence(encodeOidElement('1.2.840.113549.1.1.11'), encodeNull()),
  signature: encodeBitString(new Uint8Array(256).fill(1)),
};

const P256 = encodeOidElement('1.2.840.10045.3.1.7');
const EC = '1.2.840.10045.2.1';

const SMALL_POINT = Uint8Array.from([1, ...new Array<number>(31).fill(0)]);

const FORGED_CASES: readonly LimboCase[] = [
  forged(
    'exponent-1',
    'RSA with the exponent 1: everybody can sign',
    () => ({ ...RSA_SIGNED, publicKey: rsa(Uint8Array.of(1)) }),
    unverified('public exponent too small'),
  ),
  forged(
    'exponent-even',
    'RSA with an even exponent',
    () => ({ ...RSA_SIGNED, publicKey: rsa(Uint8Array.of(1, 0, 0)) }),
    unverified('public exponent is even'),
  ),
  forged(
    'exponent-huge',
    'RSA with an exponent that slows everybody down',
    () => ({ ...RSA_SIGNED, publicKey: rsa(new Uint8Array(9).fill(0x7f)) }),
    unread('invalid RSA public exponent'),
  ),
  forged(
    'modulus-even',
    'an even RSA modulus',
    () => ({ ...RSA_SIGNED, publicKey: rsa(Uint8Array.of(1, 0, 1), Uint8Array.from([...oddModulus(255), 0x10])) }),
    unverified('public modulus is even'),
  ),
  forged(
    'modulus-huge',
    'an RSA modulus of 64 kilobits',
    () => ({ ...RSA_SIGNED, publicKey: rsa(Uint8Array.of(1, 0, 1), oddModulus(8192)) }),
    unverified('verification error'),
  ),
  forged(
    'no-null',
    'an RSA key without its NULL',
    () => ({
      ...RSA_SIGNED,
      publicKey: spki(
        '1.2.840.113549.1.1.1',
        undefined,
        encodeSequence(encodeUnsignedInteger(oddModulus(256)), encodeUnsignedInteger(Uint8Array.of(1, 0, 1))),
      ),
    }),
    unread('RSA key missing NULL parameters'),
  ),
  forged(
    'off-curve',
    'a point that is not on the curve',
    () => ({ publicKey: spki(EC, P256, Uint8Array.from([4, ...new Array<number>(64).fill(7)])) }),
    unread('point not on curve'),
  ),
  forged(
    'infinity',
    'the point at infinity',
    () => ({ publicKey: spki(EC, P256, Uint8Array.of(0)) }),
    unread('invalid uncompressed public key'),
  ),
  forged(
    'compressed',
    'a compressed point',
    (kit) => ({ publicKey: spki(EC, P256, Uint8Array.from([2, ...kit.key.publicKey.keyBytes.subarray(1, 33)])) }),
    unread('invalid uncompressed public key'),
  ),
  forged(
    'no-curve',
    'an ECDSA key without a curve',
    (kit) => ({ publicKey: spki(EC, undefined, kit.key.publicKey.keyBytes) }),
    unread('invalid ECDSA parameters'),
  ),
  forged(
    'small-order',
    'an Ed25519 point of small order, for which one signature is true of everything',
    () => ({
      publicKey: spki('1.3.101.112', undefined, SMALL_POINT),
      algorithm: encodeSequence(encodeOidElement('1.3.101.112')),
      signature: encodeBitString(concatBytes([SMALL_POINT, new Uint8Array(32)])),
    }),
    weak('request.publicKey'),
  ),
  forged(
    'ed25519-short',
    'an Ed25519 key of 31 octets',
    () => ({ publicKey: spki('1.3.101.112', undefined, new Uint8Array(31)) }),
    unread('wrong Ed25519 public key size'),
  ),
  forged(
    'key-trailing',
    'an Ed25519 key whose algorithm has parameters',
    () => ({ publicKey: spki('1.3.101.112', encodeNull(), SMALL_POINT) }),
    unread('Ed25519 key encoded with illegal parameters'),
  ),
  forged(
    'wrong-signature',
    'a signature by another key: nobody has shown to hold this one',
    (kit) => ({ publicKey: kit.otherKey.publicKeyDer }),
    unverified('ECDSA verification failure'),
  ),
  forged(
    'no-signature',
    'an empty signature',
    () => ({ signature: encodeBitString(new Uint8Array()) }),
    unverified('ECDSA verification failure'),
  ),
  forged(
    'zero-signature',
    'the signature (0, 0)',
    () => ({
      signature: encodeBitString(
        encodeSequence(encodeUnsignedInteger(new Uint8Array(1)), encodeUnsignedInteger(new Uint8Array(1))),
      ),
    }),
    unverified('ECDSA verification failure'),
  ),
  forged(
    'other-algorithm',
    'a signature that says it is of RSA, by an ECDSA key',
    () => ({ algorithm: encodeSequence(encodeOidElement('1.2.840.113549.1.1.11'), encodeNull()) }),
    unverified('signature algorithm specifies an RSA public key'),
  ),
  key(
    'changed-name',
    'a signature over a request for another name',
    async (kit) => {
      const der = await forgeDer(kit);
      const at = indexOf(der, 0x77); // the w of web
      return { text: requestPem(Uint8Array.from(der, (octet, i) => (i === at ? 0x78 : octet))) };
    },
    unverified('ECDSA verification failure'),
  ),
  forged(
    'unknown-key',
    'a key of an algorithm that nobody knows',
    (kit) => ({
      publicKey: spki('1.2.3.4', undefined, kit.key.publicKey.keyBytes),
      algorithm: encodeAlgorithmIdentifier(kit.key.signatureAlgorithm),
    }),
    unverified('unimplemented'),
  ),
];

function indexOf(bytes: Uint8Array, octet: number): number {
  return bytes.indexOf(octet);
}

/** Keys that are weak or wrong, and signatures that show nothing. */
export const KEY_CASES: readonly LimboCase[] = [...MADE_CASES, ...FORGED_CASES];
