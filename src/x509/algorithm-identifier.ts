/** AlgorithmIdentifier (RFC 5280 §4.1.1.2). `parameters` is the whole DER element, absent where there is none. */
export interface AlgorithmIdentifier {
  /** Dotted decimal. */
  readonly oid: string;
  readonly parameters?: Uint8Array;
}
