import type { DiscoveredResource, Discovery } from '../../client/discovery.js';
import { apiVersionOf } from '../../kube/object-meta.js';

/** What the collector makes of what a server serves. */
export interface ServedKinds {
  /** What can be read, in every version that is served: by what references name them. */
  readonly readable: ReadonlyMap<string, DiscoveredResource>;
  /** What is followed: in one version each, by plural and group. */
  readonly followed: ReadonlyMap<string, DiscoveredResource>;
}

/** Nothing. */
export const NO_KINDS: ServedKinds = { readable: new Map(), followed: new Map() };

/** How a reference names a kind. */
export function kindName(apiVersion: string, kind: string): string {
  return `${apiVersion} ${kind}`;
}

/** What the versions of a kind have in common. */
export function groupKind({ group, kind }: { readonly group: string; readonly kind: string }): string {
  return `${kind}.${group}`;
}

/** Events own nothing, nobody owns them for long, and there are many. */
const IGNORED: ReadonlySet<string> = new Set(['events.', 'events.events.k8s.io']);

/**
 * What there is to read and to follow. Of versions that the server could not tell of this time, what was known before
 * stays.
 */
export function servedKinds({ resources, failed }: Discovery, before: ServedKinds): ServedKinds {
  const missing = (resource: DiscoveredResource): boolean =>
    failed.some((path) => path.endsWith(`/${apiVersionOf(resource.group, resource.version)}`));
  const readable = new Map([...before.readable].filter(([, resource]) => missing(resource)));
  const followed = new Map([...before.followed].filter(([, resource]) => missing(resource)));
  for (const resource of resources) {
    const { verbs, preferred, group, version, kind } = resource;
    const named = kindName(apiVersionOf(group, version), kind);
    if (verbs.includes('get') && !readable.has(named)) readable.set(named, resource);
    const name = `${resource.resource}.${group}`;
    const follows = preferred && ['delete', 'list', 'watch'].every((verb) => verbs.includes(verb));
    if (follows && !IGNORED.has(name) && !followed.has(name)) followed.set(name, resource);
  }
  return { readable, followed };
}
