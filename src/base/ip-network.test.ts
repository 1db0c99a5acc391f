import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HOSTILE_TEXTS } from '../../test/hostile.js';
import { parseIp } from './ip-address.js';
import { formatIpNetwork, isInNetwork, parseIpNetwork } from './ip-network.js';

for (const text of [
  '',
  '/',
  '10.0.0.0',
  '10.0.0.0/',
  '/8',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '10.0.0.0/-1',
  '10.0.0.0/+8',
  '10.0.0.0/8 ',
  '10.0.0.0/8/8',
  '10.0.0.0/255.0.0.0',
  '10.0.0.1/8',
  '10/8',
  '010.0.0.0/8',
  'fd00::1/64',
  'fd00::/129',
  'fe80::%eth0/64',
  '::ffff:10.0.0.0/104',
  '*',
]) {
  test(`${JSON.stringify(text)} is no network`, () => {
    assert.equal(parseIpNetwork(text), undefined);
  });
}

test('hostile text is no network', () => {
  for (const text of HOSTILE_TEXTS) assert.equal(parseIpNetwork(text), undefined);
});

for (const { network, inside, outside } of [
  {
    network: '10.0.0.0/8',
    inside: ['10.0.0.0', '10.255.255.255'],
    outside: ['9.255.255.255', '11.0.0.0', '::10.0.0.1'],
  },
  { network: '10.96.0.0/12', inside: ['10.96.0.1', '10.111.255.255'], outside: ['10.95.255.255', '10.112.0.0'] },
  { network: '192.0.2.7/32', inside: ['192.0.2.7'], outside: ['192.0.2.6', '192.0.2.8'] },
  { network: '0.0.0.0/0', inside: ['0.0.0.0', '255.255.255.255'], outside: ['::', '::ffff:10.0.0.1'] },
  { network: '::/0', inside: ['::', '2001:db8::1'], outside: ['10.0.0.1'] },
  { network: 'fd00::/8', inside: ['fd00::1', 'fdff::'], outside: ['fe00::', '253.0.0.0'] },
]) {
  test(`${network} holds ${inside.join(', ')} and not ${outside.join(', ')}`, () => {
    const parsed = parseIpNetwork(network);
    assert.ok(parsed !== undefined);
    for (const text of inside) assert.ok(isInNetwork(parsed, parseIp(text) ?? new Uint8Array()), text);
    for (const text of outside) assert.ok(!isInNetwork(parsed, parseIp(text) ?? new Uint8Array()), text);
    assert.equal(formatIpNetwork(parsed), network);
  });
}

test('an address is in exactly the network of its own first bits', () => {
  const octets = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(octets, fc.nat(128), fc.nat(127), (address, length, flipped) => {
      const prefixLength = Math.min(length, address.length * 8);
      const bit = flipped % (address.length * 8);
      const masked = address.map((octet, i) => octet & (0xff00 >> Math.min(8, Math.max(0, prefixLength - i * 8))));
      const network = { address: masked, prefixLength };
      const other = Uint8Array.from(address);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
      assert.ok(isInNetwork(network, address));
      assert.equal(isInNetwork(network, other), bit >= prefixLength);
    }),
  );
});
