import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Headers } from '../../kube/exchange.js';
import { sourceIps } from './source-ips.js';

const cases: readonly {
  readonly name: string;
  readonly headers: Headers;
  readonly address?: string;
  readonly ips: readonly string[];
}[] = [
  { name: 'the peer alone', headers: {}, ips: ['10.0.0.9'] },
  {
    name: 'what is no address in neither header',
    headers: { 'x-forwarded-for': 'unknown, 1.2.3.4:80,', 'x-real-ip': 'me' },
    ips: ['10.0.0.9'],
  },
  {
    name: 'the chain in its order, then the peer',
    headers: { 'x-forwarded-for': '1.2.3.4,5.6.7.8' },
    ips: ['1.2.3.4', '5.6.7.8', '10.0.0.9'],
  },
  {
    name: 'the peer once where the chain ends with it',
    headers: { 'x-forwarded-for': '1.2.3.4, 10.0.0.9' },
    ips: ['1.2.3.4', '10.0.0.9'],
  },
  {
    name: 'the real address once where the chain has it',
    headers: { 'x-forwarded-for': '1.2.3.4', 'x-real-ip': '1.2.3.4' },
    ips: ['1.2.3.4', '10.0.0.9'],
  },
  {
    name: 'the real address after the chain',
    headers: { 'x-forwarded-for': '1.2.3.4', 'x-real-ip': '2001:DB8:0::1' },
    ips: ['1.2.3.4', '2001:db8::1', '10.0.0.9'],
  },
  {
    name: 'IPv4 within IPv6 as IPv4',
    headers: { 'x-forwarded-for': '::ffff:1.2.3.4' },
    address: '::1',
    ips: ['1.2.3.4', '::1'],
  },
  {
    name: 'the first of several headers',
    headers: { 'x-forwarded-for': ['1.2.3.4', '5.6.7.8'] },
    ips: ['1.2.3.4', '10.0.0.9'],
  },
  { name: 'nothing for a peer that has gone', headers: {}, address: '', ips: [] },
];

for (const { name, headers, address = '10.0.0.9', ips } of cases) {
  test(`tells ${name}`, () => {
    assert.deepEqual(sourceIps(headers, { kind: 'connection', address }), ips);
  });
}

test('a caller in this process has no address, whatever its headers say', () => {
  const peer = { kind: 'in-process', user: { username: 'a', groups: [] } } as const;
  assert.equal(sourceIps({ 'x-forwarded-for': '1.2.3.4' }, peer), undefined);
});
