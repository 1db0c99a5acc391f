/** What a signer will put into a certificate. A CA certificate is in no profile. */
export interface SigningProfile {
  /** Usages (certificates.k8s.io words) that may be asked for. */
  readonly usages: ReadonlySet<string>;
  /** Lifetime where the request names none. */
  readonly defaultSeconds: number;
  /** Longest lifetime; longer wishes are cut to it. */
  readonly maxSeconds: number;
  /** How far notBefore lies in the past, for clocks that are behind. */
  readonly backdateSeconds: number;
  /** Key kinds that may be certified. */
  readonly keys: ReadonlySet<string>;
}

/** Checks configuration once; CONFIG_INVALID names every field that is wrong. */
export function parseSigningProfile(_config: unknown): SigningProfile {
  throw new Error('not yet');
}
