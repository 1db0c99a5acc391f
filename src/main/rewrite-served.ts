import { hasReason } from '../kube/status.js';
import type { Client } from '../client/client.js';
import { SECRETS } from '../client/resources.js';
import type { RewriteProgress } from './rewrite-folder.js';
import type { KubeObject } from '../kube/object-meta.js';

const PAGE = 200;
/** Writes under way at once: they share the store's flushes. */
const AT_ONCE = 8;

/**
 * Updates every Secret of a running server with what it holds already. A server that would store it in another form today
 * (plain before, or with an older key) writes it; one that would not leaves it as it is. Who is changed or deleted
 * meanwhile needs nothing any more. Interrupted, it is done again.
 */
export async function rewriteServedSecrets(
  client: Client,
  signal: AbortSignal,
  progress: (done: RewriteProgress) => void,
): Promise<RewriteProgress> {
  let done: RewriteProgress = { looked: 0, rewritten: 0 };
  for await (const { items } of client.pages<KubeObject>(SECRETS, { pageSize: PAGE, signal })) {
    for (let at = 0; at < items.length; at += AT_ONCE) {
      const results = await Promise.all(items.slice(at, at + AT_ONCE).map((item) => rewrite(client, item, signal)));
      const rewritten = results.filter((written) => written).length;
      done = { looked: done.looked + results.length, rewritten: done.rewritten + rewritten };
    }
    progress(done);
  }
  return done;
}

async function rewrite(client: Client, secret: KubeObject, signal: AbortSignal): Promise<boolean> {
  try {
    const updated = await client.update<KubeObject>(SECRETS, secret, { signal });
    return updated.metadata.resourceVersion !== secret.metadata.resourceVersion;
  } catch (error) {
    if (hasReason(error, 'Conflict') || hasReason(error, 'NotFound')) return false;
    throw error;
  }
}
