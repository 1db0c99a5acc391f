import type { Certificate } from './certificate.js';
import type { GeneralName } from './general-name.js';
import { formatGeneralName } from './general-name.js';
import { parseIp } from '../base/ip-address.js';
import type { NameConstraints, Subtree } from './name-constraints.js';
import { isEmptyName, type AttributeTypeAndValue, type Name } from './name.js';

/** Counts down the comparisons that one validation may make; a chain that needs more is refused. */
export interface Budget {
  comparisons: number;
}

/** Why names do not fit constraints: `names` says which, `budget` that there were too many to compare. */
export type ConstraintVerdict =
  | { readonly kind: 'within' }
  | { readonly kind: 'outside'; readonly detail: string }
  | { readonly kind: 'too-complex' };

/**
 * Whether every name of a certificate lies within constraints from above it (RFC 5280 §4.2.1.10): DNS, email, URI, IP and
 * directory names. A constraint of another kind is never satisfied: nobody here could tell.
 */
export function checkConstraints(
  constraints: NameConstraints,
  certificate: Certificate,
  budget: Budget,
): ConstraintVerdict {
  const names: GeneralName[] = [...certificate.subjectAltNames];
  if (!isEmptyName(certificate.subject)) names.push({ kind: 'directoryName', name: certificate.subject });
  budget.comparisons -= names.length * (constraints.permitted.length + constraints.excluded.length);
  if (budget.comparisons < 0) return { kind: 'too-complex' };
  const unhandled = [...constraints.permitted, ...constraints.excluded].some(({ kind }) => kind === 'unhandled');
  if (unhandled) return { kind: 'outside', detail: 'a name constraint is of a kind that is not supported' };
  for (const name of names) {
    const detail = nameProblem(constraints, name);
    if (detail !== undefined) return { kind: 'outside', detail };
  }
  return { kind: 'within' };
}

function nameProblem({ permitted, excluded }: NameConstraints, name: GeneralName): string | undefined {
  const ofKind = permitted.filter((subtree) => subtree.kind === name.kind);
  if (name.kind === 'uri' && hostOfUri(name.value) === undefined) {
    const constrained = ofKind.length > 0 || excluded.some(({ kind }) => kind === 'uri');
    return constrained ? `${formatGeneralName(name)} has no host name, but URIs are constrained` : undefined;
  }
  if (excluded.some((subtree) => liesIn(name, subtree, 'excluded'))) return `${formatGeneralName(name)} is excluded`;
  if (ofKind.length > 0 && !ofKind.some((subtree) => liesIn(name, subtree, 'permitted'))) {
    return `${formatGeneralName(name)} is not permitted`;
  }
  return undefined;
}

function liesIn(name: GeneralName, subtree: Subtree, side: 'permitted' | 'excluded'): boolean {
  if (subtree.kind === 'dns' && name.kind === 'dns') return dnsLiesIn(name.value, subtree.value, side);
  if (subtree.kind === 'email' && name.kind === 'email') return emailLiesIn(name.value, subtree.value);
  if (subtree.kind === 'uri' && name.kind === 'uri') return hostLiesIn(hostOfUri(name.value) ?? '', subtree.value);
  if (subtree.kind === 'ip' && name.kind === 'ip') return ipLiesIn(name.bytes, subtree.address, subtree.mask);
  if (subtree.kind === 'directoryName' && name.kind === 'directoryName') return nameLiesIn(name.name, subtree.name);
  return false;
}

/** The domain itself and everything below it; with a dot in front, only what is below. */
function dnsLiesIn(name: string, constraint: string, side: 'permitted' | 'excluded'): boolean {
  const host = name.toLowerCase();
  const base = constraint.toLowerCase();
  if (base === '') return true;
  if (base.startsWith('.') ? host.endsWith(base) : host === base || host.endsWith(`.${base}`)) return true;
  // A wildcard also stands for names that the excluded subtree holds: *.example.com covers the excluded a.example.com.
  const parent = base.slice(base.indexOf('.') + 1);
  return side === 'excluded' && host.startsWith('*.') && !base.startsWith('.') && host.slice(2) === parent;
}

/** RFC 5280 §4.2.1.10: a mailbox, or all of one host, or with a dot in front all of the hosts below a domain. */
function emailLiesIn(address: string, constraint: string): boolean {
  const at = address.lastIndexOf('@');
  const host = address.slice(at + 1);
  const constraintAt = constraint.lastIndexOf('@');
  if (constraintAt >= 0) {
    return (
      address.slice(0, at) === constraint.slice(0, constraintAt) &&
      host.toLowerCase() === constraint.slice(constraintAt + 1).toLowerCase()
    );
  }
  return hostLiesIn(host, constraint);
}

/** Exactly this host, or with a dot in front every host below the domain. */
function hostLiesIn(host: string, constraint: string): boolean {
  const lower = host.toLowerCase();
  const base = constraint.toLowerCase();
  return base === '' || (base.startsWith('.') ? lower.endsWith(base) : lower === base);
}

/** The host name of a URI; undefined where it has none, or an IP address. */
function hostOfUri(uri: string): string | undefined {
  const authority = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/([^/?#]*)/.exec(uri)?.[1];
  if (authority === undefined || authority.includes('[')) return undefined;
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:[0-9]*$/, '');
  return host === '' || parseIp(host) !== undefined ? undefined : host;
}

function ipLiesIn(address: Uint8Array, network: Uint8Array, mask: Uint8Array): boolean {
  if (address.length !== network.length) return false;
  return address.every((octet, i) => (octet & (mask[i] ?? 0)) === ((network[i] ?? 0) & (mask[i] ?? 0)));
}

/** A name lies in another where that is the beginning of it, RDN by RDN. */
function nameLiesIn(name: Name, base: Name): boolean {
  return base.rdns.every((rdn, i) => {
    const other = name.rdns[i];
    return (
      other?.length === rdn.length &&
      rdn.every((attribute) => other.some((candidate) => sameAttribute(attribute, candidate)))
    );
  });
}

/** RFC 5280 §7.1, as far as it goes without stringprep: without regard to case and to the number of blanks. */
function sameAttribute(a: AttributeTypeAndValue, b: AttributeTypeAndValue): boolean {
  const fold = (value: string | undefined): string | undefined => value?.trim().replace(/\s+/g, ' ').toLowerCase();
  if (a.oid !== b.oid) return false;
  return a.value === undefined || b.value === undefined
    ? a.valueDer.join() === b.valueDer.join()
    : fold(a.value) === fold(b.value);
}
