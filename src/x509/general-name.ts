import type { Name } from './name.js';

/** One of the nine kinds of GeneralName (RFC 5280 §4.2.1.6); all are kept. */
export type GeneralName =
  | { readonly kind: 'otherName'; readonly oid: string; readonly valueDer: Uint8Array }
  | { readonly kind: 'email'; readonly value: string }
  | { readonly kind: 'dns'; readonly value: string }
  | { readonly kind: 'x400Address'; readonly der: Uint8Array }
  | { readonly kind: 'directoryName'; readonly name: Name }
  | { readonly kind: 'ediPartyName'; readonly der: Uint8Array }
  | { readonly kind: 'uri'; readonly value: string }
  | { readonly kind: 'ip'; readonly bytes: Uint8Array }
  | { readonly kind: 'registeredId'; readonly oid: string };

/** Text of 4 octets (dotted decimal) or 16 (RFC 5952); anything else in hex. */
export function formatIp(_bytes: Uint8Array): string {
  throw new Error('not yet');
}

/** Octets of an IPv4 or IPv6 address; undefined where the text is neither. No zones, no leading zeros in IPv4. */
export function parseIp(_text: string): Uint8Array | undefined {
  throw new Error('not yet');
}

/** `DNS:a`, `IP Address:10.0.0.1`, `URI:…`, `email:…`, and the rest by kind, as openssl prints them. */
export function formatGeneralName(_name: GeneralName): string {
  throw new Error('not yet');
}

/** Reads the value of a subjectAltName extension: a non-empty SEQUENCE OF GeneralName. */
export function parseGeneralNames(_der: Uint8Array): readonly GeneralName[] {
  throw new Error('not yet');
}

/** Writes GeneralNames, in the order given. */
export function encodeGeneralNames(_names: readonly GeneralName[]): Uint8Array {
  throw new Error('not yet');
}
