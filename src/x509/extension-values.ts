import { DerReader } from '../asn1/der-reader.js';
import { decodeString } from '../asn1/der-string.js';
import { contextTag, TAG } from '../asn1/tag.js';
import { CountersignError } from '../base/error.js';
import { KEY_USAGES, type BasicConstraints, type Extension, type KeyUsage } from './extension.js';
import { orRefuse } from './refusal.js';

/** Bits of a keyUsage value. Bits that RFC 5280 does not name are ignored, as Go ignores them. */
export function parseKeyUsage(value: Uint8Array): ReadonlySet<KeyUsage> {
  const { bytes, unusedBits } = orRefuse('CERTIFICATE_INVALID', 'x509: invalid key usage', () =>
    new DerReader(value).bitString(),
  );
  const length = bytes.length * 8 - unusedBits;
  const usages = new Set<KeyUsage>();
  for (const [i, usage] of KEY_USAGES.entries()) {
    if (i < length && ((bytes[i >> 3] ?? 0) & (0x80 >> (i & 7))) !== 0) usages.add(usage);
  }
  return usages;
}

/** A basicConstraints value. */
export function parseBasicConstraints(value: Uint8Array): BasicConstraints {
  return orRefuse('CERTIFICATE_INVALID', 'x509: invalid basic constraints', () => {
    const fields = new DerReader(value).sequence();
    const ca = fields.peekTag() === TAG.boolean ? fields.boolean() : false;
    if (fields.peekTag() !== TAG.integer) return { ca };
    return { ca, pathLength: fields.smallInteger(0x7fffffff) };
  });
}

/** OIDs of an extKeyUsage value, in order. */
export function parseExtKeyUsage(value: Uint8Array): readonly string[] {
  return orRefuse('CERTIFICATE_INVALID', 'x509: invalid extended key usages', () => {
    const fields = new DerReader(value).sequence();
    const oids: string[] = [];
    while (!fields.isEmpty) oids.push(fields.oid());
    return oids;
  });
}

/** A subjectKeyIdentifier. Refuses a critical one (RFC 5280 §4.2.1.2), as Go does. */
export function parseSubjectKeyIdentifier({ critical, value }: Extension): Uint8Array {
  if (critical) {
    throw new CountersignError('CERTIFICATE_INVALID', 'x509: subject key identifier incorrectly marked critical');
  }
  return orRefuse('CERTIFICATE_INVALID', 'x509: invalid subject key identifier', () =>
    new DerReader(value).octetString(),
  );
}

/** The key identifier of an authorityKeyIdentifier. Refuses a critical one (RFC 5280 §4.2.1.1), as Go does. */
export function parseAuthorityKeyIdentifier({ critical, value }: Extension): Uint8Array | undefined {
  if (critical) {
    throw new CountersignError('CERTIFICATE_INVALID', 'x509: authority key identifier incorrectly marked critical');
  }
  return orRefuse('CERTIFICATE_INVALID', 'x509: invalid authority key identifier', () => {
    const fields = new DerReader(value).sequence();
    return fields.peekTag() === contextTag(0) ? fields.content(fields.next()) : undefined;
  });
}

/** Where more about the issuer is found (RFC 5280 §4.2.2.1). */
export interface AuthorityInfoAccess {
  readonly ocsp: readonly string[];
  readonly issuers: readonly string[];
}

const OCSP_OID = '1.3.6.1.5.5.7.48.1';
const ISSUERS_OID = '1.3.6.1.5.5.7.48.2';

/** URIs of an authorityInfoAccess. Refuses a critical one, as Go does. */
export function parseAuthorityInfoAccess({ critical, value }: Extension): AuthorityInfoAccess {
  if (critical) {
    throw new CountersignError('CERTIFICATE_INVALID', 'x509: authority info access incorrectly marked critical');
  }
  return orRefuse('CERTIFICATE_INVALID', 'x509: invalid authority info access', () => {
    const descriptions = new DerReader(value).sequence();
    const ocsp: string[] = [];
    const issuers: string[] = [];
    while (!descriptions.isEmpty) {
      const fields = descriptions.sequence();
      const method = fields.oid();
      if (fields.peekTag() !== contextTag(6)) continue;
      const uri = textOf(fields.content(fields.next()));
      if (method === OCSP_OID) ocsp.push(uri);
      if (method === ISSUERS_OID) issuers.push(uri);
    }
    return { ocsp, issuers };
  });
}

/** Octets as characters of the same number, as Go turns them into a string here. */
function textOf(octets: Uint8Array): string {
  return decodeString('teletex', octets) ?? '';
}

/** URIs of a cRLDistributionPoints value (RFC 5280 §4.2.1.13). */
export function parseCrlDistributionPoints(value: Uint8Array): readonly string[] {
  const points = orRefuse('CERTIFICATE_INVALID', 'x509: invalid CRL distribution points', () =>
    new DerReader(value).sequence(),
  );
  return orRefuse('CERTIFICATE_INVALID', 'x509: invalid CRL distribution point', () => {
    const uris: string[] = [];
    while (!points.isEmpty) {
      const name = points.sequence().optionalExplicit(0);
      if (name === undefined) continue;
      const fullName = name.constructed(0xa0);
      while (fullName.peekTag() === contextTag(6)) {
        uris.push(textOf(fullName.content(fullName.next())));
      }
    }
    return uris;
  });
}

/** OIDs of a certificatePolicies value (RFC 5280 §4.2.1.4). Refuses one that comes twice. */
export function parseCertificatePolicies(value: Uint8Array): readonly string[] {
  return orRefuse('CERTIFICATE_INVALID', 'x509: invalid certificate policies', () => {
    const policies = new DerReader(value).sequence();
    const oids = new Set<string>();
    while (!policies.isEmpty) {
      const oid = policies.sequence().oid();
      if (oids.has(oid)) throw new CountersignError('CERTIFICATE_INVALID', 'x509: invalid certificate policies');
      oids.add(oid);
    }
    return [...oids];
  });
}
