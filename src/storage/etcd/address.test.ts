import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isCountersignError } from '../../base/error.js';
import { isEtcdAddress, parseEtcdAddress } from './address.js';

const REFUSED = [
  { text: '', why: 'it is not etcd://HOST[:PORT][,HOST[:PORT]…][/PREFIX] or etcds://…' },
  { text: 'etcd', why: 'it is not etcd://' },
  { text: 'etcd:h', why: 'it is not etcd://' },
  { text: 'http://h:2379', why: 'it is not etcd://' },
  { text: 'etcd://', why: 'a host is empty' },
  { text: 'etcd:///prefix', why: 'a host is empty' },
  { text: 'etcd://a,,b', why: 'a host is empty' },
  { text: 'etcd://a,', why: 'a host is empty' },
  { text: 'etcd://:2379', why: '":2379" is not HOST or HOST:PORT' },
  { text: 'etcd://a b', why: '"a b" is not HOST or HOST:PORT' },
  { text: 'etcd://::1', why: '"::1" is not HOST or HOST:PORT; an IPv6 address stands in brackets' },
  { text: 'etcd://[::1', why: '"[::1" is not HOST or HOST:PORT' },
  { text: 'etcd://a..b', why: '"a..b" is not the name or address of a host' },
  { text: 'etcd://-a', why: '"-a" is not the name or address of a host' },
  { text: 'etcd://a:', why: '"" is not a port' },
  { text: 'etcd://a:0', why: '"0" is not a port' },
  { text: 'etcd://a:65536', why: '"65536" is not a port' },
  { text: 'etcd://a:http', why: '"http" is not a port' },
  { text: 'etcd://root:secret@a', why: 'it has a user in it' },
  { text: 'etcd://a?x=1', why: 'it has a query or a fragment' },
  { text: 'etcd://a/p#x', why: 'it has a query or a fragment' },
  { text: 'etcd://a,A:2379', why: 'it names "a:2379" twice' },
  { text: 'etcd://a,http://b', why: '"" is not a port' },
  { text: 'etcd://a//p', why: '"//p" is not a prefix' },
  { text: 'etcd://a/p//', why: '"/p//" is not a prefix' },
  { text: 'etcd://a/p q', why: '"/p q" is not a prefix' },
  { text: 'etcd://a/../p', why: '"/../p" is not a prefix' },
  { text: 'etcd://a/registry', why: 'keys are under /registry without being told: leave the prefix out' },
  { text: 'etcd://a/registry/', why: 'keys are under /registry without being told: leave the prefix out' },
] as const;

for (const { text, why } of REFUSED) {
  test(`refuses ${JSON.stringify(text)} as an address of etcd`, () => {
    assert.throws(
      () => parseEtcdAddress(text),
      (error) => {
        assert.ok(isCountersignError(error));
        assert.equal(error.code, 'USAGE');
        assert.ok(error.message.startsWith('Cannot use storage "'), error.message);
        assert.ok(!error.message.includes('secret'), error.message);
        assert.ok(error.message.includes(why), error.message);
        return true;
      },
    );
  });
}

const TAKEN = [
  { text: 'etcd://h', endpoints: ['h:2379'], secure: false, prefix: '' },
  { text: 'etcd://h/', endpoints: ['h:2379'], secure: false, prefix: '' },
  { text: 'etcds://h:1', endpoints: ['h:1'], secure: true, prefix: '' },
  { text: 'etcd://127.0.0.1:65535', endpoints: ['127.0.0.1:65535'], secure: false, prefix: '' },
  { text: 'etcd://[::1],[fe80::1]:2', endpoints: ['[::1]:2379', '[fe80::1]:2'], secure: false, prefix: '' },
  {
    text: 'etcd://h1:2379,h2:2379,etcd-3.Example.com:2379/tenant-1/a.b',
    endpoints: ['h1:2379', 'h2:2379', 'etcd-3.example.com:2379'],
    secure: false,
    prefix: '/tenant-1/a.b',
  },
  { text: 'etcds://h/p/', endpoints: ['h:2379'], secure: true, prefix: '/p' },
] as const;

for (const { text, ...address } of TAKEN) {
  test(`takes ${text}`, () => {
    assert.deepEqual(parseEtcdAddress(text), address);
  });
}

test('knows what is meant to be an address of etcd', () => {
  for (const text of ['etcd://h', 'etcds://h', 'ETCD:x']) assert.equal(isEtcdAddress(text), true);
  for (const text of ['', 'etcd', './etcd', 'memory', '/var/etcd:/x']) assert.equal(isEtcdAddress(text), false);
});
