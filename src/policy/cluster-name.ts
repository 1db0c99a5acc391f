import type { ApprovalSettings } from './settings.js';

/** A DNS name of the cluster's own zones, by the labels before the zone. */
export type ClusterName =
  /** Below `pod.<domain>`. */
  | { readonly kind: 'pod'; readonly labels: readonly string[] }
  /** Below `svc.<domain>`, or below `svc`, which only the search lists of pods make a name of. */
  | { readonly kind: 'service'; readonly labels: readonly string[]; readonly qualified: boolean };

/** What the cluster's DNS would make of a name in lower case; undefined where it is none of its own. */
export function clusterNameOf(
  text: string,
  { clusterDomain }: Pick<ApprovalSettings, 'clusterDomain'>,
): ClusterName | undefined {
  const pod = labelsBelow(text, `.pod.${clusterDomain}`);
  if (pod !== undefined) return { kind: 'pod', labels: pod };
  const qualified = labelsBelow(text, `.svc.${clusterDomain}`);
  if (qualified !== undefined) return { kind: 'service', labels: qualified, qualified: true };
  const short = labelsBelow(text, '.svc');
  return short === undefined ? undefined : { kind: 'service', labels: short, qualified: false };
}

function labelsBelow(text: string, zone: string): readonly string[] | undefined {
  return text.endsWith(zone) ? text.slice(0, -zone.length).split('.') : undefined;
}
