import { asciiText } from '../asn1/der-string.js';
import { DerReader } from '../asn1/der-reader.js';
import { encodeExplicit, encodeSequence } from '../asn1/der-writer.js';
import { contextConstructedTag, contextTag } from '../asn1/tag.js';
import { toHex } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import { EXTENSION, type Extension } from './extension.js';
import { encodeGeneralName } from './general-name.js';
import { isIpv4Mapped, parseIp } from '../base/ip-address.js';
import { quote } from './go-url.js';
import { readName, type Name } from './name.js';
import { orRefuse } from './refusal.js';

/** One subtree that names may (not) lie in. `unhandled` is of a kind that nobody here can compare. */
export type Subtree =
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly value: string }
  | { readonly kind: 'ip'; readonly address: Uint8Array; readonly mask: Uint8Array }
  | { readonly kind: 'directoryName'; readonly name: Name }
  | { readonly kind: 'unhandled'; readonly der: Uint8Array };

/** NameConstraints (RFC 5280 §4.2.1.10). */
export interface NameConstraints {
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
}

/** Reads a nameConstraints value. Refuses (CERTIFICATE_INVALID) with Go's texts. */
export function parseNameConstraints(value: Uint8Array): NameConstraints {
  return orRefuse('CERTIFICATE_INVALID', 'x509: invalid NameConstraints extension', () => {
    const outer = new DerReader(value);
    const fields = outer.sequence();
    outer.end();
    const permitted = fields.optionalExplicit(0);
    const excluded = fields.optionalExplicit(1);
    fields.end();
    if (permitted === undefined && excluded === undefined) throw refusal('empty name constraints extension');
    if (permitted?.isEmpty === true || excluded?.isEmpty === true) {
      throw refusal('empty name constraints subtree sequence');
    }
    return { permitted: readSubtrees(permitted), excluded: readSubtrees(excluded) };
  });
}

function refusal(detail: string): CountersignError<'CERTIFICATE_INVALID'> {
  return new CountersignError('CERTIFICATE_INVALID', `x509: ${detail}`);
}

function readSubtrees(subtrees: DerReader | undefined): readonly Subtree[] {
  const result: Subtree[] = [];
  while (subtrees?.isEmpty === false) result.push(readSubtree(subtrees.sequence()));
  return result;
}

function readSubtree(fields: DerReader): Subtree {
  const element = fields.next();
  const content = fields.content(element);
  switch (element.tag) {
    case contextTag(1): {
      const value = constraintText(content);
      const domain = value.includes('@') ? value.slice(value.lastIndexOf('@') + 1) : value;
      if (value.startsWith('@') || !isDomainConstraint(domain)) {
        throw refusal(`failed to parse rfc822Name constraint ${quote(value)}`);
      }
      return { kind: 'email', value };
    }
    case contextTag(2): {
      const value = constraintText(content);
      if (!isDomainConstraint(value)) throw refusal(`failed to parse dnsName constraint ${quote(value)}`);
      return { kind: 'dns', value };
    }
    case contextTag(6): {
      const value = constraintText(content);
      if (parseIp(value) !== undefined) {
        throw refusal(`failed to parse URI constraint ${quote(value)}: cannot be IP address`);
      }
      if (!isDomainConstraint(value)) throw refusal(`failed to parse URI constraint ${quote(value)}`);
      return { kind: 'uri', value };
    }
    case contextTag(7):
      return ipSubtree(content);
    case contextConstructedTag(4):
      return { kind: 'directoryName', name: readName(fields.enter(element)) };
    default:
      return { kind: 'unhandled', der: fields.der(element) };
  }
}

function constraintText(content: Uint8Array): string {
  const text = asciiText(content);
  if (text === undefined) throw refusal('invalid constraint value: not an IA5String');
  return text;
}

/** A domain, or one with a dot in front, or nothing (which is every domain). */
function isDomainConstraint(text: string): boolean {
  if (text === '') return true;
  const domain = text.startsWith('.') ? text.slice(1) : text;
  return /^[\x21-\x7e]+$/.test(domain) && !domain.split('.').includes('');
}

function ipSubtree(content: Uint8Array): Subtree {
  const half = content.length / 2;
  if (half !== 4 && half !== 16) throw refusal(`IP constraint contained value of length ${content.length}`);
  const address = content.subarray(0, half);
  const mask = content.subarray(half);
  if (!isMask(mask)) throw refusal(`IP constraint contained invalid mask ${toHex(mask)}`);
  if (isIpv4Mapped(address)) throw refusal('IP constraint contained IPv4-mapped IPv6 address');
  return { kind: 'ip', address, mask };
}

/** Ones, and then zeros. */
function isMask(mask: Uint8Array): boolean {
  let sawZero = false;
  for (const octet of mask) {
    if (sawZero ? octet !== 0 : ![0, 0x80, 0xc0, 0xe0, 0xf0, 0xf8, 0xfc, 0xfe, 0xff].includes(octet)) return false;
    sawZero ||= octet !== 0xff;
  }
  return true;
}

/** NameConstraints, critical (RFC 5280 §4.2.1.10). Refuses (CERTIFICATE_INVALID) to write no subtree at all. */
export function nameConstraintsExtension({ permitted, excluded }: NameConstraints): Extension {
  if (permitted.length + excluded.length === 0) throw refusal('empty name constraints extension');
  const fields: Uint8Array[] = [];
  if (permitted.length > 0) fields.push(encodeExplicit(0, ...permitted.map(encodeSubtree)));
  if (excluded.length > 0) fields.push(encodeExplicit(1, ...excluded.map(encodeSubtree)));
  return { oid: EXTENSION.nameConstraints, critical: true, value: encodeSequence(...fields) };
}

function encodeSubtree(subtree: Subtree): Uint8Array {
  switch (subtree.kind) {
    case 'ip': {
      const bytes = new Uint8Array(subtree.address.length * 2);
      bytes.set(subtree.address);
      bytes.set(subtree.mask, subtree.address.length);
      return encodeSequence(encodeGeneralName({ kind: 'ip', bytes }));
    }
    case 'unhandled':
      return encodeSequence(subtree.der);
    default:
      return encodeSequence(encodeGeneralName(subtree));
  }
}
