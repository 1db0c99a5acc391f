import { TRUST_KEY, TRUST_LABEL, TRUST_NAMESPACE, TRUST_SIGNER_ANNOTATION } from '../authority/trust-root.js';
import type { Client } from '../client/client.js';
import type { ConfigMap } from '../client/core-objects.js';
import { CONFIG_MAPS } from '../client/resources.js';
import { hasReason } from '../kube/status.js';

/** A signer's root as somebody published it. */
export interface PublishedRoot {
  readonly pem: string;
  /** `namespace/name` of the ConfigMap. */
  readonly source: string;
}

/**
 * Looks for the root of a signer: a ConfigMap with our label, annotated with the signer's name, in `namespace` and then
 * in kube-public. Undefined where nobody published one or the caller may not look.
 */
export async function findTrustRoot(
  client: Client,
  signerName: string,
  namespace: string,
  signal: AbortSignal,
): Promise<PublishedRoot | undefined> {
  for (const place of new Set([namespace, TRUST_NAMESPACE])) {
    for (const configMap of await listRoots(client, place, signal)) {
      const pem = configMap.data?.[TRUST_KEY];
      if (configMap.metadata.annotations?.[TRUST_SIGNER_ANNOTATION] !== signerName || pem === undefined) continue;
      return { pem, source: `${place}/${configMap.metadata.name ?? ''}` };
    }
  }
  return undefined;
}

async function listRoots(client: Client, namespace: string, signal: AbortSignal): Promise<readonly ConfigMap[]> {
  try {
    const list = await client.list(CONFIG_MAPS, { namespace, labelSelector: `${TRUST_LABEL}=true`, signal });
    return list.items;
  } catch (error) {
    if (hasReason(error, 'Forbidden') || hasReason(error, 'NotFound')) return [];
    throw error;
  }
}
