import type { UnixSeconds } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { CertificateRecord } from '../../certificates/certificate-record.js';
import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import { CERTIFICATE_RECORDS, CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { parseTime } from '../../kube/time.js';
import { createController, type Applied, type Controller, type Decision } from '../runtime/controller.js';
import { deleteEach } from '../runtime/delete-each.js';

/** How long records stay. */
export interface RecordRetention {
  /** After the end of the certificate. */
  readonly afterCertificateSeconds: number;
  /** After a decision of which no certificate came. */
  readonly afterDecisionSeconds: number;
}

/** 90 days after the certificate has ended, 30 days after a decision without certificate. */
export const DEFAULT_RETENTION: RecordRetention = {
  afterCertificateSeconds: 90 * 86_400,
  afterDecisionSeconds: 30 * 86_400,
};

/** What the cleaner is made with. */
export interface RecordCleanerOptions {
  readonly client: Client;
  readonly logger: Logger;
  readonly retention?: RecordRetention;
}

/** What of a record decides when it goes. */
export interface RetentionFacts {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly requestName: string;
  readonly requestUid: string;
  readonly decidedAt: UnixSeconds | undefined;
  /** End of the certificate; undefined where none is known. */
  readonly notAfter: UnixSeconds | undefined;
}

/** Why a record goes. */
export type RecordExpiry =
  | { readonly kind: 'certificate' }
  /** No certificate came of it: it stays as long as its request is there. */
  | { readonly kind: 'decision' };

/** Why a record goes now; undefined where it stays. What has no time stays. */
export function recordExpiry(
  { decidedAt, notAfter }: Pick<RetentionFacts, 'decidedAt' | 'notAfter'>,
  now: UnixSeconds,
  { afterCertificateSeconds, afterDecisionSeconds }: RecordRetention,
): RecordExpiry | undefined {
  if (notAfter !== undefined) return now - notAfter > afterCertificateSeconds ? { kind: 'certificate' } : undefined;
  return decidedAt !== undefined && now - decidedAt > afterDecisionSeconds ? { kind: 'decision' } : undefined;
}

/** A record to delete, as it was when that was decided. */
interface Expired {
  readonly facts: RetentionFacts;
  readonly expiry: RecordExpiry;
}

const SCAN_SECONDS = 3600;
const SCAN = 'scan';

/** Deletes records that have had their time, at start and every hour. It keeps no cache: a scan reads page by page. */
export function createRecordCleaner({
  client,
  logger,
  retention = DEFAULT_RETENTION,
}: RecordCleanerOptions): Controller {
  return createController<readonly RetentionFacts[], readonly Expired[]>({
    name: 'record-cleaner',
    watches: [],
    resync: { seconds: SCAN_SECONDS, keys: () => [SCAN] },
    observe: (_key, signal) => scan(client, signal),
    decide: (seen, now) => decideCleaning(seen, now, retention),
    apply: (expired, signal) => deleteAll(client, logger, expired, signal),
  });
}

async function scan(client: Client, signal: AbortSignal): Promise<readonly RetentionFacts[]> {
  const facts: RetentionFacts[] = [];
  for await (const page of client.pages(CERTIFICATE_RECORDS, { signal })) {
    for (const record of page.items) facts.push(retentionFacts(record));
  }
  return facts;
}

/** What of a record decides when it goes. */
export function retentionFacts({ metadata, spec, status }: CertificateRecord): RetentionFacts {
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    requestName: spec.request.name,
    requestUid: spec.request.uid,
    decidedAt: parseTime(spec.decision.decidedAt),
    notAfter: parseTime(status?.issuance?.notAfter ?? ''),
  };
}

function decideCleaning(
  seen: readonly RetentionFacts[],
  now: UnixSeconds,
  retention: RecordRetention,
): Decision<readonly Expired[]> {
  const expired = seen.flatMap((facts) => {
    const expiry = recordExpiry(facts, now, retention);
    return expiry === undefined ? [] : [{ facts, expiry }];
  });
  return expired.length === 0 ? { kind: 'done' } : { kind: 'act', actions: [expired] };
}

/** Deletes each record if it is still as it was seen. */
function deleteAll(client: Client, logger: Logger, expired: readonly Expired[], signal: AbortSignal): Promise<Applied> {
  return deleteEach(
    expired,
    async ({ facts, expiry }) => {
      const { name, uid, resourceVersion, requestName } = facts;
      if (expiry.kind === 'decision' && (await isThere(client, facts, signal))) return;
      await client.delete(CERTIFICATE_RECORDS, name, { preconditions: { uid, resourceVersion }, signal });
      logger.info('Deleted CertificateRecord', { name, request: requestName, because: REASONS[expiry.kind] });
    },
    signal,
  );
}

const REASONS = { certificate: 'its certificate has ended long ago', decision: 'no certificate came of it' } as const;

async function isThere(client: Client, facts: RetentionFacts, signal: AbortSignal): Promise<boolean> {
  try {
    const csr = await client.get(CERTIFICATE_SIGNING_REQUESTS, facts.requestName, { signal });
    return csr.metadata.uid === facts.requestUid;
  } catch (error) {
    if (hasHttpCode(error, 404)) return false;
    throw error;
  }
}
