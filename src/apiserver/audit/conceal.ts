import { isJsonObject } from '../../kube/decode-json.js';
import type { Status } from '../../kube/status.js';
import type { RequestInfo } from '../routing/request-info.js';

/** Stands where something secret was. */
export const CONCEALED = '(concealed)';

/** Whose bodies hold secrets whatever a policy says: the values of Secrets, and tokens. */
export type Confidential = 'secret' | 'token' | undefined;

/** What of a request's bodies must not be written down. */
export function confidentialityOf(info: RequestInfo): Confidential {
  if (info.kind === 'path') return undefined;
  const { group, resource, subresource } = info;
  if (group === '' && resource === 'secrets') return 'secret';
  if (group === '' && resource === 'serviceaccounts' && subresource === 'token') return 'token';
  return group === 'authentication.k8s.io' && resource === 'tokenreviews' ? 'token' : undefined;
}

/** kubectl keeps the whole applied object here. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * A body without what is confidential: of Secrets their names stay, the keys of their data and their metadata; of token
 * requests and reviews everything but the token. The input is not changed.
 */
export function concealed(body: unknown, confidential: Confidential): unknown {
  switch (confidential) {
    case 'secret':
      return concealedSecret(body);
    case 'token':
      return mapped(body, (name, value) => (name === 'token' && value !== '' ? CONCEALED : undefined));
    case undefined:
      return body;
  }
}

/** The message and details of a refusal repeat what they refuse. */
export function concealedStatus(status: Status, confidential: Confidential): Status {
  if (confidential === undefined || (status.code !== 400 && status.code !== 422)) return status;
  const { causes, ...details } = status.details ?? {};
  return {
    ...status,
    message: CONCEALED,
    ...(status.details === undefined
      ? {}
      : {
          details: {
            ...details,
            ...(causes === undefined ? {} : { causes: causes.map((cause) => ({ ...cause, message: CONCEALED })) }),
          },
        }),
  };
}

/** Fields of a Secret, or of a patch to one, that say nothing secret. */
const OPEN_FIELDS: ReadonlySet<string> = new Set(['kind', 'apiVersion', 'metadata', 'type', 'immutable']);

/** Fields of what is sent and answered besides Secrets that say nothing secret. Any body may call itself by these kinds. */
const OPEN_FIELDS_OF: ReadonlyMap<unknown, ReadonlySet<string>> = new Map([
  [
    'DeleteOptions',
    new Set(['gracePeriodSeconds', 'preconditions', 'orphanDependents', 'propagationPolicy', 'dryRun']),
  ],
  ['Table', new Set(['columnDefinitions'])],
]);

/** Members of an operation of a JSON patch (RFC 6902 §4) that say nothing secret. */
const OPEN_MEMBERS: ReadonlySet<string> = new Set(['op', 'path', 'from']);

function concealedSecret(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(concealedOperation); // a JSON patch
  if (!isJsonObject(body)) return CONCEALED;
  const { kind } = body;
  const entries = Object.entries(body).map(([name, value]): [string, unknown] => {
    if (name === 'items' && Array.isArray(value)) return [name, value.map(concealedSecret)];
    if (kind === 'Table' && name === 'rows' && Array.isArray(value)) return [name, value.map(concealedRow)];
    if (OPEN_FIELDS.has(name)) return [name, withoutLastApplied(value)];
    return [name, OPEN_FIELDS_OF.get(kind)?.has(name) === true ? value : keysOnly(value)];
  });
  return Object.fromEntries(entries);
}

/** Cells are what anybody sees in a list; the object is a whole Secret for who asks with `includeObject=Object`. */
function concealedRow(row: unknown): unknown {
  if (!isJsonObject(row)) return CONCEALED;
  return 'object' in row ? { ...row, object: concealedSecret(row['object']) } : row;
}

function concealedOperation(operation: unknown): unknown {
  if (!isJsonObject(operation)) return CONCEALED;
  return Object.fromEntries(
    Object.entries(operation).map(([name, value]) => [name, OPEN_MEMBERS.has(name) ? value : CONCEALED]),
  );
}

function keysOnly(value: unknown): unknown {
  if (!isJsonObject(value)) return CONCEALED;
  return Object.fromEntries(Object.keys(value).map((key) => [key, CONCEALED]));
}

function withoutLastApplied(value: unknown): unknown {
  return mapped(value, (name) => (name === LAST_APPLIED ? CONCEALED : undefined));
}

/** A copy in which `replace` has a say in every named value; undefined lets it be. */
function mapped(value: unknown, replace: (name: string, value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapped(item, replace));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, replace(name, inner) ?? mapped(inner, replace)]),
  );
}

/** `PRIVATE KEY--` of PEM, and of base64 of PEM: there it begins at any of three bytes. */
const PRIVATE_KEY = /PRIVATE KEY-----|UFJJVkFURSBLRVkt|SVZBVEUgS0VZLS0t|UklWQVRFIEtFWS0t/;

/** The JSON of an event; a text in it that holds a private key is concealed as a whole, wherever it stands. */
export function jsonWithoutKeys(event: object): string {
  const json = JSON.stringify(event);
  if (!PRIVATE_KEY.test(json)) return json;
  return JSON.stringify(event, (_name, value: unknown) =>
    typeof value === 'string' && PRIVATE_KEY.test(value) ? CONCEALED : value,
  );
}

/** A body without the owners of its fields: an object, a list, or a Table. The input is not changed. */
export function withoutManagedFields(body: unknown): unknown {
  if (!isJsonObject(body)) return body;
  const { metadata, items, rows } = body;
  const bare = bareMetadata(body, metadata);
  if (Array.isArray(items)) return { ...bare, items: items.map(withoutManagedFields) };
  if (body['kind'] !== 'Table' || !Array.isArray(rows)) return bare;
  return {
    ...bare,
    rows: rows.map((row: unknown) =>
      isJsonObject(row) ? { ...row, object: withoutManagedFields(row['object']) } : row,
    ),
  };
}

function bareMetadata(body: Readonly<Record<string, unknown>>, metadata: unknown): Readonly<Record<string, unknown>> {
  if (!isJsonObject(metadata) || !('managedFields' in metadata)) return body;
  const { managedFields: _dropped, ...rest } = metadata;
  return { ...body, metadata: rest };
}
