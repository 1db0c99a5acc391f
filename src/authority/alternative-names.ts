import { toHex } from '../base/bytes.js';
import type { GeneralName } from '../x509/general-name.js';

/** Kinds of name that a certificate of ours may carry, in the order in which they are written. */
const ORDER = ['dns', 'email', 'ip', 'uri'] as const;

/** Most names in one certificate: clients read all of them in every handshake. */
export const MAX_ALTERNATIVE_NAMES = 100;

/** Names rebuilt from what was asked for, or why they cannot be without leaving something out. */
export type RebuiltNames =
  | { readonly kind: 'names'; readonly names: readonly GeneralName[] }
  | { readonly kind: 'refused'; readonly message: string };

/**
 * The requested names, each once, DNS before email before IP before URI, as kube-controller-manager writes them. Refuses
 * every other kind, so that nothing that was approved gets lost, and more than MAX_ALTERNATIVE_NAMES.
 */
export function rebuildAlternativeNames(requested: readonly GeneralName[]): RebuiltNames {
  const seen = new Set<string>();
  const byKind = new Map<string, GeneralName[]>(ORDER.map((kind) => [kind, []]));
  for (const [i, name] of requested.entries()) {
    const text = comparable(name);
    const sameKind = byKind.get(name.kind);
    if (text === undefined || sameKind === undefined) {
      return refused(`subjectAltNames[${i}] is of kind ${name.kind}, only ${ORDER.join(', ')} are signed`);
    }
    if (!seen.has(text)) sameKind.push(name);
    seen.add(text);
  }
  if (seen.size > MAX_ALTERNATIVE_NAMES) {
    return refused(`it asks for ${seen.size} names, at most ${MAX_ALTERNATIVE_NAMES} are signed`);
  }
  return { kind: 'names', names: [...byKind.values()].flat() };
}

/** A text that is equal for equal names; undefined for kinds that are not signed. */
export function comparable(name: GeneralName): string | undefined {
  switch (name.kind) {
    case 'dns':
    case 'email':
    case 'uri':
      return `${name.kind}:${name.value}`;
    case 'ip':
      return `ip:${toHex(name.bytes)}`;
    case 'otherName':
    case 'x400Address':
    case 'directoryName':
    case 'ediPartyName':
    case 'registeredId':
    case 'unknown':
      return undefined;
  }
}

function refused(message: string): RebuiltNames {
  return { kind: 'refused', message };
}
