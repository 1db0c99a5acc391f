import { DerReader } from '../asn1/der-reader.js';
import { decodeString, isPrintableText, stringTypeOf, type DerStringType } from '../asn1/der-string.js';
import {
  asciiOctets,
  encodeElement,
  encodeOidElement,
  encodeSequence,
  encodeSequenceOf,
  encodeSetOf,
  encodeUtf8String,
} from '../asn1/der-writer.js';
import { TAG } from '../asn1/tag.js';
import { toHex } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import { orRefuse } from './refusal.js';

/** One attribute of a name (RFC 5280 §4.1.2.4), in whatever string type it came. */
export interface AttributeTypeAndValue {
  /** Dotted decimal. */
  readonly oid: string;
  /** The text, where the value is of a string type; absent otherwise. */
  readonly value?: string;
  /** Which string type, or `other`. */
  readonly stringType: AttributeStringType;
  /** The whole element of the value. */
  readonly valueDer: Uint8Array;
}

/** String types that names occur in. */
export type AttributeStringType = DerStringType | 'other';

/** A distinguished name: RDNs in encoded order, each with its attributes in encoded order. Nothing is dropped. */
export interface Name {
  readonly rdns: readonly (readonly AttributeTypeAndValue[])[];
  /** The whole element, as it was read or is written. */
  readonly der: Uint8Array;
}

/** What a name is built from: text values are written as PrintableString where the alphabet allows, else UTF8String. */
export type NameInput = readonly (readonly { readonly oid: string; readonly value: string }[])[];

/** Attribute types by their short name. */
export const ATTRIBUTE: Readonly<
  Record<
    | 'commonName'
    | 'surname'
    | 'serialNumber'
    | 'country'
    | 'locality'
    | 'province'
    | 'streetAddress'
    | 'organization'
    | 'organizationalUnit'
    | 'title'
    | 'givenName'
    | 'postalCode'
    | 'userId'
    | 'domainComponent'
    | 'emailAddress',
    string
  >
> = {
  commonName: '2.5.4.3',
  surname: '2.5.4.4',
  serialNumber: '2.5.4.5',
  country: '2.5.4.6',
  locality: '2.5.4.7',
  province: '2.5.4.8',
  streetAddress: '2.5.4.9',
  organization: '2.5.4.10',
  organizationalUnit: '2.5.4.11',
  title: '2.5.4.12',
  givenName: '2.5.4.42',
  postalCode: '2.5.4.17',
  userId: '0.9.2342.19200300.100.1.1',
  domainComponent: '0.9.2342.19200300.100.1.25',
  emailAddress: '1.2.840.113549.1.9.1',
};

/** How attribute types are written in text (RFC 4514 §3, and OpenSSL for the others). */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  [ATTRIBUTE.commonName, 'CN'],
  [ATTRIBUTE.surname, 'SN'],
  [ATTRIBUTE.serialNumber, 'serialNumber'],
  [ATTRIBUTE.country, 'C'],
  [ATTRIBUTE.locality, 'L'],
  [ATTRIBUTE.province, 'ST'],
  [ATTRIBUTE.streetAddress, 'street'],
  [ATTRIBUTE.organization, 'O'],
  [ATTRIBUTE.organizationalUnit, 'OU'],
  [ATTRIBUTE.title, 'title'],
  [ATTRIBUTE.givenName, 'GN'],
  [ATTRIBUTE.postalCode, 'postalCode'],
  [ATTRIBUTE.userId, 'UID'],
  [ATTRIBUTE.domainComponent, 'DC'],
  [ATTRIBUTE.emailAddress, 'emailAddress'],
]);

/** Types whose value is an IA5String (RFC 5280 Appendix A.1). */
const IA5_TYPES: ReadonlySet<string> = new Set([ATTRIBUTE.domainComponent, ATTRIBUTE.emailAddress]);

/** Reads a DER Name as Go reads one in a certificate. Refuses with NAME_INVALID and Go's text. */
export function parseName(der: Uint8Array): Name {
  return orRefuse('NAME_INVALID', 'x509: invalid RDNSequence', () => {
    const reader = new DerReader(der);
    const name = readName(reader);
    reader.end();
    return name;
  });
}

/** Reads the Name that comes next. */
export function readName(reader: DerReader): Name {
  const element = reader.next(TAG.sequence);
  const sequence = reader.enter(element);
  const rdns: AttributeTypeAndValue[][] = [];
  while (!sequence.isEmpty) {
    const set = sequence.set();
    const rdn: AttributeTypeAndValue[] = [];
    while (!set.isEmpty) rdn.push(readAttribute(set));
    rdns.push(rdn);
  }
  return { rdns, der: reader.der(element) };
}

function readAttribute(set: DerReader): AttributeTypeAndValue {
  const fields = orRefuse('NAME_INVALID', 'x509: invalid RDNSequence: invalid attribute', () => set.sequence());
  const oid = orRefuse('NAME_INVALID', 'x509: invalid RDNSequence: invalid attribute type', () => fields.oid());
  return orRefuse('NAME_INVALID', 'x509: invalid RDNSequence: invalid attribute value: invalid ASN.1 element', () => {
    const element = fields.next();
    return attributeOf(oid, element.tag, fields.content(element), fields.der(element));
  });
}

const STRING_TYPE_NAMES: Readonly<Record<DerStringType, string>> = {
  utf8: 'UTF-8 string',
  printable: 'PrintableString',
  ia5: 'IA5String',
  teletex: 'T61String',
  bmp: 'BMPString',
  universal: 'UniversalString',
  numeric: 'NumericString',
  visible: 'VisibleString',
};

/** An attribute from its value's identifier octet and content. Refuses (NAME_INVALID) octets that the type does not allow. */
export function attributeOf(
  oid: string,
  tag: number,
  content: Uint8Array,
  valueDer: Uint8Array,
): AttributeTypeAndValue {
  const stringType = stringTypeOf(tag);
  if (stringType === undefined) return { oid, stringType: 'other', valueDer };
  const value = decodeString(stringType, content);
  if (value !== undefined) return { oid, value, stringType, valueDer };
  // Go takes these two for values without text, whatever they hold.
  if (stringType === 'universal' || stringType === 'visible') return { oid, stringType: 'other', valueDer };
  throw new CountersignError(
    'NAME_INVALID',
    `x509: invalid RDNSequence: invalid attribute value: invalid ${STRING_TYPE_NAMES[stringType]}`,
  );
}

/** Writes a name. Empty input is the empty name. Attributes of one RDN are put in DER SET OF order. */
export function encodeName(rdns: NameInput): Name {
  const sets = rdns
    .filter((rdn) => rdn.length > 0)
    .map((rdn) =>
      encodeSetOf(rdn.map(({ oid, value }) => encodeSequence(encodeOidElement(oid), encodeValue(oid, value)))),
    );
  return parseName(encodeSequenceOf(sets));
}

function encodeValue(oid: string, value: string): Uint8Array {
  if (IA5_TYPES.has(oid)) return encodeElement(TAG.ia5String, asciiOctets(value));
  return isPrintableText(value) ? encodeElement(TAG.printableString, asciiOctets(value)) : encodeUtf8String(value);
}

/** `rfc4514`: most specific first, `CN=a,O=b`; `openssl`: in encoded order, `O = b, CN = a`. Unknown types by OID. */
export function formatName(name: Name, style: 'rfc4514' | 'openssl' = 'rfc4514'): string {
  const rdns = style === 'rfc4514' ? [...name.rdns].reverse() : name.rdns;
  const [equals, plus, comma] = style === 'rfc4514' ? ['=', '+', ','] : [' = ', ' + ', ', '];
  return rdns
    .map((rdn) => rdn.map((attribute) => `${shortName(attribute.oid)}${equals}${formatValue(attribute)}`).join(plus))
    .join(comma);
}

/** The usual short name of an attribute type, or its OID. */
export function shortName(oid: string): string {
  return SHORT_NAMES.get(oid) ?? oid;
}

/** RFC 4514 §2.4; control characters by their octets in hex, so that nothing a name holds can draw on a terminal. */
function formatValue({ value, valueDer }: AttributeTypeAndValue): string {
  if (value === undefined) return `#${toHex(valueDer)}`;
  let text = '';
  let i = 0;
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0;
    const atEdge = i === 0 || i === value.length - 1;
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) text += `\\${code.toString(16).toUpperCase().padStart(2, '0')}`;
    else if ('",+;<>\\'.includes(character) || (character === ' ' && atEdge) || (character === '#' && i === 0)) {
      text += `\\${character}`;
    } else text += character;
    i += character.length;
  }
  return text;
}

/** All text values of one attribute type, in encounter order across RDNs. */
export function attributeValues(name: Name, oid: string): readonly string[] {
  const values: string[] = [];
  for (const rdn of name.rdns) {
    for (const attribute of rdn) {
      if (attribute.oid === oid && attribute.value !== undefined && isGoString(attribute.stringType)) {
        values.push(attribute.value);
      }
    }
  }
  return values;
}

/** Go has text for six string types; a UniversalString or VisibleString is no text to it. */
function isGoString(type: AttributeStringType): boolean {
  return type !== 'universal' && type !== 'visible' && type !== 'other';
}

/** The last commonName, as Go reads it; undefined where there is none. */
export function commonName(name: Name): string | undefined {
  return attributeValues(name, ATTRIBUTE.commonName).at(-1);
}

/** Whether a name has no attributes. */
export function isEmptyName(name: Name): boolean {
  return name.rdns.every((rdn) => rdn.length === 0);
}
