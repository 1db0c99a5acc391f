import type { Random } from '../../base/bytes.js';
import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { Client } from '../../client/client.js';
import { createEventRecorder } from '../../client/event-recorder.js';
import { apiVersionOf } from '../../kube/object-meta.js';
import { createController, type Controller } from '../runtime/controller.js';
import { applyCollection } from './apply.js';
import { Collector } from './collector.js';
import { decideCollection, type CollectorAction, type Seen } from './decide.js';
import type { GraphObject, Owner } from './graph-object.js';
import { ResourceMonitors } from './resource-monitors.js';

/** What the collector is made with. */
export interface GarbageCollectorOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** kube-controller-manager works on as many at once. */
const CONCURRENCY = 20;

/**
 * Deletes what has owners and none of them any more, as kube-controller-manager does: of everything that discovery
 * says can be deleted. Objects that are deleted in the foreground, or to leave what they own, wait for it.
 */
export function createGarbageCollector(options: GarbageCollectorOptions): Controller {
  const { client, logger } = options;
  const events = createEventRecorder({ ...options, component: 'garbage-collector-controller' });
  const collector: Collector = new Collector({
    client,
    monitors: () => monitors,
    reportNamespace: (object, owner) =>
      events.record(referenceTo(object), {
        type: 'Warning',
        reason: 'OwnerRefInvalidNamespace',
        message: `ownerRef ${describeOwner(owner, object.namespace)} does not exist in namespace "${object.namespace}"`,
      }),
  });
  const monitors: ResourceMonitors = new ResourceMonitors({ ...options, logger, listener: collector });
  return createController<Seen, CollectorAction>({
    name: 'garbage-collector',
    watches: [
      {
        informer: monitors,
        subscribe: (enqueue) => {
          collector.enqueue = enqueue;
          return () => {
            collector.enqueue = () => undefined;
          };
        },
      },
    ],
    concurrency: CONCURRENCY,
    late: true,
    observe: (uid, signal) => collector.observe(uid, signal),
    decide: decideCollection,
    apply: (action, signal) => applyCollection(client, action, signal),
    close: () => events.flush(),
  });
}

function referenceTo({ type, namespace, name, uid }: GraphObject) {
  const { group, version, kind } = type;
  return { kind, namespace, name, uid, apiVersion: apiVersionOf(group, version) };
}

function describeOwner({ apiVersion, kind, name, uid }: Owner, namespace: string): string {
  return `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
}
