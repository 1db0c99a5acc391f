import type { Clock } from '../../base/clock.js';
import type { KeyCustody } from '../../authority/key-custody.js';
import { signRecord, verifyRecord } from '../../authority/record-signature.js';
import { COUNTERSIGN_GROUP, COUNTERSIGN_VERSION } from '../../certificates/approval-policy.js';
import { canonicalJson, recordName, type UnsignedRecordSpec } from '../../certificates/canonical-record.js';
import type { CertificateRecord, CertificateRecordSpec } from '../../certificates/certificate-record.js';
import type { Client } from '../../client/client.js';
import { CERTIFICATE_RECORDS, CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { hasReason } from '../../kube/status.js';
import { parseSubjectPublicKeyInfo } from '../../x509/public-key.js';
import { isPending } from './decide.js';

/** What became of a record. */
export type RecordOutcome =
  /** It stands, with this decision. */
  | { readonly kind: 'stands' }
  /** Another one stands, and somebody may be about to act on it: look again after this time. */
  | { readonly kind: 'taken'; readonly because: string; readonly delayMs: number };

/** Puts decisions on record. */
export interface RecordWriter {
  /** Puts a decision on record before it is carried out. Rejects where that cannot be done now. */
  write(decision: UnsignedRecordSpec, signal: AbortSignal): Promise<RecordOutcome>;
  /** The request of this uid waits no longer. */
  forget(requestUid: string): void;
}

/** What a writer is made with. */
export interface RecordWriterOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** Signs records. */
  readonly custody: KeyCustody;
}

/** An approver that wrote a record this long ago and has not decided since will not. */
const ABANDONED_MS = 60_000;

/**
 * A writer of records. What stands with the same decision is left, whoever of us wrote it. What stands with another one,
 * or is not ours, gives way a minute after this writer first saw it, by no clock but its own: until then its approval may
 * be on its way, here or from another replica. It never gives way once its request is decided.
 */
export function createRecordWriter(options: RecordWriterOptions): RecordWriter {
  return new PatientWriter(options);
}

class PatientWriter implements RecordWriter {
  readonly #options: RecordWriterOptions;
  /** Records that stood in the way, by the uids of their requests. */
  readonly #inTheWay = new Map<string, { readonly recordUid: string; readonly sinceMs: number }>();

  constructor(options: RecordWriterOptions) {
    this.#options = options;
  }

  forget(requestUid: string): void {
    this.#inTheWay.delete(requestUid);
  }

  async write(decision: UnsignedRecordSpec, signal: AbortSignal): Promise<RecordOutcome> {
    const { client, custody } = this.#options;
    const spec = await signRecord(decision, custody, { signal });
    const name = recordName(spec.request.uid);
    const record: CertificateRecord = {
      apiVersion: `${COUNTERSIGN_GROUP}/${COUNTERSIGN_VERSION}`,
      kind: 'CertificateRecord',
      metadata: { name },
      spec,
    };
    const standing = await createOrRead(client, record, signal);
    if (standing === undefined) return { kind: 'stands' };
    const because = this.#difference(standing, spec);
    if (because === undefined) return { kind: 'stands' };
    const { uid = '', resourceVersion = '' } = standing.metadata;
    const delayMs = this.#patience(spec.request.uid, uid);
    if (delayMs > 0) return { kind: 'taken', because, delayMs };
    if (!(await isUndecided(client, spec, signal))) return { kind: 'taken', because, delayMs: ABANDONED_MS };
    await client.delete(CERTIFICATE_RECORDS, name, { preconditions: { uid, resourceVersion }, signal });
    await client.create(CERTIFICATE_RECORDS, record, { signal });
    return { kind: 'stands' };
  }

  /** Why what stands is not this decision; undefined where it is. */
  #difference(standing: CertificateRecord, spec: CertificateRecordSpec): string | undefined {
    const verdict = verifyRecord(standing, [parseSubjectPublicKeyInfo(this.#options.custody.publicKeyDer)]);
    if (verdict.kind === 'invalid') return `there is a record that is not ours: ${verdict.detail}`;
    return decisionText(verdict.record.spec) === decisionText(spec)
      ? undefined
      : 'there is a record that says otherwise';
  }

  /** How long a record that is in the way is still left. */
  #patience(requestUid: string, recordUid: string): number {
    const now = this.#options.clock.now();
    const known = this.#inTheWay.get(requestUid);
    if (known?.recordUid === recordUid) return Math.max(0, known.sinceMs + ABANDONED_MS - now);
    this.#inTheWay.set(requestUid, { recordUid, sinceMs: now });
    return ABANDONED_MS;
  }
}

/** Whether nobody has decided about the request of a record, by the API server's own word. */
async function isUndecided(client: Client, { request }: CertificateRecordSpec, signal: AbortSignal): Promise<boolean> {
  const csr = await client.get(CERTIFICATE_SIGNING_REQUESTS, request.name, { signal });
  return csr.metadata.uid === request.uid && isPending(csr);
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
