import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatIpNetwork } from '../base/ip-network.js';
import { parseServiceNetworks } from './service-networks.js';

const refused: readonly (readonly [string, RegExp])[] = [
  ['', /it is no network/],
  ['10.96.0.0', /it is no network/],
  ['10.96.0.1/16', /it is no network/],
  ['10.96.0.0/16,', /it is no network/],
  ['10.96.0.0/29', /too few addresses/],
  ['10.96.0.0/16,10.97.0.0/16', /two networks of one family/],
  ['fd00::/108,10.96.0.0/16,fd01::/108', /two networks of one family/],
];

for (const [text, message] of refused) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseServiceNetworks(text), { code: 'USAGE', message });
  });
}

for (const text of ['10.96.0.0/16', 'fd00::/108', '10.96.0.0/16,fd00::/108', 'fd00::/108,10.96.0.0/12']) {
  test(`reads ${text}`, () => {
    assert.equal(parseServiceNetworks(text).map(formatIpNetwork).join(','), text);
  });
}
