import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '../base/error.js';
import { parseClockOffset } from './clock-offset.js';
import { defaultDataFolder, parseListenAddress, urlAuthority } from './locations.js';

for (const text of [
  '',
  'x',
  '127.0.0.1',
  '127.0.0.1:',
  'a b:1',
  '127.0.0.1:65536',
  '1.2.3.4:-1',
  '[::1',
  '::1:443',
  '[gg::]:1',
  '127.0.0.1:1:2',
]) {
  test(`refuses to listen on ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseListenAddress(text),
      (error) => hasCode(error, 'USAGE') && error.message.startsWith('Cannot use --listen: '),
    );
  });
}

for (const [text, host, port] of [
  ['127.0.0.1:7443', '127.0.0.1', 7443],
  ['0', '127.0.0.1', 0],
  [':443', '0.0.0.0', 443],
  ['[::1]:6443', '::1', 6443],
  ['api.local:1', 'api.local', 1],
] as const) {
  test(`reads ${text} as ${host}, port ${port}`, () => assert.deepEqual(parseListenAddress(text), { host, port }));
}

test('names the flag that cannot be used, and an address that could', () => {
  assert.throws(() => parseListenAddress('x', '--metrics-listen', '127.0.0.1:9402'), {
    message: 'Cannot use --metrics-listen: "x" is not HOST:PORT, such as 127.0.0.1:9402',
  });
});

test('writes an IPv6 address in brackets', () => {
  assert.equal(urlAuthority('::1', 1), '[::1]:1');
  assert.equal(urlAuthority('localhost', 1), 'localhost:1');
});

test('takes the data folder from the environment', () => {
  assert.equal(defaultDataFolder({ COUNTERSIGN_DATA_DIR: '/data' }), '/data');
  assert.match(defaultDataFolder({}), /\.countersign$/);
});

for (const text of ['', '89d', '+', '+x', '-0s', '+1.5', '++1h']) {
  test(`refuses a clock that is off by ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseClockOffset(text),
      (error) => hasCode(error, 'USAGE'),
    );
  });
}

test('reads how far a clock is off', () => {
  assert.equal(parseClockOffset('+89d'), 89 * 86_400_000);
  assert.equal(parseClockOffset('-1h30m'), -5_400_000);
});
