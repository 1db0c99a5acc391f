import { CountersignError } from '../base/error.js';
import { type IpNetwork, parseIpNetwork } from '../base/ip-network.js';

/** Where cluster IPs come from when nobody says otherwise. */
export const DEFAULT_SERVICE_RANGE = '10.96.0.0/16';

/** Fewer addresses than these bits give are too few to begin with. */
const MIN_BITS = 4;

/** Reads `10.96.0.0/16` or `10.96.0.0/16,fd00::/108`: at most one network of each family. USAGE otherwise. */
export function parseServiceNetworks(text: string): readonly [IpNetwork, ...IpNetwork[]] {
  const [first, ...others] = text.split(',').map(parseNetwork);
  if (first === undefined) throw unusable(text, 'it is empty');
  const families = new Set([first, ...others].map((network) => network.address.length));
  if (families.size <= others.length) throw unusable(text, 'it has two networks of one family');
  return [first, ...others];
}

function parseNetwork(text: string): IpNetwork {
  const network = parseIpNetwork(text.trim());
  if (network === undefined) throw unusable(text, `it is no network, such as ${DEFAULT_SERVICE_RANGE}`);
  if (network.address.length * 8 - network.prefixLength < MIN_BITS) throw unusable(text, 'it has too few addresses');
  return network;
}

function unusable(text: string, why: string): CountersignError {
  return new CountersignError('USAGE', `Cannot use --service-cluster-ip-range: ${JSON.stringify(text)}: ${why}`);
}
