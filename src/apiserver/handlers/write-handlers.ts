import type { ApiResponse } from '../../kube/exchange.js';
import type { KubeObject, ObjectMeta } from '../../kube/object-meta.js';
import { badRequest } from '../../kube/status.js';
import type { CreateSubresource, Resource, Subresource } from '../../registry/resource.js';
import { forbiddenRequest } from '../authorization/forbidden-message.js';
import {
  bodyFormat,
  type DecodedBody,
  decodeBody,
  decodeValue,
  type ExpectedKind,
  refuseFindings,
} from '../bodies/decode-body.js';
import { readBody } from '../bodies/read-body.js';
import { type OptionsKind, parseWriteQuery, type WriteQuery } from '../bodies/write-options.js';
import { negotiate } from '../negotiation/negotiate.js';
import { headerOf } from '../request-headers.js';
import { respondObject } from '../responses/respond.js';
import type { ReviewResource } from '../reviews/review-resource.js';
import type { ResourceRequest } from '../routing/request-info.js';
import type { ServedRequest } from '../served-request.js';
import type { ServedResource } from '../served-resource.js';
import type { ServerParts } from '../server-parts.js';
import { admitWith, type Operation, operationOn } from './admission-of.js';
import { keyOf, NO_TABLE_OFFER, OBJECT_OFFER, offerFor } from './read-handlers.js';

/** POST to a collection. */
export async function createObject(
  parts: ServerParts,
  served: ServedRequest<ResourceRequest>,
  { resource, store }: ServedResource,
): Promise<ApiResponse> {
  const form = negotiate(served.accept, OBJECT_OFFER);
  const { body, options } = await readWrite(parts, served, resource, 'CreateOptions');
  const object = inNamespaceOf(served.info, resource, body.object);
  const operation: Operation = { verb: 'create', resource, subresource: '', dryRun: options.dryRun };
  await parts.admission.beforeValidation(operationOn(served, operation, object.metadata.name ?? '', object, undefined));
  const created = await store.create(object, {
    context: served.context(options.dryRun, options.fieldManager),
    admit: admitWith(parts, served, operation),
  });
  return respondObject(served, 201, created, resource, form);
}

/** PUT of an object, or through a subresource. */
export async function updateObject(
  parts: ServerParts,
  served: ServedRequest<ResourceRequest>,
  { resource, store }: ServedResource,
  subresource: Subresource<KubeObject> | undefined,
): Promise<ApiResponse> {
  const form = negotiate(served.accept, offerFor(subresource));
  const { body, options } = await readWrite(parts, served, resource, 'UpdateOptions');
  const next = checkName(served.info, resource, body.object);
  const operation: Operation = {
    verb: 'update',
    resource,
    subresource: served.info.subresource,
    dryRun: options.dryRun,
  };
  const updated = await store.update(
    keyOf(served.info, resource),
    async (current) => {
      const verb = current === undefined ? 'create' : 'update';
      await parts.admission.beforeValidation(
        operationOn(served, { ...operation, verb }, served.info.name, next, current),
      );
      return next;
    },
    {
      context: served.context(options.dryRun, options.fieldManager),
      admit: admitWith(parts, served, operation),
      ...(served.info.subresource === '' ? {} : { subresource: served.info.subresource }),
      mayCreate: () => assertMayCreate(parts, served),
    },
  );
  return respondObject(served, updated.created ? 201 : 200, updated.object, resource, form);
}

/** POST to a subresource that takes another kind, such as `serviceaccounts/token`. */
export async function createThrough(
  parts: ServerParts,
  served: ServedRequest<ResourceRequest>,
  { resource, store }: ServedResource,
  subresource: CreateSubresource<KubeObject>,
): Promise<ApiResponse> {
  const form = negotiate(served.accept, NO_TABLE_OFFER);
  const expected: ExpectedKind = { ...subresource, kind: subresource.requestKind };
  const { body, options } = await readWrite(parts, served, expected, 'CreateOptions');
  const named = inNamespaceOf(served.info, resource, body.object);
  const name = named.metadata.name ?? '';
  if (name !== '' && name !== served.info.name) throw nameMismatch(name, served.info.name);
  const request = { ...named, metadata: { ...named.metadata, name: served.info.name } };
  const owner = await store.get(keyOf(served.info, resource));
  const operation: Operation = {
    verb: 'create',
    resource,
    subresource: served.info.subresource,
    dryRun: options.dryRun,
  };
  await parts.admission.beforeValidation(operationOn(served, operation, served.info.name, request, undefined));
  const created = await subresource.create(owner, request, served.context(options.dryRun, options.fieldManager));
  return respondObject(served, 201, created, asResource(expected, resource), form);
}

/** POST of a review. */
export async function createReview(
  parts: ServerParts,
  served: ServedRequest<ResourceRequest>,
  review: ReviewResource,
): Promise<ApiResponse> {
  const form = negotiate(served.accept, { ...NO_TABLE_OFFER, partialMetadata: false });
  const { body, options } = await readWrite(parts, served, review, 'CreateOptions');
  const namespace = review.namespaced ? served.info.namespace : '';
  const object = review.namespaced ? namespaceChecked(body.object, namespace) : body.object;
  const context = served.context(options.dryRun, options.fieldManager);
  const answer = await review.create(object, {
    user: context.user,
    now: context.now,
    dryRun: context.dryRun,
    fieldManager: context.fieldManager,
    warn: context.warn,
    get signal() {
      return context.signal;
    },
    namespace,
  });
  return respondObject(served, 201, answer, asResource(review), form);
}

/** What encoding needs of a kind that is no stored resource. */
function asResource(expected: ExpectedKind, base?: Resource): Resource {
  // respondObject reads group, version, kind and schema; the offer ruled out Tables, which need the rest
  return { ...base, ...expected } as Resource;
}

interface Write {
  readonly body: DecodedBody;
  readonly options: WriteQuery;
}

/** Body and options of a write, in the order in which the API server looks at them. */
async function readWrite(
  parts: ServerParts,
  served: ServedRequest,
  expected: ExpectedKind,
  kind: Extract<OptionsKind, 'CreateOptions' | 'UpdateOptions'>,
): Promise<Write> {
  const { body, headers } = served.request;
  if (body.kind === 'object') {
    const options = parseWriteQuery(served, kind);
    const decoded = decodeValue(body.value, expected, parts.kinds);
    served.audit?.sent(decoded.object);
    return { body: { ...decoded, findings: [] }, options };
  }
  const format = bodyFormat(headerOf(headers, 'content-type'));
  const bytes = await readBody(body, parts.limits.maxBodyBytes);
  const options = parseWriteQuery(served, kind);
  const decoded = await decodeBody(bytes, format, expected, parts.kinds, options.fieldValidation !== 'Ignore');
  served.audit?.sent(decoded.object);
  if (options.fieldValidation === 'Strict') refuseFindings(decoded.findings, expected);
  for (const finding of decoded.findings) served.warnings.add(finding);
  return { body: decoded, options };
}

/** The object with the namespace of the request; 400 when it names another, nothing at all where there is none. */
export function inNamespaceOf(info: ResourceRequest, resource: Resource, object: KubeObject): KubeObject {
  if (resource.namespaced) return namespaceChecked(object, info.namespace);
  if (object.metadata.namespace === undefined) return object;
  const { namespace: _cleared, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function namespaceChecked(object: KubeObject, namespace: string): KubeObject {
  const own = object.metadata.namespace ?? '';
  if (own === namespace) return object;
  if (own !== '') {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const { name, generateName, ...rest } = object.metadata;
  const metadata: ObjectMeta = {
    ...(name === undefined ? {} : { name }),
    ...(generateName === undefined ? {} : { generateName }),
    namespace,
    ...rest,
  };
  return { ...object, metadata };
}

/** The object of an update: its name must be there and be the one of the URL. */
export function checkName(info: ResourceRequest, resource: Resource, object: KubeObject): KubeObject {
  const checked = inNamespaceOf(info, resource, object);
  const name = checked.metadata.name ?? '';
  if (name === '') {
    throw badRequest(`the name of the object (${info.name} based on URL) was undeterminable: name must be provided`);
  }
  if (name !== info.name) throw nameMismatch(name, info.name);
  return checked;
}

function nameMismatch(name: string, wanted: string): Error {
  return badRequest(`the name of the object (${name}) does not match the name on the URL (${wanted})`);
}

/** A PUT or apply that creates needs the permission to create as well. */
export async function assertMayCreate(parts: ServerParts, served: ServedRequest<ResourceRequest>): Promise<void> {
  const { group, version, namespace, resource, subresource, name } = served.info;
  const attributes = {
    kind: 'resource',
    user: served.user,
    verb: 'create',
    group,
    version,
    namespace,
    resource,
    subresource,
    name,
  } as const;
  const decision = await parts.authorizer.authorize(attributes);
  if (!decision.allowed) throw forbiddenRequest(attributes, decision);
}
