/** What a quantity may look like; the text is the API's own. */
const REFUSAL = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const DECIMAL_BY_EXPONENT: ReadonlyMap<number, string> = new Map(Object.entries(DECIMAL).map(([s, e]) => [e, s]));
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

const PARTS = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([a-zA-Z]*[+-]?[0-9]*)$/;
const MAX_LENGTH = 400;

/** What reading a quantity gives: its canonical text, or the reason why it is none. */
export type QuantityResult =
  { readonly kind: 'quantity'; readonly text: string } | { readonly kind: 'invalid'; readonly detail: string };

/**
 * Brings a quantity (`1000m`, `1.5Gi`, `12e6`) into canonical form: no fraction, the largest suffix that needs none, in
 * the notation it was written in. Finer than nano is rounded up, as the API does.
 */
export function canonicalQuantity(text: string): QuantityResult {
  const parts = PARTS.exec(text.trim());
  const [, sign = '', whole = '', fraction = '', suffix = ''] = parts ?? [];
  if (parts === null || whole + fraction === '' || text.length > MAX_LENGTH)
    return { kind: 'invalid', detail: REFUSAL };
  const digits = BigInt(whole + fraction);
  const negative = sign === '-';
  const binary = BINARY.findIndex((s) => s !== '' && s === suffix);
  if (binary > 0) return { kind: 'quantity', text: binaryText(digits, fraction.length, binary, negative) };
  const exponent = exponentOf(suffix);
  if (exponent === undefined) return { kind: 'invalid', detail: "unable to parse quantity's suffix" };
  const nanos = scaleUp(digits, exponent.power - fraction.length + 9);
  return { kind: 'quantity', text: decimalText(nanos, negative, exponent.scientific) };
}

/** The value of a quantity in billionths, rounded up; undefined where the text is none. */
export function quantityNanos(text: string): bigint | undefined {
  const [, sign = '', whole = '', fraction = '', suffix = ''] = PARTS.exec(text) ?? [];
  if (whole + fraction === '' || text.length > MAX_LENGTH) return undefined;
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  const binary = BINARY.findIndex((s) => s !== '' && s === suffix);
  if (binary > 0) return scaleUp(digits * 1024n ** BigInt(binary), 9 - fraction.length);
  const exponent = exponentOf(suffix);
  return exponent === undefined ? undefined : scaleUp(digits, exponent.power - fraction.length + 9);
}

function exponentOf(suffix: string): { readonly power: number; readonly scientific: boolean } | undefined {
  if (Object.hasOwn(DECIMAL, suffix)) return { power: DECIMAL[suffix] ?? 0, scientific: false };
  const scientific = /^[eE]([+-]?[0-9]{1,3})$/.exec(suffix);
  return scientific === null ? undefined : { power: Number(scientific[1]), scientific: true };
}

/** digits × 10^power, rounded away from zero to a whole number. */
function scaleUp(digits: bigint, power: number): bigint {
  if (power >= 0) return digits * 10n ** BigInt(power);
  const divisor = 10n ** BigInt(-power);
  return (digits + divisor - 1n) / divisor;
}

/** The largest exponent, a multiple of three, that leaves a whole number. */
function decimalText(nanos: bigint, negative: boolean, scientific: boolean): string {
  if (nanos === 0n) return '0';
  let value = nanos;
  let power = -9;
  while (value % 1000n === 0n && (scientific || power < 18)) {
    value /= 1000n;
    power += 3;
  }
  const suffix = scientific ? (power === 0 ? '' : `e${power}`) : (DECIMAL_BY_EXPONENT.get(power) ?? '');
  return `${negative ? '-' : ''}${value}${suffix}`;
}

function binaryText(digits: bigint, fractionDigits: number, step: number, negative: boolean): string {
  const scaled = digits * 1024n ** BigInt(step);
  const divisor = 10n ** BigInt(fractionDigits);
  if (scaled === 0n) return '0';
  // What is no whole number of bytes is written as a decimal.
  if (scaled % divisor !== 0n) return decimalText(scaleUp(scaled, 9 - fractionDigits), negative, false);
  let value = scaled / divisor;
  let unit = 0;
  while (value % 1024n === 0n && unit < BINARY.length - 1) {
    value /= 1024n;
    unit++;
  }
  return `${negative ? '-' : ''}${value}${BINARY[unit] ?? ''}`;
}
