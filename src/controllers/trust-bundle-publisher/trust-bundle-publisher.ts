import { toHex, utf8, type Random } from '../../base/bytes.js';
import type { Clock } from '../../base/clock.js';
import type { ClusterTrustBundle } from '../../certificates/cluster-trust-bundle.js';
import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import { createInformer } from '../../client/informer.js';
import { CLUSTER_TRUST_BUNDLES } from '../../client/resources.js';
import { escapeFieldValue } from '../../client/wait-for.js';
import { sha256 } from '../../crypto/digest.js';
import { createController, watched, type Applied, type Controller, type Decision } from '../runtime/controller.js';

/** What the publisher is made with. */
export interface TrustBundlePublisherOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** PEM of the CA of the API server's own certificate, at this time; empty: nothing is published. */
  readonly rootCaPem: () => string;
}

/** Whose bundle it is: nobody signs requests for this name. */
export const API_SERVING_SIGNER = 'kubernetes.io/kube-apiserver-serving';

/** A changed root is published within this time. */
const RESYNC_SECONDS = 600;
const ONE_KEY = 'bundle';

/** What is there, and what should be. */
export interface BundlesSeen {
  readonly rootCaPem: string;
  /** Every bundle of the signer. */
  readonly bundles: readonly ClusterTrustBundle[];
}

/** What the publisher does. */
export type BundleAction =
  | { readonly kind: 'create' | 'repair'; readonly bundle: ClusterTrustBundle }
  | { readonly kind: 'delete'; readonly bundle: ClusterTrustBundle };

/**
 * Keeps one ClusterTrustBundle for `kubernetes.io/kube-apiserver-serving`, named after what it holds, as
 * kube-controller-manager does: made or put right, and every other one of that signer deleted.
 */
export function createTrustBundlePublisher(options: TrustBundlePublisherOptions): Controller {
  const { client, clock, random, rootCaPem } = options;
  const bundles = createInformer<ClusterTrustBundle, ClusterTrustBundle>(client, CLUSTER_TRUST_BUNDLES, {
    clock,
    random,
    fieldSelector: `spec.signerName=${escapeFieldValue(API_SERVING_SIGNER)}`,
    keep: (bundle) => bundle,
  });
  return createController<BundlesSeen, BundleAction>({
    name: 'trust-bundle-publisher',
    watches: [watched(bundles, () => [ONE_KEY])],
    resync: { seconds: RESYNC_SECONDS, keys: () => [ONE_KEY] },
    observe: () => ({
      rootCaPem: rootCaPem(),
      bundles: [...bundles.keys()].flatMap((name) => bundles.get(name) ?? []),
    }),
    decide: decideBundles,
    apply: (action, signal) => apply(client, action, signal),
  });
}

/** The name of the bundle with this text: `kubernetes.io:kube-apiserver-serving:<first 12 bytes of its SHA-256>`. */
export function bundleName(pem: string): string {
  return `${API_SERVING_SIGNER.replace('/', ':')}:${toHex(sha256(utf8(pem)).subarray(0, 12))}`;
}

/** What the bundles of the signer need. The right one comes before the others go. */
export function decideBundles({ rootCaPem, bundles }: BundlesSeen): Decision<BundleAction> {
  if (rootCaPem === '') return { kind: 'done' };
  const name = bundleName(rootCaPem);
  const spec = { signerName: API_SERVING_SIGNER, trustBundle: rootCaPem };
  const current = bundles.find(({ metadata }) => metadata.name === name);
  const actions: BundleAction[] = [];
  if (current === undefined) actions.push({ kind: 'create', bundle: { metadata: { name }, spec } });
  else if (current.spec.trustBundle !== rootCaPem) actions.push({ kind: 'repair', bundle: { ...current, spec } });
  for (const bundle of bundles) if (bundle !== current) actions.push({ kind: 'delete', bundle });
  return actions.length === 0 ? { kind: 'done' } : { kind: 'act', actions };
}

async function apply(client: Client, { kind, bundle }: BundleAction, signal: AbortSignal): Promise<Applied> {
  try {
    switch (kind) {
      case 'create':
        await client.create(CLUSTER_TRUST_BUNDLES, bundle, { signal });
        break;
      case 'repair':
        await client.update(CLUSTER_TRUST_BUNDLES, bundle, { signal });
        break;
      case 'delete': {
        const { name = '', uid = '' } = bundle.metadata;
        await client.delete(CLUSTER_TRUST_BUNDLES, name, { preconditions: { uid }, signal });
      }
    }
  } catch (error) {
    // It is gone, or not as it was seen: the cache will say so.
    if (!hasHttpCode(error, 404, 409)) throw error;
    if (kind === 'repair') return { kind: 'retry', because: error.message };
  }
  return { kind: 'done' };
}
