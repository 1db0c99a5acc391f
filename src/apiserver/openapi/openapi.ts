import { toHex, utf8 } from '../../base/bytes.js';
import { toUnixSeconds } from '../../base/clock.js';
import { formatHttpDate } from '../../kube/time.js';
import type { Resource } from '../../registry/resource.js';
import {
  acceptedType,
  answerWith,
  emptyAnswer,
  type BuiltDocument,
  type DocumentRequest,
  type OpenApiAnswer,
} from './built-document.js';
import type { DescribedKind, Json } from './components.js';
import type { Shape } from './document-shape.js';
import { openApiDocument, swaggerDocument } from './document.js';
import { encodeDocument } from './encode-document.js';
import { OPENAPI_DOCUMENT } from './openapi-messages.js';
import { SWAGGER_DOCUMENT } from './swagger-messages.js';
import { pathOfReview, pathsOfResource, rootOf, type PathItem, type PostedKind } from './paths.js';

/** What the endpoints under `/openapi` answer. Documents are built when first asked for, and kept. */
export interface OpenApi {
  /** `/openapi/v3`. */
  index(request?: DocumentRequest): OpenApiAnswer;
  /**
   * `/openapi/v3/{path}` in JSON or in protobuf, such as `api/v1` or `apis/rbac.authorization.k8s.io/v1`; `hash` from
   * the query.
   */
  document(path: string, hash: string | undefined, request?: DocumentRequest): OpenApiAnswer;
  /** `/openapi/v2` in JSON or in protobuf. */
  swagger(request?: DocumentRequest): OpenApiAnswer;
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

const JSON_TYPE = 'application/json';

/** A version of OpenAPI in protobuf. */
interface ProtobufForm {
  readonly shape: Shape;
  readonly type: string;
  /** By what old clients ask for it. */
  readonly oldType: string;
}

const SWAGGER: ProtobufForm = {
  shape: SWAGGER_DOCUMENT,
  type: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
  oldType: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
};

const OPENAPI: ProtobufForm = {
  shape: OPENAPI_DOCUMENT,
  type: 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
  oldType: 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf',
};

const YEAR_SECONDS = 365 * 86_400;

class CachedOpenApi implements OpenApi {
  readonly #options: OpenApiOptions;
  readonly #built = new Map<string, BuiltDocument>();
  /** The group versions, by path; found out once. */
  #paths: ReadonlyMap<string, GroupVersion> | undefined;

  constructor(options: OpenApiOptions) {
    this.#options = options;
  }

  index(request: DocumentRequest = {}): OpenApiAnswer {
    const index = this.#json('index', () => {
      const paths = [...this.#groupVersions().keys()]
        .sort()
        .map((path) => [path, { serverRelativeURL: this.#link(path) }]);
      return { paths: Object.fromEntries(paths) as unknown };
    });
    return answerWith(index, request);
  }

  document(path: string, hash: string | undefined, request: DocumentRequest = {}): OpenApiAnswer {
    const groupVersion = this.#groupVersions().get(path);
    if (groupVersion === undefined) return emptyAnswer(404);
    // The hash in a link is that of the JSON, whichever form is asked for.
    const document = this.#document(path, groupVersion);
    if (hash !== undefined && hash !== '' && hash !== document.hash) {
      return emptyAnswer(301, { location: this.#link(path) });
    }
    // A link with a hash never changes what it shows.
    const lasting =
      hash === document.hash
        ? {
            'cache-control': 'public, immutable',
            expires: this.#dateIn(YEAR_SECONDS),
          }
        : {};
    return this.#inForm(OPENAPI, `v3 ${path}`, () => v3DocumentOf(groupVersion), request, lasting);
  }

  swagger(request: DocumentRequest = {}): OpenApiAnswer {
    return this.#inForm(SWAGGER, 'v2', () => this.#swagger(), request);
  }

  /** The document in JSON or in protobuf, as the request wishes. */
  #inForm(
    { shape, type, oldType }: ProtobufForm,
    name: string,
    build: () => Json,
    request: DocumentRequest,
    headers?: Readonly<Record<string, string>>,
  ): OpenApiAnswer {
    const accepted = acceptedType(request.accept, [JSON_TYPE, type, oldType]);
    if (accepted === undefined) return emptyAnswer(406, { vary: 'Accept' });
    const document =
      accepted === JSON_TYPE
        ? this.#json(name, build)
        : this.#once(`${name} in protobuf`, type, () => encodeDocument(shape, build()));
    return answerWith(document, request, headers);
  }

  #swagger(): Json {
    const all = [...this.#groupVersions().values()];
    return swaggerDocument(
      all.flatMap((g) => g.kinds()),
      all.flatMap((g) => g.items()),
    );
  }

  #link(path: string): string {
    const groupVersion = this.#groupVersions().get(path);
    const hash = groupVersion === undefined ? '' : this.#document(path, groupVersion).hash;
    return `/openapi/v3/${path}?hash=${hash}`;
  }

  #document(path: string, groupVersion: GroupVersion): BuiltDocument {
    return this.#json(`v3 ${path}`, () => v3DocumentOf(groupVersion));
  }

  #json(name: string, build: () => Json): BuiltDocument {
    return this.#once(name, JSON_TYPE, () => utf8(`${JSON.stringify(build())}\n`));
  }

  #once(name: string, contentType: string, build: () => Uint8Array): BuiltDocument {
    let built = this.#built.get(name);
    if (built === undefined) {
      const body = build();
      const hash = toHex(this.#options.digest(body)).toUpperCase();
      built = { contentType, body, hash, lastModified: this.#dateIn(0) };
      this.#built.set(name, built);
    }
    return built;
  }

  /** A date for a header. */
  #dateIn(seconds: number): string {
    return formatHttpDate(toUnixSeconds(Math.floor(this.#options.now() / 1000) + seconds));
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

function v3DocumentOf(groupVersion: GroupVersion): Json {
  return openApiDocument(groupVersion.kinds(), groupVersion.items());
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
