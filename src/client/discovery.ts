import { isRecord } from './api-failure.js';
import type { CallOptions } from './call-options.js';
import type { Client } from './client.js';
import type { ResourceType } from './resource-type.js';

/** A resource as the server tells of it. */
export interface DiscoveredResource extends ResourceType {
  /** `get`, `list`, `watch` and so on. */
  readonly verbs: readonly string[];
  /** Whether this is the version in which the server would have it read: one for each resource of a group. */
  readonly preferred: boolean;
}

/** What a server serves. */
export interface Discovery {
  /** In the order of the server; no subresources. */
  readonly resources: readonly DiscoveredResource[];
  /** Groups with version of which the server could not tell now; they may well be served. */
  readonly failed: readonly string[];
}

/**
 * Asks the server what it serves. Rejects where it does not even say which groups there are; one that cannot tell of its
 * resources is told as failed.
 */
export async function discoverResources(client: Client, { signal }: CallOptions = {}): Promise<Discovery> {
  const options = signal === undefined ? {} : { signal };
  const [core, groups] = await Promise.all([client.getPath('/api', options), client.getPath('/apis', options)]);
  const versions = [...coreVersions(core), ...groupVersions(groups)];
  const lists = await Promise.all(
    versions.map(async (version) => {
      try {
        return resourcesOf(await client.getPath(version.path, options), version);
      } catch (error) {
        if (signal?.aborted === true) throw error;
        return undefined;
      }
    }),
  );
  const known = new Set<string>();
  const resources = lists.flatMap((list = []) => list).map((resource) => preferring(resource, known));
  return { resources, failed: versions.filter((_, i) => lists[i] === undefined).map(({ path }) => path) };
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly path: string;
}

function coreVersions(answer: unknown): readonly GroupVersion[] {
  return texts(field(answer, 'versions')).map((version) => ({ group: '', version, path: `/api/${version}` }));
}

/** The versions of each group, the preferred one first. */
function groupVersions(answer: unknown): readonly GroupVersion[] {
  return records(field(answer, 'groups')).flatMap((group) => {
    const name = text(group['name']);
    const preferred = text(field(group['preferredVersion'], 'version'));
    const served = records(group['versions']).map((version) => text(version['version']));
    const others = served.filter((version) => version !== preferred);
    return [...(served.includes(preferred) ? [preferred] : []), ...others].map((version) => ({
      group: name,
      version,
      path: `/apis/${name}/${version}`,
    }));
  });
}

function resourcesOf(
  answer: unknown,
  { group, version }: GroupVersion,
): readonly Omit<DiscoveredResource, 'preferred'>[] {
  return records(field(answer, 'resources')).flatMap((entry) => {
    const resource = text(entry['name']);
    if (resource === '' || resource.includes('/')) return [];
    const kind = text(entry['kind']);
    return [{ group, version, resource, kind, namespaced: entry['namespaced'] === true, verbs: texts(entry['verbs']) }];
  });
}

/** The first version in which a resource is told of is the one to read it in. */
function preferring(resource: Omit<DiscoveredResource, 'preferred'>, known: Set<string>): DiscoveredResource {
  const name = `${resource.resource}.${resource.group}`;
  const preferred = !known.has(name);
  known.add(name);
  return { ...resource, preferred };
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function records(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
