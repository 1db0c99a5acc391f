import { DerError } from '../asn1/der-error.js';
import { DerReader } from '../asn1/der-reader.js';
import { asciiText } from '../asn1/der-string.js';
import { asciiOctets, encodeExplicit, encodeImplicit, encodeOidElement, encodeSequenceOf } from '../asn1/der-writer.js';
import { decodeOid, encodeOid } from '../asn1/oid.js';
import { contextConstructedTag, contextTag } from '../asn1/tag.js';
import { toHex } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import { parseGoUrl, quote } from './go-url.js';
import { formatIp } from '../base/ip-address.js';
import { formatName, readName, type Name } from './name.js';
import { orRefuse } from './refusal.js';

export { formatIp, parseIp } from '../base/ip-address.js';

/**
 * One of the nine kinds of GeneralName (RFC 5280 §4.2.1.6); all are kept. `unknown` keeps, as it came, what has a tag
 * that is none of the nine, or the tag of a kind that Go does not look into and content that is not of that kind.
 */
export type GeneralName =
  | {
      readonly kind: 'otherName';
      readonly oid: string;
      /** The element within the explicit tag. */
      readonly valueDer: Uint8Array;
    }
  | { readonly kind: 'email'; readonly value: string }
  | { readonly kind: 'dns'; readonly value: string }
  | { readonly kind: 'x400Address'; readonly der: Uint8Array }
  | { readonly kind: 'directoryName'; readonly name: Name }
  | { readonly kind: 'ediPartyName'; readonly der: Uint8Array }
  | { readonly kind: 'uri'; readonly value: string }
  | { readonly kind: 'ip'; readonly bytes: Uint8Array }
  | { readonly kind: 'registeredId'; readonly oid: string }
  | { readonly kind: 'unknown'; readonly der: Uint8Array };

/** `DNS:a`, `IP Address:10.0.0.1`, `URI:…`, `email:…`, and the rest by kind, as openssl prints them. */
export function formatGeneralName(name: GeneralName): string {
  switch (name.kind) {
    case 'dns':
      return `DNS:${quote(name.value).slice(1, -1)}`;
    case 'ip':
      return `IP Address:${formatIp(name.bytes)}`;
    case 'uri':
      return `URI:${quote(name.value).slice(1, -1)}`;
    case 'email':
      return `email:${quote(name.value).slice(1, -1)}`;
    case 'directoryName':
      return `DirName:${formatName(name.name)}`;
    case 'registeredId':
      return `Registered ID:${name.oid}`;
    case 'otherName':
      return `othername:${name.oid}:${toHex(name.valueDer)}`;
    case 'x400Address':
      return `X400Name:${toHex(name.der)}`;
    case 'ediPartyName':
      return `EdiPartyName:${toHex(name.der)}`;
    case 'unknown':
      return `unknown:${toHex(name.der)}`;
  }
}

/**
 * Reads the value of a subjectAltName extension. Refuses (NAME_INVALID) what Go refuses there, with its texts: octets that
 * are not ASCII, URIs that do not parse, addresses of another length than 4 or 16. What follows the SEQUENCE is ignored.
 */
export function parseGeneralNames(der: Uint8Array): readonly GeneralName[] {
  const names = orRefuse('NAME_INVALID', 'x509: invalid subject alternative names', () =>
    new DerReader(der).sequence(),
  );
  const result: GeneralName[] = [];
  while (!names.isEmpty) {
    result.push(orRefuse('NAME_INVALID', 'x509: invalid subject alternative name', () => readGeneralName(names)));
  }
  return result;
}

/** Reads the GeneralName that comes next. */
export function readGeneralName(reader: DerReader): GeneralName {
  const element = reader.next();
  const content = reader.content(element);
  switch (element.tag) {
    case contextTag(1):
      return { kind: 'email', value: ia5(content, 'rfc822Name') };
    case contextTag(2):
      return { kind: 'dns', value: ia5(content, 'dNSName') };
    case contextTag(6):
      return { kind: 'uri', value: checkedUri(ia5(content, 'uniformResourceIdentifier')) };
    case contextTag(7):
      if (content.length !== 4 && content.length !== 16) {
        throw new CountersignError('NAME_INVALID', `x509: cannot parse IP address of length ${content.length}`);
      }
      return { kind: 'ip', bytes: content };
    default:
      return readOtherKind(reader.enter(element), element.tag, reader.der(element), content);
  }
}

function ia5(content: Uint8Array, field: string): string {
  const text = asciiText(content);
  if (text === undefined) throw new CountersignError('NAME_INVALID', `x509: SAN ${field} is malformed`);
  return text;
}

function checkedUri(text: string): string {
  const url = parseGoUrl(text);
  if (url.kind === 'invalid') {
    throw new CountersignError('NAME_INVALID', `x509: cannot parse URI ${quote(text)}: ${url.detail}`);
  }
  if (!isGoDomain(url.host)) {
    throw new CountersignError('NAME_INVALID', `x509: cannot parse URI ${quote(text)}: invalid domain`);
  }
  return text;
}

/** What Go takes for the host of a URI: no dot at the end, no empty label, only visible ASCII. */
function isGoDomain(host: string): boolean {
  return host === '' || (/^[\x21-\x7e]+$/.test(host) && !host.split('.').includes(''));
}

/** The kinds that Go does not look into. They are read as far as they can be, and kept whole where they cannot. */
function readOtherKind(inside: DerReader, tag: number, der: Uint8Array, content: Uint8Array): GeneralName {
  try {
    const name = readConstructedKind(inside, tag, der, content);
    if (name !== undefined) return name;
  } catch (error) {
    if (!(error instanceof DerError) && !(error instanceof CountersignError)) throw error;
  }
  return { kind: 'unknown', der };
}

function readConstructedKind(
  inside: DerReader,
  tag: number,
  der: Uint8Array,
  content: Uint8Array,
): GeneralName | undefined {
  switch (tag) {
    case contextConstructedTag(0): {
      const oid = inside.oid();
      const explicit = inside.optionalExplicit(0);
      const valueDer = explicit?.element();
      explicit?.end();
      inside.end();
      return valueDer === undefined ? undefined : { kind: 'otherName', oid, valueDer };
    }
    case contextConstructedTag(3):
      return { kind: 'x400Address', der };
    case contextConstructedTag(4): {
      const name = readName(inside);
      inside.end();
      return { kind: 'directoryName', name };
    }
    case contextConstructedTag(5):
      return { kind: 'ediPartyName', der };
    case contextTag(8):
      return { kind: 'registeredId', oid: decodeOid(content) };
    default:
      return undefined;
  }
}

/** Writes GeneralNames (a SEQUENCE), in the order given. Refuses (NAME_INVALID) text that is not ASCII. */
export function encodeGeneralNames(names: readonly GeneralName[]): Uint8Array {
  return encodeSequenceOf(names.map(encodeGeneralName));
}

/** Writes one GeneralName. */
export function encodeGeneralName(name: GeneralName): Uint8Array {
  switch (name.kind) {
    case 'otherName':
      return encodeExplicit(0, encodeOidElement(name.oid), encodeExplicit(0, name.valueDer));
    case 'email':
      return encodeImplicit(1, asciiOctets(name.value));
    case 'dns':
      return encodeImplicit(2, asciiOctets(name.value));
    case 'directoryName':
      return encodeExplicit(4, name.name.der);
    case 'uri':
      return encodeImplicit(6, asciiOctets(name.value));
    case 'ip':
      return encodeImplicit(7, name.bytes);
    case 'registeredId': {
      const content = encodeOid(name.oid);
      if (content === undefined) throw new CountersignError('NAME_INVALID', `Cannot write registeredID: "${name.oid}"`);
      return encodeImplicit(8, content);
    }
    case 'x400Address':
    case 'ediPartyName':
    case 'unknown':
      return name.der;
  }
}
