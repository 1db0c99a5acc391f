import { concatBytes } from '../../src/base/bytes.js';
import type { Chance } from './random.js';

/** An element as a tree: it can be changed anywhere, and the lengths around it follow. */
interface Node {
  tag: number;
  children?: Node[];
  content: Uint8Array;
  /** Writes the length in another form than DER's. */
  oddLength?: 'long' | 'padded' | 'indefinite' | 'wrong' | 'huge';
}

/** A copy of `der` with one to three changes: some keep its structure and break a value, some break the structure. */
export function mutateDer(der: Uint8Array, chance: Chance): Uint8Array {
  const roots = parseNodes(der, 0);
  if (roots === undefined || chance.oneIn(8)) return mutateBytes(der, chance);
  for (let i = chance.below(3); i >= 0; i--) mutateTree(roots, chance);
  const encoded = concatBytes(roots.map(encodeNode));
  return chance.oneIn(10) ? mutateBytes(encoded, chance) : encoded;
}

function parseNodes(bytes: Uint8Array, depth: number): Node[] | undefined {
  if (depth > 30) return undefined;
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1];
    if (first === undefined || (tag & 0x1f) === 0x1f || first > 0x83 || first === 0x80) return undefined;
    const count = first & 0x80 ? first & 0x7f : 0;
    let length = count === 0 ? first : 0;
    for (let i = 0; i < count; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0);
    const start = at + 2 + count;
    if (start + length > bytes.length) return undefined;
    const content = bytes.subarray(start, start + length);
    // OCTET STRINGs of extensions hold DER themselves; where they do, it is changed too.
    const inner = (tag & 0x20) !== 0 || (tag === 0x04 && length > 2) ? parseNodes(content, depth + 1) : undefined;
    nodes.push(inner === undefined ? { tag, content } : { tag, content, children: inner });
    at = start + length;
  }
  return nodes;
}

function encodeNode(node: Node): Uint8Array {
  const content = node.children === undefined ? node.content : concatBytes(node.children.map(encodeNode));
  return concatBytes([Uint8Array.of(node.tag, ...encodeLength(content.length, node.oddLength)), content]);
}

function encodeLength(length: number, odd: Node['oddLength']): readonly number[] {
  switch (odd) {
    case 'long':
      return [0x82, (length >> 8) & 255, length & 255];
    case 'padded':
      return [0x84, 0, (length >> 16) & 255, (length >> 8) & 255, length & 255];
    case 'indefinite':
      return [0x80];
    case 'wrong':
      return [Math.min(length + 1, 127)];
    case 'huge':
      return [0x84, 0xff, 0xff, 0xff, 0xff];
    case undefined:
      break;
  }
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  if (length < 0x10000) return [0x82, length >> 8, length & 255];
  return [0x83, length >> 16, (length >> 8) & 255, length & 255];
}

const TAGS = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1c, 0x1e, 0x24, 0x30, 0x31,
];
const CONTEXT_TAGS = [0x80, 0x81, 0x82, 0x86, 0x87, 0x88, 0x89, 0xa0, 0xa1, 0xa3, 0xa4, 0xa5, 0xbf, 0x5f];
const ODD_LENGTHS = ['long', 'padded', 'indefinite', 'wrong', 'huge'] as const;
const EDGES: readonly Uint8Array[] = [
  [],
  [0],
  [0xff],
  [0x80],
  [0, 0],
  [0, 0x80],
  [0xff, 0xff],
  [0x80, 0x01],
  [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x2a, 0x80, 0x01],
  [0x2a, 0x86, 0x48],
  [0x61, 0x00, 0x62],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0x32, 0x34, 0x30, 0x32, 0x33, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x5a],
].map((octets) => Uint8Array.from(octets));

function mutateTree(roots: Node[], chance: Chance): void {
  const lists: Node[][] = [];
  collect(roots, lists);
  const list = chance.pick(lists);
  const at = chance.below(Math.max(1, list.length));
  const node = list[at];
  if (node === undefined) {
    list.push({ tag: chance.pick(TAGS), content: chance.pick(EDGES) });
    return;
  }
  switch (chance.below(10)) {
    case 0:
      node.tag = chance.pick(chance.oneIn(2) ? TAGS : CONTEXT_TAGS);
      break;
    case 1:
      node.oddLength = chance.pick(ODD_LENGTHS);
      break;
    case 2:
      list.splice(at, 1);
      break;
    case 3:
      list.splice(at, 0, structuredClone(node));
      break;
    case 4:
      list.splice(at, 1);
      list.splice(chance.below(list.length + 1), 0, node);
      break;
    case 5: {
      const other = chance.pick(chance.pick(lists.filter(({ length }) => length > 0)));
      list[at] = structuredClone(other);
      break;
    }
    case 6:
      list[at] = { tag: chance.pick([0x30, 0x31, 0xa0, 0xa3, 0x04]), content: new Uint8Array(), children: [node] };
      break;
    case 7:
      delete node.children;
      node.content = chance.pick(EDGES);
      break;
    case 8:
      delete node.children;
      node.content = chance.bytes(chance.below(40));
      break;
    default:
      if (node.children === undefined) node.content = mutateBytes(node.content, chance);
      else list.splice(at, 1, ...node.children);
  }
}

function collect(list: Node[], lists: Node[][]): void {
  lists.push(list);
  for (const { children } of list) if (children !== undefined) collect(children, lists);
}

function mutateBytes(bytes: Uint8Array, chance: Chance): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = chance.below(Math.max(1, copy.length));
  switch (chance.below(5)) {
    case 0:
      return copy.subarray(0, at);
    case 1:
      return concatBytes([copy, chance.bytes(1 + chance.below(4))]);
    case 2:
      return concatBytes([copy.subarray(0, at), chance.bytes(1), copy.subarray(at)]);
    case 3:
      if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << chance.below(8));
      return copy;
    default:
      if (copy.length > 0) copy[at] = chance.pick([0, 1, 0x7f, 0x80, 0x81, 0xfe, 0xff]);
      return copy;
  }
}
