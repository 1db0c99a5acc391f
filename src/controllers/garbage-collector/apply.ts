import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import type { KubeObject, OwnerReference } from '../../kube/object-meta.js';
import type { Applied } from '../runtime/controller.js';
import type { CollectorAction } from './decide.js';
import type { GraphObject } from './graph-object.js';
import { readMetadata } from './read-metadata.js';

const DONE: Applied = { kind: 'done' };

/** Dependents that are orphaned at once: a durable store writes them together. */
const AT_ONCE = 16;

/** Does one thing. What is gone meanwhile needs nothing more; what has changed is judged again. */
export async function applyCollection(client: Client, action: CollectorAction, signal: AbortSignal): Promise<Applied> {
  try {
    switch (action.kind) {
      case 'delete':
        await deleteJudged(client, action, signal);
        return DONE;
      case 'trim':
        await writeOwners(client, action.object, action.resourceVersion, action.owners, signal);
        return DONE;
      case 'unblock':
        await rewriteOwners(client, action.object, (owners) => owners.map(unblocking), signal);
        return DONE;
      case 'orphan':
        await orphanAll(client, action.dependents, action.object.uid, signal);
        return DONE;
      case 'release':
        await release(client, action.object, action.finalizer, signal);
        return DONE;
    }
  } catch (error) {
    if (hasHttpCode(error, 404) && error.status.details?.name === action.object.name) return DONE;
    if (hasHttpCode(error, 409)) return { kind: 'retry', because: error.message };
    throw error;
  }
}

function at({ type, namespace }: GraphObject): { readonly namespace?: string } {
  return type.namespaced ? { namespace } : {};
}

async function deleteJudged(
  client: Client,
  { object, resourceVersion, policy }: Extract<CollectorAction, { readonly kind: 'delete' }>,
  signal: AbortSignal,
): Promise<void> {
  const preconditions = { uid: object.uid, resourceVersion };
  await client.delete(object.type, object.name, { ...at(object), preconditions, propagationPolicy: policy, signal });
}

async function writeOwners(
  client: Client,
  object: GraphObject,
  resourceVersion: string,
  owners: readonly OwnerReference[],
  signal: AbortSignal,
): Promise<void> {
  const metadata = { uid: object.uid, resourceVersion, ownerReferences: owners };
  await client.patch(object.type, object.name, { metadata }, { ...at(object), kind: 'merge', signal });
}

/** Changes the owners of this very object, as they are now; nothing where it is gone. */
async function rewriteOwners(
  client: Client,
  object: GraphObject,
  change: (owners: readonly OwnerReference[]) => readonly OwnerReference[],
  signal: AbortSignal,
): Promise<void> {
  const live = await readThis(client, object, signal);
  if (live === undefined) return;
  const { resourceVersion = '', ownerReferences = [] } = live.metadata;
  await writeOwners(client, object, resourceVersion, change(ownerReferences), signal);
}

async function readThis(client: Client, object: GraphObject, signal: AbortSignal): Promise<KubeObject | undefined> {
  const live = await readMetadata(client, object.type, object.namespace, object.name, signal);
  return live?.metadata.uid === object.uid ? live : undefined;
}

function unblocking(owner: OwnerReference): OwnerReference {
  return owner.blockOwnerDeletion === true ? { ...owner, blockOwnerDeletion: false } : owner;
}

async function orphanAll(
  client: Client,
  dependents: readonly GraphObject[],
  owner: string,
  signal: AbortSignal,
): Promise<void> {
  const waiting = dependents.values();
  const work = async (): Promise<void> => {
    for (const dependent of waiting) await orphan(client, dependent, owner, signal);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, dependents.length) }, work));
}

/** Takes an owner out of an object, whatever version that has. Another object of its name (409) is left alone. */
async function orphan(client: Client, dependent: GraphObject, owner: string, signal: AbortSignal): Promise<void> {
  const ownerReferences = [{ $patch: 'delete', uid: owner }];
  const patch = { metadata: { uid: dependent.uid, ownerReferences } };
  try {
    await client.patch(dependent.type, dependent.name, patch, { ...at(dependent), kind: 'strategic', signal });
  } catch (error) {
    if (hasHttpCode(error, 404, 409)) return;
    // custom resources take no strategic merge
    if (!hasHttpCode(error, 415)) throw error;
    await rewriteOwners(client, dependent, (owners) => owners.filter(({ uid }) => uid !== owner), signal);
  }
}

async function release(client: Client, object: GraphObject, finalizer: string, signal: AbortSignal): Promise<void> {
  const live = await readThis(client, object, signal);
  const { finalizers = [], resourceVersion = '' } = live?.metadata ?? {};
  if (!finalizers.includes(finalizer)) return;
  const left = finalizers.filter((name) => name !== finalizer);
  const patch = { metadata: { uid: object.uid, resourceVersion, finalizers: left } };
  await client.patch(object.type, object.name, patch, { ...at(object), kind: 'merge', signal });
}
