import type { UnixSeconds } from '../../base/clock.js';
import type { KeyCustody } from '../../authority/key-custody.js';
import { signRecord, verifyRecord } from '../../authority/record-signature.js';
import { COUNTERSIGN_GROUP, COUNTERSIGN_VERSION } from '../../certificates/approval-policy.js';
import { canonicalJson, recordName, type UnsignedRecordSpec } from '../../certificates/canonical-record.js';
import type { CertificateRecord, CertificateRecordSpec } from '../../certificates/certificate-record.js';
import type { Client } from '../../client/client.js';
import { CERTIFICATE_RECORDS } from '../../client/resources.js';
import { hasReason } from '../../kube/status.js';
import { parseTime } from '../../kube/time.js';
import { parseSubjectPublicKeyInfo } from '../../x509/public-key.js';

/** What became of a record. */
export type RecordOutcome =
  /** It stands, with this decision. */
  | { readonly kind: 'stands' }
  /** Somebody else has just written another one, and may be about to act on it. */
  | { readonly kind: 'taken'; readonly because: string };

/** Another approver that wrote a record this long ago and has not decided since will not. */
const ABANDONED_SECONDS = 60;

/**
 * Puts a decision on record before it is carried out. The request is still pending, so that an earlier record of ours
 * with another decision was never carried out: it is replaced. One of somebody else is left for a minute.
 */
export async function writeRecord(
  { client, custody }: { readonly client: Client; readonly custody: KeyCustody },
  unsigned: UnsignedRecordSpec,
  now: UnixSeconds,
  signal: AbortSignal,
): Promise<RecordOutcome> {
  const spec = await signRecord(unsigned, custody, { signal });
  const record: CertificateRecord = {
    apiVersion: `${COUNTERSIGN_GROUP}/${COUNTERSIGN_VERSION}`,
    kind: 'CertificateRecord',
    metadata: { name: recordName(spec.request.uid) },
    spec,
  };
  const standing = await createOrRead(client, record, signal);
  if (standing === undefined) return { kind: 'stands' };
  const key = parseSubjectPublicKeyInfo(custody.publicKeyDer);
  const verdict = verifyRecord(standing, [key]);
  if (verdict.kind === 'valid') {
    if (decisionText(verdict.record.spec) === decisionText(spec)) return { kind: 'stands' };
  } else if (isRecent(standing, now)) {
    return { kind: 'taken', because: `there is a record that is not ours: ${verdict.detail}` };
  }
  const { uid = '', resourceVersion = '' } = standing.metadata;
  await client.delete(CERTIFICATE_RECORDS, recordName(spec.request.uid), {
    preconditions: { uid, resourceVersion },
    signal,
  });
  await client.create(CERTIFICATE_RECORDS, record, { signal });
  return { kind: 'stands' };
}

/** Undefined where it was created; otherwise what is there. */
async function createOrRead(
  client: Client,
  record: CertificateRecord,
  signal: AbortSignal,
): Promise<CertificateRecord | undefined> {
  try {
    await client.create(CERTIFICATE_RECORDS, record, { signal });
    return undefined;
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error;
    return client.get(CERTIFICATE_RECORDS, record.metadata.name ?? '', { signal });
  }
}

/** What of a decision must not change between its record and the request: not when it was made, and on which versions. */
function decisionText({ request, decision }: CertificateRecordSpec): string {
  const { verdict, policy, message } = decision;
  return canonicalJson({ digest: request.requestDigest, verdict, policy, message });
}

function isRecent({ metadata }: CertificateRecord, now: UnixSeconds): boolean {
  const created = parseTime(metadata.creationTimestamp ?? '');
  return created !== undefined && now - created < ABANDONED_SECONDS;
}
