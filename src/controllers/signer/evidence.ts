import type {
  CertificateRecord,
  CertificateRecordSpec,
  RecordedEvidence,
} from '../../certificates/certificate-record.js';
import { compareResourceVersions } from '../../kube/resource-version.js';
import type { Facts, ObjectFacts } from '../../policy/facts.js';

/** Whether the caches know at least what the approver knew. */
export type EvidenceStanding =
  | { readonly kind: 'reached' }
  | {
      readonly kind: 'behind';
      readonly because: string;
      /** Whether versions tell older from newer; where they do not, only a look at the live pod does. */
      readonly comparable: boolean;
    };

/** Where the cache of a kind stands: up to which version it has followed; undefined for kinds without facts. */
export type CacheVersions = (kind: string) => { readonly version: string | undefined } | undefined;

/**
 * Compares the evidence of a record with the caches. A cache has reached an object where it has followed its resource up
 * to that version or a newer one, whatever has become of the object since; where versions cannot be compared, where it
 * holds this very version of it. The record itself counts, where its version can be compared: of two requesters with one
 * key the second on record then finds the first.
 */
export function evidenceStanding(
  { metadata, spec }: CertificateRecord,
  versions: CacheVersions,
  facts: Facts,
): EvidenceStanding {
  const records = versions('CertificateRecord');
  if (records !== undefined && isBehind(records.version, metadata.resourceVersion ?? '')) {
    return { kind: 'behind', because: 'its record is newer than the records that are here', comparable: true };
  }
  for (const { evidence = [] } of spec.names) {
    for (const object of evidence) {
      const cache = versions(object.kind);
      if (cache === undefined) continue;
      const order = compareResourceVersions(cache.version ?? '', object.resourceVersion);
      if (order === 'same' || order === 'newer') continue;
      const comparable = order === 'older' || cache.version === undefined;
      if (!comparable && cached(object, spec, facts)?.resourceVersion === object.resourceVersion) continue;
      const where = object.namespace === undefined ? object.name : `${object.namespace}/${object.name}`;
      const because = `${object.kind} ${where} was seen in version ${object.resourceVersion}, which is not here yet`;
      return { kind: 'behind', because, comparable };
    }
  }
  return { kind: 'reached' };
}

function isBehind(cached: string | undefined, wanted: string): boolean {
  return cached === undefined || compareResourceVersions(cached, wanted) === 'older';
}

/** The object as the caches hold it; undefined where they do not, or hold another of its name. */
function cached(object: RecordedEvidence, spec: CertificateRecordSpec, facts: Facts): ObjectFacts | undefined {
  const found = lookup(object, spec, facts);
  return found?.uid === object.uid ? found : undefined;
}

function lookup(
  { kind, namespace = '', name, uid }: RecordedEvidence,
  spec: CertificateRecordSpec,
  facts: Facts,
): ObjectFacts | undefined {
  switch (kind) {
    case 'Pod':
      return facts.pod(namespace, name);
    case 'Service':
      return facts.service(namespace, name);
    case 'EndpointSlice':
      return facts.slicesByPod(spec.requester.identity.podUID ?? '').find((slice) => slice.uid === uid);
    case 'Node':
      return facts.node(name);
    case 'Namespace':
      return facts.namespace(name);
    case 'ServiceAccount':
      return facts.serviceAccount(namespace, name);
    default:
      return undefined;
  }
}
