import type { ForgeKit } from './forge.js';

/** What a case attacks. Each group has honest requests too: whoever refuses everything fails there. */
export const LIMBO_GROUPS = ['encoding', 'names', 'privilege', 'keys', 'identity', 'races'] as const;

/** What a case attacks. */
export type LimboGroup = (typeof LIMBO_GROUPS)[number];

/** What must happen at each station that the request comes to. A station behind a refusal is never reached. */
export interface Expected {
  /** Reading spec.request: `reads`, or words that the refusal holds. */
  readonly parser: 'reads' | { readonly refuses: string };
  /** kube-apiserver on create: `creates`, or words that the refusal holds. Absent where the parser refuses: it says the same. */
  readonly api?: 'creates' | { readonly refuses: string };
  /**
   * An approver with a policy that grants the pod's own names and nothing else, and denies violations. `withholds`:
   * denied or left to a person, by what is known at the time.
   */
  readonly policy?: 'approves' | 'denies' | 'withholds' | 'defers';
  /** Part of a violation's path, where there is a violation. */
  readonly at?: string;
  /** A signer that is told that the request is approved: `signs`, or the reason of its Failed condition. */
  readonly signer?: 'signs' | { readonly fails: string };
}

/** What is submitted. */
export interface LimboRequest {
  /** spec.request before base64. */
  readonly text: Uint8Array;
  /** Default: those of a TLS server. */
  readonly usages?: readonly string[];
  /** Default: a day. */
  readonly expirationSeconds?: number | 'none';
}

/** One request that somebody will send one day, and what must become of it. */
export interface LimboCase {
  /** `encoding/trailing-octets`: stable, for reports. */
  readonly id: string;
  readonly group: LimboGroup;
  /** What it does, in a few words. */
  readonly title: string;
  /** Where this was an attack on a product that people use. */
  readonly history?: string;
  readonly make: (kit: ForgeKit) => LimboRequest | Promise<LimboRequest>;
  readonly expect: Expected;
}
