import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { sampleSchema } from '../../../test/sample-schema.js';
import { createResources } from '../../registry/resources.js';
import { tokenRequestSchema } from '../reviews/authentication-schemas.js';
import { subjectAccessReviewSchema } from '../reviews/authorization-schemas.js';
import { componentsOf, type Json } from './components.js';
import type { OpenApiAnswer } from './built-document.js';
import { encodeDocument } from './encode-document.js';
import { OPENAPI_DOCUMENT } from './openapi-messages.js';
import { createOpenApi, type OpenApi } from './openapi.js';
import { SWAGGER_DOCUMENT } from './swagger-messages.js';

const unused = (): Promise<never> => Promise.reject(new Error('documents ask nobody'));

function openApi(): OpenApi {
  return createOpenApi({
    resources: createResources({
      requestVerifier: { verify: unused },
      serviceAccountToken: {
        kind: 'create',
        group: 'authentication.k8s.io',
        version: 'v1',
        requestKind: 'TokenRequest',
        schema: tokenRequestSchema,
        create: unused,
      },
    }),
    reviews: [
      {
        group: 'authorization.k8s.io',
        version: 'v1',
        kind: 'SubjectAccessReview',
        resource: 'subjectaccessreviews',
        namespaced: false,
        schema: subjectAccessReviewSchema,
      },
    ],
    digest: (bytes) => createHash('sha512').update(bytes).digest(),
    now: () => Date.UTC(2026, 10, 23, 16, 58, 39),
  });
}

type Document = Readonly<Record<string, Json>>;

function parsed(answer: OpenApiAnswer): Document {
  return JSON.parse(Buffer.from(answer.body).toString()) as Document;
}

function hashOf(answer: OpenApiAnswer): string {
  return createHash('sha512').update(answer.body).digest('hex').toUpperCase();
}

const CSR = 'apis/certificates.k8s.io/v1';

/** A part of a document by its path; undefined where there is none. */
function at(document: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((part, name) => (part as Json | undefined)?.[name], document);
}

function everyRef(part: unknown): readonly string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) => (name === '$ref' ? [String(value)] : everyRef(value)));
}

test('knows nothing of versions that are not served', () => {
  for (const path of ['', 'api/v2', 'apis/apps/v1', 'api', '../secret', '__proto__']) {
    assert.deepEqual(openApi().document(path, undefined), { status: 404, headers: {}, body: new Uint8Array(0) });
  }
});

const PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const OLD_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const V3_PROTOBUF = 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf';
const OLD_V3_PROTOBUF = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf';

test('answers 406 to who takes nothing that there is', () => {
  for (const accept of ['text/html', 'application/jsonx', 'application/json;q=0', 'no type']) {
    const refused = { status: 406, headers: { vary: 'Accept' }, body: new Uint8Array(0) };
    assert.deepEqual(openApi().swagger({ accept }), refused, accept);
    assert.deepEqual(openApi().document(CSR, undefined, { accept }), refused, accept);
  }
  assert.equal(openApi().document(CSR, undefined, { accept: PROTOBUF }).status, 406);
  assert.equal(openApi().swagger({ accept: V3_PROTOBUF }).status, 406);
});

const accepted: readonly (readonly [accept: string | undefined, type: string])[] = [
  [undefined, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['application/*', 'application/json'],
  ['application/json;charset=utf-8', 'application/json'],
  ['text/html, application/json;q=0.5', 'application/json'],
  [OLD_PROTOBUF, PROTOBUF],
  [PROTOBUF, PROTOBUF],
  [`${PROTOBUF}, application/json`, PROTOBUF],
  [`application/json, ${PROTOBUF}`, 'application/json'],
  [`application/json;q=0.8, ${OLD_PROTOBUF};q=0.9`, PROTOBUF],
  [`${PROTOBUF};q=0, */*;q=0.1`, 'application/json'],
];

for (const [accept, type] of accepted) {
  test(`answers ${type} in version 2 to who takes ${accept ?? 'what there is'}`, () => {
    const { status, headers, body } = openApi().swagger(accept === undefined ? {} : { accept });
    assert.deepEqual([status, headers['content-type'], headers['vary']], [200, type, 'Accept']);
    assert.equal(headers['etag'], `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"`);
  });
}

test('what is in protobuf is what is in JSON', () => {
  const api = openApi();
  const json = parsed(api.swagger());
  assert.deepEqual(
    Buffer.from(api.swagger({ accept: PROTOBUF }).body),
    Buffer.from(encodeDocument(SWAGGER_DOCUMENT, json)),
  );
  for (const path of Object.keys(parsed(api.index())['paths'] ?? {})) {
    const document = parsed(api.document(path, undefined));
    const { body } = api.document(path, undefined, { accept: OLD_V3_PROTOBUF });
    assert.deepEqual(Buffer.from(body), Buffer.from(encodeDocument(OPENAPI_DOCUMENT, document)), path);
  }
});

test('a link leads to the protobuf form, too, and that has a tag of its own', () => {
  const api = openApi();
  const json = api.document(CSR, undefined);
  for (const accept of [V3_PROTOBUF, OLD_V3_PROTOBUF, `${OLD_V3_PROTOBUF}, application/json;q=0.9`]) {
    const { status, headers, body } = api.document(CSR, hashOf(json), { accept });
    assert.deepEqual([status, headers['content-type']], [200, V3_PROTOBUF]);
    assert.equal(headers['cache-control'], 'public, immutable');
    assert.equal(headers['etag'], `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"`);
    assert.notEqual(headers['etag'], json.headers['etag']);
  }
});

test('redirects a stale link to the one that is true now', () => {
  const api = openApi();
  const { status, headers } = api.document(CSR, 'OLD');
  assert.equal(status, 301);
  assert.equal(headers['location'], `/openapi/v3/${CSR}?hash=${hashOf(api.document(CSR, undefined))}`);
});

test('lists each group and version with the hash of its document', () => {
  const api = openApi();
  const { paths } = parsed(api.index());
  assert.deepEqual(Object.keys(paths ?? {}), [
    'api/v1',
    'apis/authorization.k8s.io/v1',
    'apis/certificates.k8s.io/v1',
    'apis/certificates.k8s.io/v1alpha1',
    'apis/certificates.k8s.io/v1beta1',
    'apis/coordination.k8s.io/v1',
    'apis/countersign.dev/v1alpha1',
    'apis/discovery.k8s.io/v1',
    'apis/events.k8s.io/v1',
    'apis/rbac.authorization.k8s.io/v1',
  ]);
  for (const [path, link] of Object.entries(paths ?? {})) {
    const hash = hashOf(api.document(path, undefined));
    assert.deepEqual(link, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` });
  }
});

test('lets a document be kept for a year when its link names its hash, and not otherwise', () => {
  const api = openApi();
  const plain = api.document(CSR, undefined);
  const hash = hashOf(plain);
  const common = {
    'content-type': 'application/json',
    etag: `"${hash}"`,
    'last-modified': 'Mon, 23 Nov 2026 16:58:39 GMT',
    vary: 'Accept',
  };
  assert.deepEqual(plain.headers, common);
  assert.deepEqual(api.document(CSR, hash).headers, {
    ...common,
    'cache-control': 'public, immutable',
    expires: 'Tue, 23 Nov 2027 16:58:39 GMT',
  });
  assert.equal(api.document(CSR, hash).body, plain.body);
});

test('answers 304 to who has the document', () => {
  const api = openApi();
  const hash = hashOf(api.document(CSR, undefined));
  for (const tag of [`"${hash}"`, `"x", W/"${hash}"`, '*']) {
    const { status, body } = api.document(CSR, undefined, { ifNoneMatch: tag });
    assert.deepEqual([status, body.length], [304, 0]);
  }
  assert.equal(api.document(CSR, undefined, { ifNoneMatch: '"x"' }).status, 200);
  const since = (date: string, more = {}): number =>
    api.document(CSR, undefined, { ifModifiedSince: date, ...more }).status;
  assert.equal(since('Mon, 23 Nov 2026 16:58:39 GMT'), 304);
  assert.equal(since('Mon, 23 Nov 2026 16:58:38 GMT'), 200);
  assert.equal(since('Mon, 23 Nov 2026 16:58:39 GMT', { ifNoneMatch: '"x"' }), 200);
  assert.equal(api.index({ ifNoneMatch: api.index().headers['etag'] ?? '' }).status, 304);
  const swagger = { accept: PROTOBUF };
  assert.equal(api.swagger({ ...swagger, ifNoneMatch: api.swagger(swagger).headers['etag'] ?? '' }).status, 304);
  assert.equal(api.swagger({ ...swagger, ifNoneMatch: api.swagger().headers['etag'] ?? '' }).status, 200);
});

test('tells kubectl that fields are validated here, and how to patch', () => {
  const patch = at(
    parsed(openApi().document(CSR, undefined)),
    'paths',
    `/${CSR}/certificatesigningrequests/{name}`,
    'patch',
  );
  assert.deepEqual(at(patch, 'x-kubernetes-group-version-kind'), {
    group: 'certificates.k8s.io',
    kind: 'CertificateSigningRequest',
    version: 'v1',
  });
  const parameters = at(patch, 'parameters') as readonly Json[];
  assert.ok(parameters.some((p) => p['in'] === 'query' && p['name'] === 'fieldValidation'));
  assert.deepEqual(Object.keys(at(patch, 'requestBody', 'content') as Json), [
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/strategic-merge-patch+json',
    'application/apply-patch+yaml',
  ]);
});

test('describes every path of a resource and what may be done there', () => {
  const paths = parsed(openApi().document('api/v1', undefined))['paths'] ?? {};
  const methods = (path: string): readonly string[] =>
    Object.keys((paths[path] ?? {}) as Json).filter((name) => name !== 'parameters');
  const inNamespace = '/api/v1/namespaces/{namespace}';
  assert.deepEqual(methods(`${inNamespace}/configmaps`), ['get', 'post', 'delete']);
  assert.deepEqual(methods(`${inNamespace}/configmaps/{name}`), ['get', 'put', 'patch', 'delete']);
  assert.deepEqual(methods('/api/v1/configmaps'), ['get']);
  assert.deepEqual(methods('/api/v1/namespaces'), ['get', 'post']);
  assert.deepEqual(methods(`${inNamespace}/serviceaccounts/{name}/token`), ['post']);
  assert.deepEqual(
    at(paths, `${inNamespace}/serviceaccounts/{name}/token`, 'post', 'x-kubernetes-group-version-kind', 'kind'),
    'TokenRequest',
  );
  const status = parsed(openApi().document(CSR, undefined))['paths'] ?? {};
  assert.deepEqual(
    Object.keys(status[`/${CSR}/certificatesigningrequests/{name}/approval`] as Json).filter((n) => n !== 'parameters'),
    ['get', 'patch', 'put'],
  );
});

test('gives every operation a name of its own', () => {
  const api = openApi();
  const ids = Object.keys(parsed(api.index())['paths'] ?? {}).flatMap((path) =>
    Object.values(parsed(api.document(path, undefined))['paths'] ?? {}).flatMap((item) =>
      Object.values(item as Json).flatMap((o) => at(o, 'operationId') ?? []),
    ),
  );
  assert.ok(ids.length > 60);
  assert.equal(new Set(ids).size, ids.length);
});

test('refers to nothing that it does not describe', () => {
  const api = openApi();
  for (const path of Object.keys(parsed(api.index())['paths'] ?? {})) {
    const document = parsed(api.document(path, undefined));
    const schemas = at(document, 'components', 'schemas') as Json;
    for (const ref of everyRef(document)) {
      assert.ok(Object.hasOwn(schemas, ref.replace('#/components/schemas/', '')), `${path}: ${ref}`);
    }
  }
  const swagger = parsed(api.swagger());
  for (const ref of everyRef(swagger)) {
    assert.ok(Object.hasOwn(swagger['definitions'] ?? {}, ref.replace('#/definitions/', '')), ref);
  }
});

test('describes every field of every kind, in words', () => {
  const api = openApi();
  for (const path of Object.keys(parsed(api.index())['paths'] ?? {})) {
    const schemas = at(parsed(api.document(path, undefined)), 'components', 'schemas') as Json;
    for (const [name, schema] of Object.entries(schemas)) {
      assert.match(String(at(schema, 'description')), /\.$/, name);
      for (const [field, property] of Object.entries((at(schema, 'properties') ?? {}) as Json)) {
        assert.match(String(at(property, 'description')), /\w/, `${name}.${field}`);
      }
    }
  }
});

test('marks kinds, lists and merge keys where clients look for them', () => {
  const prefix = '#/components/schemas/';
  const gvk = { group: 'example.io', kind: 'Sample', version: 'v1' };
  const components = componentsOf([{ gvk, schema: sampleSchema, listed: true }], prefix);
  const sample = components['io.example.api.v1.Sample'];
  assert.deepEqual(at(sample, 'x-kubernetes-group-version-kind'), [gvk]);
  assert.deepEqual(Object.keys(at(sample, 'properties') as Json), ['apiVersion', 'kind', 'metadata', 'spec', 'status']);
  assert.deepEqual(at(components, 'io.example.api.v1.SampleList', 'x-kubernetes-group-version-kind'), [
    { ...gvk, kind: 'SampleList' },
  ]);
  const spec = at(components, 'io.example.api.v1.SampleSpec', 'properties') as Json;
  assert.deepEqual(spec['ports'], {
    description: 'The ports.',
    type: 'array',
    items: { allOf: [{ $ref: `${prefix}io.example.api.v1.Port` }] },
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['port'],
    'x-kubernetes-patch-merge-key': 'port',
    'x-kubernetes-patch-strategy': 'merge',
  });
  assert.deepEqual(spec['mode'], { description: 'The mode.', type: 'string', enum: ['Fast', 'Slow'] });
  assert.deepEqual(spec['extra'], {
    description: 'The extra.',
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string' } },
  });
  assert.deepEqual(spec['request'], { description: 'The request.', type: 'string', format: 'byte' });
  assert.deepEqual(spec['total'], { description: 'The total.', type: 'integer', format: 'int64' });
  assert.deepEqual(spec['renewed'], { description: 'The renewed.', type: 'string', format: 'date-time' });
  assert.deepEqual(at(components, 'io.example.api.v1.Port', 'properties', 'targetPort'), {
    description: 'The targetPort.',
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
  });
  assert.deepEqual(at(components, 'io.example.api.v1.Port', 'required'), ['port']);
  assert.equal(at(components, 'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector', 'x-kubernetes-map-type'), 'atomic');
});

test('builds each document once', () => {
  const api = openApi();
  assert.equal(api.index().body, api.index().body);
  assert.equal(api.document(CSR, undefined).body, api.document(CSR, undefined).body);
  assert.equal(api.swagger().body, api.swagger({ accept: '*/*' }).body);
});
