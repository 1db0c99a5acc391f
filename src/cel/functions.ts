import type { CelFunc, CelValue } from '@bufbuild/cel';
import { concatBytes } from '../base/bytes.js';
import { formatIp, isIpv4Mapped, parseIp } from '../base/ip-address.js';
import { formatIpNetwork, isInNetwork, parseIpNetwork } from '../base/ip-network.js';
import type { ExpressionShape } from '../policy/expression.js';
import type { CelPackage } from './cel-package.js';
import { VALUE_LIMITS } from './limits.js';

/**
 * How the cost of a call follows from its arguments. constant: not at all. text: their characters are looked at.
 * search: one is looked for in the other. rewrite: that, and every character is handled. deep: all that lists and maps
 * hold is looked at.
 */
export type CostKind = 'constant' | 'text' | 'search' | 'rewrite' | 'deep';

/** A function that expressions may call. What is not here cannot be called, whatever the package has. */
export interface CelFunctionEntry {
  /** How it is written, for messages and for docs/policies.md. */
  readonly usage: string;
  /** What it is called on; absent where it is called by itself. */
  readonly receiver?: ExpressionShape;
  readonly parameters: readonly ExpressionShape[];
  readonly result: ExpressionShape;
  readonly cost: CostKind;
}

const LIST: ExpressionShape = { kind: 'list', items: 'any' };
const TEXTS: ExpressionShape = { kind: 'list', items: 'string' };

function method(usage: string, parameters: readonly ExpressionShape[], result: ExpressionShape, cost: CostKind) {
  return { usage, receiver: 'string', parameters, result, cost } as const satisfies CelFunctionEntry;
}

/** By name, every way to call it. docs/policies.md lists the same, and a test compares. */
export const FUNCTIONS: Readonly<Record<string, readonly CelFunctionEntry[]>> = {
  startsWith: [method('text.startsWith(prefix)', ['string'], 'boolean', 'text')],
  endsWith: [method('text.endsWith(suffix)', ['string'], 'boolean', 'text')],
  contains: [method('text.contains(part)', ['string'], 'boolean', 'search')],
  // pays for itself, by pattern
  matches: [method("text.matches('pattern')", ['string'], 'boolean', 'constant')],
  lowerAscii: [method('text.lowerAscii()', [], 'string', 'rewrite')],
  upperAscii: [method('text.upperAscii()', [], 'string', 'rewrite')],
  trim: [method('text.trim()', [], 'string', 'rewrite')],
  replace: [method('text.replace(part, replacement)', ['string', 'string'], 'string', 'rewrite')],
  split: [method('text.split(separator)', ['string'], TEXTS, 'rewrite')],
  join: [
    { usage: 'list.join()', receiver: LIST, parameters: [], result: 'string', cost: 'deep' },
    { usage: 'list.join(separator)', receiver: LIST, parameters: ['string'], result: 'string', cost: 'deep' },
  ],
  size: [
    { usage: 'value.size()', receiver: 'any', parameters: [], result: 'integer', cost: 'rewrite' },
    { usage: 'size(value)', parameters: ['any'], result: 'integer', cost: 'rewrite' },
  ],
  int: [{ usage: 'int(value)', parameters: ['any'], result: 'integer', cost: 'constant' }],
  double: [{ usage: 'double(value)', parameters: ['any'], result: 'double', cost: 'constant' }],
  string: [{ usage: 'string(value)', parameters: ['any'], result: 'string', cost: 'text' }],
  type: [{ usage: 'type(value)', parameters: ['any'], result: 'any', cost: 'constant' }],
  timestamp: [{ usage: 'timestamp(text)', parameters: ['string'], result: 'any', cost: 'text' }],
  duration: [{ usage: 'duration(text)', parameters: ['string'], result: 'any', cost: 'text' }],
  isIP: [{ usage: 'isIP(text)', parameters: ['string'], result: 'boolean', cost: 'constant' }],
  ip: [{ usage: 'ip(text)', parameters: ['string'], result: 'string', cost: 'constant' }],
  family: [method('ip.family()', [], 'integer', 'constant')],
  isCIDR: [{ usage: 'isCIDR(text)', parameters: ['string'], result: 'boolean', cost: 'constant' }],
  cidr: [{ usage: 'cidr(text)', parameters: ['string'], result: 'string', cost: 'constant' }],
  containsIP: [method('cidr.containsIP(ip)', ['string'], 'boolean', 'constant')],
};

/** Operators that are calls, and what they cost. The others (`&&`, `||`, `?:`, `[]`) are the interpreter's own. */
export const OPERATORS: Readonly<Record<string, CostKind>> = {
  '_==_': 'deep',
  '_!=_': 'deep',
  '_<_': 'text',
  '_<=_': 'text',
  '_>_': 'text',
  '_>=_': 'text',
  '_+_': 'deep',
  '_-_': 'constant',
  '_*_': 'constant',
  '_/_': 'constant',
  '_%_': 'constant',
  '-_': 'constant',
  '!_': 'constant',
  '@in': 'deep',
};

/** Functions of ours, and those of the package that are too lax or too generous for us, in our words. */
export function ownFunctions({ cel }: CelPackage): CelFunc[] {
  const { celFunc, celMethod, celList, listType, CelScalar } = cel;
  const { BOOL, BYTES, DOUBLE, DYN, INT, STRING } = CelScalar;
  const list = listType(DYN);
  return [
    celFunc('int', [STRING], INT, integerOf),
    celFunc('double', [STRING], DOUBLE, doubleOf),
    celFunc('timestamp', [INT], DYN, () => notFromNumber('timestamp')),
    celFunc('duration', [INT], DYN, () => notFromNumber('duration')),
    celFunc('_+_', [STRING, STRING], STRING, (left, right) => bounded(left.length + right.length, () => left + right)),
    celFunc('_+_', [BYTES, BYTES], BYTES, (left, right) =>
      bounded(left.length + right.length, () => concatBytes([left, right])),
    ),
    celFunc('_+_', [list, list], list, (left, right) =>
      bounded(left.size + right.size, () => celList([...left, ...right])),
    ),
    celMethod('lowerAscii', STRING, [], STRING, function () {
      return this.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
    }),
    celMethod('upperAscii', STRING, [], STRING, function () {
      return this.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
    }),
    celMethod('split', STRING, [STRING], list, split),
    celMethod('replace', STRING, [STRING, STRING], STRING, replaceAll),
    celMethod('join', list, [], STRING, function () {
      return joined(this, '');
    }),
    celMethod('join', list, [STRING], STRING, function (separator) {
      return joined(this, separator);
    }),
    celFunc('isIP', [STRING], BOOL, (text) => addressOf(text) !== undefined),
    celFunc('ip', [STRING], STRING, (text) => formatIp(required(addressOf(text), text, 'IP address'))),
    celMethod('family', STRING, [], INT, function () {
      return required(addressOf(this), this, 'IP address').length === 4 ? 4n : 6n;
    }),
    celFunc('isCIDR', [STRING], BOOL, (text) => parseIpNetwork(text) !== undefined),
    celFunc('cidr', [STRING], STRING, (text) => formatIpNetwork(required(parseIpNetwork(text), text, 'network'))),
    celMethod('containsIP', STRING, [STRING], BOOL, function (text) {
      return isInNetwork(
        required(parseIpNetwork(this), this, 'network'),
        required(addressOf(text), text, 'IP address'),
      );
    }),
  ];
}

/** As Kubernetes reads addresses in CEL: an IPv4 address in the clothes of IPv6 is none. */
function addressOf(text: string): Uint8Array | undefined {
  const address = parseIp(text);
  return address === undefined || isIpv4Mapped(address) ? undefined : address;
}

function required<Value>(value: Value | undefined, text: string, what: string): Value {
  if (value === undefined) throw new RangeError(`${quoted(text)} is no ${what}`);
  return value;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}...` : text);
}

/** The package counts milliseconds here, where CEL counts seconds. */
function notFromNumber(name: string): never {
  throw new TypeError(`${name}() takes a string`);
}

function integerOf(text: string): bigint {
  // BigInt would take blanks, hexadecimal, and nothing at all for zero
  if (!/^-?[0-9]{1,19}$/.test(text)) throw new RangeError(`${quoted(text)} is no integer`);
  const value = BigInt(text);
  if (value !== BigInt.asIntN(64, value)) throw new RangeError(`${quoted(text)} is beyond 64 bits`);
  return value;
}

function doubleOf(text: string): number {
  if (!/^-?[0-9]{1,32}(?:\.[0-9]{1,32})?(?:[eE][-+]?[0-9]{1,3})?$/.test(text)) {
    throw new RangeError(`${quoted(text)} is no number`);
  }
  return Number(text);
}

function bounded<Value>(length: number, build: () => Value): Value {
  if (length > VALUE_LIMITS.maxBuiltText) {
    throw new RangeError(`A value of ${length} is longer than ${VALUE_LIMITS.maxBuiltText}`);
  }
  return build();
}

function split(this: string, separator: string): readonly string[] {
  const pieces = this.split(separator, VALUE_LIMITS.maxElements + 1);
  if (pieces.length <= VALUE_LIMITS.maxElements) return pieces;
  throw new RangeError(`split() makes ${VALUE_LIMITS.maxElements} pieces at most`);
}

function replaceAll(this: string, part: string, replacement: string): string {
  const pieces = this.split(part);
  return bounded(this.length + (pieces.length - 1) * (replacement.length - part.length), () =>
    pieces.join(replacement),
  );
}

function joined(list: Iterable<CelValue>, separator: string): string {
  const texts: string[] = [];
  let length = 0;
  for (const item of list) {
    if (typeof item !== 'string') throw new TypeError('join() takes a list of strings');
    length += item.length + separator.length;
    texts.push(item);
  }
  return bounded(length, () => texts.join(separator));
}
