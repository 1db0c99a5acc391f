/** What an approver is told about its cluster. Never inferred from a request or a pod. */
export interface ApprovalSettings {
  /** The cluster's DNS domain, in lower case: `cluster.local`. */
  readonly clusterDomain: string;
  /** The SPIFFE trust domain, in lower case. */
  readonly trustDomain: string;
  /**
   * Names and addresses that only a policy's reservedNames can grant, besides those that are always reserved: those by
   * which the API server is reached from outside. Names in lower case, addresses in canonical form.
   */
  readonly reserved: { readonly dnsNames: readonly string[]; readonly ips: readonly string[] };
}

/** The settings of a cluster with the usual domain. */
export const DEFAULT_SETTINGS: ApprovalSettings = {
  clusterDomain: 'cluster.local',
  trustDomain: 'cluster.local',
  reserved: { dnsNames: [], ips: [] },
};
