import type { Extension, KeyUsage } from '../x509/extension.js';
import { extKeyUsageExtension, keyUsageExtension } from '../x509/extension.js';

/** What one usage of certificates.k8s.io means in X.509. */
type UsageMeaning =
  { readonly kind: 'key'; readonly usage: KeyUsage } | { readonly kind: 'extended'; readonly oid: string };

const key = (usage: KeyUsage): UsageMeaning => ({ kind: 'key', usage });
const extended = (oid: string): UsageMeaning => ({ kind: 'extended', oid });

/** The usages of certificates.k8s.io/v1 (cfssl has the same words), extended ones in the order in which they are written. */
const MEANINGS: ReadonlyMap<string, UsageMeaning> = new Map([
  ['signing', key('digitalSignature')],
  ['digital signature', key('digitalSignature')],
  ['content commitment', key('contentCommitment')],
  ['key encipherment', key('keyEncipherment')],
  ['data encipherment', key('dataEncipherment')],
  ['key agreement', key('keyAgreement')],
  ['cert sign', key('keyCertSign')],
  ['crl sign', key('cRLSign')],
  ['encipher only', key('encipherOnly')],
  ['decipher only', key('decipherOnly')],
  ['any', extended('2.5.29.37.0')],
  ['server auth', extended('1.3.6.1.5.5.7.3.1')],
  ['client auth', extended('1.3.6.1.5.5.7.3.2')],
  ['code signing', extended('1.3.6.1.5.5.7.3.3')],
  ['email protection', extended('1.3.6.1.5.5.7.3.4')],
  ['s/mime', extended('1.3.6.1.5.5.7.3.4')],
  ['ipsec end system', extended('1.3.6.1.5.5.7.3.5')],
  ['ipsec tunnel', extended('1.3.6.1.5.5.7.3.6')],
  ['ipsec user', extended('1.3.6.1.5.5.7.3.7')],
  ['timestamping', extended('1.3.6.1.5.5.7.3.8')],
  ['ocsp signing', extended('1.3.6.1.5.5.7.3.9')],
  ['microsoft sgc', extended('1.3.6.1.4.1.311.10.3.3')],
  ['netscape sgc', extended('2.16.840.1.113730.4.1')],
]);

/** Usages that only a CA has; no leaf gets them, whatever a profile says. */
export const CA_USAGES: ReadonlySet<string> = new Set(['cert sign', 'crl sign']);

/** Whether `usage` is a word of certificates.k8s.io/v1. Case matters. */
export function isKnownUsage(usage: string): boolean {
  return MEANINGS.has(usage);
}

/** OID of an extended usage; undefined for the bits of KeyUsage and for unknown words. */
export function extendedUsageOid(usage: string): string | undefined {
  const meaning = MEANINGS.get(usage);
  return meaning?.kind === 'extended' ? meaning.oid : undefined;
}

/** Every known usage that a leaf may have. */
export function leafUsages(): readonly string[] {
  return [...MEANINGS.keys()].filter((usage) => !CA_USAGES.has(usage));
}

/** Extensions by usages: a signer is asked for the same few combinations over and over. */
const written = new Map<string, readonly Extension[]>();
const MAX_WRITTEN = 256;

/**
 * KeyUsage (critical) and ExtKeyUsage for these usages, as kube-controller-manager writes them: bits ORed, OIDs once
 * each in the order of the table; an extension that would be empty is left out. Unknown usages must have been refused.
 */
export function usageExtensions(usages: readonly string[]): readonly Extension[] {
  const key = usages.join(',');
  const known = written.get(key);
  if (known !== undefined) return known;
  const extensions = writeExtensions(new Set(usages));
  if (written.size < MAX_WRITTEN) written.set(key, extensions);
  return extensions;
}

function writeExtensions(wanted: ReadonlySet<string>): readonly Extension[] {
  const bits = new Set<KeyUsage>();
  const oids = new Set<string>();
  for (const [usage, meaning] of MEANINGS) {
    if (!wanted.has(usage)) continue;
    if (meaning.kind === 'key') bits.add(meaning.usage);
    else oids.add(meaning.oid);
  }
  return [
    ...(bits.size === 0 ? [] : [keyUsageExtension(bits)]),
    ...(oids.size === 0 ? [] : [extKeyUsageExtension([...oids])]),
  ];
}
