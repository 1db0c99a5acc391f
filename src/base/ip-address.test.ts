import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { HOSTILE_TEXTS } from '../../test/hostile.js';
import { formatIp, parseIp } from './ip-address.js';

for (const text of [
  '',
  '1',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '1.2.3.04',
  '01.2.3.4',
  '0x1.2.3.4',
  '1.2.3.4 ',
  ' 1.2.3.4',
  '1.2.3.-4',
  '1.2.3.4/8',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::8:9',
  '1:2:3:4:5:6:7:8::',
  '12345::',
  'g::',
  'fe80::1%eth0',
  '[::1]',
  '::1.2.3',
  '1.2.3.4::',
  '::1.2.3.4:5',
]) {
  test(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseIp(text), undefined));
}

for (const [text, formatted] of [
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:0:0:2:2:0:0:3', '1::2:2:0:0:3'],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
  ['::ffff:a00:1', '::ffff:10.0.0.1'],
  ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
] as const) {
  test(`reads ${text} and writes it as ${formatted}`, () => {
    assert.equal(formatIp(parseIp(text) ?? assert.fail(text)), formatted);
  });
}

test('writes octets that are no address in hex', () => {
  assert.equal(formatIp(Uint8Array.of(1, 2, 3)), '010203');
  assert.equal(formatIp(new Uint8Array()), '');
});

test('property: reads back what it writes', () => {
  const octets = fc
    .constantFrom(4, 16)
    .chain((length) =>
      fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })), { minLength: length, maxLength: length }),
    );
  fc.assert(
    fc.property(octets, (list) => {
      assert.deepEqual(parseIp(formatIp(Uint8Array.from(list))), Uint8Array.from(list));
    }),
    { numRuns: 500 },
  );
});

test('property: takes what the platform takes, but for zones', () => {
  const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{0,20}$/));
  fc.assert(
    fc.property(text, (address) => assert.equal(parseIp(address) !== undefined, isIP(address) !== 0)),
    { numRuns: 1000 },
  );
});

test('takes the hostile texts without harm', () => {
  for (const text of HOSTILE_TEXTS) assert.equal(parseIp(text), undefined);
});
