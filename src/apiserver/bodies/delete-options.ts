import { hasCode } from '../../base/error.js';
import { decodeObject } from '../../kube/decode-json.js';
import { type FieldError, invalid, notSupported } from '../../kube/field-error.js';
import { deleteOptionsSchema } from '../../kube/object-meta-schema.js';
import { parseJson } from '../../kube/parse-json.js';
import type { Propagation } from '../../kube/propagation.js';
import { badRequest } from '../../kube/status.js';
import { decodeMessage } from '../protobuf/decode-message.js';
import { decodeProtobuf } from '../protobuf/envelope.js';
import { headerOf } from '../request-headers.js';
import type { Query } from '../routing/query.js';
import type { ServedRequest } from '../served-request.js';
import { parseYamlBody } from '../yaml-body.js';
import { bodyFormat } from './decode-body.js';
import { parseInt64 } from './parse-int64.js';
import { readBody } from './read-body.js';
import { dryRunProblems, invalidOptions } from './write-options.js';

/** What a client may say about a delete. */
export interface DeleteQuery {
  readonly dryRun: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly gracePeriodSeconds?: number;
  readonly orphanDependents?: boolean;
  readonly propagationPolicy?: Propagation;
}

/** meta/v1 DeleteOptions as they came. */
interface RawDeleteOptions {
  readonly kind?: string;
  readonly dryRun?: readonly string[];
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly gracePeriodSeconds?: number;
  readonly orphanDependents?: boolean;
  readonly propagationPolicy?: string;
}

/**
 * Reads the options of a delete: from the body where there is one, else from the query. A body may say that it is a
 * DeleteOptions of any group, or nothing; unknown fields are ignored. 400 for what cannot be read, 422 for what is
 * wrong.
 */
export async function parseDeleteOptions(served: ServedRequest, maxBytes: number): Promise<DeleteQuery> {
  const body = await fromBody(served, maxBytes);
  if (body !== undefined) served.audit?.sent(body);
  const raw = body ?? fromQuery(served.info.query);
  const errors: FieldError[] = [...dryRunProblems(raw.dryRun ?? [])];
  const policy = parsePropagation(raw.propagationPolicy);
  if (policy === undefined && raw.propagationPolicy !== undefined) {
    const supported = ['Foreground', 'Background', 'Orphan', 'nil'];
    errors.push(notSupported('propagationPolicy', raw.propagationPolicy, supported));
  }
  if (raw.orphanDependents !== undefined && raw.propagationPolicy !== undefined) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set';
    errors.push(invalid('propagationPolicy', raw.propagationPolicy, detail));
  }
  if (errors.length > 0) throw invalidOptions('DeleteOptions', errors);
  const grace = raw.gracePeriodSeconds;
  return {
    dryRun: (raw.dryRun ?? []).length > 0,
    ...(raw.preconditions === undefined ? {} : { preconditions: raw.preconditions }),
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace < 0 ? 1 : grace }),
    ...(raw.orphanDependents === undefined ? {} : { orphanDependents: raw.orphanDependents }),
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
  };
}

function parsePropagation(text: string | undefined): Propagation | undefined {
  switch (text) {
    case 'Orphan':
    case 'Background':
    case 'Foreground':
      return text;
    default:
      return undefined;
  }
}

async function fromBody(served: ServedRequest, maxBytes: number): Promise<RawDeleteOptions | undefined> {
  const { body, headers } = served.request;
  if (body.kind === 'none') return undefined;
  if (body.kind === 'object') return decoded(body.value);
  const bytes = await readBody(body, maxBytes);
  if (bytes.length === 0) return undefined;
  const format = bodyFormat(headerOf(headers, 'content-type'));
  if (format === 'protobuf') {
    const envelope = decodeProtobuf(bytes);
    assertKind(envelope.kind, envelope.apiVersion);
    return decodeMessage(deleteOptionsSchema, envelope.raw); // all its fields are optional, and of the schema's types
  }
  const text = Buffer.from(bytes).toString('utf8');
  return decoded(format === 'yaml' ? (await refused(parseYamlBody(text))).value : await refused(() => parseJson(text)));
}

async function refused<T>(work: Promise<T> | (() => T)): Promise<T> {
  try {
    return await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (!hasCode(error, 'OBJECT_MALFORMED')) throw error;
    throw badRequest(`couldn't get version/kind; json parse error: ${error.message}`);
  }
}

async function decoded(json: unknown): Promise<RawDeleteOptions> {
  const { object } = await refused(() => decodeObject(deleteOptionsSchema, 'DeleteOptions', json ?? {}));
  const options = object as unknown as RawDeleteOptions & { apiVersion?: string }; // the schema's fields, no metadata
  assertKind(options.kind ?? '', options.apiVersion ?? '');
  return options;
}

function assertKind(kind: string, apiVersion: string): void {
  if (kind === '' || kind === 'DeleteOptions') return;
  throw badRequest(
    `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:100"`,
  );
}

function fromQuery(query: Query): RawDeleteOptions {
  if (query.raw === '') return {};
  const grace = query.get('gracePeriodSeconds');
  const orphan = query.flag('orphanDependents');
  const policy = query.get('propagationPolicy');
  return {
    dryRun: query.all('dryRun'),
    ...(grace === '' ? {} : { gracePeriodSeconds: parseInt64(grace) }),
    ...(orphan === undefined ? {} : { orphanDependents: orphan }),
    ...(policy === '' ? {} : { propagationPolicy: policy }),
  };
}
