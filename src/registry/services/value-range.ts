import type { Random } from '../../base/bytes.js';
import { formatIp, parseIp } from '../../base/ip-address.js';
import { type IpNetwork, isInNetwork } from '../../base/ip-network.js';

/** Values that can be handed out, by their index. */
export interface ValueRange {
  readonly size: number;
  /** The value of an index from 0 to `size`, exclusive. */
  readonly at: (index: number) => string;
  /** Whether a value that somebody asks for is in it, in the form that `at` gives it. */
  readonly has: (value: string) => boolean;
  /** Indexes below are handed out last: people ask for those by name. */
  readonly dynamicFrom: number;
}

/** Most addresses that are handed out of one network. */
const MAX_SIZE = 2 ** 32;

/** The addresses of a network, without the ones that stand for the network itself: its first, and in IPv4 its last. */
export function addressRange(network: IpNetwork): ValueRange {
  const four = network.address.length === 4;
  const all = Math.min(MAX_SIZE, 2 ** (network.address.length * 8 - network.prefixLength));
  const last = four ? addressAt(network, all - 1) : undefined;
  return {
    size: Math.max(0, all - (four ? 2 : 1)),
    at: (index) => addressAt(network, index + 1),
    has: (value) => {
      const octets = parseIp(value);
      if (octets === undefined || !isInNetwork(network, octets)) return false;
      return value === formatIp(octets) && value !== last && value !== formatIp(network.address);
    },
    dynamicFrom: reserved(all, 16, 256),
  };
}

function addressAt({ address }: IpNetwork, offset: number): string {
  const octets = Uint8Array.from(address);
  let rest = offset;
  for (let i = octets.length - 1; rest > 0 && i >= 0; i--) {
    octets[i] = (octets[i] ?? 0) + (rest % 256);
    rest = Math.floor(rest / 256);
  }
  return formatIp(octets);
}

/** Ports from the first to the last, both included. */
export function portRange(first: number, last: number): ValueRange {
  const size = last - first + 1;
  return {
    size,
    at: (index) => String(first + index),
    has: (value) => Number(value) >= first && Number(value) <= last,
    dynamicFrom: reserved(size, 32, 128),
  };
}

/** How many of the first values are left to those who ask: a share of all, at least 16 and at most `most`. */
function reserved(size: number, share: number, most: number): number {
  const count = Math.min(Math.max(16, Math.floor(size / share)), most);
  return count < size ? count : 0;
}

/** Every index once, in an order that starts at a random one and leaves those below `dynamicFrom` to the end. */
export function* randomOrder({ size, dynamicFrom }: ValueRange, random: Random): Generator<number> {
  const dynamic = size - dynamicFrom;
  if (dynamic > 0) yield* rotated(dynamicFrom, dynamic, randomBelow(dynamic, random));
  if (dynamicFrom > 0) yield* rotated(0, dynamicFrom, randomBelow(dynamicFrom, random));
}

function* rotated(from: number, count: number, start: number): Generator<number> {
  for (let i = 0; i < count; i++) yield from + ((start + i) % count);
}

/** A number from 0 to `bound`, exclusive; slightly uneven, which does not matter here. */
export function randomBelow(bound: number, random: Random): number {
  let value = 0;
  for (const byte of random(6)) value = value * 256 + byte;
  return value % bound;
}
