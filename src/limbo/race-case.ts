/** What somebody else does, in one step, while a request is on its way. */
export type RaceAct =
  /** The pod that asks is marked for deletion; is gone; is gone and another one has its name. */
  | 'pod-ends'
  | 'pod-goes'
  | 'pod-is-replaced'
  /** The pod that asks has its address, has none, or has another one; another pod has that address; both in one moment. */
  | 'address-comes'
  | 'address-goes'
  | 'address-changes'
  | 'address-is-taken'
  | 'address-moves'
  /** The Service selects somebody else, or the pod again; is gone and another one has its name. */
  | 'selector-turns-away'
  | 'selector-turns-back'
  | 'service-is-replaced'
  /** The slice of the Service comes, or goes. */
  | 'slice-comes'
  | 'slice-goes'
  /** The pod's service account is gone; is gone and another one has its name. */
  | 'account-goes'
  | 'account-is-replaced'
  /** A person decides, if nobody has decided yet. */
  | 'person-approves'
  | 'person-denies'
  /** Somebody changes the labels of the request. */
  | 'label-changes'
  /** The request is deleted; is deleted and another one has its name. */
  | 'request-goes'
  | 'request-is-replaced'
  /** Somebody with the right to approve writes the reason of the policies, without a record. */
  | 'approval-is-forged'
  /** The signer loses its Lease, and another one begins while its last request is on its way. */
  | 'leader-changes'
  /** Nobody hears anything for longer than caches are believed. */
  | 'silence';

/** A process, as its case names it. */
export type RaceProcess = 'approver' | 'approver-2' | 'signer' | 'signer-2' | 'keeper';

/** A cache that hears of changes only when it is its turn: of the process, of this resource. */
export type LateCache =
  `${RaceProcess} ${'certificatesigningrequests' | 'pods' | 'services' | 'endpointslices' | 'serviceaccounts' | 'certificaterecords'}`;

/** What may go wrong with a write on its way; `times` altogether, at every place. */
export interface RaceFaults {
  readonly of: readonly RaceProcess[];
  readonly times: number;
  /**
   * `crash`: the process dies before or after the server has done it, and begins anew. `broken`: the connection breaks
   * before or after.
   */
  readonly kinds: readonly ('crash' | 'broken')[];
}

/** How a request ends, when everything rests. */
export type RaceEnd =
  | 'issued'
  | 'denied by policy'
  | 'denied by a person'
  | 'failed: EvidenceStale'
  | 'failed: RecordMissing'
  | 'failed: RecordInvalid'
  /** Nobody decides, and not for want of looking. */
  | 'pending'
  /** It is approved, and what it rests on cannot be shown now. */
  | 'approved'
  | 'gone';

/**
 * A request that is honest, and a world that does not stand still. Every order of the steps of everybody is tried: each
 * request to the API of each process, each event at each late cache, each act.
 */
export interface RaceCase {
  /** `races/…`. */
  readonly id: string;
  readonly title: string;
  readonly history?: string;
  /** Default: one approver and one signer. A signer and a record keeper that are not here begin when all is done. */
  readonly processes?: readonly RaceProcess[];
  /** Whether an approver has approved, and ended, before anybody else begins. */
  readonly startsApproved?: boolean;
  /** What is different from the start. */
  readonly before?: readonly RaceAct[];
  /** Each list in its order; the lists in every order with each other and with everything else. */
  readonly acts?: readonly (readonly RaceAct[])[];
  readonly late?: readonly LateCache[];
  readonly faults?: RaceFaults;
  /** How far the clock of a process is ahead of the server's. */
  readonly skewSeconds?: Partial<Record<RaceProcess, number>>;
  /** How often a timer may fire while somebody is still busy. Default 0. */
  readonly haste?: number;
  /** Names that are asked for. Default: the DNS name of the Service and the pod's address. */
  readonly names?: 'both' | 'service' | 'address';
  /** Another request with the same key, by another service account: `approver-2` decides that one, and only that one. */
  readonly rival?: boolean;
  /** What the policy says of violations. Default Deny. */
  readonly onViolation?: 'Deny' | 'Defer';
  /** Approvers have policies of different names. */
  readonly ownPolicies?: boolean;
  /** Approvers sign with different keys; the signer trusts both. */
  readonly ownKeys?: boolean;
  /** What is different where there is time for more orders than a few hundred. */
  readonly wide?: Partial<Pick<RaceCase, 'processes' | 'acts' | 'late' | 'faults' | 'haste'>>;
  /** Every way in which it may end, and each does in some order. With a rival: of both, as `issued, pending`. */
  readonly ends: readonly (RaceEnd | `${RaceEnd}, ${RaceEnd}`)[];
}
