import type { KeyUsage } from '../x509/extension.js';

/** What a usage of the certificates API means in X.509. */
export type Usage =
  | { readonly kind: 'key-usage'; readonly name: string; readonly bit: KeyUsage }
  | { readonly kind: 'extended'; readonly name: string; readonly oid: string };

function bit(name: string, keyUsage: KeyUsage): Usage {
  return { kind: 'key-usage', name, bit: keyUsage };
}

function extended(name: string, oid: string): Usage {
  return { kind: 'extended', name, oid };
}

/**
 * Every usage that may stand in spec.usages. Extended ones are written into certificates in this order, each OID once
 * (RFC 5280 §4.2.1.3 and §4.2.1.12; kube-controller-manager).
 */
export const USAGES: readonly Usage[] = [
  bit('signing', 'digitalSignature'),
  bit('digital signature', 'digitalSignature'),
  bit('content commitment', 'contentCommitment'),
  bit('key encipherment', 'keyEncipherment'),
  bit('data encipherment', 'dataEncipherment'),
  bit('key agreement', 'keyAgreement'),
  bit('cert sign', 'keyCertSign'),
  bit('crl sign', 'cRLSign'),
  bit('encipher only', 'encipherOnly'),
  bit('decipher only', 'decipherOnly'),
  extended('any', '2.5.29.37.0'),
  extended('server auth', '1.3.6.1.5.5.7.3.1'),
  extended('client auth', '1.3.6.1.5.5.7.3.2'),
  extended('code signing', '1.3.6.1.5.5.7.3.3'),
  extended('email protection', '1.3.6.1.5.5.7.3.4'),
  extended('s/mime', '1.3.6.1.5.5.7.3.4'),
  extended('ipsec end system', '1.3.6.1.5.5.7.3.5'),
  extended('ipsec tunnel', '1.3.6.1.5.5.7.3.6'),
  extended('ipsec user', '1.3.6.1.5.5.7.3.7'),
  extended('timestamping', '1.3.6.1.5.5.7.3.8'),
  extended('ocsp signing', '1.3.6.1.5.5.7.3.9'),
  extended('microsoft sgc', '1.3.6.1.4.1.311.10.3.3'),
  extended('netscape sgc', '2.16.840.1.113730.4.1'),
];

const byName: ReadonlyMap<string, Usage> = new Map(USAGES.map((usage) => [usage.name, usage]));

/** Names of all usages, sorted as the API lists them in its refusal. */
export const USAGE_NAMES: readonly string[] = [...byName.keys()].sort();

/** Usages that let a key speak for its authority: no policy grants them. */
export const AUTHORITY_USAGES: ReadonlySet<string> = new Set(['cert sign', 'crl sign', 'ocsp signing']);

/** The usage of this name, to the letter. */
export function usageNamed(name: string): Usage | undefined {
  return byName.get(name);
}

/** The KeyUsage bits and extended key usage OIDs of usages; unknown names count as nothing. */
export function x509Usages(names: readonly string[]): {
  readonly keyUsage: ReadonlySet<KeyUsage>;
  readonly extKeyUsage: readonly string[];
} {
  const wanted = new Set(names);
  const chosen = USAGES.filter((usage) => wanted.has(usage.name));
  return {
    keyUsage: new Set(chosen.flatMap((usage) => (usage.kind === 'key-usage' ? [usage.bit] : []))),
    extKeyUsage: [...new Set(chosen.flatMap((usage) => (usage.kind === 'extended' ? [usage.oid] : [])))],
  };
}
