import { USAGES, usageNamed, x509Usages } from '../certificates/usages.js';
import { type Extension, extKeyUsageExtension, keyUsageExtension } from '../x509/extension.js';

/** Usages that only a CA has; no leaf gets them, whatever a profile says. */
export const CA_USAGES: ReadonlySet<string> = new Set(['cert sign', 'crl sign']);

/** Every known usage that a leaf may have. */
export function leafUsages(): readonly string[] {
  return USAGES.map((usage) => usage.name).filter((name) => !CA_USAGES.has(name));
}

/** OID of an extended usage; undefined for the bits of KeyUsage and for unknown words. */
export function extendedUsageOid(name: string): string | undefined {
  const usage = usageNamed(name);
  return usage?.kind === 'extended' ? usage.oid : undefined;
}

/** Extensions by usages: a signer is asked for the same few combinations over and over. */
const written = new Map<string, readonly Extension[]>();
const MAX_WRITTEN = 256;

/**
 * KeyUsage (critical) and ExtKeyUsage for these usages, as kube-controller-manager writes them; an extension that would
 * be empty is left out. Unknown usages must have been refused.
 */
export function usageExtensions(usages: readonly string[]): readonly Extension[] {
  const key = usages.join(',');
  const known = written.get(key);
  if (known !== undefined) return known;
  const { keyUsage, extKeyUsage } = x509Usages(usages);
  const extensions = [
    ...(keyUsage.size === 0 ? [] : [keyUsageExtension(keyUsage)]),
    ...(extKeyUsage.length === 0 ? [] : [extKeyUsageExtension(extKeyUsage)]),
  ];
  if (written.size < MAX_WRITTEN) written.set(key, extensions);
  return extensions;
}
