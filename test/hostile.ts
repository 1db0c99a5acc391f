/** Values that every parser must refuse with an error of ours, or read, and in either case quickly. */
export const HOSTILE_BYTES: readonly Uint8Array[] = [
  new Uint8Array(),
  Uint8Array.of(0),
  Uint8Array.of(0xff),
  Uint8Array.of(0x30),
  Uint8Array.of(0x30, 0x00),
  Uint8Array.of(0x30, 0x80),
  Uint8Array.of(0x30, 0x80, 0x00, 0x00),
  Uint8Array.of(0x30, 0x81),
  Uint8Array.of(0x30, 0x81, 0x00),
  Uint8Array.of(0x30, 0x81, 0x06, 1, 2, 3, 4, 5, 6),
  Uint8Array.of(0x30, 0x84, 0x7f, 0xff, 0xff, 0xff),
  Uint8Array.of(0x30, 0x84, 0x80, 0x00, 0x00, 0x00),
  Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0x30, 0xff, ...new Array<number>(127).fill(0xff)),
  Uint8Array.of(0x1f, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00),
  Uint8Array.of(0x3f, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x00),
  Uint8Array.of(0x02, 0x00),
  Uint8Array.of(0x03, 0x01, 0x08),
  Uint8Array.of(0x05, 0x01, 0x00),
  Uint8Array.of(0x06, 0x00),
  Uint8Array.of(0x06, 0x02, 0x80, 0x01),
  nested(0x30, 20),
  nested(0x30, 1_000),
  nested(0x31, 5_000),
  nested(0xa0, 100_000),
  repeated(Uint8Array.of(0x30, 0x00), 50_000),
  repeated(Uint8Array.of(0x05, 0x00), 50_000),
  new Uint8Array(100_000),
  new Uint8Array(100_000).fill(0xff),
  new Uint8Array(100_000).fill(0x30),
  new Uint8Array(2_000_000).fill(0x2d),
];

const BEGIN = '-----BEGIN CERTIFICATE-----\n';
const END = '-----END CERTIFICATE-----\n';

/** The same for parsers of text. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  '\u0000',
  '\ufeff',
  '\ud800',
  'null',
  '{}',
  '[]',
  '__proto__',
  'constructor',
  ' '.repeat(100_000),
  '\n'.repeat(100_000),
  '-'.repeat(200_000),
  ':'.repeat(100_000),
  '-----BEGIN -----',
  '-----BEGIN -----\n-----END -----',
  '-----BEGIN CERTIFICATE-----',
  BEGIN,
  BEGIN + END,
  BEGIN + 'MAA=\n' + END,
  BEGIN + '====\n' + END,
  BEGIN + 'A\n' + END,
  BEGIN + '\u00e9\n' + END,
  BEGIN.repeat(10_000),
  ('\n' + END).repeat(10_000),
  BEGIN.repeat(5_000) + END.repeat(5_000),
  (BEGIN + END).repeat(2_000),
  BEGIN + 'a:b\n'.repeat(20_000) + '\n' + END,
  (BEGIN + 'a:b\n').repeat(10_000),
  BEGIN + 'A'.repeat(500_000) + '\n' + END,
  BEGIN + ' \t'.repeat(100_000) + '\n' + END,
  '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n',
  '-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n',
  '1.2.' + '9'.repeat(100_000),
  '1.'.repeat(50_000),
  'a.'.repeat(50_000),
  '::'.repeat(20_000),
  '%'.repeat(50_000),
  'http://' + '['.repeat(20_000),
  'http://' + 'a@'.repeat(20_000),
  'x'.repeat(1_000_000),
];

/** `depth` constructed elements, each holding the next. */
export function nested(tag: number, depth: number): Uint8Array {
  let octets: number[] = [];
  const headers: number[][] = [];
  let length = 0;
  for (let i = 0; i < depth; i++) {
    const header = length < 0x80 ? [tag, length] : [tag, 0x83, (length >> 16) & 255, (length >> 8) & 255, length & 255];
    if (length >= 0x80 && length < 0x100) header.splice(1, 4, 0x81, length);
    if (length >= 0x100 && length < 0x10000) header.splice(1, 4, 0x82, length >> 8, length & 255);
    headers.push(header);
    length += header.length;
  }
  octets = headers.reverse().flat();
  return Uint8Array.from(octets);
}

function repeated(unit: Uint8Array, count: number): Uint8Array {
  const all = new Uint8Array(unit.length * count);
  for (let i = 0; i < count; i++) all.set(unit, i * unit.length);
  return all;
}
