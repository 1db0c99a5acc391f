import { toHex, utf8 } from '../../base/bytes.js';
import { apiVersionOf, type KubeObject } from '../../kube/object-meta.js';
import type { Resource, Subresource } from '../../registry/resource.js';
import { compareGroups, compareVersions } from './group-order.js';

/** A kind that is only posted, such as TokenReview. */
export interface DiscoveredReview {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The plural in paths. */
  readonly resource: string;
  readonly singular: string;
  readonly namespaced: boolean;
}

/** The aggregated document of `/api` or `/apis`. */
export interface AggregatedDiscovery {
  readonly body: Uint8Array;
  /** With quotes, as the header carries it. */
  readonly etag: string;
  /** With the parameters by which clients recognise it. */
  readonly contentType: string;
}

/** What clients ask to find out what is served. Each document is built when first asked for, and kept. */
export interface Discovery {
  /** `/api`; `serverAddress` is host:port. */
  legacyVersions(serverAddress: string): object;
  /** `/apis`. */
  groups(): object;
  /** `/apis/{group}`; undefined for one that is not served. */
  group(name: string): object | undefined;
  /** `/api/v1` (group empty) and `/apis/{group}/{version}`; undefined for one that is not served. */
  resources(group: string, version: string): object | undefined;
  /** `/api` (`core`) and `/apis` (`groups`) for clients that take APIGroupDiscoveryList. */
  aggregated(root: 'core' | 'groups'): AggregatedDiscovery;
}

/** What discovery is made from. */
export interface DiscoveryOptions {
  readonly resources: readonly Resource[];
  readonly reviews: readonly DiscoveredReview[];
  /** A collision-resistant hash, for the ETag. */
  readonly digest: (bytes: Uint8Array) => Uint8Array;
}

/** Discovery of a closed set of resources. Builds nothing yet. */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  return new CachedDiscovery(options);
}

const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;

/** By which client-go recognises the aggregated form. */
const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** What both forms of discovery say of one path: a resource, or a subresource under it. */
interface Discovered {
  readonly name: string;
  readonly singular: string;
  readonly namespaced: boolean;
  /** Where they are not those of the list. */
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
  /** By name, subresources after their resource. */
  readonly paths: readonly Discovered[];
}

class CachedDiscovery implements Discovery {
  readonly #options: DiscoveryOptions;
  readonly #documents = new Map<string, object>();
  #served: readonly GroupVersion[] | undefined;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  legacyVersions(serverAddress: string): object {
    return {
      kind: 'APIVersions',
      versions: this.#versionsOf('').map((v) => v.version),
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
    };
  }

  groups(): object {
    return this.#once('groups', () => ({
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: this.#groupNames().map((name) => this.#groupDocument(name)),
    }));
  }

  group(name: string): object | undefined {
    if (name === '' || this.#versionsOf(name).length === 0) return undefined;
    return this.#once(`group ${name}`, () => ({ kind: 'APIGroup', apiVersion: 'v1', ...this.#groupDocument(name) }));
  }

  resources(group: string, version: string): object | undefined {
    const served = this.#versionsOf(group).find((v) => v.version === version);
    if (served === undefined) return undefined;
    return this.#once(`resources ${apiVersionOf(group, version)}`, () => ({
      kind: 'APIResourceList',
      // The list of the core group has never said its own version.
      ...(group === '' ? {} : { apiVersion: 'v1' }),
      groupVersion: apiVersionOf(group, version),
      resources: served.paths.map(legacyResource),
    }));
  }

  aggregated(root: 'core' | 'groups'): AggregatedDiscovery {
    // `once` answers what it was given to build under this name.
    return this.#once(`aggregated ${root}`, () => this.#aggregate(root)) as AggregatedDiscovery;
  }

  #aggregate(root: 'core' | 'groups'): AggregatedDiscovery {
    const names = root === 'core' ? [''] : this.#groupNames();
    const document = {
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2',
      metadata: {},
      items: names.map((name) => ({
        metadata: name === '' ? {} : { name },
        versions: this.#versionsOf(name).map(({ version, paths }) => ({
          version,
          resources: paths.filter((p) => !p.name.includes('/')).map((p) => aggregatedResource(p, paths)),
          freshness: 'Current',
        })),
      })),
    };
    const body = utf8(`${JSON.stringify(document)}\n`);
    return { body, etag: `"${toHex(this.#options.digest(body)).toUpperCase()}"`, contentType: AGGREGATED_TYPE };
  }

  #groupDocument(name: string): object {
    const versions = this.#versionsOf(name).map(({ version }) => ({
      groupVersion: apiVersionOf(name, version),
      version,
    }));
    return { name, versions, preferredVersion: versions[0] };
  }

  #groupNames(): readonly string[] {
    return [...new Set(this.#all().map((v) => v.group))].filter((name) => name !== '');
  }

  #versionsOf(group: string): readonly GroupVersion[] {
    return this.#all().filter((v) => v.group === group);
  }

  #all(): readonly GroupVersion[] {
    this.#served ??= groupVersions(this.#options);
    return this.#served;
  }

  #once(name: string, build: () => object): object {
    let document = this.#documents.get(name);
    if (document === undefined) {
      document = build();
      this.#documents.set(name, document);
    }
    return document;
  }
}

function groupVersions({ resources, reviews }: DiscoveryOptions): readonly GroupVersion[] {
  const found = new Map<string, { readonly group: string; readonly version: string; paths: Discovered[] }>();
  const add = ({ group, version }: { readonly group: string; readonly version: string }, paths: Discovered[]): void => {
    const key = apiVersionOf(group, version);
    const known = found.get(key) ?? { group, version, paths: [] };
    known.paths.push(...paths);
    found.set(key, known);
  };
  for (const resource of resources) add(resource, pathsOf(resource));
  for (const review of reviews) {
    const { resource, singular, namespaced, kind } = review;
    add(review, [{ name: resource, singular, namespaced, kind, verbs: ['create'] }]);
  }
  for (const { paths } of found.values()) paths.sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...found.values()].sort((a, b) => compareGroups(a.group, b.group) || compareVersions(a.version, b.version));
}

function pathsOf(resource: Resource): Discovered[] {
  const { singular, namespaced, kind, shortNames, categories, storageVersionHash } = resource;
  const verbs = ALL_VERBS.filter((verb) => verb !== 'deletecollection' || resource.deleteCollection !== false);
  const main: Discovered = {
    name: resource.resource,
    singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(categories === undefined ? {} : { categories }),
    ...(storageVersionHash === undefined ? {} : { storageVersionHash }),
  };
  const subresources = Object.entries(resource.subresources ?? {}).map(([name, subresource]) =>
    subresourcePath(resource, name, subresource),
  );
  return [main, ...subresources];
}

function subresourcePath(resource: Resource, name: string, subresource: Subresource<KubeObject>): Discovered {
  const common = { name: `${resource.resource}/${name}`, singular: '', namespaced: resource.namespaced };
  if (subresource.kind === 'update') {
    return { ...common, kind: resource.kind, verbs: subresource.verbs.toSorted() };
  }
  const { group, version, requestKind } = subresource;
  const own = group === resource.group && version === resource.version ? {} : { group, version };
  return { ...common, ...own, kind: requestKind, verbs: ['create'] };
}

/** APIResource, its fields in the order in which the API server writes them. */
function legacyResource(path: Discovered): object {
  const { name, singular, namespaced, kind, verbs, ...more } = path;
  const { group, version, ...rest } = more;
  return {
    name,
    singularName: singular,
    namespaced,
    ...(group === undefined ? {} : { group, version }),
    kind,
    verbs,
    ...rest,
  };
}

/** APIResourceDiscovery. An empty group and version mean those of the list; client-go needs the kind to be there. */
function aggregatedResource(path: Discovered, all: readonly Discovered[]): object {
  const subresources = all
    .filter((p) => p.name.startsWith(`${path.name}/`))
    .map((p) => ({ subresource: p.name.slice(path.name.length + 1), responseKind: kindOf(p), verbs: p.verbs }));
  return {
    resource: path.name,
    responseKind: kindOf(path),
    scope: path.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: path.singular,
    verbs: path.verbs,
    ...(path.shortNames === undefined ? {} : { shortNames: path.shortNames }),
    ...(path.categories === undefined ? {} : { categories: path.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

function kindOf({ group = '', version = '', kind }: Discovered): object {
  return { group, version, kind };
}
