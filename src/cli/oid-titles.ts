import { USAGES } from '../certificates/usages.js';
import type { KeyUsage } from '../x509/extension.js';

/** What people call the extensions, extended key usages and attribute types that occur in certificates. */
const TITLES: ReadonlyMap<string, string> = new Map([
  ['2.5.29.14', 'Subject Key Identifier'],
  ['2.5.29.15', 'Key Usage'],
  ['2.5.29.17', 'Subject Alternative Name'],
  ['2.5.29.18', 'Issuer Alternative Name'],
  ['2.5.29.19', 'Basic Constraints'],
  ['2.5.29.30', 'Name Constraints'],
  ['2.5.29.31', 'CRL Distribution Points'],
  ['2.5.29.32', 'Certificate Policies'],
  ['2.5.29.35', 'Authority Key Identifier'],
  ['2.5.29.36', 'Policy Constraints'],
  ['2.5.29.37', 'Extended Key Usage'],
  ['2.5.29.54', 'Inhibit Any-Policy'],
  ['1.3.6.1.5.5.7.1.1', 'Authority Information Access'],
  ['1.3.6.1.5.5.7.1.24', 'TLS Feature'],
  ['1.3.6.1.4.1.11129.2.4.2', 'Certificate Transparency SCTs'],
  ['2.16.840.1.113730.1.1', 'Netscape Cert Type'],
  ['2.16.840.1.113730.1.13', 'Netscape Comment'],
  ...USAGES.flatMap((usage) =>
    usage.kind === 'extended' && usage.name !== 's/mime' ? [[usage.oid, usage.name] as const] : [],
  ),
]);

/** What people call the thing with this OID; the OID itself where it is not known here. */
export function oidTitle(oid: string): string {
  return TITLES.get(oid) ?? oid;
}

/** A bit of KeyUsage in the words of certificates.k8s.io: `digital signature`. */
export function keyUsageTitle(usage: KeyUsage): string {
  return (
    USAGES.find((known) => known.kind === 'key-usage' && known.bit === usage && known.name !== 'signing')?.name ?? usage
  );
}
