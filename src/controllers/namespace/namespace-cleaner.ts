import { secondsOf, type Clock } from '../../base/clock.js';
import { messageOf } from '../../base/error.js';
import type { Logger } from '../../base/logger.js';
import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import type { Namespace } from '../../client/core-objects.js';
import type { Informer } from '../../client/informer.js';
import { NAMESPACES } from '../../client/resources.js';
import { parseTime } from '../../kube/time.js';
import { createController, watched, type Applied, type Controller, type Decision } from '../runtime/controller.js';
import type { NamespaceFacts } from '../runtime/namespace-informer.js';
import { emptyNamespace } from './empty-namespace.js';
import { namespaceConditions, type NamespaceContent } from './namespace-conditions.js';

/** What the namespace cleaner is made with. */
export interface NamespaceCleanerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly namespaces: Informer<NamespaceFacts>;
  /**
   * How long after its deletion a namespace is left alone, in milliseconds: until every API server knows of it and lets
   * nothing new into it. Default 0: there is one server.
   */
  readonly settleMs?: number;
}

/** The finalizer that holds a namespace until it is empty. */
const FINALIZER = 'kubernetes';

/** What is held may be let go at any time: it is looked for soon at first, and then ever more seldom. */
const SOONEST_MS = 250;
const LATEST_MS = 8000;

/**
 * Empties namespaces that are being deleted, resource by resource, and then lets them go (PUT /finalize). While
 * something is left, the conditions of the namespace say what.
 */
export function createNamespaceCleaner(options: NamespaceCleanerOptions): Controller {
  const { client, clock, logger, namespaces, settleMs = 0 } = options;
  return createController<NamespaceFacts | undefined, NamespaceFacts>({
    name: 'namespace-cleaner',
    watches: [watched(namespaces)],
    concurrency: 4,
    observe: (name) => namespaces.get(name),
    decide: decideCleaning,
    apply: async (facts, signal) => {
      const namespace = await read(client, facts, signal);
      if (namespace === undefined) return { kind: 'done' };
      const delayMs = settleMs - goingForMs(namespace, clock);
      if (delayMs > 0) return { kind: 'retry', because: 'other servers may not know yet that it goes', delayMs };
      const content = await emptyNamespace(client, facts.name, signal);
      await tell(client, namespace, content, { clock, logger }, signal);
      const because = whyHeld(content);
      if (because === undefined) return finalize(client, facts, signal);
      return { kind: 'retry', because, delayMs: patience(namespace, clock) };
    },
  });
}

/** The namespace to empty, where that is to be done. */
export function decideCleaning(namespace: NamespaceFacts | undefined): Decision<NamespaceFacts> {
  const due = namespace?.terminating === true && namespace.finalizers.includes(FINALIZER);
  return due ? { kind: 'act', actions: [namespace] } : { kind: 'done' };
}

/** The very namespace, while it is being deleted. */
async function read(
  client: Client,
  { name, uid }: NamespaceFacts,
  signal: AbortSignal,
): Promise<Namespace | undefined> {
  try {
    const found = await client.get(NAMESPACES, name, { signal });
    return found.metadata.uid === uid && (found.metadata.deletionTimestamp ?? '') !== '' ? found : undefined;
  } catch (error) {
    if (hasHttpCode(error, 404)) return undefined;
    throw error;
  }
}

/** Why the namespace cannot go yet; undefined when it can. */
function whyHeld({ remaining, failures, undiscovered }: NamespaceContent): string | undefined {
  const left = [...remaining].map(([resource, count]) => `${count} ${resource.replace(/\.$/, '')}`);
  const reasons = [
    ...(left.length === 0 ? [] : [`content remains in the namespace: ${left.join(', ')}`]),
    ...(undiscovered.length === 0 ? [] : [`the server does not tell of ${undiscovered.join(', ')}`]),
    ...failures,
  ];
  return reasons.length === 0 ? undefined : reasons.join('; ');
}

function patience(namespace: Namespace, clock: Clock): number {
  return Math.min(LATEST_MS, Math.max(SOONEST_MS, goingForMs(namespace, clock) / 4));
}

/** How long ago it was deleted. */
function goingForMs({ metadata }: Namespace, clock: Clock): number {
  return clock.now() - (parseTime(metadata.deletionTimestamp ?? '') ?? 0) * 1000;
}

/** Writes what was found into the status. Where that fails, the next look will do it: nothing depends on it. */
async function tell(
  client: Client,
  namespace: Namespace,
  content: NamespaceContent,
  { clock, logger }: Pick<NamespaceCleanerOptions, 'clock' | 'logger'>,
  signal: AbortSignal,
): Promise<void> {
  const before = namespace.status?.conditions ?? [];
  const conditions = namespaceConditions(before, content, secondsOf(clock));
  if (conditions === before) return;
  try {
    await client.updateStatus(NAMESPACES, { ...namespace, status: { ...namespace.status, conditions } }, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    logger.info('Could not write conditions of Namespace', {
      namespace: namespace.metadata.name ?? '',
      error: messageOf(error),
    });
  }
}

async function finalize(client: Client, { name, uid }: NamespaceFacts, signal: AbortSignal): Promise<Applied> {
  try {
    const current = await client.get(NAMESPACES, name, { signal });
    if (current.metadata.uid !== uid) return { kind: 'done' };
    const finalizers = (current.spec?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
    const released = { ...current, spec: { ...current.spec, finalizers } };
    await client.updateSubresource(NAMESPACES, 'finalize', released, { signal });
  } catch (error) {
    if (hasHttpCode(error, 404)) return { kind: 'done' };
    if (hasHttpCode(error, 409)) return { kind: 'retry', because: error.message };
    throw error;
  }
  return { kind: 'done' };
}
