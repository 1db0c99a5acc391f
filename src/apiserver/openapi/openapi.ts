import { toHex, utf8 } from '../../base/bytes.js';
import { toUnixSeconds } from '../../base/clock.js';
import { formatHttpDate } from '../../kube/time.js';
import type { Resource } from '../../registry/resource.js';
import type { DescribedKind, Json } from './components.js';
import { openApiDocument, swaggerDocument } from './document.js';
import { pathOfReview, pathsOfResource, rootOf, type PathItem, type PostedKind } from './paths.js';

/** An answer of the OpenAPI endpoints; the caller adds what every answer carries. Header names are lower-case. */
export interface OpenApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What the endpoints under `/openapi` answer. Documents are built when first asked for, and kept. */
export interface OpenApi {
  /** `/openapi/v3`. */
  index(): OpenApiAnswer;
  /** `/openapi/v3/{path}`, such as `api/v1` or `apis/rbac.authorization.k8s.io/v1`; `hash` from the query. */
  document(path: string, hash: string | undefined, ifNoneMatch?: string): OpenApiAnswer;
  /** `/openapi/v2` as JSON; 406 when `accept` takes only protobuf. */
  swagger(accept: string | undefined, ifNoneMatch?: string): OpenApiAnswer;
}

/** What the documents are made from. */
export interface OpenApiOptions {
  readonly resources: readonly Resource[];
  readonly reviews: readonly PostedKind[];
  /** A collision-resistant hash, for ETags and links. */
  readonly digest: (bytes: Uint8Array) => Uint8Array;
  /** Milliseconds since 1970, for `Expires`. */
  readonly now: () => number;
}

/** The OpenAPI documents of a closed set of resources. Builds nothing yet. */
export function createOpenApi(options: OpenApiOptions): OpenApi {
  return new CachedOpenApi(options);
}

const YEAR_SECONDS = 365 * 86_400;
const NOTHING = new Uint8Array(0);

interface Built {
  readonly body: Uint8Array;
  /** Upper-case hexadecimal. */
  readonly hash: string;
}

class CachedOpenApi implements OpenApi {
  readonly #options: OpenApiOptions;
  readonly #built = new Map<string, Built>();
  /** The group versions, by path; found out once. */
  #paths: ReadonlyMap<string, GroupVersion> | undefined;

  constructor(options: OpenApiOptions) {
    this.#options = options;
  }

  index(): OpenApiAnswer {
    const index = this.#once('index', () => {
      const paths = [...this.#groupVersions().keys()]
        .sort()
        .map((path) => [path, { serverRelativeURL: this.#link(path) }]);
      return { paths: Object.fromEntries(paths) as unknown };
    });
    return { status: 200, headers: { 'content-type': 'application/json', ...tagOf(index) }, body: index.body };
  }

  document(path: string, hash: string | undefined, ifNoneMatch?: string): OpenApiAnswer {
    const groupVersion = this.#groupVersions().get(path);
    if (groupVersion === undefined) return { status: 404, headers: {}, body: NOTHING };
    const document = this.#document(path, groupVersion);
    if (hash !== undefined && hash !== '' && hash !== document.hash) {
      return { status: 301, headers: { location: this.#link(path) }, body: NOTHING };
    }
    // A link with a hash never changes what it shows.
    const lasting =
      hash === document.hash
        ? {
            'cache-control': 'public, immutable',
            expires: formatHttpDate(toUnixSeconds(this.#options.now() / 1000 + YEAR_SECONDS)),
          }
        : {};
    return conditional(document, lasting, ifNoneMatch);
  }

  swagger(accept: string | undefined, ifNoneMatch?: string): OpenApiAnswer {
    if (accept !== undefined && accept !== '' && !/(^|[,\s])(\*\/\*|application\/(\*|json))\s*($|[;,])/.test(accept)) {
      return { status: 406, headers: {}, body: NOTHING };
    }
    const document = this.#once('swagger', () => {
      const all = [...this.#groupVersions().values()];
      return swaggerDocument(
        all.flatMap((g) => g.kinds()),
        all.flatMap((g) => g.items()),
      );
    });
    return conditional(document, {}, ifNoneMatch);
  }

  #link(path: string): string {
    const groupVersion = this.#groupVersions().get(path);
    const hash = groupVersion === undefined ? '' : this.#document(path, groupVersion).hash;
    return `/openapi/v3/${path}?hash=${hash}`;
  }

  #document(path: string, groupVersion: GroupVersion): Built {
    return this.#once(`v3 ${path}`, () => openApiDocument(groupVersion.kinds(), groupVersion.items()));
  }

  #once(name: string, build: () => Json): Built {
    let built = this.#built.get(name);
    if (built === undefined) {
      const body = utf8(`${JSON.stringify(build())}\n`);
      built = { body, hash: toHex(this.#options.digest(body)).toUpperCase() };
      this.#built.set(name, built);
    }
    return built;
  }

  #groupVersions(): ReadonlyMap<string, GroupVersion> {
    this.#paths ??= groupVersionsOf(this.#options);
    return this.#paths;
  }
}

/** The resources and reviews of one group and version. */
class GroupVersion {
  readonly resources: Resource[] = [];
  readonly reviews: PostedKind[] = [];

  items(): readonly PathItem[] {
    return [...this.resources.flatMap(pathsOfResource), ...this.reviews.map(pathOfReview)];
  }

  kinds(): readonly DescribedKind[] {
    const kinds: DescribedKind[] = [];
    for (const { group, version, kind, schema, subresources } of this.resources) {
      kinds.push({ gvk: { group, kind, version }, schema, listed: true });
      for (const sub of Object.values(subresources ?? {})) {
        if (sub.kind === 'update') continue;
        const gvk = { group: sub.group, kind: sub.requestKind, version: sub.version };
        kinds.push({ gvk, schema: sub.schema, listed: false });
      }
    }
    for (const { group, version, kind, schema } of this.reviews) {
      kinds.push({ gvk: { group, kind, version }, schema, listed: false });
    }
    return kinds;
  }
}

function groupVersionsOf({ resources, reviews }: OpenApiOptions): ReadonlyMap<string, GroupVersion> {
  const found = new Map<string, GroupVersion>();
  const at = ({ group, version }: { readonly group: string; readonly version: string }): GroupVersion => {
    const path = rootOf(group, version).slice(1);
    const known = found.get(path) ?? new GroupVersion();
    found.set(path, known);
    return known;
  };
  for (const resource of resources) at(resource).resources.push(resource);
  for (const review of reviews) at(review).reviews.push(review);
  return found;
}

function conditional(
  document: Built,
  headers: Readonly<Record<string, string>>,
  ifNoneMatch: string | undefined,
): OpenApiAnswer {
  const all = { 'content-type': 'application/json', ...tagOf(document), vary: 'Accept', ...headers };
  const known = ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === all.etag) === true;
  return known ? { status: 304, headers: all, body: NOTHING } : { status: 200, headers: all, body: document.body };
}

function tagOf({ hash }: Built): { readonly etag: string } {
  return { etag: `"${hash}"` };
}
