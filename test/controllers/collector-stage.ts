import type { TestContext } from 'node:test';
import type { Client } from '../../src/client/client.js';
import { CONFIG_MAPS } from '../../src/client/resources.js';
import { resourceType, type ResourceType } from '../../src/client/resource-type.js';
import { createGarbageCollector } from '../../src/controllers/garbage-collector/garbage-collector.js';
import { apiVersionOf, type KubeObject, type ObjectMeta, type OwnerReference } from '../../src/kube/object-meta.js';
import type { ApiRequest, ApiResponse } from '../../src/kube/exchange.js';
import { hasReason } from '../../src/kube/status.js';
import { keepingLogger, openBench, ROOT, until, type ControlBench, type Fate, type Line } from './control-bench.js';

/** rbac.authorization.k8s.io/v1 clusterroles: something that is in no namespace. */
export const CLUSTER_ROLES: ResourceType = resourceType(
  'rbac.authorization.k8s.io',
  'v1',
  'clusterroles',
  'ClusterRole',
  false,
);
/** Where everything is made. */
export const NAMESPACE = 'default';

/** A server, and a collector that can be started and stopped. */
export interface Stage {
  readonly b: ControlBench;
  /** Somebody else's. */
  readonly client: Client;
  readonly lines: readonly Line[];
  /** What the collector asked, as `METHOD path`. */
  readonly calls: string[];
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

/** What a server answers instead of its own answer. */
export type Change = (request: ApiRequest, answer: () => Promise<ApiResponse>) => Promise<ApiResponse>;

/** Sets it up; `fate` is asked of each write of the collector, counted from 1. */
export async function stage(
  t: TestContext,
  fate: (write: number) => Fate = () => 'pass',
  change: Change = (_request, answer) => answer(),
): Promise<Stage> {
  const b = await openBench();
  const lines: Line[] = [];
  const calls: string[] = [];
  let end: (() => Promise<void>) | undefined;
  const fateOf = (_call: number, { method, target }: ApiRequest): Fate => {
    calls.push(`${method} ${target.split('?')[0] ?? ''}`);
    return method === 'GET' ? 'pass' : fate(calls.filter((call) => !call.startsWith('GET')).length);
  };
  const client = b.client(fateOf, ROOT, change);
  const stop = async (): Promise<void> => {
    await end?.();
    end = undefined;
  };
  t.after(async () => {
    await stop();
    await b.close();
  });
  return {
    b,
    client: b.client(),
    lines,
    calls,
    stop,
    start: async () => {
      const logger = keepingLogger(lines);
      const before = lines.length;
      const { clock, random } = b;
      end = b.run([createGarbageCollector({ client, clock, random, logger })], logger);
      const begun = (): boolean => lines.slice(before).some(({ message }) => message === 'Started controller');
      await until('the collector has begun', begun);
    },
  };
}

/** One on which the collector has begun. */
export async function begun(t: TestContext): Promise<Stage> {
  const opened = await stage(t);
  await opened.start();
  return opened;
}

/** A reference to an object that was made. */
export function ownedBy(
  type: ResourceType,
  { metadata }: KubeObject,
  more: Partial<OwnerReference> = {},
): OwnerReference {
  const { name = '', uid = '' } = metadata;
  return { apiVersion: apiVersionOf(type.group, type.version), kind: type.kind, name, uid, ...more };
}

/** Makes a ConfigMap. */
export function make(
  { client }: Stage,
  name: string,
  ownerReferences: readonly OwnerReference[] = [],
  more: ObjectMeta = {},
): Promise<KubeObject> {
  return client.create<KubeObject>(CONFIG_MAPS, { metadata: { namespace: NAMESPACE, name, ownerReferences, ...more } });
}

/** What there is of that name; undefined where there is nothing. */
export async function maybeRead(
  { client }: Stage,
  name: string,
  type: ResourceType = CONFIG_MAPS,
  namespace: string = NAMESPACE,
): Promise<KubeObject | undefined> {
  try {
    return await client.get(type, name, type.namespaced ? { namespace } : {});
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** Waits until there is nothing of that name. */
export function gone(
  s: Stage,
  name: string,
  type: ResourceType = CONFIG_MAPS,
  namespace: string = NAMESPACE,
): Promise<void> {
  return until(`${name} is gone`, async () => (await maybeRead(s, name, type, namespace)) === undefined);
}

/** What of these is left. */
export async function left(s: Stage, ...names: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(names.map((name) => maybeRead(s, name)));
  return names.filter((_, i) => found[i] !== undefined);
}

/** Deletes a ConfigMap. */
export function remove(
  { client }: Stage,
  name: string,
  propagationPolicy: 'Background' | 'Foreground' | 'Orphan' = 'Background',
): Promise<KubeObject> {
  return client.delete(CONFIG_MAPS, name, { namespace: NAMESPACE, propagationPolicy });
}

/** Gives a ConfigMap these finalizers; null: none. */
export function hold(s: Stage, name: string, finalizers: readonly string[] | null): Promise<KubeObject> {
  return s.client.patch(CONFIG_MAPS, name, { metadata: { finalizers } }, { namespace: NAMESPACE });
}

/** What the collector wrote. */
export function wrote({ calls }: Stage): readonly string[] {
  return calls.filter((call) => !call.startsWith('GET'));
}
