/** Curves that the API accepts (P-224 is never signed). */
export type EcCurve = 'P-224' | 'P-256' | 'P-384' | 'P-521';

/** A curve y² = x³ − 3x + b over the integers modulo p (SEC 2). */
interface CurveEquation {
  readonly name: EcCurve;
  readonly oid: string;
  /** Octets of a coordinate. */
  readonly size: number;
  readonly p: bigint;
  readonly b: bigint;
}

const CURVES: readonly CurveEquation[] = [
  {
    name: 'P-256',
    oid: '1.2.840.10045.3.1.7',
    size: 32,
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  {
    name: 'P-384',
    oid: '1.3.132.0.34',
    size: 48,
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  {
    name: 'P-521',
    oid: '1.3.132.0.35',
    size: 66,
    p: (1n << 521n) - 1n,
    b: 0x051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
  {
    name: 'P-224',
    oid: '1.3.132.0.33',
    size: 28,
    p: 0xffffffffffffffffffffffffffffffff000000000000000000000001n,
    b: 0xb4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4n,
  },
];

/** The curve with this OID. */
export function curveOfOid(oid: string): EcCurve | undefined {
  return CURVES.find((curve) => curve.oid === oid)?.name;
}

/** The OID of a curve. */
export function oidOfCurve(name: EcCurve): string {
  return equationOf(name).oid;
}

function equationOf(name: EcCurve): CurveEquation {
  const curve = CURVES.find((candidate) => candidate.name === name);
  if (curve === undefined) throw new RangeError(`No curve ${name}`);
  return curve;
}

/** An uncompressed point, or Go's words for why the octets are none on this curve. */
export type PointResult =
  | { readonly kind: 'point'; readonly x: Uint8Array; readonly y: Uint8Array }
  | { readonly kind: 'invalid'; readonly detail: string };

/** Reads an uncompressed point (SEC 1 §2.3.4) and checks that it lies on the curve. */
export function parsePoint(name: EcCurve, octets: Uint8Array): PointResult {
  const { size, p, b } = equationOf(name);
  if (octets[0] !== 4) return { kind: 'invalid', detail: 'ecdsa: invalid uncompressed public key' };
  const label = name.replace('-', '');
  if (octets.length !== 1 + 2 * size) return { kind: 'invalid', detail: `invalid ${label} point encoding` };
  const x = octets.subarray(1, 1 + size);
  const y = octets.subarray(1 + size);
  const xValue = toBigInt(x);
  const yValue = toBigInt(y);
  if (xValue >= p || yValue >= p) return { kind: 'invalid', detail: `invalid ${label} element encoding` };
  const difference = yValue * yValue - (xValue * (xValue * xValue - 3n) + b);
  if (difference % p !== 0n) return { kind: 'invalid', detail: `${label} point not on curve` };
  return { kind: 'point', x, y };
}

/** Unsigned big-endian number. */
export function toBigInt(octets: Uint8Array): bigint {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const odd = octets.length % 8;
  let value = 0n;
  for (let i = 0; i < odd; i++) value = (value << 8n) | BigInt(octets[i] ?? 0);
  for (let at = odd; at < octets.length; at += 8) value = (value << 64n) | view.getBigUint64(at);
  return value;
}
