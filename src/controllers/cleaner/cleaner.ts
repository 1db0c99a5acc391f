import type { UnixSeconds } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { Client } from '../../client/client.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { createController, type Applied, type Controller, type Decision } from '../runtime/controller.js';
import { deleteEach } from '../runtime/delete-each.js';
import { cleaningFacts, expiryReason, type CleaningFacts } from './decide.js';

/** What the cleaner is made with. */
export interface CleanerOptions {
  readonly client: Client;
  readonly logger: Logger;
}

/** A request to delete, as it was when that was decided. */
interface Expired {
  readonly facts: CleaningFacts;
  readonly because: string;
}

const SCAN_SECONDS = 3600;
const SCAN = 'scan';

/**
 * Deletes requests past their age, at start and every hour, as kube-controller-manager's csrcleaner does. It keeps no
 * cache: a scan reads page by page.
 */
export function createCleaner({ client, logger }: CleanerOptions): Controller {
  return createController<readonly CleaningFacts[], readonly Expired[]>({
    name: 'cleaner',
    watches: [],
    resync: { seconds: SCAN_SECONDS, keys: () => [SCAN] },
    observe: (_key, signal) => scan(client, signal),
    decide,
    apply: (expired, signal) => deleteAll(client, logger, expired, signal),
  });
}

async function scan(client: Client, signal: AbortSignal): Promise<readonly CleaningFacts[]> {
  const facts: CleaningFacts[] = [];
  for await (const page of client.pages(CERTIFICATE_SIGNING_REQUESTS, { signal })) {
    for (const csr of page.items) facts.push(cleaningFacts(csr));
  }
  return facts;
}

function decide(seen: readonly CleaningFacts[], now: UnixSeconds): Decision<readonly Expired[]> {
  const expired = seen.flatMap((facts) => {
    const because = expiryReason(facts, now);
    return because === undefined ? [] : [{ facts, because }];
  });
  return expired.length === 0 ? { kind: 'done' } : { kind: 'act', actions: [expired] };
}

/** Deletes each request if it is still as it was seen. */
function deleteAll(client: Client, logger: Logger, expired: readonly Expired[], signal: AbortSignal): Promise<Applied> {
  return deleteEach(
    expired,
    async ({ facts: { name, uid, resourceVersion }, because }) => {
      await client.delete(CERTIFICATE_SIGNING_REQUESTS, name, { preconditions: { uid, resourceVersion }, signal });
      logger.info('Deleted CertificateSigningRequest', { name, because });
    },
    signal,
  );
}
