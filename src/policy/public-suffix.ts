import { TOP_LEVEL_DOMAINS } from './top-level-domains.js';

/**
 * Whether a label is, or may well become, a domain under which strangers hold names: `com`, `shop`, `de`, `xn--p1ai`.
 * A name that ends in such a label can mean a host of the Internet, whatever a cluster calls its namespaces. Case does
 * not matter. What is no label of letters, digits and hyphens counts as one, so that it proves nothing either.
 */
export function isPublicSuffixLabel(label: string): boolean {
  if (!/^[A-Za-z0-9-]{1,63}$/.test(label)) return true;
  const lower = label.toLowerCase();
  // two letters are countries (ISO 3166), those of tomorrow too; xn-- is any script (RFC 5890)
  return /^[a-z]{2}$/.test(lower) || lower.startsWith('xn--') || TOP_LEVEL_DOMAINS.has(lower);
}
