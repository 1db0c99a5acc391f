import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nested } from '../../test/hostile.js';
import { concatBytes, parseHex } from '../base/bytes.js';
import { DerError, type DerErrorCode, type DerProblem } from './der-error.js';
import { DerReader } from './der-reader.js';

const bytes = (hex: string): Uint8Array => parseHex(hex.replaceAll(' ', '')) ?? assert.fail(hex);

interface Refusal {
  readonly name: string;
  readonly der: Uint8Array;
  readonly read: (reader: DerReader) => unknown;
  readonly code: DerErrorCode;
  readonly problem: DerProblem;
  readonly offset: number;
}

const any = (reader: DerReader): unknown => reader.next();

const refusals: readonly Refusal[] = [
  {
    name: 'nothing at all',
    der: bytes(''),
    read: any,
    code: 'DER_TRUNCATED',
    problem: 'missing',
    offset: 0,
  },
  {
    name: 'a tag without length',
    der: bytes('30'),
    read: any,
    code: 'DER_TRUNCATED',
    problem: 'truncated-header',
    offset: 0,
  },
  {
    name: 'indefinite length',
    der: bytes('3080 0000'),
    read: any,
    code: 'DER_NOT_CANONICAL',
    problem: 'indefinite-length',
    offset: 1,
  },
  {
    name: 'the long form of a short length (81 06)',
    der: bytes('3081 06 010203040506'),
    read: any,
    code: 'DER_NOT_CANONICAL',
    problem: 'non-minimal-length',
    offset: 1,
  },
  {
    name: 'the long form of zero (81 00)',
    der: bytes('3081 00'),
    read: any,
    code: 'DER_NOT_CANONICAL',
    problem: 'leading-zero-length',
    offset: 1,
  },
  {
    name: 'a length with a leading zero (82 00 80)',
    der: Uint8Array.of(0x04, 0x82, 0x00, 0x80, ...new Uint8Array(128)),
    read: any,
    code: 'DER_NOT_CANONICAL',
    problem: 'leading-zero-length',
    offset: 1,
  },
  {
    name: 'a length that is cut off',
    der: bytes('3082 01'),
    read: any,
    code: 'DER_TRUNCATED',
    problem: 'truncated-header',
    offset: 0,
  },
  {
    name: 'a length of 2^31, which is negative in 32 bits',
    der: bytes('3084 80000000'),
    read: any,
    code: 'DER_TOO_LARGE',
    problem: 'length-too-large',
    offset: 1,
  },
  {
    name: 'a length of 2^32 + 1, which is 1 in 32 bits',
    der: bytes('0485 0100000001 00'),
    read: any,
    code: 'DER_TOO_LARGE',
    problem: 'length-too-large',
    offset: 1,
  },
  {
    name: 'a length of 2^64',
    der: bytes('3089 010000000000000000'),
    read: any,
    code: 'DER_TOO_LARGE',
    problem: 'length-too-large',
    offset: 1,
  },
  {
    name: 'the reserved length FF',
    der: Uint8Array.of(0x30, 0xff, ...new Array<number>(127).fill(1)),
    read: any,
    code: 'DER_TOO_LARGE',
    problem: 'length-too-large',
    offset: 1,
  },
  {
    name: 'content that is cut off',
    der: bytes('0403 0102'),
    read: any,
    code: 'DER_TRUNCATED',
    problem: 'truncated-content',
    offset: 0,
  },
  {
    name: 'an element that reaches past the one around it',
    der: bytes('3003 0402 01 02'),
    read: (r) => r.sequence().next(),
    code: 'DER_TRUNCATED',
    problem: 'truncated-content',
    offset: 2,
  },
  {
    name: 'a high tag number',
    der: bytes('3f8100 00'),
    read: any,
    code: 'DER_UNEXPECTED',
    problem: 'high-tag',
    offset: 0,
  },
  {
    name: 'another tag',
    der: bytes('0500 0201 01'),
    read: (r) => {
      r.null();
      r.null();
    },
    code: 'DER_UNEXPECTED',
    problem: 'unexpected-tag',
    offset: 2,
  },
  {
    name: 'octets after the end',
    der: bytes('0500 00'),
    read: (r) => {
      r.null();
      r.end();
    },
    code: 'DER_TRAILING_DATA',
    problem: 'trailing-data',
    offset: 2,
  },
  {
    name: 'an INTEGER without octets',
    der: bytes('0200'),
    read: (r) => r.integer(),
    code: 'DER_NOT_CANONICAL',
    problem: 'empty-integer',
    offset: 0,
  },
  {
    name: 'an INTEGER with a superfluous 00',
    der: bytes('0202 0001'),
    read: (r) => r.integer(),
    code: 'DER_NOT_CANONICAL',
    problem: 'non-minimal-integer',
    offset: 0,
  },
  {
    name: 'an INTEGER with a superfluous FF',
    der: bytes('0202 ff80'),
    read: (r) => r.integer(),
    code: 'DER_NOT_CANONICAL',
    problem: 'non-minimal-integer',
    offset: 0,
  },
  {
    name: 'a negative INTEGER where a count is wanted',
    der: bytes('0201 ff'),
    read: (r) => r.smallInteger(10),
    code: 'DER_TOO_LARGE',
    problem: 'integer-too-large',
    offset: 0,
  },
  {
    name: 'an INTEGER above the limit',
    der: bytes('0201 0b'),
    read: (r) => r.smallInteger(10),
    code: 'DER_TOO_LARGE',
    problem: 'integer-too-large',
    offset: 0,
  },
  {
    name: 'an INTEGER of 64 bits where a count is wanted',
    der: bytes('0208 7fffffffffffffff'),
    read: (r) => r.smallInteger(Number.MAX_SAFE_INTEGER),
    code: 'DER_TOO_LARGE',
    problem: 'integer-too-large',
    offset: 0,
  },
  {
    name: 'a BOOLEAN of 01',
    der: bytes('0101 01'),
    read: (r) => r.boolean(),
    code: 'DER_NOT_CANONICAL',
    problem: 'boolean',
    offset: 0,
  },
  {
    name: 'a BOOLEAN without octets',
    der: bytes('0100'),
    read: (r) => r.boolean(),
    code: 'DER_NOT_CANONICAL',
    problem: 'boolean',
    offset: 0,
  },
  {
    name: 'a BOOLEAN of two octets',
    der: bytes('0102 ffff'),
    read: (r) => r.boolean(),
    code: 'DER_NOT_CANONICAL',
    problem: 'boolean',
    offset: 0,
  },
  {
    name: 'a NULL with content',
    der: bytes('0501 00'),
    read: (r) => {
      r.null();
    },
    code: 'DER_NOT_CANONICAL',
    problem: 'null',
    offset: 0,
  },
  {
    name: 'a BIT STRING without its count',
    der: bytes('0300'),
    read: (r) => r.bitString(),
    code: 'DER_NOT_CANONICAL',
    problem: 'bit-string-empty',
    offset: 0,
  },
  {
    name: 'a BIT STRING with eight unused bits',
    der: bytes('0302 0800'),
    read: (r) => r.bitString(),
    code: 'DER_NOT_CANONICAL',
    problem: 'bit-string-padding',
    offset: 0,
  },
  {
    name: 'a BIT STRING with unused bits and no octet',
    der: bytes('0301 01'),
    read: (r) => r.bitString(),
    code: 'DER_NOT_CANONICAL',
    problem: 'bit-string-padding',
    offset: 0,
  },
  {
    name: 'a BIT STRING whose unused bits are set',
    der: bytes('0302 0101'),
    read: (r) => r.bitString(),
    code: 'DER_NOT_CANONICAL',
    problem: 'bit-string-padding',
    offset: 0,
  },
  {
    name: 'an OBJECT IDENTIFIER without octets',
    der: bytes('0600'),
    read: (r) => r.oid(),
    code: 'DER_NOT_CANONICAL',
    problem: 'oid-empty',
    offset: 2,
  },
  {
    name: 'an OBJECT IDENTIFIER with a leading 80',
    der: bytes('0603 2a8003'),
    read: (r) => r.oid(),
    code: 'DER_NOT_CANONICAL',
    problem: 'oid-not-minimal',
    offset: 3,
  },
  {
    name: 'an OBJECT IDENTIFIER that ends within an arc',
    der: bytes('0602 2a86'),
    read: (r) => r.oid(),
    code: 'DER_TRUNCATED',
    problem: 'oid-truncated',
    offset: 4,
  },
  {
    name: 'an OBJECT IDENTIFIER with an arc of 2^31',
    der: bytes('0606 2a8880808000'),
    read: (r) => r.oid(),
    code: 'DER_TOO_LARGE',
    problem: 'oid-too-large',
    offset: 7,
  },
  {
    name: 'an OBJECT IDENTIFIER with an arc of 64 bits',
    der: bytes('060b 2a81ffffffffffffffff7f'),
    read: (r) => r.oid(),
    code: 'DER_TOO_LARGE',
    problem: 'oid-too-large',
    offset: 8,
  },
  {
    name: 'a UTCTime without seconds',
    der: Uint8Array.of(0x17, 11, ...Buffer.from('2401010000Z')),
    read: (r) => r.time(),
    code: 'DER_NOT_CANONICAL',
    problem: 'time',
    offset: 0,
  },
  {
    name: 'a time that is no time',
    der: bytes('0500'),
    read: (r) => r.time(),
    code: 'DER_UNEXPECTED',
    problem: 'unexpected-tag',
    offset: 0,
  },
];

for (const { name, der, read, code, problem, offset } of refusals) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => read(new DerReader(der)),
      (error) => {
        assert.ok(error instanceof DerError);
        assert.deepEqual({ code: error.code, problem: error.problem, offset: error.offset }, { code, problem, offset });
        assert.match(error.message, new RegExp(`^Cannot read DER: at offset ${offset}: `));
        return true;
      },
    );
  });
}

test('refuses what is larger than its limit', () => {
  assert.throws(() => new DerReader(new Uint8Array(11), { maxBytes: 10 }), { code: 'DER_TOO_LARGE' });
});

test('refuses to go deeper than its limit, without exhausting the stack', () => {
  const der = nested(0x30, 10_000);
  let reader = new DerReader(der);
  let depth = 0;
  assert.throws(
    () => {
      for (;;) {
        reader = reader.sequence();
        depth++;
      }
    },
    { code: 'DER_TOO_DEEP' },
  );
  assert.equal(depth, 24);
});

test('does not move on after a refusal', () => {
  const reader = new DerReader(bytes('0500'));
  assert.throws(() => reader.integer(), { code: 'DER_UNEXPECTED' });
  assert.equal(reader.offset, 0);
  reader.null();
  reader.end();
});

test('reads each type in its one form', () => {
  const reader = new DerReader(
    bytes('301c 0101ff 010100 020100 02020080 0500 0402abcd 03020640 06032a0304'),
  ).sequence();
  assert.equal(reader.boolean(), true);
  assert.equal(reader.boolean(), false);
  assert.equal(reader.smallInteger(5), 0);
  assert.equal(reader.smallInteger(1000), 128);
  reader.null();
  assert.deepEqual([...reader.octetString()], [0xab, 0xcd]);
  assert.deepEqual({ ...reader.bitString() }, { unusedBits: 6, bytes: Uint8Array.of(0x40) });
  assert.equal(reader.oid(), '1.2.3.4');
  reader.end();
});

test('reads lengths of every size', () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536, 1_000_000]) {
    const header =
      length < 128
        ? [length]
        : length < 256
          ? [0x81, length]
          : length < 65_536
            ? [0x82, length >> 8, length & 255]
            : [0x83, length >> 16, (length >> 8) & 255, length & 255];
    const reader = new DerReader(concatBytes([Uint8Array.of(0x04, ...header), new Uint8Array(length)]));
    assert.equal(reader.octetString().length, length);
    reader.end();
  }
});

test('property: any octets are read or refused with a DerError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (der) => {
      const reader = new DerReader(der);
      try {
        while (!reader.isEmpty) reader.next();
      } catch (error) {
        assert.ok(error instanceof DerError);
        assert.ok(error.offset <= der.length);
      }
    }),
  );
});
