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
export type AttributeStringType = 'utf8' | 'printable' | 'ia5' | 'teletex' | 'bmp' | 'universal' | 'numeric' | 'other';

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

/** Reads a DER Name. */
export function parseName(_der: Uint8Array): Name {
  throw new Error('not yet');
}

/** Writes a name. Empty input is the empty name. Attributes of one RDN are put in DER SET OF order. */
export function encodeName(_rdns: NameInput): Name {
  throw new Error('not yet');
}

/** `rfc4514`: most specific first, `CN=a,O=b`; `openssl`: in encoded order, `O = b, CN = a`. Unknown types by OID. */
export function formatName(_name: Name, _style: 'rfc4514' | 'openssl' = 'rfc4514'): string {
  throw new Error('not yet');
}

/** All text values of one attribute type, in encounter order across RDNs. */
export function attributeValues(_name: Name, _oid: string): readonly string[] {
  throw new Error('not yet');
}

/** The last commonName, as Go reads it; undefined where there is none. */
export function commonName(_name: Name): string | undefined {
  throw new Error('not yet');
}

/** Whether a name has no attributes. */
export function isEmptyName(name: Name): boolean {
  return name.rdns.length === 0;
}
