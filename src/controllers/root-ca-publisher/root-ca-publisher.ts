import type { Random } from '../../base/bytes.js';
import type { Clock } from '../../base/clock.js';
import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import type { ConfigMap } from '../../client/core-objects.js';
import { createInformer, type Informer } from '../../client/informer.js';
import { CONFIG_MAPS } from '../../client/resources.js';
import { createController, watched, type Applied, type Controller, type Decision } from '../runtime/controller.js';
import { namespaceIsLeaving, type NamespaceFacts } from '../runtime/namespace-informer.js';

/** What the publisher is made with. */
export interface RootCaPublisherOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly namespaces: Informer<NamespaceFacts>;
  /** PEM of the CA of the API server's own certificate, at this time. */
  readonly rootCaPem: () => string;
}

/** The ConfigMap's name, in every namespace. */
export const ROOT_CA_CONFIG_MAP = 'kube-root-ca.crt';

const DESCRIPTION = 'kubernetes.io/description';
const DESCRIPTION_TEXT =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the ' +
  'internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes ' +
  'clusters.';
/** A changed root reaches every namespace within this time. */
const RESYNC_SECONDS = 600;

/** What of the ConfigMap decides whether it is right. */
interface PublishedRoot {
  readonly namespace: string;
  readonly data: Readonly<Record<string, string>>;
  readonly described: boolean;
}

interface Seen {
  readonly namespace: NamespaceFacts | undefined;
  readonly published: PublishedRoot | undefined;
  readonly rootCaPem: string;
}

type PublishAction = { readonly kind: 'create' | 'repair'; readonly namespace: string; readonly rootCaPem: string };

/**
 * Keeps ConfigMap `kube-root-ca.crt` in every namespace, as kube-controller-manager does: made where it is missing, its
 * data and description put right where they differ, everything else of it left alone.
 */
export function createRootCaPublisher(options: RootCaPublisherOptions): Controller {
  const { client, clock, random, namespaces, rootCaPem } = options;
  const published = createInformer<ConfigMap, PublishedRoot>(client, CONFIG_MAPS, {
    clock,
    random,
    fieldSelector: `metadata.name=${ROOT_CA_CONFIG_MAP}`,
    keep: ({ metadata, data = {} }) => ({
      namespace: metadata.namespace ?? '',
      data,
      described: (metadata.annotations?.[DESCRIPTION] ?? '') !== '',
    }),
  });
  return createController<Seen, PublishAction>({
    name: 'root-ca-publisher',
    watches: [watched(namespaces), watched(published, ({ key }) => [key.slice(0, key.indexOf('/'))])],
    resync: { seconds: RESYNC_SECONDS, keys: () => [...namespaces.keys()] },
    observe: (namespace) => ({
      namespace: namespaces.get(namespace),
      published: published.get(`${namespace}/${ROOT_CA_CONFIG_MAP}`),
      rootCaPem: rootCaPem(),
    }),
    decide: decidePublication,
    apply: (action, signal) =>
      action.kind === 'create' ? create(client, action, signal) : repair(client, action, signal),
  });
}

/** What the ConfigMap of a namespace needs. */
export function decidePublication({ namespace, published, rootCaPem }: Seen): Decision<PublishAction> {
  if (namespace === undefined || namespace.terminating) return { kind: 'done' };
  const action = { namespace: namespace.name, rootCaPem };
  if (published === undefined) return { kind: 'act', actions: [{ kind: 'create', ...action }] };
  const keys = Object.keys(published.data);
  const right = published.described && keys.length === 1 && published.data['ca.crt'] === rootCaPem;
  return right ? { kind: 'done' } : { kind: 'act', actions: [{ kind: 'repair', ...action }] };
}

async function create(client: Client, { namespace, rootCaPem }: PublishAction, signal: AbortSignal): Promise<Applied> {
  const metadata = { namespace, name: ROOT_CA_CONFIG_MAP, annotations: { [DESCRIPTION]: DESCRIPTION_TEXT } };
  try {
    await client.create(CONFIG_MAPS, { metadata, data: { 'ca.crt': rootCaPem } }, { signal });
  } catch (error) {
    // It is there and the cache will say so, or there is no place for it any more.
    if (!hasHttpCode(error, 409) && !namespaceIsLeaving(error)) throw error;
  }
  return { kind: 'done' };
}

async function repair(client: Client, { namespace, rootCaPem }: PublishAction, signal: AbortSignal): Promise<Applied> {
  try {
    const current = await client.get(CONFIG_MAPS, ROOT_CA_CONFIG_MAP, { namespace, signal });
    const annotations = { ...current.metadata.annotations, [DESCRIPTION]: DESCRIPTION_TEXT };
    const metadata = { ...current.metadata, annotations };
    await client.update(CONFIG_MAPS, { ...current, metadata, data: { 'ca.crt': rootCaPem } }, { signal });
  } catch (error) {
    // Deleted meanwhile: the cache will say so.
    if (hasHttpCode(error, 404)) return { kind: 'done' };
    if (hasHttpCode(error, 409)) return { kind: 'retry', because: error.message };
    throw error;
  }
  return { kind: 'done' };
}
